#include "admin/own_log_file.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "audit/receipt.h"

namespace flikvakt::admin {
namespace {

constexpr std::uint64_t kPiece = 100;

struct Piece {
  std::uint64_t total = 0;
  std::uint64_t below = 0;
  ByteArray<32> tag_key{};
  std::vector<audit::Receipt> receipts;  // newest first
};
BOOST_DESCRIBE_STRUCT(Piece, (), (total, below, tag_key, receipts))

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

Result<audit::GrowthProof> growth(PersonClient& client, std::uint64_t from, std::uint64_t to) {
  audit::GrowthProof out{from, to, {}};
  for (const std::string& hash : TRY(from_json<Hashes>(TRY(client.consistency(from, to)))).hashes)
    out.hashes.push_back(TRY(to_array<32>(TRY(from_base64(hash)))));
  return out;
}

}  // namespace

Outcome<std::string> fetch_own_log_file(PersonClient& client) {
  audit::OwnLog out;
  out.format = audit::kOwnLogFormat;
  std::optional<std::uint64_t> below;
  do {
    Piece piece = TRY(from_json<Piece>(TRY(client.log_receipts(below, kPiece))));
    if (piece.receipts.empty() || piece.receipts.size() > piece.below || (below && piece.below != *below))
      return Failure(fail(ErrorCode::malformed, "the gateway gave another piece of the log than was asked for"));
    out.tag_key = piece.tag_key;
    below = piece.below - piece.receipts.size();
    std::ranges::move(piece.receipts, std::back_inserter(out.receipts));
  } while (*below > 0);
  std::ranges::reverse(out.receipts);
  std::set<std::uint64_t> sizes;
  for (const audit::Receipt& receipt : out.receipts) sizes.insert(TRY(size_under(receipt)));
  for (auto from = sizes.begin(); std::next(from) != sizes.end(); ++from)
    out.growth.push_back(TRY(growth(client, *from, *std::next(from))));
  return to_text(to_json(out)) + "\n";
}

}  // namespace flikvakt::admin
