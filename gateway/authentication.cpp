#include "gateway/authentication.h"

#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "crypto/random.h"
#include "gateway/problem.h"
#include "service/joint_act.h"
#include "service/staff_assertion.h"

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kSessionType = "flikvakt-session+jws";
constexpr std::size_t kKeptAssertions = 64;  // of one connection: one system may speak for many staff

// What one connection has proven so far.
struct Proven {
  struct Assertion {
    crypto::Hash256 hash;  // of the text
    service::VerifiedAssertion verified;
    std::uint64_t version = 0;  // of the directory that knew its key
  };
  struct Standing {
    std::uint64_t version = 0;  // of the directory that says so
    OrganisationIdentity organisation;
    UtcTime ends;
  };
  struct Pending {
    std::string challenge;
    UtcTime expires;
  };
  struct Session {
    policy::PersonActor actor;
    UtcTime expires;
  };
  struct Path {
    std::vector<PathLink> links;
    UtcTime ends;  // when the first of its certificates does
  };
  std::optional<Path> path;          // of the client certificate
  std::optional<Standing> standing;  // of the whole path
  std::vector<Assertion> assertions;
  std::optional<Pending> challenge;
  std::optional<Session> session;
};

Proven& proven(ConnectionContext& connection) {
  if (!connection.cached_authentication.has_value()) connection.cached_authentication = Proven();
  return std::any_cast<Proven&>(connection.cached_authentication);
}

Proven::Path path_through(const std::vector<crypto::Certificate>& certificates) {
  Proven::Path path{{}, certificates.front().not_after()};
  for (std::size_t i = 0; i + 1 < certificates.size(); ++i) {
    path.links.push_back({certificates[i + 1].sha256_fingerprint(), certificates[i].serial_hex()});
    path.ends = std::min(path.ends, certificates[i + 1].not_after());
  }
  return path;
}

Error denied(std::string_view why) { return fail(ErrorCode::denied, std::string(why)); }

void remember(Proven& known, Proven::Assertion assertion, UtcTime now) {
  std::erase_if(known.assertions, [&](const Proven::Assertion& one) { return one.verified.expires <= now; });
  if (known.assertions.size() >= kKeptAssertions) known.assertions.erase(known.assertions.begin());
  known.assertions.push_back(std::move(assertion));
}

// The payload, when a key that `find` knows has signed it as `typ`; with what find said of the key.
template <class Found>
struct Verified {
  Found key;
  policy::Fingerprint thumbprint{};
  Bytes payload;
};
template <class Find>
auto verify_signed(std::string_view jws, std::string_view typ, Find find)
    -> Result<Verified<typename decltype(find(policy::Fingerprint{}))::value_type>> {
  const crypto::ParsedJws parsed = TRY(crypto::parse_jws(jws));
  const policy::Fingerprint thumbprint = TRY(service::thumbprint_of(parsed.kid()));
  auto key = find(thumbprint);
  if (!key) return denied("signed with an unknown key");
  Bytes payload = TRY(crypto::verify_jws(parsed, key->verifier, typ));
  if (!crypto::is_canonical(as_text(payload))) return denied("the payload is not canonical");
  return Verified<typename decltype(key)::value_type>{std::move(*key), thumbprint, std::move(payload)};
}

struct SessionClaims {
  std::string audience;
  Bytes binding;
  std::string challenge;
  UtcTime issued;
  std::optional<RepresentativeId> representative;
};
BOOST_DESCRIBE_STRUCT(SessionClaims, (), (audience, binding, challenge, issued, representative))

// SPEC API-21
Result<void> check_session(const SessionClaims& claims, std::string_view audience, const ConnectionContext& connection,
                           const std::optional<Proven::Pending>& pending, UtcTime now) {
  if (claims.audience != audience) return denied("for another gateway");
  if (connection.channel_binding.size() != 32 || claims.binding != connection.channel_binding) {
    return denied("bound to another connection");
  }
  if (!pending || now >= pending->expires) return denied("no challenge is open on this connection");
  if (claims.challenge != pending->challenge) return denied("another challenge");
  const auto age = now - claims.issued;
  if (age < -Authentication::kClockSkew || age > Authentication::kChallengeLife + Authentication::kClockSkew) {
    return denied("not issued now");
  }
  return {};
}

Response locked(Exchange& exchange) {
  exchange.set_cause("the gateway is locked");
  return plain_problem(503);
}

Response refuse_for(Exchange& exchange, const Error& error, Response response) {
  exchange.set_cause(error.message);
  return response;
}

}  // namespace

// SPEC API-14
Response unauthenticated() {
  Response response = plain_problem(401);
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  response.departure = Departure::on_tick;
  return response;
}

