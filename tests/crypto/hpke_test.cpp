// HPKE by the vectors of RFC 9180 appendix A.2.1, and by what must not open. SPEC E2E-1
#include "crypto/hpke.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/crypto/core_vectors.h"

namespace flikvakt::crypto::hpke {
namespace {

json::object vectors() { return test::read_vectors(FLIKVAKT_SOURCE_DIR "/tests/crypto/vectors/hpke.json"); }
PrivateKey private_key(const json::object& v, const char* name) {
  return PrivateKey::copy_from(test::bytes_at(v, name));
}
PublicKey public_key(const json::object& v, const char* name) { return to_array<32>(test::bytes_at(v, name)).value(); }

TEST(Hpke, SealsOpensAndExportsAsTheRfcSays) {
  const json::object v = vectors();
  const Bytes info = test::bytes_at(v, "info"), plaintext = test::bytes_at(v, "pt");
  EXPECT_EQ(public_of(private_key(v, "skEm")), public_key(v, "pkEm"));
  EXPECT_EQ(public_of(private_key(v, "skRm")), public_key(v, "pkRm"));
  Sender sender = set_up_sender(public_key(v, "pkRm"), info, private_key(v, "skEm")).value();
  EXPECT_EQ(sender.enc, public_key(v, "enc"));
  const RecipientKey key(private_key(v, "skRm"));
  EXPECT_EQ(key.public_key(), public_key(v, "pkRm"));
  Context recipient = set_up_recipient(sender.enc, key, info).value();

  std::int64_t sequence = 0;
  for (const json::value& one : v.at("encryptions").as_array()) {
    const json::object& wanted = one.as_object();
    for (; sequence < wanted.at("sequence").as_int64(); ++sequence) {
      const Bytes between = sender.context.seal({}, {});
      EXPECT_TRUE(recipient.open({}, between).has_value());
    }
    const Bytes ad = test::bytes_at(wanted, "aad");
    const Bytes sealed = sender.context.seal(ad, plaintext);
    EXPECT_EQ(to_hex(sealed), wanted.at("ct").as_string()) << sequence;
    EXPECT_EQ(recipient.open(ad, sealed).value(), plaintext) << sequence;
    ++sequence;
  }
  for (const json::value& one : v.at("exports").as_array()) {
    const json::object& wanted = one.as_object();
    const Bytes context = test::bytes_at(wanted, "context");
    EXPECT_EQ(to_hex(recipient.export_secret(context).expose()), wanted.at("value").as_string());
    EXPECT_TRUE(sender.context.export_secret(context) == recipient.export_secret(context));
  }
}

struct Pair {
  RecipientKey key{PrivateKey::random()};
  Sender sender = set_up_sender(key.public_key(), as_bytes("info")).value();
};

TEST(Hpke, OpensNothingForAnotherKeyUseOrOrder) {
  Pair it;
  const Bytes first = it.sender.context.seal(as_bytes("ad"), as_bytes("one"));
  const Bytes second = it.sender.context.seal(as_bytes("ad"), as_bytes("two"));
  const auto opens = [&](const RecipientKey& key, std::string_view info, std::string_view ad, BytesView sealed) {
    return set_up_recipient(it.sender.enc, key, as_bytes(info)).value().open(as_bytes(ad), sealed).has_value();
  };
  EXPECT_TRUE(opens(it.key, "info", "ad", first));
  EXPECT_FALSE(opens(RecipientKey(PrivateKey::random()), "info", "ad", first));
  EXPECT_FALSE(opens(it.key, "other", "ad", first));
  EXPECT_FALSE(opens(it.key, "info", "other", first));
  EXPECT_FALSE(opens(it.key, "info", "ad", second)) << "out of order";
}

TEST(Hpke, ARecipientsKeyServesManyThreadsAtOnce) {
  Pair it;
  const Bytes sealed = it.sender.context.seal({}, as_bytes("text"));
  std::atomic<int> opened = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int times = 0; times < 50; ++times)
        opened += set_up_recipient(it.sender.enc, it.key, as_bytes("info")).value().open({}, sealed).has_value();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(opened, 200);
}

TEST(Hpke, NoBitOfWhatIsSealedMayChange) {
  Pair it;
  const Bytes sealed = it.sender.context.seal({}, as_bytes("text"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes changed = sealed;
    changed[i] ^= 0x40;
    Context recipient = set_up_recipient(it.sender.enc, it.key, as_bytes("info")).value();
    EXPECT_FALSE(recipient.open({}, changed).has_value()) << i;
    EXPECT_TRUE(recipient.open({}, sealed).has_value()) << "an error does not move the sequence number";
  }
  Context recipient = set_up_recipient(it.sender.enc, it.key, as_bytes("info")).value();
  EXPECT_FALSE(recipient.open({}, BytesView(sealed).first(15)).has_value());
  EXPECT_FALSE(recipient.open({}, {}).has_value());
}

// RFC 7748 section 6.1: these give zeros with every key.
TEST(Hpke, AgreesOnNothingWithAKeyOfSmallOrder) {
  const Pair it;
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    const PublicKey key = to_array<32>(from_hex(hex).value()).value();
    EXPECT_EQ(set_up_sender(key, {}).error().code, ErrorCode::invalid) << hex;
    EXPECT_EQ(set_up_recipient(key, it.key, {}).error().code, ErrorCode::invalid) << hex;
  }
}

}  // namespace
}  // namespace flikvakt::crypto::hpke
