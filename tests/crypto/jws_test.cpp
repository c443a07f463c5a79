#include "crypto/jws.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/json.h"
#include "crypto/hash.h"
#include "tests/crypto/vectors.h"

namespace flikvakt::crypto {
namespace {

constexpr std::string_view kTyp = "flikvakt-test+jws";
constexpr std::string_view kPayload = R"({"act":"revoke"})";
constexpr std::string_view kP256Order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

enum class Verdict { accepted, refused_by_parse, refused_by_verify };

struct Case {
  std::string name;
  Verdict verdict;
  std::string text;
  PublicKey key;
  std::string typ = std::string(kTyp);
};

Verdict judge(const Case& test) {
  const Result<ParsedJws> parsed = parse_jws(test.text);
  if (!parsed) return Verdict::refused_by_parse;
  return verify_jws(*parsed, test.key, test.typ) ? Verdict::accepted : Verdict::refused_by_verify;
}

std::string encode(std::string_view text) { return to_base64url(as_bytes(text)); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == text.npos) throw std::logic_error("the test changes nothing");
  return text.replace(at, from.size(), to);
}

// Makes texts whose signature is right, so that a refusal can only come from the one thing that a case changes.
struct Maker {
  std::string name;
  SigningKey key;
  std::string alg{jws_name(key.algorithm())};
  std::string good_header = R"({"alg":")" + alg + R"(","kid":"k-1","typ":"flikvakt-test+jws"})";
  std::vector<Case> cases = {};

  std::string sign_parts(std::string_view header, std::string_view payload) const {  // parts already encoded
    const std::string text = std::string(header) + "." + std::string(payload);
    return text + "." + to_base64url(key.sign(as_bytes(text)));
  }
  std::string with_header(std::string_view header) const { return sign_parts(encode(header), encode(kPayload)); }
  std::string good() const { return with_header(good_header); }
  std::array<std::string, 3> good_parts() const {
    const std::string text = good();
    const std::size_t first = text.find('.'), second = text.rfind('.');
    return {text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
  }
  std::string with_signature(BytesView signature) const {
    const auto [header, payload, old] = good_parts();
    return header + "." + payload + "." + to_base64url(signature);
  }

  void add(std::string_view what, Verdict verdict, std::string text) {
    cases.push_back({name + ": " + std::string(what), verdict, std::move(text), key.public_key()});
  }
  void accept(std::string_view what, std::string text) { add(what, Verdict::accepted, std::move(text)); }
  void no_parse(std::string_view what, std::string text) { add(what, Verdict::refused_by_parse, std::move(text)); }
  void no_verify(std::string_view what, std::string text) { add(what, Verdict::refused_by_verify, std::move(text)); }
  void bad_header(std::string_view what, std::string header) { no_parse(what, with_header(header)); }
  void extra_member(std::string_view member) {
    bad_header("extra member " + std::string(member), replaced(good_header, "{", "{" + std::string(member) + ","));
    bad_header("extra last member " + std::string(member), replaced(good_header, "}", "," + std::string(member) + "}"));
  }
};

void add_good(Maker& m) {  // SPEC JWS-1, JWS-4, JWS-6
  m.accept("as it should be", m.good());
  m.accept("members in another order",
           m.with_header(R"({"typ":"flikvakt-test+jws","kid":"k-1","alg":")" + m.alg + R"("})"));
  m.accept("payload of one byte", m.sign_parts(encode(m.good_header), encode("x")));
  m.accept("payload of zero bytes only", m.sign_parts(encode(m.good_header), encode(std::string(3, '\0'))));
  m.accept("kid of 256 characters", m.with_header(replaced(m.good_header, "k-1", std::string(256, 'k'))));
  m.accept("kid of other printable characters",
           m.with_header(replaced(m.good_header, "k-1", "{}[]:,./~!#$%&'()*+;<=>?@^`|")));
  m.accept("a JWS inside a JWS", m.sign_parts(encode(m.good_header), encode(m.good())));
}

void add_algorithms(Maker& m) {  // SPEC JWS-6, JWS-10
  for (const char* alg :
       {"none",  "None",   "NONE",    "nOnE",  "",      "HS256", "HS384", "HS512", "RS256",  "PS256", "ES384",
        "ES512", "ES256K", "Ed25519", "Ed448", "eddsa", "EDDSA", "es256", "Es256", "EdDSA ", "ES256;"}) {
    m.bad_header("alg " + std::string(alg), replaced(m.good_header, m.alg, alg));
  }
  for (const char* value : {"null", "1", "true", "[]", "{}"}) {
    m.bad_header("alg is " + std::string(value), replaced(m.good_header, '"' + m.alg + '"', value));
  }
  m.bad_header("alg is a list", replaced(m.good_header, '"' + m.alg + '"', "[\"" + m.alg + "\"]"));
  m.no_verify("alg of the other kind",
              m.with_header(replaced(m.good_header, m.alg, m.alg == "EdDSA" ? "ES256" : "EdDSA")));

  const std::string none = encode(replaced(m.good_header, m.alg, "none")) + "." + encode(kPayload) + ".";
  m.no_parse("alg none without signature", none);
  const std::string hs256 = encode(replaced(m.good_header, m.alg, "HS256")) + "." + encode(kPayload);
  const Bytes pem = to_bytes(as_bytes(text_of(made_vectors().at("keys").as_array()[0].at("publicPem"))));
  m.no_parse("HS256 with the raw public key as secret",
             hs256 + "." + to_base64url(hmac_sha256(m.key.public_key().raw(), as_bytes(hs256))));
  m.no_parse("HS256 with a public PEM as secret", hs256 + "." + to_base64url(hmac_sha256(pem, as_bytes(hs256))));
  const std::string disguised = encode(m.good_header) + "." + encode(kPayload);
  const Hash256 mac = hmac_sha256(m.key.public_key().raw(), as_bytes(disguised));
  m.no_verify("an HMAC filled up to 64 bytes",
              disguised + "." + to_base64url(ByteWriter().bytes(mac).bytes(mac).view()));
}

void add_headers(Maker& m) {  // SPEC JWS-4, JWS-5
  const std::string jwk = to_text(m.key.public_key().to_jwk());
  for (const std::string& member :
       {std::string(R"("crit":["exp"])"), std::string(R"("crit":[])"), std::string(R"("jku":"https://x.se/k")"),
        "\"jwk\":" + jwk, std::string(R"("x5u":"https://x.se/c")"), std::string(R"("x5c":["MA=="])"),
        std::string(R"("x5t":"AA")"), std::string(R"("b64":false)"), std::string(R"("cty":"JWT")"),
        std::string(R"("zip":"DEF")"), std::string(R"("enc":"A256GCM")"), std::string(R"("exp":1)"),
        std::string(R"("Alg":"none")"), std::string(R"("":"")")}) {
    m.extra_member(member);
  }
  m.extra_member("\"alg\":\"none\"");
  m.extra_member("\"alg\":\"" + m.alg + "\"");
  m.extra_member("\"kid\":\"k-2\"");
  m.extra_member("\"typ\":\"flikvakt-admin+jws\"");
  m.bad_header("alg twice through an escape", replaced(m.good_header, "{", R"({"\u0061lg":"none",)"));
  m.bad_header("escape in a name", replaced(m.good_header, "alg", R"(\u0061lg)"));
  m.bad_header("escape in a value", replaced(m.good_header, "k-1", R"(k\u002d1)"));
  m.bad_header("escaped slash", replaced(m.good_header, "k-1", R"(k\/1)"));
  m.bad_header("name in another case", replaced(m.good_header, "\"alg\"", "\"ALG\""));
  m.bad_header("name Kid", replaced(m.good_header, "\"kid\"", "\"Kid\""));
  m.bad_header("without alg", R"({"kid":"k-1","typ":"flikvakt-test+jws"})");
  m.bad_header("without kid", R"({"alg":")" + m.alg + R"(","typ":"flikvakt-test+jws"})");
  m.bad_header("without typ", R"({"alg":")" + m.alg + R"(","kid":"k-1"})");
  m.bad_header("kid empty", replaced(m.good_header, "k-1", ""));
  m.bad_header("kid of 257 characters", replaced(m.good_header, "k-1", std::string(257, 'k')));
  m.bad_header("kid a number", replaced(m.good_header, "\"k-1\"", "1"));
  m.bad_header("kid null", replaced(m.good_header, "\"k-1\"", "null"));
  m.bad_header("kid with å", replaced(m.good_header, "k-1", "kå"));
  m.bad_header("kid with NUL", replaced(m.good_header, "k-1", std::string_view("k\0", 2)));
  m.bad_header("typ empty", replaced(m.good_header, kTyp, ""));
  m.bad_header("typ of 65 characters", replaced(m.good_header, kTyp, std::string(65, 't')));
  m.bad_header("typ a list", replaced(m.good_header, "\"flikvakt-test+jws\"", "[\"flikvakt-test+jws\"]"));
  m.bad_header("space after a comma", replaced(m.good_header, ",", ", "));
  m.bad_header("space before the object", " " + m.good_header);
  m.bad_header("newline after the object", m.good_header + "\n");
  m.bad_header("tab inside", replaced(m.good_header, ":", ":\t"));
  m.bad_header("NUL after the object", m.good_header + std::string(1, '\0'));
  m.bad_header("byte order mark", "\xef\xbb\xbf" + m.good_header);
  m.bad_header("comment", m.good_header + "/**/");
  m.bad_header("two objects", m.good_header + m.good_header);
  m.bad_header("trailing comma", replaced(m.good_header, "}", ",}"));
  m.bad_header("single quotes", R"({'alg':')" + m.alg + R"(','kid':'k-1','typ':'flikvakt-test+jws'})");
  m.bad_header("cut off", m.good_header.substr(0, m.good_header.size() - 1));
  m.bad_header("in a list", "[" + m.good_header + "]");
  m.bad_header("a string", "\"" + m.alg + "\"");
  m.bad_header("null", "null");
  m.bad_header("empty object", "{}");
  m.bad_header("invalid UTF-8", replaced(m.good_header, "k-1", "k\xff"));
  m.bad_header("deeply nested", std::string(1000, '[') + std::string(1000, ']'));
}

void add_forms(Maker& m) {  // SPEC JWS-1, JWS-2, JWS-3, JWS-7
  const auto [header, payload, signature] = m.good_parts();
  const std::string good = m.good();
  m.no_parse("empty", "");
  m.no_parse("only dots", "..");
  m.no_parse("one part", header);
  m.no_parse("two parts", header + "." + payload);
  m.no_parse("four parts", good + "." + signature);
  m.no_parse("five parts like a JWE", header + ".." + payload + "." + signature + "." + signature);
  m.no_parse("trailing dot", good + ".");
  m.no_parse("leading dot", "." + good);
  m.no_parse("doubled dot", header + ".." + payload + "." + signature);
  m.no_parse("empty header", m.sign_parts("", payload));
  m.no_parse("empty signature", header + "." + payload + ".");
  m.no_parse("detached payload", m.sign_parts(header, ""));
  m.no_parse("payload taken out afterwards", header + ".." + signature);
  m.no_parse("leading space", " " + good);
  m.no_parse("trailing space", good + " ");
  m.no_parse("trailing newline", good + "\n");
  m.no_parse("trailing carriage return", good + "\r\n");
  m.no_parse("trailing NUL", good + std::string(1, '\0'));
  m.no_parse("NUL in the payload part", m.sign_parts(header, payload + std::string(1, '\0')));
  m.no_parse("NUL and more text", good + std::string(1, '\0') + "x");
  m.no_parse("space inside the payload part", m.sign_parts(header, payload.substr(0, 4) + " " + payload.substr(4)));
  m.no_parse("newline inside the signature",
             header + "." + payload + "." + signature.substr(0, 40) + "\n" + signature.substr(40));
  m.no_parse("padded header", m.sign_parts(to_base64(as_bytes(m.good_header)) + "=", payload));
  m.no_parse("padded payload", m.sign_parts(header, to_base64(as_bytes(kPayload)) + "=="));
  m.no_parse("padded signature", good + "==");
  m.no_parse("base64 instead of base64url", m.sign_parts(header, to_base64(ByteArray<3>{0xff, 0xff, 0xff})));
  m.no_parse("plus for minus", m.sign_parts(header, "-+-+"));
  m.no_parse("stray bits in the payload", m.sign_parts(header, "QR"));
  m.no_parse("impossible length", m.sign_parts(header, "QUFBQ"));
  // 64 bytes leave four unused bits in the last of 86 characters: the next character spells the same bytes.
  std::string stray = good;
  stray.back() = static_cast<char>(stray.back() + 1);
  m.no_parse("stray bits in the signature", stray);
  m.no_parse("percent-encoded dot", replaced(good, ".", "%2E"));
  m.no_parse("unencoded header", m.good_header + "." + payload + "." + signature);
  m.no_parse("unencoded payload", m.sign_parts(header, kPayload));
  m.no_parse("Bearer in front", "Bearer " + good);
  m.no_parse("quoted", "\"" + good + "\"");
  m.no_parse("flattened JSON serialisation",
             R"({"protected":")" + header + R"(","payload":")" + payload + R"(","signature":")" + signature + R"("})");
  m.no_parse("general JSON serialisation", R"({"payload":")" + payload + R"(","signatures":[{"protected":")" + header +
                                               R"(","signature":")" + signature + R"("}]})");
  const std::size_t room = kMaxJwsBytes - header.size() - signature.size() - 2;
  m.accept("as long as allowed", m.sign_parts(header, std::string(room - room % 4, 'A')));
  m.no_parse("too long", m.sign_parts(header, std::string(room + 4 - room % 4, 'A')));
  m.no_parse("huge", m.sign_parts(header, std::string(4u << 20, 'A')));
  m.no_parse("huge header", m.sign_parts(encode(replaced(m.good_header, "k-1", std::string(60000, 'k'))), payload));
}

