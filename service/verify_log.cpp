#include "service/verify_log.h"

#include "audit/checkpoint.h"
#include "service/replay.h"

namespace flikvakt::service {
namespace {

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

  Result<LogReport> run(std::span<const std::string> saved) {
    const StateImage image = TRY(read_state_image(rows_, keys_, findings_));
    TRY_VOID(read_notes(image, saved));
    Replay replay(keys_, image, where_, findings_);
    LogWalk walk(rows_, keys_, findings_);
    for (const auto& [id, person] : image.state.all<policy::Person>()) {
      if (Result<void> known = walk.know(id, person.log_key_id); !known) {
        findings_.add("a person's log key: " + known.error().message);
        continue;
      }
      ++report_.persons;
    }
    const Result<void> walked =
        walk.walk([&](LoggedAct act) { replay.act(act); }, [&](const PlainTree& tree) { pass(tree); });
    if (!walked && walked.error().code != ErrorCode::corrupt) return walked.error();
    if (!walked) findings_.add("reading the entries: " + walked.error().message);
    replay.compare(walk.last_closed_record());
    report_.entries = walk.tree().size();
    report_.closed_entries = walk.closed_entries();
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
  // SPEC LVR-1
  void pass(const PlainTree& tree) {
    for (const Milestone& milestone : milestones_) {
      if (milestone.size != tree.size() || milestone.root == tree.root()) continue;
      findings_.add("the first " + std::to_string(milestone.size) + " entries are not those of " + milestone.name);
    }
  }

  Result<void> read_notes(const StateImage& image, std::span<const std::string> saved) {
    const std::optional<Bytes> head_note = TRY(rows_.meta(store::kHeadNote));
    const std::optional<Bytes> checkpoint_note = TRY(rows_.meta(store::kCheckpointNote));
    if (!head_note) return findings_.add("there is no head"), Result<void>();
    const std::string name(as_text(*head_note).substr(0, as_text(*head_note).find('\n')));
    const auto head_key = audit::NoteVerifier::make(name, keys_.head_signer().public_key());
    if (!head_key) return findings_.add("the head names no log"), Result<void>();
    const auto head = audit::open_head(as_text(*head_note), {&*head_key, 1});
    if (!head) return findings_.add("the head: " + head.error().message), Result<void>();
    report_.origin = head->origin;
    report_.size = head->size;
    milestones_.push_back({head->size, head->root, "the head"});
    if (head->state_digest != image.digest) findings_.add("the state rows are not those of the head");
    if (image.state.instance().origin != head->origin) findings_.add("the head is of another log than the state");
    if (checkpoint_note) add_checkpoint(as_text(*checkpoint_note), "the checkpoint");
    if (!checkpoint_note && head->size > 0) findings_.add("there is no checkpoint");
    if (checkpoint_note && milestones_.back().size != head->size) findings_.add("checkpoint and head differ in size");
    for (std::size_t i = 0; i < saved.size(); ++i)
      add_checkpoint(saved[i], "saved checkpoint " + std::to_string(i + 1));
    return {};
  }

  void add_checkpoint(std::string_view note, const std::string& name) {
    const auto key = audit::NoteVerifier::make(report_.origin, keys_.checkpoint_signer().public_key());
    const auto checkpoint = key ? audit::open_checkpoint(note, {&*key, 1}) : Result<audit::Checkpoint>(key.error());
    if (!checkpoint) return findings_.add(name + ": " + checkpoint.error().message);
    milestones_.push_back({checkpoint->size, checkpoint->root, name});
  }

  const store::Rows& rows_;
  const KeyRing& keys_;
  const VerifiedRows where_;
  Findings findings_;
  std::vector<Milestone> milestones_;
  LogReport report_;
};

}  // namespace

Result<LogReport> verify_log(const store::Rows& rows, const KeyRing& keys, VerifiedRows where,
                             std::span<const std::string> saved_checkpoints) {
  return Verification(rows, keys, where).run(saved_checkpoints);
}

}  // namespace flikvakt::service