AccessCheck Authentication::access_check() {
  return [this](Exchange& exchange, AccessRule rule) -> Awaitable<std::optional<Response>> {
    if (core_.is_locked()) co_return locked(exchange);  // SPEC WIT-33
    co_return check(exchange, rule);
  };
}

// Of a document no byte goes out any more: its gate says no.
AnswerCheck Authentication::answer_check() {
  return [this](Exchange& exchange, const Response& response) -> std::optional<Response> {
    const bool has_gate = std::holds_alternative<DocumentBody>(response.body);
    if (!core_.is_locked() || response.stands_when_locked || has_gate) return std::nullopt;
    return locked(exchange);
  };
}

std::optional<Response> Authentication::check(Exchange& exchange, AccessRule rule) const {
  ConnectionContext& connection = exchange.connection();
  switch (rule) {
    case AccessRule::public_info:
    case AccessRule::signed_body:  // the handler sees who signed
      return std::nullopt;
    case AccessRule::admin_socket:
      if (connection.unix_peer) return std::nullopt;
      return refuse_for(exchange, denied("not on the admin socket"), refusal());
    case AccessRule::person_session: {
      Result<PersonIdentity> who = person(connection);
      if (!who) return refuse_for(exchange, who.error(), unauthenticated());
      exchange.set_identity(std::move(*who));
      return std::nullopt;
    }
    case AccessRule::person_page:
    case AccessRule::staff_page:
    case AccessRule::administrator_page:
      return refuse_for(exchange, denied("a page, where none is served"), refusal());
    case AccessRule::organisation_certificate:
    case AccessRule::staff_assertion:
      break;
  }
  // SPEC API-1: an unknown, removed, revoked or expired certificate, or a suspended organisation, get one answer.
  Result<OrganisationIdentity> organisation = this->organisation(connection);
  if (!organisation) return refuse_for(exchange, organisation.error(), refusal());
  if (rule == AccessRule::organisation_certificate) {
    exchange.set_identity(*organisation);
    return std::nullopt;
  }
  Result<StaffIdentity> who = staff(exchange, *organisation);
  if (!who) return refuse_for(exchange, who.error(), unauthenticated());
  exchange.set_identity(std::move(*who));
  return std::nullopt;
}

// What stood is looked up again only when the directory has another version: hashing the certificate and four look-ups
// under locks that all workers share were 1.3 µs of each request.
Result<OrganisationIdentity> Authentication::organisation(ConnectionContext& connection) const {
  const std::uint64_t version = core_.directory().version();  // before anything is looked up
  const UtcTime now = core_.clock().wall();
  Proven& known = proven(connection);
  if (known.standing && known.standing->version == version && now < known.standing->ends) {
    return known.standing->organisation;
  }
  known.standing.reset();
  const bool is_first = !known.path;
  const OrganisationIdentity who = TRY(registered_organisation(connection));
  const UtcTime good_until = core_.directory().certificate_good_until(who.certificate());
  if (now >= good_until) return denied("a client certificate that does not count now");
  const UtcTime path_ends = TRY(path_good_until(connection, now));
  known.standing = Proven::Standing{version, who, std::min(good_until, path_ends)};
  if (is_first) connection.identify(who.organisation(), std::nullopt, std::nullopt);
  return who;
}

Result<OrganisationIdentity> Authentication::registered_organisation(const ConnectionContext& connection) const {
  if (!connection.certificate_fingerprint) return denied("no client certificate");
  const policy::Fingerprint& leaf = *connection.certificate_fingerprint;
  const std::optional<OrganisationId> organisation = core_.directory().organisation_of_certificate(leaf);
  if (!organisation) return denied("a client certificate that is not registered");
  return OrganisationIdentity(*organisation, leaf);
}

// SPEC TLS-6: signatures and names once a connection; TLS-15: the lists whenever they change.
Result<UtcTime> Authentication::path_good_until(ConnectionContext& connection, UtcTime now) const {
  Proven& known = proven(connection);
  if (!known.path) {
    const std::vector<crypto::Certificate> chain = connection.peer_chain();
    const crypto::ClientPath found = crypto::find_client_path(chain, client_roots_, now);
    if (found.problem) return denied("client certificate: " + std::string(crypto::to_string(*found.problem)));
    known.path = path_through(found.certificates);
    connection.note_path(known.path->links);
  }
  if (now >= known.path->ends) return denied("client certificate: a certificate of its path has expired");
  UtcTime ends = known.path->ends;
  for (const PathLink& link : known.path->links) {
    const UtcTime clear_until = core_.directory().clear_until(link.issuer, link.serial);
    if (now >= clear_until) {
      return denied("client certificate: revoked, or no current list, of the CA " + to_hex(link.issuer).substr(0, 16));
    }
    ends = std::min(ends, clear_until);
  }
  return ends;
}