void add_signatures(Maker& m) {  // SPEC JWS-8, JWS-11
  const auto [header, payload, encoded] = m.good_parts();
  const Bytes good = from_base64url(encoded).value();
  const Bytes order = from_hex(kP256Order).value();
  auto changed = [&](std::size_t at, BytesView with) {
    Bytes out = good;
    std::ranges::copy(with, out.begin() + static_cast<std::ptrdiff_t>(at));
    return m.with_signature(out);
  };
  const ByteArray<32> zero{};
  const Bytes ones(32, 0xff);
  m.no_parse("signature of 63 bytes", m.with_signature(BytesView(good).first(63)));
  m.no_parse("signature of 65 bytes", m.with_signature(ByteWriter().bytes(good).u8(0).view()));
  m.no_parse("signature of 32 bytes", m.with_signature(BytesView(good).first(32)));
  m.no_parse("signature twice", m.with_signature(ByteWriter().bytes(good).bytes(good).view()));
  m.no_verify("first half zero", changed(0, zero));
  m.no_verify("second half zero", changed(32, zero));
  m.no_verify("all zero", m.with_signature(Bytes(64)));
  m.no_verify("all ones", m.with_signature(Bytes(64, 0xff)));
  m.no_verify("first half the order of P-256", changed(0, order));
  m.no_verify("second half the order of P-256", changed(32, order));
  m.no_verify("first half above every order", changed(0, ones));
  m.no_verify("second half above every order", changed(32, ones));
  m.no_verify(
      "halves swapped",
      m.with_signature(ByteWriter().bytes(BytesView(good).subspan(32)).bytes(BytesView(good).first(32)).view()));
  m.no_verify("another payload", header + "." + encode(R"({"act":"extend"})") + "." + encoded);
  m.no_verify("another header", encode(replaced(m.good_header, "k-1", "k-2")) + "." + payload + "." + encoded);
  m.no_verify("payload one byte longer", header + "." + encode(std::string(kPayload) + " ") + "." + encoded);
  const std::string signed_payload = std::string(payload);
  m.no_verify("signature over the payload only",
              header + "." + payload + "." + to_base64url(m.key.sign(as_bytes(signed_payload))));
  m.no_verify(
      "signature over the decoded parts",
      header + "." + payload + "." + to_base64url(m.key.sign(as_bytes(m.good_header + "." + std::string(kPayload)))));
  m.no_verify("signature of another key",
              header + "." + payload + "." +
                  to_base64url(SigningKey::generate(m.key.algorithm()).sign(as_bytes(header + "." + payload))));
}

