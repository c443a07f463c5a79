#include "service/verify_log.h"

#include "service/log_keys.h"
#include "service/replay.h"

namespace flikvakt::service {
namespace {

constexpr std::chrono::hours kClocksApart{24};  // the gateway's and the verifier's

// A size and root that somebody signed: the log must go through it.
struct Milestone {
  std::uint64_t size = 0;
  crypto::Hash256 root{};
  std::string name;
};

class Verification {
public:
  Verification(const store::Rows& rows, const KeyRing& keys, VerifiedRows where)
      : rows_(rows), keys_(keys), where_(where) {}

  Result<LogReport> run(std::span<const std::string> saved, const std::optional<std::string>& head_file,
                        const std::filesystem::path& archives, std::optional<UtcTime> now) {
    const StateImage image = TRY(read_state_image(rows_, keys_, findings_));
    const std::optional<StateImage> ended = TRY(read_archive(image, archives));
    TRY_VOID(read_notes(image, saved));
    if (head_file) add_head_file(*head_file, image);
    Replay replay(keys_, image, where_, findings_, ended ? &*ended : nullptr);
    LogWalk walk(rows_, keys_, report_.origin, image.places, findings_);
    if (now) walk.expect_before(*now + kClocksApart);
    know_people(image, walk);
    TRY_VOID(allow_pruning(image, walk));
    const Result<void> walked =
        walk.walk([&](LoggedAct act) { act.first < report_.begun_at ? replay.pass(act) : replay.act(act); },
                  [&](const PlainTree& tree) {
                    pass(tree);
                    if (report_.begun_at > 0 && tree.size() == report_.begun_at) replay.begin();
                  });
    if (!walked && walked.error().code != ErrorCode::corrupt) return walked.error();
    if (!walked) {  // what follows from the entries is not known, so nothing can be said of the state
      findings_.add("reading the entries: " + walked.error().message);
    } else {
      replay.compare(walk.last_closed_record());
    }
    report_.entries = walk.tree().size();
    report_.closed_entries = walk.closed_entries();
    report_.pruned_entries = walk.pruned_entries();
    report_.root = walk.tree().root();
    for (const Milestone& milestone : milestones_) {
      if (milestone.size <= report_.entries) continue;
      findings_.add(milestone.name + " covers " + std::to_string(milestone.size) + " entries, there are " +
                    std::to_string(report_.entries));
    }
    if (report_.entries > report_.size) findings_.add("there are entries that the head does not cover");
    report_.problems = findings_.take();
    return std::move(report_);
  }

private:
  void know_people(const StateImage& image, LogWalk& walk) {
    for (const auto& [id, person] : image.state.all<policy::Person>()) {
      if (const Result<void> known = walk.know(id, person.log_key_id); !known)
        findings_.add("a person's log key: " + known.error().message);
      else
        ++report_.persons;
    }
    for (const auto& [id, place] : image.places.places) {  // SPEC LVR-22
      if (image.state.find<policy::Person>(id) || image.owners_without_key.contains(id)) continue;
      findings_.add("there is a place of somebody who is not there");
    }
  }

  // SPEC LVR-23, LVR-25
  Result<void> allow_pruning(const StateImage& image, LogWalk& walk) {
    const auto* ordered = image.state.find<policy::Pruning>("pruning");
    if (!ordered) return {};
    Result<OrderedPruning> pruning = read_pruning(rows_, *ordered);
    if (!pruning && pruning.error().code != ErrorCode::malformed) return pruning.error();
    if (!pruning) return findings_.add("the pruning: " + pruning.error().message), Result<void>();
    // INVARIANT (who ordered it is looked at): the order itself is carried out again, and not only passed.
    const std::uint64_t ordered_at = image.rows.at(policy::row_id(*ordered)).version;
    if (pruning->size > ordered_at)
      return findings_.add("the pruning: it is of entries that its own order is among"), Result<void>();
    report_.begun_at = pruning->size;
    walk.stop_at(pruning->size);
    walk.allow(std::move(*pruning));
    return {};
  }

  // SPEC LVR-1
  void pass(const PlainTree& tree) {
    for (const Milestone& milestone : milestones_) {
      if (milestone.size != tree.size() || milestone.root == tree.root()) continue;
      findings_.add("the first " + std::to_string(milestone.size) + " entries are not those of " + milestone.name);
    }
  }

