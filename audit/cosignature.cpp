#include "audit/cosignature.h"

#include <algorithm>
#include <functional>
#include <set>

namespace flikvakt::audit {
namespace {

constexpr std::uint64_t kLastSecond = 253'402'300'799;  // of the year 9999

// SPEC COS-4
std::string message_of(std::uint64_t seconds, std::string_view text) {
  return "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + std::string(text);
}

std::uint64_t seconds_of(UtcTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0));
}

UtcTime time_of(std::uint64_t seconds) { return UtcTime{std::chrono::seconds{static_cast<std::int64_t>(seconds)}}; }

// The newest of its cosignatures; nothing when it made none. invalid: one of them is wrong.
Result<std::optional<UtcTime>> newest_of(const CosignatureVerifier& witness, const Note& note) {
  std::optional<UtcTime> out;
  for (const NoteSignature& signature : note.signatures) {
    if (!witness.made(signature)) continue;
    const std::optional<UtcTime> time = witness.verify(note.text, signature);
    if (!time) return fail(ErrorCode::invalid, "reading a checkpoint: the cosignature of a known witness is wrong");
    out = out ? std::max(*out, *time) : *time;
  }
  return out;
}

}  // namespace

Result<CosignatureVerifier> CosignatureVerifier::make(std::string name, const crypto::PublicKey& key) {
  return CosignatureVerifier(TRY(NoteKey::make(NoteAlgorithm::cosignature, std::move(name), key)));
}

Result<CosignatureVerifier> CosignatureVerifier::parse(std::string_view text) {
  return CosignatureVerifier(TRY(NoteKey::parse(NoteAlgorithm::cosignature, text)));
}

// SPEC COS-3, COS-5
std::optional<UtcTime> CosignatureVerifier::verify(std::string_view text, const NoteSignature& signature) const {
  if (!made(signature) || signature.signature.size() != 8 + crypto::kSignatureBytes) return std::nullopt;
  ByteReader reader(signature.signature);
  const std::uint64_t seconds = reader.u64();
  if (seconds > kLastSecond) return std::nullopt;
  const BytesView signed_part = reader.bytes(crypto::kSignatureBytes);
  if (!key_.verify(as_bytes(message_of(seconds, text)), signed_part)) return std::nullopt;
  return time_of(seconds);
}

Result<CosignatureSigner> CosignatureSigner::make(std::string name, const crypto::SigningKey& key) {
  return CosignatureSigner(TRY(CosignatureVerifier::make(std::move(name), key.public_key())), key);
}

// SPEC COS-3
NoteSignature CosignatureSigner::sign(std::string_view text, UtcTime time) const {
  const std::uint64_t seconds = seconds_of(time);
  const auto signature = key_->sign(as_bytes(message_of(seconds, text)));
  return {verifier_.name(), verifier_.key_id(), ByteWriter().u64(seconds).bytes(signature).view()};
}

bool are_different(std::span<const CosignatureVerifier> witnesses) {
  std::set<std::string> names, keys;
  return std::ranges::all_of(witnesses, [&](const CosignatureVerifier& one) {
    const std::string text = one.text();
    return names.insert(one.name()).second &&
           keys.insert(text.substr(text.find('+', one.name().size() + 1) + 1)).second;
  });
}

// SPEC COS-6
Result<CosignedCheckpoint> open_cosigned(std::string_view note, std::span<const NoteVerifier> log,
                                         std::span<const CosignatureVerifier> witnesses) {
  CosignedCheckpoint out;
  out.checkpoint = TRY(open_checkpoint(note, log));
  const Note parsed = TRY(parse_note(note));
  for (const CosignatureVerifier& witness : witnesses) {
    const std::optional<UtcTime> time = TRY(newest_of(witness, parsed));
    if (time) out.by.push_back({witness.name(), *time});
  }
  return out;
}

std::optional<UtcTime> time_of_quorum(std::span<const Cosignature> by, std::size_t quorum) {
  if (quorum == 0 || by.size() < quorum) return std::nullopt;
  std::vector<UtcTime> times;
  for (const Cosignature& one : by) times.push_back(one.time);
  std::ranges::sort(times, std::greater());
  return times[quorum - 1];
}

}  // namespace flikvakt::audit