void add_ecdsa(Maker& m) {  // SPEC JWS-8
  const Bytes good = from_base64url(m.good_parts()[2]).value();
  ByteWriter der;  // as if neither number needed a leading zero, and as if both did
  der.u8(0x30).u8(68).u8(2).u8(32).bytes(BytesView(good).first(32)).u8(2).u8(32).bytes(BytesView(good).subspan(32));
  m.no_parse("DER", m.with_signature(der.view()));
  ByteWriter long_der;
  long_der.u8(0x30).u8(70).u8(2).u8(33).u8(0).bytes(BytesView(good).first(32));
  long_der.u8(2).u8(33).u8(0).bytes(BytesView(good).subspan(32));
  m.no_parse("DER with leading zeros", m.with_signature(long_der.view()));
  ByteWriter filled;
  filled.u8(0x30).u8(62).u8(2).u8(29).bytes(Bytes(29, 1)).u8(2).u8(29).bytes(Bytes(29, 1));
  m.no_verify("DER of 64 bytes", m.with_signature(filled.view()));
}

void add_types(Maker& m) {  // SPEC JWS-9
  auto expect_typ = [&](std::string_view what, std::string_view typ) {
    m.no_verify(what, m.good());
    m.cases.back().typ = typ;
  };
  expect_typ("another typ is expected", "flikvakt-admin+jws");
  expect_typ("no typ is expected", "");
  expect_typ("typ in capitals", "FLIKVAKT-TEST+JWS");
  expect_typ("a beginning of the typ", "flikvakt-test");
  expect_typ("a longer typ", "flikvakt-test+jws2");
  expect_typ("a media type", "application/flikvakt-test+jws");
  m.no_verify("typ JWT", m.with_header(replaced(m.good_header, kTyp, "JWT")));
}