void Authentication::vouch_for(ConnectionContext& connection, const policy::Certificate& certificate) const {
  connection.certificate_fingerprint = certificate.fingerprint;
  proven(connection).path = Proven::Path{{{certificate.issuer, certificate.serial}}, certificate.valid_to};
}

Result<StaffIdentity> Authentication::staff(Exchange& exchange, const OrganisationIdentity& organisation) const {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string_view field = exchange.request().header("authorization");
  if (!field.starts_with(kBearer)) return denied("no staff assertion");
  const std::string_view text = field.substr(kBearer.size());
  const crypto::Hash256 hash = crypto::sha256(as_bytes(text));
  const UtcTime now = core_.clock().wall();
  Proven& known = proven(exchange.connection());
  const std::uint64_t version = core_.directory().version();  // before the key is looked up
  for (Proven::Assertion& one : known.assertions) {
    if (one.hash != hash) continue;
    if (now >= one.verified.expires) return denied("staff assertion: expired");
    const bool is_same = one.version == version;
    if (!is_same && !core_.directory().assertion_key(one.verified.actor.assertion_key)) {
      return denied("staff assertion: key gone");
    }
    one.version = version;
    return StaffIdentity(one.verified.actor);
  }
  const std::string audience = core_.directory().instance().name;
  const auto find = [this](const policy::Fingerprint& thumbprint) {
    return core_.directory().assertion_key(thumbprint);
  };
  const service::VerifiedAssertion verified = TRY(service::verify_staff_assertion(
      text, find, {audience, organisation.organisation(), organisation.certificate(), now, kClockSkew}));
  remember(known, {hash, verified, version}, now);
  exchange.connection().identify(organisation.organisation(), verified.actor.staff, std::nullopt);
  return StaffIdentity(verified.actor);
}

Result<PersonIdentity> Authentication::person(ConnectionContext& connection) const {
  Proven& known = proven(connection);
  if (!known.session) return denied("no session");
  const bool is_over = core_.clock().wall() >= known.session->expires;
  if (is_over || !core_.directory().has_device_key(known.session->actor.key)) {
    known.session.reset();
    return denied(is_over ? "the session has ended" : "the session's key is gone");
  }
  return PersonIdentity(known.session->actor);
}

Authentication::Challenge Authentication::make_challenge(ConnectionContext& connection) const {
  Challenge challenge{to_base64url(crypto::random_bytes<32>()), core_.clock().wall() + kChallengeLife};
  proven(connection).challenge = Proven::Pending{challenge.text, challenge.expires};
  return challenge;
}

Result<UtcTime> Authentication::open_session(ConnectionContext& connection, std::string_view jws) const {
  Proven& known = proven(connection);
  const std::optional<Proven::Pending> pending = std::exchange(known.challenge, std::nullopt);  // SPEC API-22
  const auto verified = TRY(verify_signed(jws, kSessionType, [&](const policy::Fingerprint& thumbprint) {
    return core_.directory().device_key(thumbprint);
  }));
  const SessionClaims claims = TRY(parse_as<SessionClaims>(as_text(verified.payload)));
  const UtcTime now = core_.clock().wall();
  TRY_VOID(check_session(claims, core_.directory().instance().name, connection, pending, now));
  const auto actor = core_.directory().acting(verified.key, verified.thumbprint, claims.representative);
  if (!actor) return denied("as a representative who is none");
  known.session = Proven::Session{*actor, now + kSessionLife};
  connection.identify(std::nullopt, std::nullopt, actor->person);
  return known.session->expires;
}

// SPEC API-30
Result<SignedAct<PersonIdentity>> Authentication::person_act(std::string_view jws) const {
  const auto verified = verify_signed(jws, service::kPersonActJws, [&](const policy::Fingerprint& thumbprint) {
    return core_.directory().device_key(thumbprint);
  });
  if (!verified) return denied("signed act: " + verified.error().message);
  service::SentAct sent = TRY(parse_as<service::SentAct>(as_text(verified->payload)));
  const auto actor = core_.directory().acting(verified->key, verified->thumbprint, sent.representative);
  if (!actor) return denied("signed act: as a representative who is none");
  return SignedAct<PersonIdentity>{PersonIdentity(*actor), std::move(sent), to_bytes(as_bytes(jws))};
}

Result<SignedAct<AdministratorIdentity>> Authentication::administrator_act(std::string_view jws) const {
  const auto verified = verify_signed(jws, service::kAdministratorActJws, [&](const policy::Fingerprint& thumbprint) {
    return core_.directory().administrator_key(thumbprint);
  });
  if (!verified) return denied("signed act: " + verified.error().message);
  service::SentAct sent = TRY(parse_as<service::SentAct>(as_text(verified->payload)));
  return SignedAct<AdministratorIdentity>{AdministratorIdentity({verified->key.administrator}), std::move(sent),
                                          to_bytes(as_bytes(jws))};
}

}  // namespace flikvakt::gateway
