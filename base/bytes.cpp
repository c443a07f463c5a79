#include "base/bytes.h"

#include <algorithm>

namespace flikvakt {
namespace {

constexpr std::string_view kStandard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string encode64(BytesView bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (std::uint8_t byte : bytes) {
    buffer = buffer << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) out.push_back(alphabet[buffer >> (bits - 6) & 63]);
  }
  if (bits > 0) out.push_back(alphabet[buffer << (6 - bits) & 63]);
  return out;
}

Result<Bytes> decode64(std::string_view text, std::string_view alphabet) {
  if (text.size() % 4 == 1) return fail(ErrorCode::malformed, "base64 of impossible length");
  std::array<std::int8_t, 256> value;
  value.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    value[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);

  Bytes out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (char c : text) {
    const std::int8_t digit = value[static_cast<std::uint8_t>(c)];
    if (digit < 0) return fail(ErrorCode::malformed, "character outside the base64 alphabet");
    buffer = buffer << 6 | static_cast<std::uint32_t>(digit);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<std::uint8_t>(buffer >> bits));
    }
  }
  // One spelling per value: the bits that no byte uses must be zero.
  if ((buffer & ((1u << bits) - 1)) != 0) return fail(ErrorCode::malformed, "base64 with stray bits");
  return out;
}

}  // namespace

std::string to_hex(BytesView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

Result<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return fail(ErrorCode::malformed, "hex of odd length");
  auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; };
  Bytes out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return fail(ErrorCode::malformed, "character outside lower-case hex");
    out.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return out;
}

std::string to_base64(BytesView bytes) {
  std::string out = encode64(bytes, kStandard);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

Result<Bytes> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return fail(ErrorCode::malformed, "base64 without its padding");
  const std::size_t pad = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  return decode64(text.substr(0, text.size() - pad), kStandard);
}

std::string to_base64url(BytesView bytes) { return encode64(bytes, kUrl); }
Result<Bytes> from_base64url(std::string_view text) { return decode64(text, kUrl); }

template <std::size_t N>
ByteWriter& ByteWriter::number(std::uint64_t value) {
  ByteArray<N> big_endian;
  for (std::size_t i = 0; i < N; ++i) big_endian[i] = static_cast<std::uint8_t>(value >> (8 * (N - 1 - i)));
  return bytes(big_endian);
}

ByteWriter& ByteWriter::u8(std::uint8_t value) {
  out_.push_back(value);
  return *this;
}
ByteWriter& ByteWriter::u16(std::uint16_t value) { return number<2>(value); }
ByteWriter& ByteWriter::u32(std::uint32_t value) { return number<4>(value); }
ByteWriter& ByteWriter::u64(std::uint64_t value) { return number<8>(value); }
ByteWriter& ByteWriter::bytes(BytesView value) {
  out_.insert(out_.end(), value.begin(), value.end());
  return *this;
}

BytesView ByteReader::bytes(std::size_t count) {
  if (!ok_ || count > in_.size()) {
    ok_ = false;
    in_ = {};
    return {};
  }
  BytesView out = in_.first(count);
  in_ = in_.subspan(count);
  return out;
}
std::uint64_t ByteReader::number(std::size_t count) {
  std::uint64_t value = 0;
  for (std::uint8_t byte : bytes(count)) value = value << 8 | byte;
  return value;
}
std::uint8_t ByteReader::u8() { return static_cast<std::uint8_t>(number(1)); }
std::uint16_t ByteReader::u16() { return static_cast<std::uint16_t>(number(2)); }
std::uint32_t ByteReader::u32() { return static_cast<std::uint32_t>(number(4)); }
std::uint64_t ByteReader::u64() { return number(8); }

}  // namespace flikvakt