std::vector<Case> all_cases() {
  std::vector<Case> out;
  for (KeyAlgorithm algorithm : {KeyAlgorithm::ed25519, KeyAlgorithm::p256}) {
    Maker maker{std::string(jws_name(algorithm)), SigningKey::generate(algorithm)};
    for (auto add : {add_good, add_algorithms, add_headers, add_forms, add_signatures, add_types}) add(maker);
    if (algorithm == KeyAlgorithm::p256) add_ecdsa(maker);
    // A key of the other algorithm, and another key of the same.
    maker.no_verify("checked with a key of the other algorithm", maker.good());
    const bool is_p256 = algorithm == KeyAlgorithm::p256;
    maker.cases.back().key = SigningKey::generate(is_p256 ? KeyAlgorithm::ed25519 : KeyAlgorithm::p256).public_key();
    maker.no_verify("checked with another key", maker.good());
    maker.cases.back().key = SigningKey::generate(algorithm).public_key();
    std::ranges::move(maker.cases, std::back_inserter(out));
  }
  return out;
}

TEST(Jws, EveryCaseOfTheTableGetsItsVerdict) {
  const std::vector<Case> cases = all_cases();
  std::set<std::string> names;
  std::map<Verdict, int> counts;
  for (const Case& test : cases) {
    EXPECT_EQ(judge(test), test.verdict) << test.name;
    EXPECT_TRUE(names.insert(test.name).second) << test.name << " is there twice";
    counts[test.verdict]++;
  }
  EXPECT_GE(cases.size(), 100u);
  EXPECT_EQ(counts, (std::map<Verdict, int>{
                        {Verdict::accepted, 16}, {Verdict::refused_by_parse, 292}, {Verdict::refused_by_verify, 53}}));
}

