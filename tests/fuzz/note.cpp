// Notes, checkpoints, heads, verifier keys and Merkle proofs.
#include "audit/checkpoint.h"
#include "audit/tree.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::audit;

const crypto::SigningKey& log_key() {
  static const auto key =
      crypto::SigningKey::from_seed(crypto::KeyAlgorithm::ed25519, fixed_secret<crypto::SigningSeed>(7)).value();
  return key;
}

NoteSigner signer_named(std::string_view name) { return NoteSigner::make(std::string(name), log_key()).value(); }

void check_received(std::string_view text) {
  const Result<Note> note = parse_note(text);
  if (note) claim(write_note(*note) == text, "a note has one spelling");
  const NoteVerifier known = signer_named("log.example/flikvakt").verifier();
  claim(!open_checkpoint(text, {&known, 1}) && !open_head(text, {&known, 1}), "nobody but the key's holder signs");
  const Result<NoteVerifier> verifier = NoteVerifier::parse(text);
  if (verifier) claim(verifier->text() == text, "a verifier key has one spelling");
}

// The text is signed as it is, under the name that its first line gives it: what the parser takes has one spelling.
void check_signed(std::string_view text) {
  const std::string name(text.substr(0, text.find('\n')));
  const Result<NoteSigner> signer = NoteSigner::make(name, log_key());
  if (!signer) return;
  const Result<std::string> note = sign_note(text, {&*signer, 1});
  if (!note) return;
  const NoteVerifier known = signer->verifier();
  const auto opened = open_note(*note, {&known, 1});
  claim(opened && opened->text == text, "a signed text comes back");
  const auto checkpoint = open_checkpoint(*note, {&known, 1});
  if (checkpoint) claim(sign_checkpoint(*checkpoint, {&*signer, 1}).value() == *note, "a checkpoint has one spelling");
  const auto head = open_head(*note, {&known, 1});
  if (head) claim(sign_head(*head, {&*signer, 1}).value() == *note, "a head has one spelling");
  claim(!checkpoint || !head, "no note is checkpoint and head");
}

void check_damaged(BytesView in) {
  ByteReader reader(in);
  const std::uint16_t place = reader.u16();
  const std::uint8_t damage = reader.u8();
  const Checkpoint checkpoint{"log.example/flikvakt", reader.u64() >> 11, reader.array<32>()};
  const NoteSigner signer = signer_named(checkpoint.origin);
  const NoteVerifier known = signer.verifier();
  std::string note = sign_checkpoint(checkpoint, {&signer, 1}).value();
  claim(open_checkpoint(note, {&known, 1}).value() == checkpoint, "a checkpoint comes back");
  if (damage == 0) return;
  note[place % note.size()] = static_cast<char>(note[place % note.size()] ^ damage);
  claim(!open_checkpoint(note, {&known, 1}), "a changed byte is found");
}

// A tree of up to 40 leaves, a proof that is right, and one that the input changes in one node, index or size.
void check_proofs(BytesView in) {
  ByteReader reader(in);
  const std::uint64_t size = 1 + reader.u8() % 40;
  const std::uint64_t index = reader.u8() % size;
  const std::uint64_t smaller = 1 + reader.u8() % size;
  const std::uint8_t node = reader.u8();
  const std::uint8_t damage = reader.u8();
  Tree tree;
  std::vector<MerkleHash> leaves;
  for (std::uint64_t i = 0; i < size; ++i) {
    leaves.push_back(crypto::leaf_hash(ByteWriter().u64(i).bytes(in).view()));
    tree.append(leaves.back());
  }
  tree.commit();
  const TileSource none = [](unsigned, std::uint64_t) -> Result<std::vector<MerkleHash>> {
    return fail(ErrorCode::not_found, "no tile is full");
  };
  auto inclusion = tree.inclusion_proof(index, size, none).value();
  auto consistency = tree.consistency_proof(smaller, size, none).value();
  const MerkleHash before = tree.root_at(smaller, none).value();
  const auto is_in = [&](std::uint64_t i, std::uint64_t of) {
    return crypto::verify_inclusion(i, of, leaves[index], inclusion, tree.root());
  };
  claim(is_in(index, size), "a leaf is in its tree");
  claim(crypto::verify_consistency(smaller, size, consistency, before, tree.root()),
        "a tree begins with the one before");
  const std::uint64_t other = reader.u64();
  claim(other == index || !is_in(other, size), "a leaf is in one place");
  if (!inclusion.empty() && damage != 0) {
    inclusion[node % inclusion.size()][node % 32] ^= damage;
    claim(!is_in(index, size), "a changed node is found");
  }
  if (consistency.empty() || damage == 0) return;
  consistency[node % consistency.size()][node % 32] ^= damage;
  claim(!crypto::verify_consistency(smaller, size, consistency, before, tree.root()), "a changed node is found");
}

// Proofs made of nothing but the input.
void check_any_proof(BytesView in) {
  ByteReader reader(in);
  const std::uint64_t first = reader.u64();
  const std::uint64_t second = reader.u64();
  const auto one = reader.array<32>();
  std::vector<MerkleHash> nodes;
  while (reader.left() >= 32 && nodes.size() < 80) nodes.push_back(reader.array<32>());
  claim(!crypto::verify_inclusion(first, second, one, nodes, MerkleHash{}), "nothing hashes to zeros");
  claim(
      !crypto::verify_consistency(first, second, nodes, one, MerkleHash{}) || (first == second && one == MerkleHash{}),
      "nothing hashes to zeros");
  const auto frontier = crypto::Frontier::from_nodes(first, nodes);
  if (frontier) claim(frontier->size() == first && frontier->nodes() == nodes, "a frontier is what it was made of");
}

}  // namespace

void note(BytesView in) {
  switch (choose(in, 5)) {
    case 0:
      return check_damaged(in);
    case 1:
      return check_proofs(in);
    case 2:
      return check_any_proof(in);
    case 3:
      return check_signed(as_text(in));
    default:
      return check_received(as_text(in));
  }
}

}  // namespace flikvakt::fuzz