  Result<void> read_notes(const StateImage& image, std::span<const std::string> saved) {
    const std::optional<Bytes> head_note = TRY(rows_.meta(store::kHeadNote));
    if (!head_note) return findings_.add("there is no head"), Result<void>();
    log_keys_ = LogKeys::of(image.state);
    const auto head = log_keys_.open_head(as_text(*head_note));
    if (!head) return findings_.add("the head: " + head.error().message), Result<void>();
    report_.origin = head->origin;
    report_.size = head->size;
    milestones_.push_back({head->size, head->root, "the head"});
    if (head->state_digest != image.digest) findings_.add("the state rows are not those of the head");
    if (image.state.instance().origin != head->origin) findings_.add("the head is of another log than the state");
    for (std::size_t i = 0; i < saved.size(); ++i)
      add_checkpoint(saved[i], "saved checkpoint " + std::to_string(i + 1));
    return {};
  }

  Result<std::optional<StateImage>> read_archive(const StateImage& image, const std::filesystem::path& archives) {
    const std::optional<std::string>& old_head = image.state.instance().restored_from;
    if (archives.empty() || !old_head || !std::filesystem::exists(archives / archive_name(*old_head)))
      return std::optional<StateImage>();
    const store::Reader rows = TRY(store::Reader::open(archives / archive_name(*old_head), keys_.database()));
    return std::optional(TRY(read_state_image(rows, keys_, findings_)));
  }

  // SPEC LVR-18
  void add_head_file(const std::string& note, const StateImage& image) {
    const Result<audit::Head> kept = log_keys_.open_kept_head(note);
    if (!kept) return findings_.add("the head file: " + kept.error().message);
    milestones_.push_back({kept->size, kept->root, "the head file"});
    if (kept->size == report_.size && kept->state_digest != image.digest) {
      findings_.add("the state rows are not those of the head file");
    }
  }

  void add_checkpoint(std::string_view note, const std::string& name) {
    const std::string_view origin = note.substr(0, note.find('\n'));
    if (origin != report_.origin) {
      return findings_.add(name + " is of another log, `" + std::string(origin.substr(0, 200)) +
                           "`: of one that ended at a restore it is verified against the archive");
    }
    const Result<SignedCheckpoint> opened = log_keys_.open_checkpoint(note, report_.origin);
    if (!opened) return findings_.add(name + ": " + opened.error().message);
    const audit::Checkpoint& checkpoint = opened->checkpoint;
    if (opened->worth == Worth::beyond) {  // SPEC LVR-30
      return findings_.add(name + " is forged: a key of the log signed it, of " + std::to_string(checkpoint.size) +
                           " entries, that had signed its last before");
    }
    const bool is_doubtful = opened->worth == Worth::compromised;
    milestones_.push_back(
        {checkpoint.size, checkpoint.root, name + (is_doubtful ? " (under a key that is in other hands)" : "")});
  }

  const store::Rows& rows_;
  const KeyRing& keys_;
  const VerifiedRows where_;
  Findings findings_;
  LogKeys log_keys_;
  std::vector<Milestone> milestones_;
  LogReport report_;
};

}  // namespace

Result<LogReport> verify_log(const store::Rows& rows, const KeyRing& keys, VerifiedRows where,
                             std::span<const std::string> saved_checkpoints,
                             const std::optional<std::string>& head_file, const std::filesystem::path& archives,
                             std::optional<UtcTime> now) {
  return Verification(rows, keys, where).run(saved_checkpoints, head_file, archives, now);
}

std::string archive_name(const std::string& head_note) {
  return to_hex(crypto::sha256(as_bytes(head_note))).substr(0, 16) + ".db";
}

Result<void> check_against_head_file(const store::Rows& rows, const KeyRing& keys, const std::string& head_file) {
  const std::optional<Bytes> note = TRY(rows.meta(store::kHeadNote));
  if (!note) return fail(ErrorCode::corrupt, "the database has no head");
  const LogKeys log_keys = TRY(LogKeys::read(rows, keys));
  const audit::Head stands = TRY(log_keys.open_head(as_text(*note)));
  const audit::Head kept = TRY(log_keys.open_kept_head(head_file));
  if (kept.origin != stands.origin) return fail(ErrorCode::corrupt, "head file and database belong to different logs");
  if (kept.size > stands.size) {
    return fail(ErrorCode::corrupt, "the database is behind the head file (" + std::to_string(stands.size) + " of " +
                                        std::to_string(kept.size) + " entries): an older copy was put back");
  }
  const bool differs =
      kept.size == stands.size && (kept.root != stands.root || kept.state_digest != stands.state_digest);
  if (differs) return fail(ErrorCode::corrupt, "head file and database say different things");
  return {};
}

}  // namespace flikvakt::service
