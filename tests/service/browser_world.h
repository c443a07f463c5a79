// A gateway whose people come by browser: with a passkey in software, through an issuer in software that answers in the
// place of a network, or as the demo's. On top of the world in which everything is really signed.
#pragma once

#include <future>

#include "base/files.h"
#include "service/browser_session.h"
#include "service/handles.h"
#include "service/oidc.h"
#include "tests/crypto/software_authenticator.h"
#include "tests/service/signed_world.h"
#include "tests/service/software_issuer.h"

namespace flikvakt::service::test {

using flikvakt::test::SoftwareAuthenticator;
using flikvakt::test::Twist;

inline crypto::Hash256 challenge_in(const json::value& options) {
  return to_array<32>(from_base64url(options.at("challenge").as_string()).value()).value();
}

// The value of a parameter of an address, unescaped as far as our own need it.
inline std::string parameter(const std::string& url, const std::string& name) {
  const std::size_t at = url.find(name + "=");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 1;
  const std::string raw = url.substr(begin, url.find('&', begin) - begin);
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out += raw[i];
      continue;
    }
    out += static_cast<char>(std::stoi(raw.substr(i + 1, 2), nullptr, 16));
    i += 2;
  }
  return out;
}

class BrowserWorld {
public:
  BrowserWorld() {
    world.anna = world.enrol(world.anna.number);
    start();
  }
  ~BrowserWorld() { sessions.reset(); }

  void start(std::optional<DemoPeople> demo = {}) {
    sessions.reset();
    const auto anything = [](const policy::Act&) { return true; };
    sessions = std::make_unique<BrowserSessions>(
        BrowserSessions::Parts{*world.core,
                               {"portal.example", "https://portal.example", "https://portal.example/signed-in"},
                               [this](const HttpsRequest& request) { return answer(request); },
                               crypto::SigningKey::generate(crypto::KeyAlgorithm::p256),
                               anything,
                               anything,
                               std::move(demo)});
  }

  // ---- Passkeys
  policy::Passkey passkey_of(const SoftwareAuthenticator& device) const {
    return {device.credential_id, "portal.example", device.count};
  }
  // Anna adds a passkey with her device key.
  void add_passkey(SoftwareAuthenticator& device) {
    const crypto::WebKey key = device.public_key();
    const policy::AddKey act{key.to_jwk(), key.thumbprint(), passkey_of(device)};
    EXPECT_TRUE(world.by_person(world.anna, act).decision.is_permitted());
  }
  // An administrator and another register one for a staff member.
  policy::StaffActor add_staff_passkey(const policy::StaffActor& staff, const SoftwareAuthenticator& device) {
    const crypto::WebKey key = device.public_key();
    EXPECT_TRUE(world.by_two(policy::RegisterStaffKey{key.thumbprint(), staff.staff, key.to_jwk(), passkey_of(device)})
                    .decision.is_permitted());
    policy::StaffActor out{staff.staff, staff.organisation, {}, {}};
    out.passkey = key.thumbprint();
    return out;
  }
  Result<OpenedSession> sign_in(SoftwareAuthenticator& device, const Twist& twist = {}) {
    const PasskeyCeremony begun = sessions->begin_sign_in();
    return sessions->sign_in(begun.cookie, device.answer(challenge_in(begun.options), twist), "Firefox");
  }

