#include "admin/fingerprint.h"

#include "base/characters.h"

namespace flikvakt::admin {

Outcome<crypto::Hash256> parse_fingerprint(std::string_view of, std::string_view text) {
  std::string digits;
  for (char c : text) {
    if (c != ':') digits.push_back(to_lower(c));
  }
  Result<Bytes> bytes = digits.size() == 64 ? from_hex(digits) : from_base64url(text);
  if (bytes && bytes->size() == crypto::Hash256().size()) return TRY(to_array<32>(*bytes));
  return usage_failure(std::string(of) +
                       ": expected a SHA-256 fingerprint: 64 hex digits, or 43 characters of base64url");
}

}  // namespace flikvakt::admin
