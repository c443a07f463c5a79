// Lines of the log's text formats (checkpoint, proof, request to a witness), read strictly: one spelling for each
// value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/merkle.h"

namespace flikvakt::audit {

// Takes a text apart, line by line. Borrows the text.
class Lines {
public:
  explicit Lines(std::string_view text) : rest_(text) {}

  // Without its newline. Nothing at the end, or when what is left does not end in one.
  std::optional<std::string_view> next();
  std::string_view rest() const { return rest_; }
  bool at_end() const { return rest_.empty(); }

private:
  std::string_view rest_;
};

// A decimal number without sign or leading zero, below 2^53 (what JSON numbers carry exactly).
std::optional<std::uint64_t> number_in(std::string_view text);
// The same behind a word and a space: "old 17".
std::optional<std::uint64_t> number_behind(std::string_view word, std::string_view line);
// Base64 of 32 bytes.
std::optional<crypto::MerkleHash> hash_in(std::string_view line);

// The hashes of a Merkle proof, one to a line and at most 63, and the empty line that ends them. malformed, said with
// `doing` before it.
Result<std::vector<crypto::MerkleHash>> take_proof_lines(Lines& lines, std::string_view doing);
std::string write_proof_lines(std::span<const crypto::MerkleHash> proof);

}  // namespace flikvakt::audit
