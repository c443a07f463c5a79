// An authenticator and a browser in software: makes passkeys and answers challenges, rightly or with one thing wrong.
// Header only, for the tests of several modules. Its CBOR is written here, not with anything of crypto/.
#pragma once

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <stdexcept>

#include "base/json.h"
#include "crypto/random.h"
#include "crypto/webauthn.h"

namespace flikvakt::test {

namespace cbor {

inline void put_head(Bytes& out, unsigned major, std::uint64_t argument) {
  const auto first = static_cast<std::uint8_t>(major << 5);
  if (argument < 24) {
    out.push_back(static_cast<std::uint8_t>(first | argument));
  } else if (argument < 256) {
    out.push_back(first | 24);
    out.push_back(static_cast<std::uint8_t>(argument));
  } else {
    out.push_back(first | 25);
    out.push_back(static_cast<std::uint8_t>(argument >> 8));
    out.push_back(static_cast<std::uint8_t>(argument));
  }
}
inline void put(Bytes& out, std::int64_t number) {
  if (number >= 0)
    put_head(out, 0, static_cast<std::uint64_t>(number));
  else
    put_head(out, 1, static_cast<std::uint64_t>(-1 - number));
}
inline void put(Bytes& out, BytesView bytes) {
  put_head(out, 2, bytes.size());
  out.insert(out.end(), bytes.begin(), bytes.end());
}
inline void put(Bytes& out, std::string_view text) {
  put_head(out, 3, text.size());
  out.insert(out.end(), text.begin(), text.end());
}
inline void put_map(Bytes& out, std::size_t pairs) { put_head(out, 5, pairs); }

}  // namespace cbor

// r‖s as X.509 and WebAuthn write it.
inline Bytes der_of(BytesView raw) {
  const auto number = [](BytesView digits) {
    while (digits.size() > 1 && digits[0] == 0) digits = digits.subspan(1);
    Bytes out{0x02};
    const bool is_high = (digits[0] & 0x80) != 0;
    out.push_back(static_cast<std::uint8_t>(digits.size() + (is_high ? 1 : 0)));
    if (is_high) out.push_back(0);
    out.insert(out.end(), digits.begin(), digits.end());
    return out;
  };
  const Bytes r = number(raw.first(32)), s = number(raw.subspan(32));
  Bytes out{0x30, static_cast<std::uint8_t>(r.size() + s.size())};
  out.insert(out.end(), r.begin(), r.end());
  out.insert(out.end(), s.begin(), s.end());
  return out;
}

// An RSA key of 2048 bits, made once: it takes long.
class RsaSigner {
public:
  RsaSigner() : key_(EVP_RSA_gen(2048), EVP_PKEY_free) {
    if (!key_) throw std::runtime_error("making an RSA key");
  }
  Bytes modulus() const {
    BIGNUM* n = nullptr;
    if (EVP_PKEY_get_bn_param(key_.get(), "n", &n) != 1) throw std::runtime_error("reading an RSA key");
    Bytes out(static_cast<std::size_t>(BN_num_bytes(n)));
    BN_bn2bin(n, out.data());
    BN_free(n);
    return out;
  }
  Bytes sign(BytesView message, bool is_pss = false) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* of_key = nullptr;
    Bytes out(256);
    std::size_t size = out.size();
    bool ok = EVP_DigestSignInit(context.get(), &of_key, EVP_sha256(), nullptr, key_.get()) == 1;
    if (is_pss) {
      ok = ok && EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(of_key, 32) == 1;
    }
    ok = ok && EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) == 1;
    if (!ok) throw std::runtime_error("signing with RSA");
    return out;
  }
  crypto::WebKey public_key() const { return crypto::WebKey(crypto::RsaPublicKey::parse(modulus()).value()); }

private:
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

// What is other than it should be.
struct Twist {
  std::optional<std::string> type = {}, origin = {}, rp_id = {}, client_data = {}, format = {};
  std::optional<crypto::Hash256> challenge = {};
  std::optional<std::uint8_t> flags = {};
  std::optional<std::uint32_t> count = {};
  std::string more_client_data = {};  // before the closing brace: `,"x":1`
  Bytes after_authenticator_data = {};
  bool is_damaged = false;  // one bit of the signature
  bool is_self_attested = false;
};

class SoftwareAuthenticator {
public:
  enum class Kind { es256, eddsa, rs256 };

  explicit SoftwareAuthenticator(Kind kind = Kind::es256, std::string rp_id = "portal.example",
                                 std::string origin = "https://portal.example")
      : kind_(kind),
        rp_id_(std::move(rp_id)),
        origin_(std::move(origin)),
        key_(crypto::SigningKey::generate(kind == Kind::eddsa ? crypto::KeyAlgorithm::ed25519
                                                              : crypto::KeyAlgorithm::p256)) {
    if (kind == Kind::rs256) rsa_ = std::make_unique<RsaSigner>();
  }

