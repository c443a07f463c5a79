// The little CBOR (RFC 8949) that WebAuthn has: integers, byte and text strings, arrays and maps of definite length,
// true, false and null, each in its shortest form (section 4.2.1); no tags, no floats, nothing of indefinite length. A
// map has each key once, in any order. Read only; thread-safe. spec/webauthn.md
#pragma once

#include <compare>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace flikvakt::crypto {

class Cbor {
public:
  // One item with nothing behind it; or the first one, which is taken off the front. Errors: malformed.
  static Result<Cbor> parse(BytesView bytes);
  static Result<Cbor> take(BytesView& bytes);

  std::optional<std::int64_t> integer() const;  // nullopt also for what an int64 cannot hold
  std::optional<BytesView> bytes() const;
  std::optional<std::string_view> text() const;
  bool is_map() const { return type_ == Type::map; }
  std::size_t size() const { return items_.size() / (is_map() ? 2 : 1); }  // of an array or a map

  // Of a map; nullptr: no such key.
  const Cbor* find(std::int64_t key) const;
  const Cbor* find(std::string_view key) const;

private:
  enum class Type : std::uint8_t { unsigned_integer, negative_integer, bytes, text, array, map, simple };
  static Result<Cbor> take(BytesView& bytes, unsigned depth);
  static Result<Cbor> take_items(BytesView& bytes, unsigned depth, Type type, std::uint64_t count);
  bool is_key(const Cbor& other) const;

  Type type_ = Type::simple;
  std::uint64_t number_ = 0;  // the value, -1 - value of a negative one, or the number of a simple one
  Bytes string_;
  std::vector<Cbor> items_;  // of a map: key, value, key, value, …
};

}  // namespace flikvakt::crypto
