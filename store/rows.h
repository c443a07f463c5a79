// What the database holds, as values, and the read functions that every kind of connection has.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"

namespace flikvakt::store {

class Connection;

// Names in the meta table.
inline constexpr std::string_view kHeadNote = "head";
inline constexpr std::string_view kPrunedTo = "pruned-to";  // SPEC STO-18

inline constexpr std::size_t kMaxBlobBytes = 16 << 20;  // of each field; a larger one is `invalid`

// One row of generic state. `body` is sealed by the caller; `id` may be empty and may hold any bytes; `version` is
// below 2^63. (table, id) is unique.
struct StateRow {
  std::uint16_t table = 0;
  Bytes id;
  std::uint64_t version = 0;
  Bytes body;
  friend bool operator==(const StateRow&, const StateRow&) = default;
};
// The same, borrowed: valid during the call that hands it over.
struct StateRowView {
  std::uint16_t table = 0;
  BytesView id;
  std::uint64_t version = 0;
  BytesView body;
};

using EntryLink = ByteArray<12>;  // spec/person-chain.md

// One log entry, and its act record when it has one.
struct EntryRow {
  std::uint64_t index = 0;  // from 0, without gaps
  Bytes leaf;
  EntryLink link{};
  Bytes act;
  Bytes person;
  std::optional<Bytes> act_record;
  bool is_bare() const { return act.empty() && person.empty(); }
};
struct EntryRowView {  // without the act record: read it by index
  std::uint64_t index = 0;
  BytesView leaf;
  BytesView link;
  BytesView act;
  BytesView person;
  bool is_bare() const { return act.empty() && person.empty(); }  // pruned: SPEC STO-17
};

// Reads. On a Database they see what is committed, on a Transaction also its own writes, on a Reader its snapshot.
// Errors of all: corrupt, io, unavailable. A callback that returns an error ends the walk with that error; a callback
// may read, and must not write. One thread at a time, the one that owns the connection.
class Rows {
public:
  Result<void> for_each_state_row(const std::function<Result<void>(const StateRowView&)>& fn) const;  // by table, id
  Result<std::optional<StateRow>> state_row(std::uint16_t table, BytesView id) const;

  Result<std::uint64_t> entry_count() const;
  Result<EntryRow> entry(std::uint64_t index) const;  // with its act record; not_found
  // Entries from <= index < to, ascending, without act records. A gap inside the log is corrupt.
  Result<void> for_each_entry(std::uint64_t from, std::uint64_t to,
                              const std::function<Result<void>(const EntryRowView&)>& fn) const;
  Result<std::optional<Bytes>> act_record(std::uint64_t index) const;
  // The first entry after `from` at which the act records since `from` come to more than so many bytes; `to`: none.
  Result<std::uint64_t> records_within(std::uint64_t from, std::uint64_t to, std::uint64_t most_bytes) const;

  Result<std::optional<Bytes>> tile(std::uint8_t level, std::uint64_t number) const;
  Result<std::optional<Bytes>> meta(std::string_view name) const;

  // Walks the whole file: every page authenticates, every tree is sound. Slow. It does NOT find an old page or file.
  Result<void> verify_integrity() const;

protected:
  explicit Rows(Connection& connection) : connection_(&connection) {}
  Connection& connection() const { return *connection_; }

private:
  Connection* connection_;
};

}  // namespace flikvakt::store
