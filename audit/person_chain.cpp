#include "audit/person_chain.h"

#include <algorithm>

#include "crypto/labels.h"
#include "crypto/random.h"

namespace flikvakt::audit {
namespace {

constexpr std::size_t kIndexBytes = 6;
constexpr std::size_t kLinkAt = 0;  // in the mask
constexpr std::size_t kEndAt = std::tuple_size_v<EntryLink>;

void write_index(std::uint64_t index, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < kIndexBytes; ++i) out[i] = static_cast<std::uint8_t>(index >> (40 - 8 * i));
}

std::uint64_t read_index(BytesView in) {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < kIndexBytes; ++i) out = out << 8 | in[i];
  return out;
}

template <std::size_t N>
void apply(const ByteArray<32>& mask, std::size_t at, ByteArray<N>& bytes) {
  for (std::size_t i = 0; i < N; ++i) bytes[i] ^= mask[at + i];
}

template <std::size_t N>
ByteArray<N> written(std::initializer_list<std::uint64_t> indexes) {
  ByteArray<N> out{};
  std::size_t at = 0;
  for (const std::uint64_t index : indexes) {
    write_index(index, std::span(out).subspan(at, kIndexBytes));
    at += kIndexBytes;
  }
  return out;
}

// SPEC CHN-1
crypto::Secret<32> derive(const crypto::PersonLogKey& key, std::string_view origin) {
  const auto info = crypto::AssociatedData(crypto::labels::kLogChainKey).field(as_bytes(origin));
  return crypto::hkdf_sha256(key.expose(), {}, info.encoded());
}

}  // namespace

PersonChainKey::PersonChainKey(const crypto::PersonLogKey& key, std::string_view origin)
    : key_(derive(key, origin).expose()) {}

ByteArray<32> PersonChainKey::mask(std::uint64_t number) const {
  ByteArray<8> message;
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  return key_.mac(message);
}

// SPEC CHN-2, CHN-3
PersonChainKey::Linked PersonChainKey::append(ChainEnd& end, std::uint64_t index) const {
  const std::uint64_t number = end.count;
  const bool is_milestone = number % kMilestoneEvery == 0;
  const bool is_marked = number % kMarkEvery == 0;
  const std::uint64_t further = is_milestone ? end.milestone : is_marked ? end.marked : 0;
  Linked out;
  out.link = written<std::tuple_size_v<EntryLink>>({end.newest, further});
  end = {number + 1, index, is_marked ? index : end.marked, is_milestone ? index : end.milestone};
  out.sealed = written<std::tuple_size_v<SealedChainEnd>>({end.newest, end.marked, end.milestone});
  const ByteArray<32> bytes = mask(number);
  apply(bytes, kLinkAt, out.link);
  apply(bytes, kEndAt, out.sealed);
  return out;
}

OpenedLink PersonChainKey::open(std::uint64_t number, const EntryLink& link) const {
  EntryLink plain = link;
  apply(mask(number), kLinkAt, plain);
  return {read_index(BytesView(plain)), read_index(BytesView(plain).subspan(kIndexBytes))};
}

ChainEnd PersonChainKey::open_end(std::uint64_t count, const SealedChainEnd& sealed) const {
  if (count == 0) return {};
  SealedChainEnd plain = sealed;
  apply(mask(count - 1), kEndAt, plain);
  const BytesView bytes(plain);
  return {count, read_index(bytes), read_index(bytes.subspan(kIndexBytes)), read_index(bytes.subspan(2 * kIndexBytes))};
}

Step step_back(std::uint64_t number, std::uint64_t wanted) {
  const std::uint64_t stride = number % kMilestoneEvery == 0 ? kMilestoneEvery
                               : number % kMarkEvery == 0    ? kMarkEvery
                                                             : 1;
  if (stride > 1 && number >= wanted + stride) return {number - stride, true};
  return {number - 1, false};
}

EntryLink random_link() { return crypto::random_bytes<std::tuple_size_v<EntryLink>>(); }

}  // namespace flikvakt::audit
