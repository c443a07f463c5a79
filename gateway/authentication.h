// Who asks. Each identity is a proof: only Authentication makes one, after it has seen what proves it, and the handlers
// take it from the exchange. It says who somebody is; whether they still count and what they may is decided by rule 1
// and the other rules in the sequencer, each time. Proofs and their order: spec/api.md. Thread-safe.
#pragma once

#include "gateway/router.h"
#include "service/core.h"
#include "service/sent_act.h"

namespace flikvakt::gateway {

// The client certificate of the connection is one that the registry knows and that counts now.
class OrganisationIdentity {
public:
  const OrganisationId& organisation() const { return organisation_; }
  const policy::Fingerprint& certificate() const { return certificate_; }

private:
  friend class Authentication;
  OrganisationIdentity(OrganisationId organisation, policy::Fingerprint certificate)
      : organisation_(organisation), certificate_(certificate) {}
  OrganisationId organisation_;
  policy::Fingerprint certificate_;
};

// That, and a staff assertion of the same organisation, bound to that certificate.
class StaffIdentity {
public:
  const policy::StaffActor& actor() const { return actor_; }

private:
  friend class Authentication;
  explicit StaffIdentity(policy::StaffActor actor) : actor_(actor) {}
  policy::StaffActor actor_;
};

// The holder of a registered device key: by a session on this connection, or by a signed act.
class PersonIdentity {
public:
  const policy::PersonActor& actor() const { return actor_; }

private:
  friend class Authentication;
  explicit PersonIdentity(policy::PersonActor actor) : actor_(actor) {}
  policy::PersonActor actor_;
};

// The holder of an administrator's key, by a signed act.
class AdministratorIdentity {
public:
  const policy::AdministratorActor& actor() const { return actor_; }

private:
  friend class Authentication;
  explicit AdministratorIdentity(policy::AdministratorActor actor) : actor_(actor) {}
  policy::AdministratorActor actor_;
};

// An act, and who signed it. `evidence`: the JWS as it came.
template <class Identity>
struct SignedAct {
  Identity who;
  service::SentAct sent;
  Bytes evidence;
};

class Authentication {
public:
  static constexpr std::chrono::seconds kClockSkew{60};  // between a signer's clock and ours
  static constexpr std::chrono::minutes kChallengeLife{2};
  static constexpr std::chrono::minutes kSessionLife{15};

  // `client_roots`: where the paths of organisations' certificates end; none: no organisation is let in.
  Authentication(service::Core& core, crypto::TrustStore client_roots)
      : core_(core), client_roots_(std::move(client_roots)) {}

  // For the routers: sets the identity, or answers in the handler's place.
  AccessCheck access_check();
  // What was answered while the gateway locked is not sent (SPEC WIT-33).
  AnswerCheck answer_check();

  // A person's session on this connection. The challenge serves for one attempt, whatever comes of it.
  struct Challenge {
    std::string text;  // base64url of 32 bytes
    UtcTime expires;
  };
  Challenge make_challenge(ConnectionContext& connection) const;
  Result<UtcTime> open_session(ConnectionContext& connection, std::string_view jws) const;  // until when; denied

  // The connection counts as one with this certificate: whoever is there proved it otherwise (spec/end-to-end.md). It
  // is registered; whether it counts, and its issuer's list, is asked with each request all the same.
  void vouch_for(ConnectionContext& connection, const policy::Certificate& certificate) const;

  // denied: nobody we know signed this. malformed: signed, but no act.
  Result<SignedAct<PersonIdentity>> person_act(std::string_view jws) const;
  Result<SignedAct<AdministratorIdentity>> administrator_act(std::string_view jws) const;

private:
  std::optional<Response> check(Exchange& exchange, AccessRule rule) const;
  Result<OrganisationIdentity> organisation(ConnectionContext& connection) const;
  Result<OrganisationIdentity> registered_organisation(const ConnectionContext& connection) const;
  Result<UtcTime> path_good_until(ConnectionContext& connection, UtcTime now) const;
  Result<StaffIdentity> staff(Exchange& exchange, const OrganisationIdentity& organisation) const;
  Result<PersonIdentity> person(ConnectionContext& connection) const;

  service::Core& core_;
  const crypto::TrustStore client_roots_;
};

// The same for every credential that is missing, wrong, expired or another's.
Response unauthenticated();

}  // namespace flikvakt::gateway
