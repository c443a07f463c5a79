// What logs and witnesses send each other: requests, signature lines, cosignatures, names of tiles, proofs.
#include "audit/witness.h"
#include "audit/log_proof.h"
#include "audit/tile_path.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::audit;

constexpr std::string_view kOrigin = "log.example/flikvakt";

const crypto::SigningKey& key_of(std::uint8_t fill) {
  static const auto log =
      crypto::SigningKey::from_seed(crypto::KeyAlgorithm::ed25519, fixed_secret<crypto::SigningSeed>(7)).value();
  static const auto witness =
      crypto::SigningKey::from_seed(crypto::KeyAlgorithm::ed25519, fixed_secret<crypto::SigningSeed>(8)).value();
  return fill == 7 ? log : witness;
}

void check_request(std::string_view text) {
  const Result<AddCheckpoint> request = parse_add_checkpoint(text);
  if (!request) return;
  claim(write_add_checkpoint(*request) == text, "a request to a witness has one spelling");
  const NoteVerifier known = NoteVerifier::make(std::string(kOrigin), key_of(7).public_key()).value();
  const auto verdict = judge_checkpoint(WitnessedLog::unseen(std::string(kOrigin)), {&known, 1}, *request).verdict;
  claim(verdict == WitnessVerdict::not_signed, "nobody but the key's holder is cosigned");
}

void check_text(std::string_view text) {
  const Result<LogProof> proof = parse_log_proof(text);
  if (proof) claim(write_log_proof(*proof) == text, "a proof has one spelling");
  const std::optional<TilePath> path = parse_tile_path(text);
  if (path) claim(write_tile_path(*path) == text, "a tile has one path");
  const auto lines = parse_signature_lines(text);
  if (lines) claim(write_signature_lines(*lines) == text, "signature lines have one spelling");
  const Result<CosignatureVerifier> verifier = CosignatureVerifier::parse(text);
  if (verifier) claim(verifier->text() == text, "a verifier key has one spelling");
}

void check_cosignature(BytesView in) {
  ByteReader reader(in);
  const std::uint8_t place = reader.u8();
  const std::uint8_t damage = reader.u8();
  const UtcTime time{std::chrono::seconds{reader.u32()}};
  const std::string text(as_text(reader.bytes(reader.left())));
  const CosignatureSigner signer = CosignatureSigner::make("witness.example/w", key_of(8)).value();
  NoteSignature signature = signer.sign(text, time);
  claim(signer.verifier().verify(text, signature) == time, "a cosignature says its time");
  if (damage == 0) return;
  signature.signature[place % signature.signature.size()] ^= damage;
  claim(!signer.verifier().verify(text, signature), "a changed byte is found");
}

// The log signs what the input says; whatever the request, a witness goes only where a proof leads.
void check_judgement(BytesView in) {
  ByteReader reader(in);
  const std::uint64_t known_size = reader.u8();
  AddCheckpoint request;
  request.old_size = reader.u8();
  const Checkpoint shown{std::string(kOrigin), reader.u8(), reader.array<32>()};
  while (reader.left() >= 32) request.proof.push_back(reader.array<32>());
  const NoteSigner signer = NoteSigner::make(shown.origin, key_of(7)).value();
  const NoteVerifier known = signer.verifier();
  request.checkpoint = sign_checkpoint(shown, {&signer, 1}).value();
  const WitnessedLog log{{shown.origin, known_size, known_size == 0 ? crypto::empty_root() : MerkleHash{1}}, {}};
  const WitnessJudgement judged = judge_checkpoint(log, {&known, 1}, request);
  if (judged.verdict != WitnessVerdict::cosign) return;
  claim(judged.next == WitnessedLog{shown, request.checkpoint}, "what is cosigned is what was shown");
  claim(known_size == 0 || shown == log.newest, "no proof is found by chance");
}

}  // namespace

void witness(BytesView in) {
  switch (choose(in, 4)) {
    case 0:
      return check_request(as_text(in));
    case 1:
      return check_text(as_text(in));
    case 2:
      return check_cosignature(in);
    default:
      return check_judgement(in);
  }
}

}  // namespace flikvakt::fuzz
