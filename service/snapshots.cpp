#include "service/snapshots.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

#include "base/files.h"
#include "service/recover.h"
#include "service/row_seal.h"
#include "service/state_image.h"

namespace flikvakt::service {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRowsAtOnce = 4096;
constexpr std::string_view kSuffix = ".db";

Result<void> make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) == 0) return sync_directory(folder.parent_path());
  return errno == EEXIST ? Result<void>() : os_error("creating", folder);
}

// A database of its own, so that nothing in the file can be read without the key.
class SnapshotWriter {
public:
  explicit SnapshotWriter(store::Database database) : database_(std::move(database)) {}

  Result<void> add(const store::StateRowView& row) {
    if (!transaction_) transaction_.emplace(TRY(database_.begin()));
    TRY(transaction_->put_state({row.table, to_bytes(row.id), row.version, to_bytes(row.body)}));
    digest_.add(digest_element(row.table, row.id, row.version, row.body));
    return ++rows_ % kRowsAtOnce == 0 ? commit() : Result<void>();
  }
  Result<void> finish(BytesView head_note) {
    if (!transaction_) transaction_.emplace(TRY(database_.begin()));
    TRY_VOID(transaction_->set_meta(store::kHeadNote, head_note));
    return commit();
  }
  crypto::Hash256 digest() const { return digest_.digest(); }

private:
  Result<void> commit() {
    const store::CommitResult done = transaction_->commit();
    transaction_.reset();
    if (done.outcome != store::CommitOutcome::committed)
      return done.cause.value_or(fail(ErrorCode::io, "writing a snapshot"));
    TRY(database_.checkpoint());
    return {};
  }

  store::Database database_;
  std::optional<store::Transaction> transaction_;
  crypto::LtHash digest_;
  std::uint64_t rows_ = 0;
};

void remove_database(const fs::path& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(path.string() + suffix, ignored);
}

std::optional<std::uint64_t> size_of_snapshot(const fs::path& file) {
  const std::string name = file.filename().string();
  if (!name.ends_with(kSuffix)) return std::nullopt;
  std::uint64_t size = 0;
  const char* const end = name.data() + name.size() - kSuffix.size();
  const auto [at, error] = std::from_chars(name.data(), end, size);
  const bool is_one = error == std::errc() && at == end && snapshot_file({}, size) == name;
  return is_one ? std::optional(size) : std::nullopt;
}

// The acts before a size, one after the other: of each it is asked whether it stays.
class Staying {
public:
  Staying(const policy::State& state, std::set<std::uint64_t> rested_on, std::set<std::uint64_t> open, UtcTime now)
      : state_(state), rested_on_(std::move(rested_on)), open_(std::move(open)), now_(now) {}

  void add(std::uint64_t index, const audit::ActPart& act, UtcTime time) {
    const bool joins = !indexes_.empty() && indexes_.back() + 1 == index && act_ == act.act && time_ == time;
    if (!joins) flush();
    if (indexes_.empty()) {
      act_ = act.act;
      time_ = time;
      stays_ = index == 0 || time + policy::retention_of(state_, audit::name_of(act.kind)) > now_;
    }
    stays_ = stays_ || rested_on_.contains(index) || open_.contains(index);
    indexes_.push_back(index);
  }
  policy::EntrySet finish() && {
    flush();
    return std::move(out_);
  }

private:
  void flush() {
    for (const std::uint64_t index : indexes_) {
      if (stays_) out_.add(index);
    }
    indexes_.clear();
  }

  const policy::State& state_;
  const std::set<std::uint64_t> rested_on_;  // first entries of acts that wrote a row that counts
  const std::set<std::uint64_t> open_;       // openings of readings that the snapshot has open
  const UtcTime now_;
  ActId act_;
  UtcTime time_{};
  bool stays_ = false;
  std::vector<std::uint64_t> indexes_;
  policy::EntrySet out_;
};

std::set<std::uint64_t> rested_on(const StateImage& image, std::uint64_t before) {
  std::set<std::uint64_t> out;
  for (const auto& [id, stored] : image.rows) {
    if (stored.version < before && policy::counts(stored.row)) out.insert(stored.version);
  }
  return out;
}

}  // namespace

fs::path snapshot_file(const fs::path& folder, std::uint64_t size) {
  return folder / (std::to_string(size) + std::string(kSuffix));
}

// SPEC STO-19
Result<policy::Prepared::TakenSnapshot> write_snapshot(const store::Reader& rows, const KeyRing& keys,
                                                       const fs::path& folder) {
  const auto [head, note] = TRY(read_head(rows, keys));
  TRY_VOID(make_folder(folder));
  const fs::path made = folder / "made";
  const fs::path whole = folder / "whole";
  remove_database(made);
  remove_database(whole);
  {
    SnapshotWriter writer(TRY(store::Database::create(made, keys.database())));
    TRY_VOID(rows.for_each_state_row([&](const store::StateRowView& row) { return writer.add(row); }));
    if (writer.digest() != head.state_digest)
      return fail(ErrorCode::corrupt, "taking a snapshot: the state rows are not those of the head");
    TRY_VOID(writer.finish(as_bytes(note)));
  }
  {
    const store::Reader copied = TRY(store::Reader::open(made, keys.database()));
    TRY_VOID(copied.copy_to(whole, keys.database()));
  }
  remove_database(made);
  const fs::path file = snapshot_file(folder, head.size);
  if (::rename(whole.c_str(), file.c_str()) != 0) return os_error("naming", file);
  TRY_VOID(sync_directory(folder));
  return policy::Prepared::TakenSnapshot{head.size, head.state_digest};
}

// SPEC STO-20
Result<void> sweep_snapshots(const fs::path& folder, const std::set<std::uint64_t>& known) {
  std::error_code ec;
  if (!fs::exists(folder, ec)) return {};
  remove_database(folder / "made");
  remove_database(folder / "whole");
  std::vector<fs::path> gone;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ec)) {
    const std::optional<std::uint64_t> size = size_of_snapshot(entry.path());
    if (size && !known.contains(*size)) gone.push_back(entry.path());
  }
  if (ec) return fail(ErrorCode::io, "listing `" + folder.string() + "`: " + ec.message());
  for (const fs::path& path : gone) remove_database(path);
  return gone.empty() ? Result<void>() : sync_directory(folder);
}

Result<policy::EntrySet> entries_that_stay(const store::Reader& rows, const KeyRing& keys, const fs::path& folder,
                                           const policy::PruneLog& order, UtcTime now) {
  Findings findings;
  const StateImage image = TRY(read_state_image(rows, keys, findings));
  const store::Reader snapshot = TRY(store::Reader::open(snapshot_file(folder, order.size), keys.database()));
  const StateImage then = TRY(read_state_image(snapshot, keys, findings));
  if (then.digest != order.state_digest)
    return fail(ErrorCode::corrupt, "pruning: the file of the snapshot is not the one that the order names");
  std::set<std::uint64_t> open;
  for (const auto& [entry, person] : then.open_readings) open.insert(entry);
  Staying staying(image.state, rested_on(image, order.size), std::move(open), now);
  audit::ForbundEntryKeys forbund(keys.forbund_log());
  TRY_VOID(rows.for_each_entry(0, order.size, [&](const store::EntryRowView& row) -> Result<void> {
    if (row.is_bare()) return {};
    const audit::Leaf leaf = TRY(audit::decode_leaf(row.leaf));
    staying.add(row.index, TRY(audit::open_act(leaf, row.act, forbund)).part, leaf.time);
    return {};
  }));
  return std::move(staying).finish();
}

}  // namespace flikvakt::service