  crypto::PasskeyRegistration make(const crypto::Hash256& challenge, const Twist& twist = {}) {
    const Bytes client = client_data("webauthn.create", challenge, twist);
    Bytes data = authenticator_data(0x45, twist);
    data.insert(data.end(), 16, 0);  // AAGUID
    data.push_back(static_cast<std::uint8_t>(credential_id.size() >> 8));
    data.push_back(static_cast<std::uint8_t>(credential_id.size()));
    data.insert(data.end(), credential_id.begin(), credential_id.end());
    const Bytes cose = cose_key();
    data.insert(data.end(), cose.begin(), cose.end());
    data.insert(data.end(), twist.after_authenticator_data.begin(), twist.after_authenticator_data.end());
    Bytes object;
    cbor::put_map(object, 3);
    cbor::put(object, std::string_view("fmt"));
    cbor::put(object, std::string_view(twist.format.value_or(twist.is_self_attested ? "packed" : "none")));
    cbor::put(object, std::string_view("attStmt"));
    cbor::put_map(object, twist.is_self_attested ? 2 : 0);
    if (twist.is_self_attested) {
      cbor::put(object, std::string_view("alg"));
      cbor::put(object, std::int64_t{-7});
      cbor::put(object, std::string_view("sig"));
      cbor::put(object, BytesView(sign(data, client, twist)));
    }
    cbor::put(object, std::string_view("authData"));
    cbor::put(object, BytesView(data));
    return {client, object};
  }

  crypto::PasskeyAssertion answer(const crypto::Hash256& challenge, const Twist& twist = {}) {
    const Bytes client = client_data("webauthn.get", challenge, twist);
    Bytes data = authenticator_data(0x05, twist);
    data.insert(data.end(), twist.after_authenticator_data.begin(), twist.after_authenticator_data.end());
    return {credential_id, client, data, sign(data, client, twist)};
  }

  crypto::WebKey public_key() const { return rsa_ ? rsa_->public_key() : crypto::WebKey(key_.public_key()); }
  Bytes cose_key() const {
    Bytes out;
    const BytesView raw = key_.public_key().raw();
    cbor::put_map(out, kind_ == Kind::es256 ? 5 : 4);
    cbor::put(out, std::int64_t{1});
    cbor::put(out, std::int64_t{kind_ == Kind::es256 ? 2 : kind_ == Kind::eddsa ? 1 : 3});
    cbor::put(out, std::int64_t{3});
    cbor::put(out, std::int64_t{kind_ == Kind::es256 ? -7 : kind_ == Kind::eddsa ? -8 : -257});
    cbor::put(out, std::int64_t{-1});
    if (kind_ == Kind::rs256) {
      cbor::put(out, BytesView(rsa_->modulus()));
      cbor::put(out, std::int64_t{-2});
      cbor::put(out, BytesView(Bytes{1, 0, 1}));
      return out;
    }
    cbor::put(out, std::int64_t{kind_ == Kind::es256 ? 1 : 6});
    cbor::put(out, std::int64_t{-2});
    cbor::put(out, kind_ == Kind::es256 ? raw.subspan(1, 32) : raw);
    if (kind_ == Kind::eddsa) return out;
    cbor::put(out, std::int64_t{-3});
    cbor::put(out, raw.subspan(33));
    return out;
  }

  Bytes credential_id = to_bytes(crypto::random_bytes<32>());
  std::uint32_t count = 0;  // of signatures: one more with each
  bool counts = true;       // false: always 0, as most passkeys that are on several devices

private:
  Bytes client_data(std::string_view type, const crypto::Hash256& challenge, const Twist& twist) const {
    const std::string text = R"({"type":")" + twist.type.value_or(std::string(type)) + R"(","challenge":")" +
                             to_base64url(twist.challenge.value_or(challenge)) + R"(","origin":")" +
                             twist.origin.value_or(origin_) + R"(","crossOrigin":false)" + twist.more_client_data + "}";
    return to_bytes(as_bytes(twist.client_data.value_or(text)));
  }
  Bytes authenticator_data(std::uint8_t flags, const Twist& twist) {
    if (counts) ++count;
    return ByteWriter()
        .bytes(crypto::sha256(as_bytes(twist.rp_id.value_or(rp_id_))))
        .u8(twist.flags.value_or(flags))
        .u32(twist.count.value_or(count))
        .view();
  }
  Bytes sign(BytesView data, BytesView client, const Twist& twist) const {
    Bytes text = to_bytes(data);
    const crypto::Hash256 hash = crypto::sha256(client);
    text.insert(text.end(), hash.begin(), hash.end());
    Bytes out = rsa_ ? rsa_->sign(text) : to_bytes(key_.sign(text));
    if (kind_ == Kind::es256) out = der_of(out);
    if (twist.is_damaged) out.back() ^= 1;
    return out;
  }

  const Kind kind_;
  const std::string rp_id_, origin_;
  const crypto::SigningKey key_;
  std::unique_ptr<RsaSigner> rsa_;
};

}  // namespace flikvakt::test
