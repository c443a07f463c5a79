#include "admin/own_log_file.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

#include "audit/receipt.h"
#include "crypto/random.h"

namespace flikvakt::admin {
namespace {

constexpr std::uint64_t kPiece = 100;

struct Piece {
  std::uint64_t total = 0;
  std::uint64_t below = 0;
  ByteArray<32> tag_key{};
  std::vector<audit::Receipt> receipts;  // newest first
  std::optional<AskingId> salt;          // of the first piece
};
BOOST_DESCRIBE_STRUCT(Piece, (), (total, below, tag_key, receipts, salt))

struct Hashes {
  std::vector<std::string> hashes;
};
BOOST_DESCRIBE_STRUCT(Hashes, (), (hashes))

// The second line of the checkpoint. It is checked by whoever checks the whole.
Result<std::uint64_t> size_under(const audit::Receipt& receipt) {
  const std::string note = TRY(audit::parse_log_proof(receipt.proof)).checkpoint;
  const std::size_t line = note.find('\n') + 1;
  std::uint64_t out = 0;
  if (std::from_chars(note.data() + line, note.data() + note.size(), out).ec != std::errc())
    return fail(ErrorCode::malformed, "the gateway gave a checkpoint without a size");
  return out;
}

Result<audit::ConsistencyProof> consistency_between(PersonClient& client, std::uint64_t from, std::uint64_t to) {
  audit::ConsistencyProof out{from, to, {}};
  for (const std::string& hash : TRY(from_json<Hashes>(TRY(client.consistency(from, to)))).hashes)
    out.hashes.push_back(TRY(to_array<32>(TRY(from_base64(hash)))));
  return out;
}

constexpr std::chrono::minutes kClocksDiffer{5};

Error other_answer() {
  return fail(ErrorCode::malformed, "the gateway gave another piece of the log than was asked for");
}

std::size_t size_of(const std::vector<audit::Receipt>& receipts) {
  std::size_t out = 0;
  for (const audit::Receipt& one : receipts) out += to_text(to_json(one)).size();
  return out;
}

// SPEC RCPT-14: an answer that ends earlier would hide what came since. Whether the entry is in the log is checked by
// whoever checks the whole.
Result<void> check_newest(const audit::Receipt& newest, const audit::Asking& asked) {
  const auto leaf = TRY(audit::decode_leaf(TRY(from_hex(newest.leaf))));
  if (!newest.act) return other_answer();
  const auto act = TRY(audit::decode_act(TRY(from_hex(newest.act->plaintext))));
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  if (act.act != audit::act_of(asked))
    return fail(ErrorCode::invalid,
                "the newest entry that the gateway shows is not the asking for it: keep this "
                "message, and tell the förbund's security officer");
  if (std::chrono::abs(leaf.time - now) > kClocksDiffer)
    return fail(ErrorCode::invalid, "the gateway wrote " + to_rfc3339(leaf.time) +
                                        " for what was asked just now: its clock or yours is wrong");
  return {};
}

}  // namespace

Outcome<std::string> fetch_own_log_file(PersonClient& client) {
  audit::OwnLogProof out;
  out.format = audit::kOwnLogFormat;
  out.asked.id = crypto::random_id<AskingId>();
  std::optional<std::uint64_t> below;
  std::size_t bytes = 0;
  do {
    Piece piece = TRY(from_json<Piece>(TRY(client.log_receipts(below, kPiece, out.asked.id))));
    const bool is_first = !below;
    if (piece.receipts.empty() || piece.receipts.size() > piece.below || (below && piece.below != *below) ||
        is_first != piece.salt.has_value() || (!is_first && piece.tag_key != out.tag_key))
      return Failure(other_answer());
    if (is_first) {
      if (piece.below != piece.total) return Failure(other_answer());
      out.asked.salt = *piece.salt;
      out.tag_key = piece.tag_key;
      TRY_VOID(check_newest(piece.receipts.front(), out.asked));
    }
    if ((bytes += size_of(piece.receipts)) > audit::kMostOwnLogBytes)
      return Failure(fail(ErrorCode::invalid, "the log is larger than a file of it may be"));
    below = piece.below - piece.receipts.size();
    std::ranges::move(piece.receipts, std::back_inserter(out.receipts));
  } while (*below > 0);
  std::ranges::reverse(out.receipts);
  std::set<std::uint64_t> sizes;
  for (const audit::Receipt& receipt : out.receipts) sizes.insert(TRY(size_under(receipt)));
  for (auto from = sizes.begin(); std::next(from) != sizes.end(); ++from)
    out.consistency.push_back(TRY(consistency_between(client, *from, *std::next(from))));
  return to_text(to_json(out)) + "\n";
}

}  // namespace flikvakt::admin
