#include "service/person_log.h"

#include "service/log_entry_view.h"
#include "service/own_log_asking.h"

namespace flikvakt::service {
namespace {

using Go = PersonEntries::Go;

Result<void> check(const LogQuery& query) {
  const bool has_numbers = query.limit >= 1 && query.limit <= kMostLogEntries && query.page.value_or(1) >= 1;
  if (!has_numbers) return fail(ErrorCode::invalid, "a page has 1 to 100 entries and counts from 1");
  const bool is_one_way = !query.page || (!query.below && query.filter.is_empty());
  if (!is_one_way) return fail(ErrorCode::invalid, "a page does not go with `below` or a filter");
  return {};
}

// The number below which to begin.
std::uint64_t end_of(const LogQuery& query, std::uint64_t total) {
  if (query.below) return std::min(*query.below, total);
  const std::uint64_t skipped = std::uint64_t{query.limit} * (query.page.value_or(1) - 1);
  return skipped < total ? total - skipped : 0;
}

// One reading of one person's log, in the rows of one moment. `read`: of the act that reads, whose entry is the
// person's newest.
class PersonLogReading {
public:
  PersonLogReading(Core& core, const store::Rows& rows, const PersonId& person, PersonEntries entries,
                   const CommandResult& read)
      : entries_(std::move(entries)),
        view_(core, rows, person, entries_, read.time),
        newest_{read.person_entries - 1, read.entry} {}

  Result<PersonLogPage> answer(const LogQuery& query) {
    PersonLogPage out;
    out.total = newest_.number + 1;
    out.begins = beginning();
    const std::uint64_t end = end_of(query, out.total);
    if (end > 0) TRY_VOID(look_through(query, end - 1, out));
    return out;
  }

private:
  // Null when something on the way there is damaged: what is newer is shown all the same.
  json::value beginning() {
    json::value out;
    const Result<void> walked = entries_.walk(newest_, 0, 1, [&](const store::EntryRow& row) -> Result<void> {
      out = TRY(view_.place(row));
      return {};
    });
    return walked ? out : json::value();
  }

  // SPEC LOGV-4: a filter looks at so many entries at most.
  Result<void> look_through(const LogQuery& query, std::uint64_t first, PersonLogPage& out) {
    const std::uint32_t most = query.filter.is_empty() ? query.limit : kMostLookedThrough;
    out.next = first + 1;
    return entries_.walk_while(
        newest_, first, most, [&](std::uint64_t number, const store::EntryRow& row) -> Result<Go> {
          out.next = number == 0 ? std::nullopt : std::optional(number);
          if (query.filter.from && query.filter.is_too_early(TRY(audit::decode_leaf(row.leaf)).time)) {
            TRY(view_.place(row));  // a time that is not the one in the tile must not hide what is older
            out.next.reset();       // nothing older is later
            return Go::no_further;
          }
          std::optional<json::value> shown = TRY(view_.show(number, row, query.filter));
          if (shown) out.entries.push_back(std::move(*shown));
          return out.entries.size() < query.limit ? Go::on : Go::no_further;
        });
  }

  PersonEntries entries_;
  LogEntryView view_;
  const PersonEntries::Place newest_;
};

Result<PersonLogPage> read_page(Core& core, const PersonId& person, const CommandResult& read, const LogQuery& query) {
  return core.log_reader().with([&](const store::Reader& rows) -> Result<PersonLogPage> {
    PersonLogReading reading(core, rows, person, TRY(PersonEntries::begin(core, rows, person)), read);
    return reading.answer(query);
  });
}

}  // namespace

void read_own_log(Core& core, const policy::PersonActor& person, LogQuery query,
                  std::function<void(Result<PersonLogPage>)> done) {
  if (const Result<void> checked = check(query); !checked) return done(checked.error());
  after_own_log_is_read<PersonLogPage>(core, person, std::nullopt, std::move(done),
                                       [&core, id = person.person, query = std::move(query)](
                                           const CommandResult& read) { return read_page(core, id, read, query); });
}

}  // namespace flikvakt::service
