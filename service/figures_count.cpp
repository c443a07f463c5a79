#include "service/figures_count.h"

#include "audit/person_chain.h"
#include "service/figures_entry.h"
#include "service/figures_tally.h"

namespace flikvakt::service {
namespace {

Result<Month> month_of_entry(const store::Rows& rows, std::uint64_t index) {
  return month_of(TRY(audit::decode_leaf(TRY(rows.entry(index)).leaf)).time);
}

// As the state rows have them: they hold every entry before complete_to(). SPEC ROW-9
Result<Places> stored_places(const store::Rows& rows, const KeyRing& keys) {
  Places out;
  RowSealer sealer(keys);
  TRY_VOID(rows.for_each_state_row([&](const store::StateRowView& row) -> Result<void> {
    return row.table == kPlaceTable ? out.load(row, sealer) : Result<void>();
  }));
  return out;
}

class Counting {
public:
  Counting(Core& core, Figures figures, const KeepOn& keep_on, const KeepFigures& keep)
      : core_(core), keep_on_(keep_on), keep_(keep), figures_(std::move(figures)), reader_(core, keep_on) {}

  Result<void> run() {
    TRY_VOID(begin_in_this_log());
    const std::uint64_t size = core_.sequencer().log_view().size;
    if (figures_.next > size) {
      return fail(ErrorCode::corrupt, "the figures are ahead of the log: they are of a later copy of it");
    }
    if (figures_.next == size) return {};
    TRY_VOID(find_months(size));
    if (month_ >= newest_) return {};
    TRY_VOID(know_whose());
    while (month_ < newest_) TRY_VOID(read_piece(size));
    return {};
  }

private:
  // SPEC FIG-5
  Result<void> begin_in_this_log() {
    const crypto::Hash256 log = crypto::sha256(as_bytes(core_.sequencer().origin()));
    if (figures_.log == log) return {};
    figures_.log = log;
    figures_.next = 0;
    return {};
  }

  Result<void> find_months(std::uint64_t size) {
    return core_.log_reader().with([&](const store::Reader& rows) -> Result<void> {
      month_ = TRY(month_of_entry(rows, figures_.next));
      newest_ = TRY(month_of_entry(rows, size - 1));
      return {};
    });
  }

  // Whose the entries are from the first that is not counted on. Where the rows of places lag behind it, the entries
  // between say whose the next ones are.
  Result<void> know_whose() {
    if (figures_.next == 0) {
      whose_.emplace(TRY(WhoseEntry::begin(core_, Places(), 0, keep_on_)));
      return {};
    }
    const Places places = TRY(core_.log_reader().with(
        [&](const store::Reader& rows) -> Result<Places> { return stored_places(rows, core_.keys()); }));
    std::uint64_t at = std::min(figures_.next, places.complete_to());
    whose_.emplace(TRY(WhoseEntry::begin(core_, places, at, keep_on_)));
    while (at < figures_.next) {
      TRY_VOID(ask(keep_on_));
      const std::uint64_t end = std::min(figures_.next, at + kEntriesAtOnce);
      std::vector<audit::PersonTag> tags;
      TRY_VOID(core_.log_reader().with([&](const store::Reader& rows) {
        return rows.for_each_entry(at, end, [&](const store::EntryRowView& row) -> Result<void> {
          tags.push_back(TRY(audit::decode_leaf(row.leaf)).person_tag);
          return {};
        });
      }));
      for (const audit::PersonTag& tag : tags) whose_->of(tag);
      at = end;
    }
    at_ = figures_.next;
    return {};
  }

  Result<void> read_piece(std::uint64_t size) {
    TRY_VOID(ask(keep_on_));
    const std::vector<FiguresEntry> entries = TRY(reader_.read(at_, std::min(size, at_ + kEntriesAtOnce)));
    for (const FiguresEntry& entry : entries) {
      if (month_of(entry.leaf.time) > month_) TRY_VOID(end_months(month_of(entry.leaf.time), entry.index));
      if (month_ == newest_) return {};
      TRY_VOID(take(entry));
      at_ = entry.index + 1;
    }
    return {};
  }

  // SPEC FIG-4: of a month in which the log had no entry there is nothing to count; SPEC FIG-17: of one that is partly
  // pruned it is not known any more.
  Result<void> end_months(Month next, std::uint64_t index) {
    for (; month_ < next; month_ += std::chrono::months(1)) {
      if (!is_counted(month_) && !is_partly_pruned_) figures_.months.push_back(tally_.figures(month_, coverage_));
      is_partly_pruned_ = false;
      coverage_ = Coverage::whole;
      tally_ = MonthTally();
    }
    figures_.next = index;
    return keep_(figures_);
  }

  bool is_counted(Month month) const { return !figures_.months.empty() && month <= figures_.months.back().month; }

  Result<void> take(const FiguresEntry& entry) {
    if (entry.index == 0)
      coverage_ = entry.act.kind == audit::ActKind::restore ? Coverage::restored : Coverage::log_began;
    is_partly_pruned_ = is_partly_pruned_ || entry.is_pruned;
    const std::optional<WhoseEntry::Whose> whose = whose_->entry_of(entry.leaf.person_tag);
    if (!entry.is_counted || is_counted(month_)) return {};
    return reader_.tally(entry, whose, tally_);
  }

  Core& core_;
  const KeepOn& keep_on_;
  const KeepFigures& keep_;
  Figures figures_;
  FiguresReader reader_;
  std::optional<WhoseEntry> whose_;
  Month month_{};   // that is being counted
  Month newest_{};  // of the log's last entry: not over
  std::uint64_t at_ = 0;
  Coverage coverage_ = Coverage::whole;
  bool is_partly_pruned_ = false;  // the month that is being counted
  MonthTally tally_;
};

// SPEC FIG-16, FIG-17: months of which entries are pruned, or are to be, cannot be counted again.
Result<Month> first_to_count_again(Core& core) {
  const std::uint64_t pruned_to = core.directory().pruned_to();
  return core.log_reader().with([&](const store::Reader& rows) -> Result<Month> {
    if (pruned_to == 0) return month_of_entry(rows, 0);
    return TRY(month_of_entry(rows, pruned_to - 1)) + std::chrono::months(1);
  });
}

}  // namespace

Result<void> count_ended_months(Core& core, Figures figures, const KeepOn& keep_on, const KeepFigures& keep) {
  return Counting(core, std::move(figures), keep_on, keep).run();
}

Result<std::size_t> count_all_months_again(Core& core) {
  const std::filesystem::path& data = core.data_directory().root();
  Result<std::optional<Figures>> before = read_figures(data, core.keys());
  if (!before && before.error().code != ErrorCode::corrupt) return before.error();
  Figures figures;
  if (before && *before) figures.months = std::move((*before)->months);
  const Month first = TRY(first_to_count_again(core));
  std::erase_if(figures.months, [&](const MonthFigures& one) { return one.month >= first; });
  const auto keep = [&](const Figures& counted) {
    figures = counted;
    return Result<void>();
  };
  TRY_VOID(count_ended_months(
      core, figures, [] { return true; }, keep));
  std::error_code error;
  const std::filesystem::path file = figures_file(data);
  if (std::filesystem::exists(file, error)) std::filesystem::rename(file, file.string() + ".old", error);
  if (error) return fail(ErrorCode::io, "moving `" + file.string() + "` aside: " + error.message());
  TRY_VOID(write_figures(data, core.keys(), figures));
  return figures.months.size();
}

}  // namespace flikvakt::service
