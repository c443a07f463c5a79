#include "service/organisation_log.h"

#include <algorithm>

#include "audit/entry.h"

namespace flikvakt::service {
namespace {

using audit::ActPart;

constexpr std::uint64_t kEntriesInAPiece = 512;

// One reading of one organisation's log, in the rows of one moment.
class Reading {
public:
  Reading(Core& core, const store::Rows& rows, const OrganisationId& organisation)
      : rows_(rows), organisation_(organisation), forbund_(core.keys().forbund_log()) {}

  Result<OrganisationLogPage> page(const OrganisationLogFilter& filter, std::optional<std::uint64_t> below,
                                   std::uint32_t limit) {
    const Range range = TRY(range_of(filter, below));
    OrganisationLogPage out;
    const std::uint64_t lowest = range.end - std::min(range.end - range.first, kMostEntriesLookedThrough);
    std::uint64_t end = range.end;
    while (end > lowest) {
      const std::uint64_t begin = end - std::min(end - lowest, kEntriesInAPiece);
      std::vector<OrganisationAct> found = TRY(acts_between(begin, end));
      std::erase_if(found, [&](const OrganisationAct& act) { return !filter.fits(act); });
      for (auto act = found.rbegin(); act != found.rend(); ++act) {
        out.acts.push_back(*act);
        if (out.acts.size() < limit) continue;
        if (act->entry > range.first) out.next = act->entry;
        return out;
      }
      end = begin;
    }
    if (end > range.first) out.next = end;
    return out;
  }

  Result<OrganisationLogPage> page_after(std::uint64_t above, std::uint32_t limit) {
    const std::uint64_t size = TRY(rows_.entry_count());
    if (above >= size) return fail(ErrorCode::invalid, "`above`: beyond the end of the log; is it another log's?");
    const std::uint64_t first = above + 1;
    const std::uint64_t end = first + std::min(size - first, kMostEntriesLookedThrough);
    OrganisationLogPage out;
    for (std::uint64_t begin = first; begin < end;) {
      const std::uint64_t until = begin + std::min(end - begin, kEntriesInAPiece);
      const std::vector<OrganisationAct> found = TRY(acts_between(begin, until));
      for (const OrganisationAct& act : found) {
        out.acts.push_back(act);
        if (out.acts.size() < limit) continue;
        if (act.entry + 1 < size) out.next = act.entry;
        return out;
      }
      begin = until;
    }
    if (first < end && end < size) out.next = end - 1;
    return out;
  }

  Result<OrganisationSample> sample(const SampleQuery& query) {
    const Range range = TRY(range_of(query.filter, query.end));
    OrganisationSample out{{}, range.first, range.end, 0, false};
    SeededOrder order(query.seed, range.end - range.first);
    while (out.drawn < query.drawn && order.next()) ++out.drawn;
    const std::uint64_t most = query.drawn + kMostEntriesDrawn;
    while (out.acts.size() < query.count) {
      const std::optional<std::uint64_t> place = order.next();
      out.is_cut = place && out.drawn == most;
      if (!place || out.is_cut) break;
      ++out.drawn;
      const std::optional<OrganisationAct> act = TRY(act_at(range.first + *place));
      if (act && query.filter.fits(*act)) out.acts.push_back(*act);
    }
    return out;
  }

  Result<std::vector<OrganisationAct>> acts_at(const std::vector<std::uint64_t>& entries,
                                               const OrganisationLogFilter& filter) {
    const std::uint64_t size = TRY(rows_.entry_count());
    std::vector<OrganisationAct> out;
    for (const std::uint64_t entry : entries) {
      const std::optional<OrganisationAct> act = entry < size ? TRY(act_at(entry)) : std::optional<OrganisationAct>();
      if (act && filter.fits(*act) && filter.fits_time(act->time)) out.push_back(*act);
    }
    return out;
  }

  Result<std::optional<OrganisationAct>> act_at(std::uint64_t entry) {
    const std::vector<OrganisationAct> found = TRY(acts_between(entry, entry + 1));
    return found.empty() ? std::optional<OrganisationAct>() : std::optional(found.front());
  }