  // ---- Issuers
  policy::SetOidcIssuer registration(const policy::OidcIssuer& row) const {
    return {row.code,
            row.name,
            row.issuer,
            row.client_id,
            row.organisation,
            row.acr,
            row.staff_claim,
            row.authorization_endpoint,
            row.token_endpoint,
            row.jwks_uri,
            world.pki->ca().certificate().pem()};
  }
  void register_issuer(const policy::OidcIssuer& row) {
    EXPECT_TRUE(world.by_two(registration(row)).decision.is_permitted());
  }
  Result<HttpsAnswer> answer(const HttpsRequest& request) {
    requests.push_back(request);
    if (before_answer) before_answer();
    if (is_down) return fail(ErrorCode::io, "nobody answers");
    if (request.url.ends_with("/jwks")) return HttpsAnswer{200, issuer.key_set()};
    return HttpsAnswer{200, json::serialize(json::object{{"id_token", next_token}})};
  }
  crypto::Hash256 nonce_in(const std::string& url) const {
    return to_array<32>(from_base64url(parameter(url, "nonce")).value()).value();
  }
  // What a browser that was sent to `url` brings back, to the address that stands there.
  static IssuerReturn back_from(const CeremonyCookie& cookie, const std::string& url) {
    const std::string address = parameter(url, "redirect_uri");
    return {cookie, parameter(url, "state"), "a-code", {}, {}, address.substr(address.rfind('/') + 1)};
  }
  // `claims`: the token for that nonce.
  using Claims = std::function<json::object(const crypto::Hash256&)>;
  Result<OpenedSession> sign_in_at(const std::string& code, const Claims& claims) {
    const Result<IssuerCeremony> begun = sessions->begin_sign_in_at(code, "sv");
    if (!begun) return begun.error();
    next_token = issuer.sign(claims(nonce_in(begun->url)));
    return finish(back_from(begun->cookie, begun->url));
  }
  Result<OpenedSession> finish(IssuerReturn back) {
    std::promise<Result<OpenedSession>> promise;
    sessions->sign_in_by_issuer(std::move(back), "Firefox",
                                [&](Result<OpenedSession> opened) { promise.set_value(std::move(opened)); });
    return promise.get_future().get();
  }
  Result<OpenedSession> sign_in_with_e_id(const std::string& number) {
    return sign_in_at("e-id",
                      [&](const crypto::Hash256& nonce) { return issuer.claims(nonce, world.clock.wall(), number); });
  }

  // ---- Acts
  WantedAct wanted(const policy::Act& act, std::optional<std::uint64_t> seen = {}) const {
    return {crypto::random_id<ActId>(), policy::act_to_json(act), seen};
  }
  CommandResult decide(Result<Command> command) {
    EXPECT_TRUE(command) << (command ? "" : command.error().message);
    if (!command) return {};
    std::promise<CommandResult> promise;
    perform(*world.core, std::move(*command), [&](CommandResult result) { promise.set_value(std::move(result)); });
    return promise.get_future().get();
  }
  Result<Command> sign_with(const OpenedSession& session, const WantedAct& act, SoftwareAuthenticator& device,
                            const Twist& twist = {}) {
    const Result<SigningCeremony> begun = sessions->begin_signing(session.cookie, act, "sv");
    if (!begun) return begun.error();
    if (!begun->passkey_options) return fail(ErrorCode::internal, "no passkey is offered");
    return sessions->finish_signing(session.cookie, begun->cookie,
                                    device.answer(challenge_in(*begun->passkey_options), twist));
  }
  Result<Command> sign_at_issuer(const OpenedSession& session, const WantedAct& act, const Claims& claims) {
    const Result<SigningCeremony> begun = sessions->begin_signing(session.cookie, act, "sv");
    if (!begun) return begun.error();
    if (!begun->url) return fail(ErrorCode::internal, "no issuer is offered");
    next_token = issuer.sign(claims(nonce_in(*begun->url)));
    std::promise<Result<Command>> promise;
    sessions->finish_signing_by_issuer(session.cookie, back_from(begun->cookie, *begun->url),
                                       [&](Result<Command> made) { promise.set_value(std::move(made)); });
    return promise.get_future().get();
  }
  policy::SignFullmakt fullmakt() const {
    policy::SignFullmakt act;
    act.id = crypto::random_id<FullmaktId>();
    act.text = "Jag låter dem läsa.";
    act.terms.disclosers = {world.region};
    act.terms.recipients = {{policy::RecipientKind::organisation, world.authority.value()}};
    act.terms.flikar = {"journal"};
    act.terms.purpose = "konsultation";
    act.terms.rights = {policy::Right::read};
    act.terms.valid_from = world.clock.wall() - 1h;
    act.terms.valid_to = world.clock.wall() + 24h * 90;
    act.terms.secrecy_consent = "osl-10-1";
    act.terms.legal_ground = "gdpr-6-1-e";
    act.terms.language = "sv";
    act.terms.text_sha256 = crypto::sha256(as_bytes(act.text));
    return act;
  }
  std::vector<std::string> problems() { return world.verify().problems; }

  SignedWorld world;
  SoftwareIssuer issuer;
  std::string next_token;
  std::vector<HttpsRequest> requests;
  bool is_down = false;
  std::function<void()> before_answer;  // of the network, on a thread of the sessions
  std::unique_ptr<BrowserSessions> sessions;
};

}  // namespace flikvakt::service::test
