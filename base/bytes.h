// Bytes and their text forms. Every decoder is strict: one spelling per value, or an error.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace flikvakt {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes to_bytes(BytesView view) { return {view.begin(), view.end()}; }

std::string to_hex(BytesView bytes);       // lower case
Result<Bytes> from_hex(std::string_view);  // lower case only
std::string to_base64(BytesView bytes);    // RFC 4648 section 4, padded
Result<Bytes> from_base64(std::string_view);
std::string to_base64url(BytesView bytes);  // RFC 4648 section 5, unpadded
Result<Bytes> from_base64url(std::string_view);

template <std::size_t N>
Result<ByteArray<N>> to_array(BytesView bytes) {
  if (bytes.size() != N) return fail(ErrorCode::malformed, "wrong length");
  ByteArray<N> out;
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

// Fixed binary records: big-endian integers, length-free fields, in the order written.
class ByteWriter {
public:
  ByteWriter& u8(std::uint8_t value);
  ByteWriter& u16(std::uint16_t value);
  ByteWriter& u32(std::uint32_t value);
  ByteWriter& u64(std::uint64_t value);
  ByteWriter& bytes(BytesView value);
  ByteWriter& text(std::string_view value) { return bytes(as_bytes(value)); }
  const Bytes& view() const& { return out_; }
  Bytes take() && { return std::move(out_); }
  ByteWriter& reserve(std::size_t total) {
    out_.reserve(total);
    return *this;
  }

private:
  template <std::size_t N>
  ByteWriter& number(std::uint64_t value);
  Bytes out_;
};

// Reads what ByteWriter wrote. After a short read every later read fails too, so callers may check once, with done().
class ByteReader {
public:
  explicit ByteReader(BytesView in) : in_(in) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  BytesView bytes(std::size_t count);
  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out{};
    BytesView got = bytes(N);
    if (got.size() == N) std::copy(got.begin(), got.end(), out.begin());
    return out;
  }
  std::size_t left() const { return in_.size(); }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && in_.empty(); }  // everything was read, and nothing was missing

private:
  std::uint64_t number(std::size_t count);
  BytesView in_;
  bool ok_ = true;
};

}  // namespace flikvakt
