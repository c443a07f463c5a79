// A gateway that may have connectors, and one that speaks as spec/connector.md and spec/end-to-end.md say, without any
// of the connector's own code.
#pragma once

#include "certs/issuer.h"
#include "crypto/sealed_message.h"
#include "gateway/connector_hub.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {

// The CA of connectors, and the key for which they seal.
class ConnectorIssuer {
public:
  explicit ConnectorIssuer(UtcTime now);
  void put_into(Server::Options& options) const;
  void admit(ApiWorld& world) const;  // its root and its list, into the registry
  crypto::hpke::PublicKey seal_key() const { return seal_key_->public_key(); }
  policy::Fingerprint fingerprint() const { return issuer_->certificate().sha256_fingerprint(); }

private:
  UtcTime now_;
  std::shared_ptr<const certs::Issuer> issuer_;
  std::shared_ptr<const crypto::hpke::RecipientKey> seal_key_;
};

// What a message's answer said, once it was opened.
struct SealedReply {
  unsigned outer = 0;
  bool is_open = false;  // the answer was sealed for us
  unsigned status = 0;
  std::string body;
  std::string text(std::string_view pointer) const { return ApiReply{status, {}, body}.text(pointer); }
  json::value json() const { return ApiReply{status, {}, body}.json(); }
};

class TestConnector {
public:
  TestConnector(ApiWorld& world, const ConnectorIssuer& issuer, bool end_to_end = false);

  // Two administrators invite it, for the nurse of the region. The code.
  Bytes invite(std::chrono::minutes valid = std::chrono::minutes(60));
  SealedReply enrol(BytesView code);  // and keeps what it was given
  void must_enrol();
  std::string proof(const crypto::SigningKey& by) const;  // that this key is held here

  ApiClient direct() const;    // with its certificate
  ApiClient deposits() const;  // the same, and an assertion of the nurse's under its own key
  ApiReply poll(std::uint64_t seconds = 0, const json::array& known = {}) const;
  static json::object question(std::uint64_t seconds, const json::array& known = {});

  // Sealed to the gateway's key; `bytes` holds what went out.
  struct Sent {
    std::string target;
    std::string session = {};
    std::uint64_t number = 0;
    std::string method = "POST";
    std::map<std::string, std::string> headers = {{"content-type", "application/json"}};
  };
  SealedReply sealed(const Sent& what, std::string_view body = {});
  SealedReply send(BytesView message, const crypto::AnswerKey& answer);
  std::string session();  // opened anew
  crypto::SealedRequest sealed_message(const Sent& what, std::string_view body) const;
  std::string certificate_hex() const { return to_hex(tls_->leaf.sha256_fingerprint()); }
  std::string assertion() const;  // "Bearer …"

  ConnectorId id = crypto::random_id<ConnectorId>();
  crypto::SigningKey key = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  crypto::SigningKey tls_key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);

private:
  void keep(const std::string& certificate_pem);
  ApiWorld& world_;
  const ConnectorIssuer& issuer_;
  const bool end_to_end_;
  std::optional<certs::IssuedIdentity> tls_;
};

// By a handler of the authority, for the person, at the region.
std::string ask_source(ApiWorld& world, const std::string& flik = "journal");

}  // namespace flikvakt::gateway::test
