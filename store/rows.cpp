#include "store/rows.h"

#include "store/sqlite.h"

namespace flikvakt::store {
namespace {

std::int64_t stored(std::uint64_t value) { return static_cast<std::int64_t>(value); }

Result<std::uint64_t> unsigned_of(const Query& query, int column) {
  const std::int64_t value = query.integer(column);
  if (value < 0) return fail(ErrorCode::corrupt, "a row holds a negative number");
  return static_cast<std::uint64_t>(value);
}

// The blob in the first column of the first row, if there is a row.
Result<std::optional<Bytes>> blob_of(Query& query) {
  if (!TRY(query.step())) return std::optional<Bytes>();
  return std::optional<Bytes>(to_bytes(query.blob(0)));
}

}  // namespace

Result<void> Rows::for_each_state_row(const std::function<Result<void>(const StateRowView&)>& fn) const {
  Query query = TRY(connection_->query("SELECT tbl, id, version, body FROM state_row ORDER BY tbl, id"));
  while (TRY(query.step())) {
    const std::int64_t table = query.integer(0);
    if (!std::in_range<std::uint16_t>(table)) return fail(ErrorCode::corrupt, "a state row is of no known table");
    TRY_VOID(fn({static_cast<std::uint16_t>(table), query.blob(1), TRY(unsigned_of(query, 2)), query.blob(3)}));
  }
  return {};
}

Result<std::optional<StateRow>> Rows::state_row(std::uint16_t table, BytesView id) const {
  Query query = TRY(connection_->query("SELECT version, body FROM state_row WHERE tbl = ? AND id = ?"));
  if (!TRY(query.bind(std::int64_t{table}).bind(id).step())) return std::optional<StateRow>();
  const std::uint64_t version = TRY(unsigned_of(query, 0));
  return std::optional<StateRow>(StateRow{table, to_bytes(id), version, to_bytes(query.blob(1))});
}

Result<std::uint64_t> Rows::entry_count() const {
  Query query = TRY(connection_->query("SELECT idx FROM entry ORDER BY idx DESC LIMIT 1"));
  if (!TRY(query.step())) return std::uint64_t{0};
  return TRY(unsigned_of(query, 0)) + 1;
}

Result<EntryRow> Rows::entry(std::uint64_t index) const {
  EntryRow row;
  row.index = index;
  {
    Query query = TRY(connection_->query("SELECT leaf, link, act, person FROM entry WHERE idx = ?"));
    if (!TRY(query.bind(stored(index)).step())) return fail(ErrorCode::not_found, "there is no such log entry");
    row.leaf = to_bytes(query.blob(0));
    Result<EntryLink> link = to_array<std::tuple_size_v<EntryLink>>(query.blob(1));
    if (!link) return fail(ErrorCode::corrupt, "a log entry's link has the wrong length");
    row.link = *link;
    row.act = to_bytes(query.blob(2));
    row.person = to_bytes(query.blob(3));
  }
  row.act_record = TRY(act_record(index));
  return row;
}

Result<void> Rows::for_each_entry(std::uint64_t from, std::uint64_t to,
                                  const std::function<Result<void>(const EntryRowView&)>& fn) const {
  Query query =
      TRY(connection_->query("SELECT idx, leaf, link, act, person FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx"));
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  query.bind(stored(std::min(from, kMax))).bind(stored(std::min(to, kMax)));
  for (std::uint64_t expected = from; TRY(query.step()); ++expected) {
    const std::uint64_t index = TRY(unsigned_of(query, 0));
    if (index != expected) return fail(ErrorCode::corrupt, "log entry " + std::to_string(expected) + " is missing");
    TRY_VOID(fn({index, query.blob(1), query.blob(2), query.blob(3), query.blob(4)}));
  }
  return {};
}

Result<std::optional<Bytes>> Rows::act_record(std::uint64_t index) const {
  Query query = TRY(connection_->query("SELECT body FROM act_record WHERE idx = ?"));
  return blob_of(query.bind(stored(index)));
}

Result<std::uint64_t> Rows::records_within(std::uint64_t from, std::uint64_t to, std::uint64_t most_bytes) const {
  Query query =
      TRY(connection_->query("SELECT idx, length(body) FROM act_record WHERE idx >= ? AND idx < ? ORDER BY idx"));
  query.bind(stored(from)).bind(stored(to));
  std::uint64_t bytes = 0;
  while (TRY(query.step())) {
    const std::uint64_t index = TRY(unsigned_of(query, 0));
    bytes += TRY(unsigned_of(query, 1));
    if (bytes > most_bytes && index > from) return index;
  }
  return to;
}

Result<std::optional<Bytes>> Rows::tile(std::uint8_t level, std::uint64_t number) const {
  Query query = TRY(connection_->query("SELECT hashes FROM tile WHERE level = ? AND number = ?"));
  return blob_of(query.bind(std::int64_t{level}).bind(stored(number)));
}

Result<std::optional<Bytes>> Rows::meta(std::string_view name) const {
  Query query = TRY(connection_->query("SELECT value FROM meta WHERE name = ?"));
  return blob_of(query.bind(name));
}

Result<void> Rows::verify_integrity() const {
  Query query = TRY(connection_->query("PRAGMA integrity_check(10)"));
  if (!TRY(query.step())) return fail(ErrorCode::corrupt, "the integrity check said nothing");
  if (query.text(0) != "ok") return fail(ErrorCode::corrupt, "the database is damaged: " + std::string(query.text(0)));
  return {};
}

}  // namespace flikvakt::store
