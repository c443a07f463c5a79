#include "crypto/cbor.h"

#include <algorithm>
#include <limits>

namespace flikvakt::crypto {
namespace {

constexpr unsigned kMostDepth = 8;
constexpr std::uint64_t kMostItems = 1024;  // of one array or map

Error malformed(std::string_view what) { return fail(ErrorCode::malformed, "CBOR: " + std::string(what)); }

// SPEC WA-1: the argument of an initial byte, in its shortest form.
Result<std::uint64_t> take_argument(BytesView& bytes, unsigned info) {
  if (info < 24) return info;
  if (info > 27) return malformed("a length that is indefinite or reserved");
  const std::size_t count = std::size_t{1} << (info - 24);
  if (bytes.size() < count) return malformed("it ends early");
  std::uint64_t out = 0;
  for (const std::uint8_t byte : bytes.first(count)) out = out << 8 | byte;
  bytes = bytes.subspan(count);
  const std::uint64_t least = count == 1 ? 24 : std::uint64_t{1} << (4 * count);
  if (out < least) return malformed("a number that is not in its shortest form");
  return out;
}

}  // namespace

Result<Cbor> Cbor::parse(BytesView bytes) {
  Cbor out = TRY(take(bytes));
  if (!bytes.empty()) return malformed("something follows");
  return out;
}

Result<Cbor> Cbor::take(BytesView& bytes) { return take(bytes, 0); }

Result<Cbor> Cbor::take(BytesView& bytes, unsigned depth) {
  if (depth > kMostDepth) return malformed("nested too deeply");
  if (bytes.empty()) return malformed("it ends early");
  const unsigned major = bytes[0] >> 5;
  const unsigned info = bytes[0] & 0x1f;
  bytes = bytes.subspan(1);
  constexpr unsigned kTag = 6;
  constexpr unsigned kSimple = 7;
  if (major == kTag) return malformed("a tag");
  if (major == kSimple && (info < 20 || info > 22)) return malformed("a float, or a simple value that is none here");
  const std::uint64_t argument = TRY(take_argument(bytes, info));
  const Type type = major == kSimple ? Type::simple : static_cast<Type>(major);
  if (type == Type::array || type == Type::map) return take_items(bytes, depth, type, argument);
  Cbor out;
  out.type_ = type;
  out.number_ = argument;
  if (type != Type::bytes && type != Type::text) return out;
  if (argument > bytes.size()) return malformed("it ends early");
  out.string_ = to_bytes(bytes.first(static_cast<std::size_t>(argument)));
  bytes = bytes.subspan(static_cast<std::size_t>(argument));
  return out;
}

Result<Cbor> Cbor::take_items(BytesView& bytes, unsigned depth, Type type, std::uint64_t count) {
  if (count > kMostItems || count > bytes.size()) return malformed("more items than there is room for");
  Cbor out;
  out.type_ = type;
  for (std::uint64_t left = count; left > 0; --left) {
    Cbor item = TRY(take(bytes, depth + 1));
    if (type == Type::map) {
      for (std::size_t at = 0; at < out.items_.size(); at += 2) {
        if (out.items_[at].is_key(item)) return malformed("a key stands twice");
      }
      out.items_.push_back(std::move(item));
      item = TRY(take(bytes, depth + 1));
    }
    out.items_.push_back(std::move(item));
  }
  return out;
}

bool Cbor::is_key(const Cbor& other) const {
  return type_ == other.type_ && number_ == other.number_ && string_ == other.string_ &&
         std::ranges::equal(items_, other.items_, [](const Cbor& a, const Cbor& b) { return a.is_key(b); });
}

std::optional<std::int64_t> Cbor::integer() const {
  const bool is_negative = type_ == Type::negative_integer;
  if (type_ != Type::unsigned_integer && !is_negative) return std::nullopt;
  if (number_ > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
  const auto number = static_cast<std::int64_t>(number_);
  return is_negative ? -1 - number : number;
}

std::optional<BytesView> Cbor::bytes() const {
  return type_ == Type::bytes ? std::optional(BytesView(string_)) : std::nullopt;
}

std::optional<std::string_view> Cbor::text() const {
  return type_ == Type::text ? std::optional(as_text(string_)) : std::nullopt;
}

const Cbor* Cbor::find(std::int64_t key) const {
  for (std::size_t at = 0; is_map() && at < items_.size(); at += 2) {
    if (items_[at].integer() == key) return &items_[at + 1];
  }
  return nullptr;
}

const Cbor* Cbor::find(std::string_view key) const {
  for (std::size_t at = 0; is_map() && at < items_.size(); at += 2) {
    if (items_[at].text() == key) return &items_[at + 1];
  }
  return nullptr;
}

}  // namespace flikvakt::crypto
