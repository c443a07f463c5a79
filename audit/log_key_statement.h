// What the gateway says of the log's keys, and how a reader who knows one of them comes to believe in a later one: the
// log itself announced it, in an entry that a quorum of witnesses saw; and, for a reader who knows administrators'
// keys, two of these signed that. Format: spec/log-keys.md. Values; thread-safe.
#pragma once

#include "audit/log_key_orders.h"
#include "audit/receipt.h"

namespace flikvakt::audit {

constexpr std::string_view kLogKeysFormat = "flikvakt-log-keys/1";
constexpr std::size_t kMostLogKeysBytes = std::size_t{16} * 1024 * 1024;

// An entry, proven, and its act record, opened.
struct ShownEntry {
  Receipt receipt;
  ShownPart record;
};
BOOST_DESCRIBE_STRUCT(ShownEntry, (), (receipt, record))

struct StatedLogKey {
  std::uint32_t generation = 0;
  std::string key;         // name+keyid+key
  std::string status;      // current, retiring, retired, compromised
  std::uint64_t from = 0;  // index of the entry that announced it
  UtcTime since;
  std::optional<std::uint64_t> to = {};      // the largest size that it signed
  std::optional<ShownEntry> proposed = {};   // by the first of two administrators
  std::optional<ShownEntry> announced = {};  // in which the second one approved that
};
BOOST_DESCRIBE_STRUCT(StatedLogKey, (), (generation, key, status, from, since, to, proposed, announced))

struct StatedLogKeys {
  std::string format;
  std::string origin;
  std::vector<StatedLogKey> keys;  // by generation
};
BOOST_DESCRIBE_STRUCT(StatedLogKeys, (), (format, origin, keys))

// What the reader goes by. `trusted.log`: keys of the log that they know.
struct LogKeyGrounds {
  Trusted trusted;
  // How many of `trusted.witnesses` must have cosigned what announces a key, at least one: whoever stole a key of the
  // log can make all the rest that is looked at without administrators.
  std::size_t quorum;
  // Two of these must have ordered each key; at least two of them. None: who ordered it is not looked at.
  std::optional<std::span<const crypto::PublicKey>> administrators;
};

struct CheckedLogKeys {
  struct Proven {
    std::uint32_t generation = 0;
    std::string key;
    std::vector<Cosignature> by;
    std::optional<Orderers> ordered_by;  // when administrators were named
  };
  std::vector<Proven> later;  // than the newest that was known; the last one is the log's current key
};

// malformed: not of the form. invalid: a key later than those that are known is not announced by this log, or not
// ordered by two of the administrators, or none of it is known; the message says which.
Result<StatedLogKeys> parse_log_keys(std::string_view text);
Result<CheckedLogKeys> check_log_keys(const StatedLogKeys& stated, const LogKeyGrounds& grounds);

}  // namespace flikvakt::audit
