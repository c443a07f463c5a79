#include "tests/gateway/connector_world.h"

#include "base/files.h"
#include "certs/profiles.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"

namespace flikvakt::gateway::test {

using namespace policy;

ConnectorIssuer::ConnectorIssuer(UtcTime now)
    : now_(now),
      issuer_(std::make_shared<const certs::Issuer>(
          certs::Issuer::self_signed(certs::root_profile("Connectors", now)).value())),
      seal_key_(std::make_shared<const crypto::hpke::RecipientKey>(crypto::hpke::PrivateKey::random())) {}

void ConnectorIssuer::put_into(Server::Options& options) const {
  options.connectors.seal_keys = {seal_key_};
  options.connectors.issuer_pem = issuer_->certificate().pem();
  options.connectors.trust_pem = issuer_->certificate().pem();
  options.connectors.api_address = "https://localhost";
  options.connectors.issue = [issuer = issuer_, now = now_](std::string_view key, const Organisation& organisation,
                                                            const Connector& connector) {
    certs::CertificateSpec spec = certs::client_profile(organisation.name, organisation.number, now);
    spec.common_name = connector.name;
    return issuer->issue_for(spec, key);
  };
}

void ConnectorIssuer::admit(ApiWorld& world) const {
  EXPECT_TRUE(world.by_administrators(RegisterIssuer{fingerprint(), "Connectors", issuer_->certificate().der()})
                  .decision.is_permitted());
  const Bytes der = issuer_->make_crl(certs::crl_profile({}, 1, now_, now_ + 24h * 7)).value();
  const crypto::Crl crl = crypto::Crl::parse_der(der).value();
  EXPECT_TRUE(world.decide(SystemActor{}, ApplyCrl{fingerprint(), crl.number(), crl.sha256(), crl.next_update(), {}})
                  .decision.is_permitted());
}

TestConnector::TestConnector(ApiWorld& world, const ConnectorIssuer& issuer, bool end_to_end)
    : world_(world), issuer_(issuer), end_to_end_(end_to_end) {}

Bytes TestConnector::invite(std::chrono::minutes valid) {
  const Bytes code = to_bytes(crypto::random_bytes<20>());
  const auto decided = world_.by_administrators(InviteConnector{
      id, world_.region->id, world_.nurse, "Sal A", end_to_end_, crypto::sha256(code), world_.clock.wall() + valid});
  EXPECT_TRUE(decided.decision.is_permitted());
  return code;
}

void TestConnector::keep(const std::string& certificate_pem) {
  const std::filesystem::path base = world_.folder / ("connector-" + id.text());
  const crypto::Certificate leaf = crypto::Certificate::parse_pem(certificate_pem).value();
  const certs::IssuedIdentity out{base.string() + ".pem", base.string() + ".key", leaf};
  EXPECT_TRUE(write_file_atomically(out.certificate, as_bytes(certificate_pem)));
  const crypto::SecretText pem = tls_key.to_pem();
  EXPECT_TRUE(write_file_atomically(out.key, as_bytes(pem.expose())));
  tls_ = out;
}

SealedReply TestConnector::enrol(BytesView code) {
  const json::object body{{"code", to_base64url(code)},
                          {"jwk", key.public_key().to_jwk()},
                          {"public_key", tls_key.public_key().to_pem()},
                          {"proof", proof(tls_key)}};
  const SealedReply reply = sealed({"/v1/connector/enrolment"}, json::serialize(body));
  if (reply.status == 201) keep(reply.text("/certificate"));
  return reply;
}

std::string TestConnector::proof(const crypto::SigningKey& by) const {
  return to_base64url(by.sign(crypto::text_of_key_proof(id, by.public_key().to_pem())));
}

void TestConnector::must_enrol() {
  const SealedReply reply = enrol(invite());
  ASSERT_EQ(reply.status, 201u) << reply.body;
}

ApiClient TestConnector::direct() const { return ApiClient(world_.server->ports().api, world_.ca_pem, &*tls_); }

std::string TestConnector::assertion() const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(world_.clock.wall()).time_since_epoch().count();
  const json::object claims{{"aud", "flikvakt-test"},
                            {"cnf", json::object{{"x5t#S256", to_base64url(tls_->leaf.sha256_fingerprint())}}},
                            {"exp", seconds + 240},
                            {"iat", seconds},
                            {"iss", world_.region->id.text()},
                            {"jti", crypto::random_id<ActId>().text()},
                            {"sub", world_.nurse.text()}};
  const std::string kid = to_base64url(key.public_key().thumbprint());
  return "Bearer " + crypto::sign_jws(key, "flikvakt-staff+jws", kid, as_bytes(crypto::canonical(claims))).value();
}

