#include "audit/person_chain.h"

#include <gtest/gtest.h>

#include "crypto/labels.h"
#include "tests/audit/samples.h"

namespace flikvakt::audit {
namespace {

constexpr std::string_view kOrigin = "flikvakt.test/log";

std::uint64_t index_of(std::uint64_t number) { return 7 + 3 * number + number / 5; }

// A person's entries as they lie in the log.
struct Chain {
  explicit Chain(std::uint64_t length, std::string_view origin = kOrigin) : key(log_key, origin) {
    for (std::uint64_t number = 0; number < length; ++number) {
      const PersonChainKey::Linked linked = key.append(end, index_of(number));
      links[index_of(number)] = linked.link;
      sealed = linked.sealed;
    }
  }
  crypto::PersonLogKey log_key = crypto::PersonLogKey::random();
  PersonChainKey key;
  ChainEnd end;
  SealedChainEnd sealed{};
  std::map<std::uint64_t, EntryLink> links;
};

Bytes masked(const crypto::PersonLogKey& key, std::uint64_t number, std::size_t at, Bytes plain) {
  const auto info = crypto::AssociatedData(crypto::labels::kLogChainKey).field(as_bytes(kOrigin));
  const auto chain_key = crypto::hkdf_sha256(key.expose(), {}, info.encoded());
  ByteWriter message;
  const auto mask = crypto::hmac_sha256(chain_key.expose(), message.u64(number).view());
  for (std::size_t i = 0; i < plain.size(); ++i) plain[i] ^= mask[at + i];
  return plain;
}

Bytes indexes(std::initializer_list<std::uint64_t> all) {
  ByteWriter out;
  for (const std::uint64_t one : all)
    out.u16(static_cast<std::uint16_t>(one >> 32)).u32(static_cast<std::uint32_t>(one));
  return out.view();
}

// SPEC CHN-1, CHN-2, CHN-3
TEST(PersonChain, LinksAndEndsAreMaskedIndexes) {
  const Chain chain(4098);
  const auto link_of = [&](std::uint64_t number) { return to_bytes(chain.links.at(index_of(number))); };
  EXPECT_EQ(link_of(0), masked(chain.log_key, 0, 0, indexes({0, 0})));
  EXPECT_EQ(link_of(1), masked(chain.log_key, 1, 0, indexes({index_of(0), 0})));
  EXPECT_EQ(link_of(64), masked(chain.log_key, 64, 0, indexes({index_of(63), index_of(0)})));
  EXPECT_EQ(link_of(128), masked(chain.log_key, 128, 0, indexes({index_of(127), index_of(64)})));
  EXPECT_EQ(link_of(4096), masked(chain.log_key, 4096, 0, indexes({index_of(4095), index_of(0)})));
  EXPECT_EQ(to_bytes(chain.sealed),
            masked(chain.log_key, 4097, 12, indexes({index_of(4097), index_of(4096), index_of(4096)})));
  EXPECT_EQ(chain.key.open_end(4098, chain.sealed), chain.end);
}

TEST(PersonChain, AnyEntryIsReachedFromTheNewestInFewSteps) {
  const Chain chain(20'000);
  for (const std::uint64_t wanted : {0, 1, 63, 64, 65, 4095, 4096, 4097, 8191, 12'345, 19'967, 19'998}) {
    std::uint64_t number = chain.end.count - 1;
    std::uint64_t index = chain.end.newest;
    int steps = 0;
    for (; number > wanted; ++steps) {
      const OpenedLink link = chain.key.open(number, chain.links.at(index));
      const Step step = step_back(number, wanted);
      number = step.number;
      index = step.is_further ? link.further : link.previous;
      ASSERT_EQ(index, index_of(number)) << "on the way to " << wanted;
    }
    EXPECT_EQ(number, wanted);
    EXPECT_LE(steps, 5 * 64 + 20'000 / 4096);
  }
}

TEST(PersonChain, AnEndThatWasStoredGoesOnAsIfItHadNotBeen) {
  Chain one(300);
  ChainEnd again = one.key.open_end(one.end.count, one.sealed);
  for (std::uint64_t number = 300; number < 5000; ++number) {
    const auto a = one.key.append(one.end, index_of(number));
    const auto b = one.key.append(again, index_of(number));
    ASSERT_EQ(a.link, b.link);
    ASSERT_EQ(a.sealed, b.sealed);
  }
}

// SPEC CHN-1, CHN-4
TEST(PersonChain, WithoutTheKeyNothingShowsWhoseAnEntryIs) {
  const Chain chain(130);
  std::set<EntryLink> seen;
  for (const auto& [index, link] : chain.links) EXPECT_TRUE(seen.insert(link).second) << "two links are the same";
  EXPECT_FALSE(std::ranges::equal(BytesView(chain.sealed).first(6), BytesView(chain.links.at(index_of(129))).first(6)));
  PersonChainKey elsewhere(chain.log_key, "flikvakt.test/log2");
  ChainEnd end;
  EXPECT_NE(elsewhere.append(end, index_of(0)).link, chain.links.at(index_of(0))) << "a restored log has other masks";
  EXPECT_NE(random_link(), random_link());
}

}  // namespace
}  // namespace flikvakt::audit