  Result<std::uint64_t> size() const { return rows_.entry_count(); }

private:
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };

  Result<Range> range_of(const OrganisationLogFilter& filter, std::optional<std::uint64_t> below) {
    const std::uint64_t size = TRY(rows_.entry_count());
    const std::uint64_t from = filter.from ? TRY(first_at(*filter.from, size)) : 0;
    const std::uint64_t to = filter.to ? TRY(first_at(*filter.to, size)) : size;
    const std::uint64_t end = std::min(to, below.value_or(size));
    return Range{std::min(from, end), end};
  }

  // The log's time never goes back (SPEC ACT-57).
  Result<std::uint64_t> first_at(UtcTime time, std::uint64_t size) {
    std::uint64_t low = 0, high = size;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (TRY(time_of(middle)) < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  Result<UtcTime> time_of(std::uint64_t entry) {
    UtcTime out;
    TRY_VOID(rows_.for_each_entry(entry, entry + 1, [&](const store::EntryRowView& row) -> Result<void> {
      out = TRY(audit::decode_leaf(row.leaf)).time;
      return {};
    }));
    return out;
  }

  // Ascending, of those that begin there: an act that concerns several persons has several entries, and how many is not
  // told (SPEC RCPT-6).
  Result<std::vector<OrganisationAct>> acts_between(std::uint64_t begin, std::uint64_t end) {
    std::vector<OrganisationAct> out;
    std::optional<ActPart> before;
    TRY_VOID(rows_.for_each_entry(
        begin - std::min<std::uint64_t>(begin, 1), end, [&](const store::EntryRowView& row) -> Result<void> {
          const auto leaf = TRY(audit::decode_leaf(row.leaf));
          std::optional<ActPart> act;  // none: it is pruned, and acts are pruned whole
          if (!row.is_bare()) act = TRY(audit::open_act(leaf, row.act, forbund_)).part;
          const bool goes_on =
              act && before && before->act == act->act && before->actor == act->actor && before->kind == act->kind;
          if (act && !goes_on && row.index >= begin) take(row.index, leaf.time, *act, out);
          before = std::move(act);
          return {};
        }));
    return out;
  }

  void take(std::uint64_t entry, UtcTime time, const ActPart& act, std::vector<OrganisationAct>& out) const {
    if (act.actor.kind() != audit::ActorKind::staff || act.organisation != organisation_) return;
    OrganisationAct one{entry, time, act.kind, std::nullopt, StaffId(act.actor.id().value())};
    if (is_outcome_told(act.kind)) one.outcome = act.outcome;
    out.push_back(one);
  }

  const store::Rows& rows_;
  const OrganisationId organisation_;
  audit::ForbundEntryKeys forbund_;
};

// Decided and logged first, then read beside the sequencer, on the thread of the log's reader.
template <class T>
void after_it_is_decided(Core& core, const policy::StaffActor& reviewer, std::function<void(Result<T>)> done,
                         std::function<Result<T>(Reading&)> read) {
  Command command;
  command.actor = reviewer;
  command.act = policy::ReadOrganisationLog{};
  command.done = [&core, organisation = reviewer.organisation, done = std::move(done),
                  read = std::move(read)](const CommandResult& result) {
    if (result.status == CommandStatus::unavailable)
      return done(fail(ErrorCode::unavailable, "the log cannot be read now"));
    if (!result.decision.is_permitted()) return done(fail(ErrorCode::denied, "no log reviewer in place"));
    core.log_reader().post([&core, organisation, done, read] {
      done(core.log_reader().with([&](const store::Reader& rows) -> Result<T> {
        Reading reading(core, rows, organisation);
        return read(reading);
      }));
    });
  };
  core.sequencer().submit(std::move(command));
}

bool is_count(std::uint32_t count) { return count >= 1 && count <= kMostOrganisationActs; }
Error not_a_count() { return fail(ErrorCode::invalid, "an answer has 1 to 100 acts"); }

}  // namespace

bool is_outcome_told(audit::ActKind kind) {
  using enum audit::ActKind;
  return kind != propose_key && kind != paper_narrowing && kind != request_access && kind != ask_source &&
         kind != record_death && kind != protect_identity;
}

bool OrganisationLogFilter::fits(const OrganisationAct& act) const {
  if (kind && act.kind != *kind) return false;
  if (outcome && act.outcome != *outcome) return false;
  return !staff || act.staff == *staff;
}

void read_organisation_log(Core& core, const policy::StaffActor& reviewer, OrganisationLogFilter filter,
                           std::optional<std::uint64_t> below, std::uint32_t limit,
                           std::function<void(Result<OrganisationLogPage>)> done) {
  if (!is_count(limit)) return done(not_a_count());
  after_it_is_decided<OrganisationLogPage>(core, reviewer, std::move(done), [filter, below, limit](Reading& reading) {
    return reading.page(filter, below, limit);
  });
}

void follow_organisation_log(Core& core, const policy::StaffActor& reviewer, std::uint64_t above, std::uint32_t limit,
                             std::function<void(Result<OrganisationLogPage>)> done) {
  if (!is_count(limit)) return done(not_a_count());
  after_it_is_decided<OrganisationLogPage>(
      core, reviewer, std::move(done), [above, limit](Reading& reading) { return reading.page_after(above, limit); });
}

void draw_sample(Core& core, const policy::StaffActor& reviewer, SampleQuery query,
                 std::function<void(Result<OrganisationSample>)> done) {
  if (!is_count(query.count)) return done(not_a_count());
  if (query.drawn >= kMostEntriesOfASample) return done(fail(ErrorCode::invalid, "so much is no sample"));
  after_it_is_decided<OrganisationSample>(core, reviewer, std::move(done),
                                          [query](Reading& reading) { return reading.sample(query); });
}

void read_organisation_acts(Core& core, const policy::StaffActor& reviewer, OrganisationLogFilter filter,
                            std::vector<std::uint64_t> entries,
                            std::function<void(Result<std::vector<OrganisationAct>>)> done) {
  if (entries.size() > kMostOrganisationActs) return done(not_a_count());
  after_it_is_decided<std::vector<OrganisationAct>>(
      core, reviewer, std::move(done),
      [filter, entries = std::move(entries)](Reading& reading) { return reading.acts_at(entries, filter); });
}

void read_organisation_act(Core& core, const policy::StaffActor& reviewer, std::uint64_t entry,
                           std::function<void(Result<OrganisationAct>)> done) {
  after_it_is_decided<OrganisationAct>(core, reviewer, std::move(done),
                                       [entry](Reading& reading) -> Result<OrganisationAct> {
                                         const bool is_there = entry < TRY(reading.size());
                                         const std::optional<OrganisationAct> found =
                                             is_there ? TRY(reading.act_at(entry)) : std::optional<OrganisationAct>();
                                         if (!found)
                                           return fail(ErrorCode::not_found, "no act of the organisation begins there");
                                         return *found;
                                       });
}

// SPEC REVIEW-6: a shuffle (Fisher, Yates) of which only what was asked for is made.
std::optional<std::uint64_t> SeededOrder::next() {
  if (given_ == count_) return std::nullopt;
  const std::string step = "flikvakt/v1/review-sample\n" + std::to_string(seed_) + "\n" + std::to_string(given_) + "\n";
  const crypto::Hash256 hash = crypto::sha256(as_bytes(step));
  ByteReader bytes(hash);
  const std::uint64_t chosen = given_ + bytes.u64() % (count_ - given_);
  const auto standing_at = [&](std::uint64_t place) {
    const auto found = moved_.find(place);
    return found == moved_.end() ? place : found->second;
  };
  const std::uint64_t out = standing_at(chosen);
  moved_[chosen] = standing_at(given_);
  moved_.erase(given_++);
  return out;
}

}  // namespace flikvakt::service
