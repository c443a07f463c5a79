#include "audit/lines.h"

#include <charconv>

namespace flikvakt::audit {
namespace {

constexpr std::uint64_t kBeyond = std::uint64_t{1} << 53;
constexpr std::size_t kMostProofLines = 63;

}  // namespace

std::optional<std::string_view> Lines::next() {
  const std::size_t end = rest_.find('\n');
  if (end == rest_.npos) return std::nullopt;
  const std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return line;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool odd = text.empty() || (text.front() == '0' && text.size() > 1);
  if (odd || error != std::errc() || end != text.data() + text.size() || out >= kBeyond) return std::nullopt;
  return out;
}

std::optional<std::uint64_t> number_behind(std::string_view word, std::string_view line) {
  if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ') return std::nullopt;
  return number_in(line.substr(word.size() + 1));
}

std::optional<crypto::MerkleHash> hash_in(std::string_view line) {
  const Result<Bytes> bytes = from_base64(line);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  return *to_array<32>(*bytes);
}

Result<std::vector<crypto::MerkleHash>> take_proof_lines(Lines& lines, std::string_view doing) {
  const auto malformed = [&](const char* what) { return fail(ErrorCode::malformed, std::string(doing) + ": " + what); };
  std::vector<crypto::MerkleHash> out;
  for (;;) {
    const std::optional<std::string_view> line = lines.next();
    if (!line) return malformed("no empty line behind the hashes");
    if (line->empty()) return out;
    if (out.size() == kMostProofLines) return malformed("more than 63 hashes");
    const std::optional<crypto::MerkleHash> hash = hash_in(*line);
    if (!hash) return malformed("a hash that is not base64 of 32 bytes");
    out.push_back(*hash);
  }
}

std::string write_proof_lines(std::span<const crypto::MerkleHash> proof) {
  std::string out;
  for (const crypto::MerkleHash& hash : proof) out += to_base64(hash) + "\n";
  return out + "\n";
}

}  // namespace flikvakt::audit
