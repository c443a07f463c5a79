#include "audit/verify.h"

#include <algorithm>
#include <istream>

#include "audit/export.h"
#include "crypto/hash.h"

namespace flikvakt::audit {
namespace {

using Hash = crypto::MerkleHash;

constexpr std::size_t kMostLineBytes = 16 * 1024;

// RFC 6962 section 2.1, written here once more: the verifier must not inherit a mistake of the writer's.
class PlainRoot {
public:
  void add(BytesView leaf) {
    Hash hash = crypto::sha256(ByteArray<1>{0x00}, leaf);
    for (std::uint64_t left = size_; left % 2 == 1; left /= 2) {
      hash = parent(trees_.back(), hash);
      trees_.pop_back();
    }
    trees_.push_back(hash);
    ++size_;
  }
  Hash root() const {
    if (trees_.empty()) return crypto::sha256();
    Hash out = trees_.back();
    for (auto tree = trees_.rbegin() + 1; tree != trees_.rend(); ++tree) out = parent(*tree, out);
    return out;
  }

private:
  static Hash parent(const Hash& left, const Hash& right) { return crypto::sha256(ByteArray<1>{0x01}, left, right); }
  std::uint64_t size_ = 0;
  std::vector<Hash> trees_;  // complete ones, from left to right
};

// A checkpoint that the log must go through, and who says so.
struct Milestone {
  Checkpoint checkpoint;
  std::string name;
};

class Verification {
public:
  Verification(std::string_view checkpoint, std::span<const std::string> saved, std::span<const NoteVerifier> known) {
    add_milestone(checkpoint, "the checkpoint", known);
    whole_ = milestones_.empty() ? std::nullopt : std::optional(milestones_.front().checkpoint);
    for (std::size_t i = 0; i < saved.size(); ++i)
      add_milestone(saved[i], "saved checkpoint " + std::to_string(i + 1), known);
  }

  VerifyReport run(std::istream& in) {
    std::string line(kMostLineBytes, '\0');
    bool first = true;
    for (;;) {
      in.getline(line.data(), static_cast<std::streamsize>(line.size()));
      const auto count = static_cast<std::size_t>(in.gcount());
      if (in.fail() && count == 0) break;  // the end
      if (in.fail() || in.eof()) {         // SPEC EXP-1
        found(here(first), in.eof() ? "the line is cut off" : "the line is too long");
        break;
      }
      const std::string_view text(line.data(), count - 1);
      if (first)
        header(text);
      else
        entry(text);
      first = false;
    }
    if (in.bad()) found(std::nullopt, "the export could not be read to its end");
    finish(first);
    return std::move(report_);
  }

private:
  using Index = std::optional<std::uint64_t>;

  // What is wrong with the log as a whole is always said: it comes last, and there is little of it.
  void found(Index index, std::string what) {
    if (index && ++entry_findings_ > kMaxFindings) return;
    report_.findings.push_back({index, std::move(what)});
  }
  Index here(bool first) const { return first ? Index() : Index(report_.entries); }

  void add_milestone(std::string_view note, const std::string& name, std::span<const NoteVerifier> known) {
    Result<Checkpoint> opened = open_checkpoint(note, known);
    if (!opened) return found(std::nullopt, name + " is not to be trusted: " + opened.error().message);
    if (whole_ && opened->origin != whole_->origin) return found(std::nullopt, name + " is of another log");
    milestones_.push_back({std::move(*opened), name});
  }

  // SPEC EXP-5
  void header(std::string_view text) {
    const Result<ExportHeader> header = parse_as<ExportHeader>(text);
    if (!header) return found(std::nullopt, "the first line: " + header.error().message);
    if (header->format != kExportFormat) found(std::nullopt, "the first line names another format");
    declared_ = header->size;
    if (!whole_) return;
    if (header->origin != whole_->origin) found(std::nullopt, "the export is of another log than the checkpoint");
    if (header->size != whole_->size)
      found(std::nullopt, "the export claims " + std::to_string(header->size) + " entries, the checkpoint " +
                              std::to_string(whole_->size));
  }

  void entry(std::string_view text) {
    check_milestones();
    const std::uint64_t index = report_.entries++;
    const Result<ExportedEntry> entry = parse_as<ExportedEntry>(text);
    if (!entry) return lost(index, entry.error().message);
    const Result<Bytes> leaf = from_hex(entry->leaf);
    if (!leaf) return lost(index, "`leaf`: " + leaf.error().message);
    root_.add(*leaf);
    if (entry->index != next_index_)  // SPEC EXP-6
      found(index, "the line says that it is entry " + std::to_string(entry->index));
    next_index_ = entry->index + 1;
    const Result<Leaf> fields = decode_leaf(*leaf);
    if (!fields) return found(index, fields.error().message);
    check_fields(index, *entry, *fields);
    check_parts(index, *entry, *fields);
  }

