// A log that grows, a log that was forked, and their witnesses, for the tests of cosignatures, proofs and witnesses.
#pragma once

#include <list>
#include <map>

#include "audit/cosignature.h"
#include "audit/tree.h"
#include "audit/witness.h"

namespace flikvakt::audit {

inline crypto::SigningKey ed25519_key() { return crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519); }

// Everything that a log has: its key, its tree and all tiles. `salt` makes its entries differ from another's.
class SampleLog {
public:
  explicit SampleLog(std::string origin = "example.org/log") : origin_(std::move(origin)) { add_key(); }

  const std::string& origin() const { return origin_; }
  std::vector<NoteVerifier> keys() const {  // those that sign
    std::vector<NoteVerifier> out;
    for (const NoteSigner& signer : signers_) out.push_back(signer.verifier());
    return out;
  }
  // Its key is replaced: both sign until the first is dropped.
  NoteVerifier add_key() {
    private_.push_back(ed25519_key());
    signers_.push_back(NoteSigner::make(origin_, private_.back()).value());
    return signers_.back().verifier();
  }
  void drop_first_key() { signers_.erase(signers_.begin()); }
  crypto::MerkleHash leaf(std::uint64_t i, std::string_view salt = "") const {
    return crypto::leaf_hash(as_bytes("entry " + std::to_string(i) + std::string(salt)));
  }

  void grow_to(std::uint64_t size, std::string_view salt = "") {
    while (tree_.size() < size) {
      tree_.append(leaf(tree_.size(), salt));
      for (const Tile& tile : tree_.new_tiles()) tiles_[{tile.level, tile.number}] = tile.hashes;
      tree_.commit();
    }
  }
  // The same log up to here, under the same key, going on otherwise.
  void go_on_as(const SampleLog& other) {
    tree_ = other.tree_;
    tiles_ = other.tiles_;
  }

  Checkpoint checkpoint(std::uint64_t size) const { return {origin_, size, tree_.root_at(size, source()).value()}; }
  std::string note(std::uint64_t size) const { return sign_checkpoint(checkpoint(size), signers_).value(); }
  std::string signed_text(std::string_view text) const { return sign_note(text, signers_).value(); }
  std::string note_of(const Checkpoint& checkpoint) const { return sign_checkpoint(checkpoint, signers_).value(); }
  std::vector<crypto::MerkleHash> consistency(std::uint64_t from, std::uint64_t to) const {
    return tree_.consistency_proof(from, to, source()).value();
  }
  std::vector<crypto::MerkleHash> inclusion(std::uint64_t index, std::uint64_t size) const {
    return tree_.inclusion_proof(index, size, source()).value();
  }
  AddCheckpoint request(std::uint64_t from, std::uint64_t to) const { return {from, consistency(from, to), note(to)}; }

private:
  TileSource source() const {
    return [this](unsigned level, std::uint64_t number) -> Result<std::vector<MerkleHash>> {
      const auto found = tiles_.find({level, number});
      if (found == tiles_.end()) return fail(ErrorCode::not_found, "no such tile");
      return found->second;
    };
  }

  std::string origin_;
  std::list<crypto::SigningKey> private_;
  std::vector<NoteSigner> signers_;
  Tree tree_;
  std::map<std::pair<unsigned, std::uint64_t>, std::vector<MerkleHash>> tiles_;
};

inline UtcTime second(std::int64_t seconds) { return UtcTime{std::chrono::seconds{seconds}}; }

}  // namespace flikvakt::audit