TEST(Jws, SignAndVerifyGiveThePayloadByteForByte) {  // SPEC JWS-7
  const SigningKey key = SigningKey::generate(KeyAlgorithm::ed25519);
  for (std::size_t size : {1u, 2u, 3u, 255u, 40000u}) {
    Bytes payload(size);
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<std::uint8_t>(i * 7);
    const std::string text = sign_jws(key, kTyp, "k-1", payload).value();
    const ParsedJws parsed = parse_jws(text).value();
    EXPECT_EQ(parsed.kid(), "k-1");
    EXPECT_EQ(parsed.typ(), kTyp);
    EXPECT_EQ(parsed.alg(), KeyAlgorithm::ed25519);
    EXPECT_EQ(verify_jws(parsed, key.public_key(), kTyp).value(), payload);
  }
}

template <class T>
concept HasPayload = requires(const T& jws) {
  jws.payload();
}
|| requires(const T& jws) { jws.payload_; };

TEST(Jws, ThePayloadCannotBeReachedBeforeVerification) {  // SPEC JWS-12
  static_assert(!HasPayload<ParsedJws>);
  static_assert(!std::is_default_constructible_v<ParsedJws>);
}

TEST(Jws, EveryTruncationIsRefused) {  // SPEC JWS-1, JWS-11
  const SigningKey key = SigningKey::generate(KeyAlgorithm::p256);
  const std::string text = sign_jws(key, kTyp, "k-1", as_bytes(kPayload)).value();
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const Case test{"", Verdict::accepted, text.substr(0, size), key.public_key()};
    ASSERT_EQ(judge(test) == Verdict::accepted, size == text.size()) << size;
  }
}