ApiClient TestConnector::deposits() const {
  ApiClient out = direct();
  out.authorization = assertion();
  return out;
}

json::object TestConnector::question(std::uint64_t seconds, const json::array& known) {
  return {{"status", json::object{{"version", "1"}, {"queued", 3}, {"refused", 1}}},
          {"known", known},
          {"wait_seconds", seconds}};
}

ApiReply TestConnector::poll(std::uint64_t seconds, const json::array& known) const {
  return direct().post("/v1/connector/poll", question(seconds, known));
}

crypto::SealedRequest TestConnector::sealed_message(const Sent& what, std::string_view body) const {
  const crypto::SealedHead head{what.session, what.number, what.method, what.target, what.headers};
  return crypto::seal_request(issuer_.seal_key(), id, key, head, as_bytes(body)).value();
}

SealedReply TestConnector::sealed(const Sent& what, std::string_view body) {
  const crypto::SealedRequest request = sealed_message(what, body);
  return send(request.message, request.answer);
}

SealedReply TestConnector::send(BytesView message, const crypto::AnswerKey& answer) {
  ApiClient client = world_.portal();
  client.send(
      "POST /v1/sealed HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/vnd.flikvakt.sealed\r\n"
      "Content-Length: " +
      std::to_string(message.size()) + "\r\n\r\n" + std::string(as_text(message)));
  const ApiReply reply = client.receive();
  SealedReply out{reply.status, false, 0, reply.body};
  const auto opened = answer.open(as_bytes(reply.body));
  if (!opened) return out;
  out.is_open = true;
  out.status = static_cast<unsigned>(opened->head.status);
  out.body = std::string(as_text(opened->body));
  return out;
}

std::string TestConnector::session() {
  const SealedReply asked = sealed({"/v1/connector/session"}, "{}");
  EXPECT_EQ(asked.status, 200u) << asked.outer << " " << asked.body;
  const SealedReply reply =
      sealed({"/v1/connector/session"}, json::serialize(json::object{{"nonce", asked.text("/nonce")}}));
  EXPECT_EQ(reply.status, 201u) << reply.outer << " " << reply.body;
  return reply.text("/session");
}

std::string ask_source(ApiWorld& world, const std::string& flik) {
  ApiClient client = world.staff(*world.authority, world.handler);
  const std::string id = crypto::random_id<RequestId>().text();
  json::object terms{
      {"recipient", json::object{{"kind", "organisation"}, {"id", to_base64url(world.authority->id.value())}}},
      {"disclosers", json::array{world.region->id.text()}},
      {"flikar", json::array{flik}},
      {"purpose", "konsultation"},
      {"rights", json::array{"read"}},
      {"valid_to", to_rfc3339(world.now + 24h * 30)},
      {"message", "Inför mötet"}};
  const ApiReply asked = client.post(
      "/v1/acts",
      world.sent(json::object{
          {"kind", "ask_source"}, {"id", id}, {"person", world.handle(client)}, {"terms", std::move(terms)}}));
  EXPECT_EQ(asked.status, 200u) << asked.body;
  return id;
}

}  // namespace flikvakt::gateway::test
