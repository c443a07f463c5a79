#include "crypto/key_wrap.h"

#include "crypto/aead.h"

namespace flikvakt::crypto {
namespace {

// SPEC KEY-2
AssociatedData bound_to(KeyLevel level, const WrapBinding& binding) {
  return AssociatedData(labels::kKeyWrap)
      .number(static_cast<std::uint64_t>(level))
      .id(binding.key)
      .id(binding.parent)
      .number(binding.version);
}

}  // namespace

namespace detail {

// SPEC KEY-1
WrappedKey wrap_key(KeyBytes parent, KeyLevel level, const WrapBinding& binding, KeyBytes child) {
  WrappedKey out;
  AeadKey(parent).seal_into(bound_to(level, binding), child, out);
  return out;
}

Result<Secret<32>> unwrap_key(KeyBytes parent, KeyLevel level, const WrapBinding& binding, BytesView wrapped) {
  if (wrapped.size() != kWrappedKeyBytes) return fail(ErrorCode::malformed, "unwrapping a key: not 60 bytes");
  auto out = Secret<32>::zero();
  TRY_VOID(AeadKey(parent).open_into(bound_to(level, binding), wrapped, out.expose_mutable()));
  return out;
}

// SPEC KEY-4
Result<void> check_rotation(const WrapBinding& from, const WrapBinding& to) {
  if (to.key != from.key) return fail(ErrorCode::invalid, "re-wrapping a key: under another id");
  if (to.version != std::uint64_t{from.version} + 1) {
    return fail(ErrorCode::invalid, "re-wrapping a key: the version is not the next one");
  }
  return {};
}

}  // namespace detail

// SPEC KEY-3
Hash256 wrap_hash(const WrappedKey& wrapped) { return sha256(wrapped); }

}  // namespace flikvakt::crypto