TEST(Jws, EveryOtherCharacterInAnyPlaceIsRefused) {  // SPEC JWS-3, JWS-11
  const SigningKey key = SigningKey::generate(KeyAlgorithm::ed25519);
  const std::string text = sign_jws(key, kTyp, "k-1", as_bytes(kPayload)).value();
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (char other : {'A', 'B', '_', '.', '=', '+', '\0', '\x80'}) {
      if (text[at] == other) continue;
      Case test{"", Verdict::accepted, text, key.public_key()};
      test.text[at] = other;
      ASSERT_NE(judge(test), Verdict::accepted) << at;
    }
  }
}

TEST(Jws, WhatCouldNotBeReadAgainIsNotSigned) {  // SPEC JWS-2, JWS-6, JWS-7
  const SigningKey key = SigningKey::generate(KeyAlgorithm::ed25519);
  auto signs = [&](std::string_view typ, std::string_view kid, BytesView payload) {
    const Result<std::string> text = sign_jws(key, typ, kid, payload);
    EXPECT_EQ(text && parse_jws(*text), text.has_value());
    return text.has_value();
  };
  const BytesView payload = as_bytes(kPayload);
  EXPECT_TRUE(signs(std::string(64, 't'), std::string(256, 'k'), payload));
  EXPECT_FALSE(signs(std::string(65, 't'), "k", payload));
  EXPECT_FALSE(signs("t", std::string(257, 'k'), payload));
  EXPECT_FALSE(signs("t", "k", {}));
  for (std::string_view bad : {"", " ", "a b", "a\"b", "a\\b", "å", "a\n", "\x7f"}) {
    EXPECT_FALSE(signs(bad, "k", payload)) << bad;
    EXPECT_FALSE(signs("t", bad, payload)) << bad;
  }
  EXPECT_TRUE(signs("t", "k", Bytes(48000)));
  EXPECT_FALSE(signs("t", "k", Bytes(50000)));
}

TEST(Jws, TokensOfAnotherImplementationVerifyAndOursAreTheSameBytes) {  // SPEC JWS-1, JWS-8, JWS-11
  const json::value vectors = made_vectors();
  const json::array& keys = vectors.at("keys").as_array();
  int compared = 0;
  for (const json::value& token : vectors.at("tokens").as_array()) {
    const std::size_t number = token.at("key").to_number<std::size_t>();
    const PublicKey key = PublicKey::from_jwk(keys[number].at("jwk")).value();
    const ParsedJws parsed = parse_jws(text_of(token.at("jws"))).value();
    EXPECT_EQ(parsed.kid(), text_of(token.at("kid")));
    EXPECT_EQ(verify_jws(parsed, key, kTyp).value(), hex_of(token.at("payload")));
    const PublicKey other = PublicKey::from_jwk(keys[number ^ 1].at("jwk")).value();  // same algorithm
    EXPECT_FALSE(verify_jws(parsed, other, kTyp));
    if (parsed.alg() != KeyAlgorithm::ed25519) continue;  // whose signatures are not random
    const SigningKey signer = SigningKey::from_pem(text_of(keys[number].at("privatePem"))).value();
    EXPECT_EQ(sign_jws(signer, kTyp, parsed.kid(), hex_of(token.at("payload"))).value(), text_of(token.at("jws")));
    ++compared;
  }
  EXPECT_EQ(vectors.at("tokens").as_array().size(), 20u);
  EXPECT_EQ(compared, 10);
}

}  // namespace
}  // namespace flikvakt::crypto
