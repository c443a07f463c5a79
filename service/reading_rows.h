// Open readings at rest (spec/state-rows.md, ROW-7): one row for all that one batch opened, since most of them are
// closed one batch later. A row for each reading cost 30 us to make and to take away (JSON, seal, two elements of the
// digest, two pages); a shared one costs that once a batch. It says where the openings lie in the log, and the log says
// the rest.
#pragma once

#include <map>
#include <unordered_map>

#include "policy/state.h"
#include "service/row_seal.h"

namespace flikvakt::service {

struct OpenAtRest {
  std::uint64_t entry = 0;  // of its opening: the one that concerns `person`
  PersonId person;          // whose document it is
  friend bool operator==(const OpenAtRest&, const OpenAtRest&) = default;
};

inline constexpr std::uint16_t kReadingRowsTable = 43;

// The plaintext of such a row. corrupt: not whole entries, none, or not ascending from the one that is the row's key.
Bytes encode_open_readings(std::span<const OpenAtRest> open);
Result<std::vector<OpenAtRest>> decode_open_readings(BytesView key, BytesView plaintext);

// What the log says of an open reading: all that closing it takes, which is less than the reading was. corrupt: there
// is no such opening.
Result<policy::Reading> reading_behind(const OpenAtRest& open, const store::Rows& rows, const KeyRing& keys,
                                       const policy::State& state);

struct OpenReadingAtRest {
  OpenAtRest at_rest;
  ReadingId reading;
};
// By the key of the row: the first opening that was in it.
using ReadingsByRow = std::map<std::uint64_t, std::vector<OpenReadingAtRest>>;

// The rows of the readings that are open now, and what the batch at hand changes of them. Owned by the sequencer's
// thread.
class ReadingRows {
public:
  explicit ReadingRows(const ReadingsByRow& open = {});

  // Of the batch at hand.
  void opened(const policy::Reading& reading, std::uint64_t entry);
  void closed(const ReadingId& reading);

  // The rows that change, with what is open in each when the batch is done; nothing: the row goes.
  const ReadingsByRow& changes() const { return changes_; }

  void commit();
  void drop();

private:
  std::vector<OpenReadingAtRest>& changed(std::uint64_t row);

  std::unordered_map<std::uint64_t, std::vector<OpenReadingAtRest>> rows_;
  std::unordered_map<ReadingId, std::uint64_t> row_by_reading_;
  ReadingsByRow changes_;
  std::optional<std::uint64_t> row_of_batch_;  // for what it opens
};

}  // namespace flikvakt::service
