#include "audit/log_proof.h"

#include "audit/lines.h"

namespace flikvakt::audit {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::size_t kMostProofBytes = 256 * 1024;

Error malformed(std::string_view what) { return fail(ErrorCode::malformed, "reading a proof: " + std::string(what)); }

}  // namespace

// SPEC LPR-1, LPR-2, LPR-3
Result<LogProof> parse_log_proof(std::string_view text) {
  if (text.size() > kMostProofBytes) return malformed("longer than 256 KiB");
  Lines lines(text);
  if (lines.next() != kFirstLine) return malformed("not a tlog-proof of version 1");
  LogProof out;
  std::optional<std::string_view> line = lines.next();
  if (line && line->starts_with(kExtra)) {
    const Result<Bytes> extra = from_base64(line->substr(kExtra.size()));
    if (!extra || extra->empty()) return malformed("the extra data is not base64 of some bytes");
    out.extra = *extra;
    line = lines.next();
  }
  const std::optional<std::uint64_t> index = line ? number_behind("index", *line) : std::nullopt;
  if (!index) return malformed("no index");
  out.index = *index;
  out.hashes = TRY(take_proof_lines(lines, "reading a proof"));
  out.checkpoint = lines.rest();
  TRY_VOID(parse_note(out.checkpoint));
  return out;
}

std::string write_log_proof(const LogProof& proof) {
  std::string out = std::string(kFirstLine) + "\n";
  if (proof.extra) out += std::string(kExtra) + to_base64(*proof.extra) + "\n";
  out += "index " + std::to_string(proof.index) + "\n";
  return out + write_proof_lines(proof.hashes) + proof.checkpoint;
}

// SPEC LPR-4
Result<CosignedCheckpoint> check_log_proof(const LogProof& proof, const crypto::MerkleHash& leaf,
                                           std::span<const NoteVerifier> log,
                                           std::span<const CosignatureVerifier> witnesses) {
  CosignedCheckpoint out = TRY(open_cosigned(proof.checkpoint, log, witnesses));
  if (!crypto::verify_inclusion(proof.index, out.checkpoint.size, leaf, proof.hashes, out.checkpoint.root))
    return fail(ErrorCode::invalid, "checking a proof: the entry is not in that log at that place");
  return out;
}

}  // namespace flikvakt::audit