  // SPEC EXP-7
  void check_fields(std::uint64_t index, const ExportedEntry& entry, const Leaf& leaf) {
    if (entry.time != leaf.time) found(index, "`time` is not the leaf's");
    if (leaf.time < last_time_) found(index, "the leaf's time is before that of the entry before");
    last_time_ = leaf.time;
    const bool is_pruned = entry.act_ciphertext.empty() && entry.person_ciphertext.empty();
    if (is_pruned && !entry.act && !entry.person) return ++report_.pruned, void();  // SPEC EXP-10
    if (entry.act_ciphertext.size() != kActCiphertextBytes || entry.person_ciphertext.size() != kPersonCiphertextBytes)
      found(index, "a ciphertext is not of the size that all have");
    if (crypto::sha256(entry.act_ciphertext) != leaf.act_ciphertext_hash)
      found(index, "`act_ciphertext` is not the one that the leaf speaks of");
    if (crypto::sha256(entry.person_ciphertext) != leaf.person_ciphertext_hash)
      found(index, "`person_ciphertext` is not the one that the leaf speaks of");
  }

  // SPEC EXP-8
  void check_parts(std::uint64_t index, const ExportedEntry& entry, const Leaf& leaf) {
    if (entry.act) report_.opened_acts += check_part(index, "act", *entry.act, leaf.act_commitment);
    if (entry.person) report_.opened_persons += check_part(index, "person", *entry.person, leaf.person_commitment);
  }

  // How many parts were proven: one or none.
  template <class Exported>
  std::uint64_t check_part(std::uint64_t index, const std::string& name, const Exported& shown,
                           const Commitment& commitment) {
    const auto opened = to_opened(shown);
    if (!opened) {
      found(index, "`" + name + "`: " + opened.error().message);
      return 0;
    }
    if (commit_to(opened->opener, opened->part) == commitment) return 1;
    found(index, "`" + name + "` is not what the leaf commits to");
    return 0;
  }

  // From a line that gives no leaf on, no root can be computed.
  void lost(std::uint64_t index, const std::string& why) {
    found(index, why);
    ++next_index_;
    broken_ = true;
  }

  // SPEC EXP-9
  void check_milestones() {
    for (const Milestone& milestone : milestones_) {
      if (milestone.checkpoint.size != report_.entries || broken_) continue;
      if (root_.root() == milestone.checkpoint.root) {
        agreed_ = std::max(agreed_, report_.entries);
        continue;
      }
      found(std::nullopt, "the first " + std::to_string(report_.entries) + " entries are not those of " +
                              milestone.name + "; " + where());
    }
  }
  // What the milestones passed so far tell about the place of a change. Later ones cannot agree any more.
  std::string where() const {
    return agreed_ == 0 ? "nothing before was confirmed"
                        : "up to entry " + std::to_string(agreed_ - 1) + " they are the same";
  }

  void finish(bool empty) {
    if (empty) found(std::nullopt, "the export has no first line");
    check_milestones();
    if (entry_findings_ > kMaxFindings)
      found(std::nullopt, "of " + std::to_string(entry_findings_) + " findings about entries, the first " +
                              std::to_string(kMaxFindings) + " are told");
    if (broken_) found(std::nullopt, "the root cannot be computed: an entry gives no leaf");
    const std::uint64_t count = report_.entries;
    if (declared_ && *declared_ != count)
      found(std::nullopt,
            "the first line claims " + std::to_string(*declared_) + " entries, there are " + std::to_string(count));
    for (const Milestone& milestone : milestones_) {
      if (milestone.checkpoint.size > count)
        found(std::nullopt, "the export ends after " + std::to_string(count) + " entries, " + milestone.name +
                                " covers " + std::to_string(milestone.checkpoint.size));
    }
    if (whole_ && whole_->size < count)
      found(whole_->size, "this entry and those after it are not covered by the checkpoint");
    report_.root = root_.root();
  }

  std::optional<Checkpoint> whole_;  // what the export must match
  std::vector<Milestone> milestones_;
  std::optional<std::uint64_t> declared_;
  PlainRoot root_;
  UtcTime last_time_{};
  std::uint64_t next_index_ = 0;  // by what the lines say
  std::size_t entry_findings_ = 0;
  std::uint64_t agreed_ = 0;  // so many entries are confirmed by a milestone
  bool broken_ = false;
  VerifyReport report_;
};

}  // namespace

std::string Finding::text() const { return (index ? "entry " + std::to_string(*index) : "log") + ": " + what; }

VerifyReport verify_export(std::istream& in, std::string_view checkpoint, std::span<const std::string> saved,
                           std::span<const NoteVerifier> known) {
  return Verification(checkpoint, saved, known).run(in);
}

}  // namespace flikvakt::audit
