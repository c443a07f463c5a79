// People, staff and administrators who come by browser: how a session begins, what is done in it, and how it ends. What
// the portal's pages rest on; what is proven by what: spec/browser-session.md, and why:
// docs/decisions/browser-sessions.md.
//
// Sessions live in memory: a restart ends them all. Whoever asks for one gets a copy of how it stands, or nothing when
// it is over: too long idle, too old, signed out, or its key, staff member, organisation, issuer or person does not
// count any more. Acts become commands that carry their own proof for the log: narrowing and neutral ones the session
// itself (command()), what widens a fresh verification of the user over the very act (begin_signing, finish_signing).
// The caller has such a command decided, as one that came through any other door.
//
// The core outlives it. Thread-safe. What asks an issuer or waits for the log happens on a thread of its own and
// answers through `done`, on any thread; nothing else here waits. Not covered: rates (the doors' own), CSRF beyond
// `form_token`, cookies' flags.
#pragma once

#include "service/browser_demo.h"
#include "service/browser_evidence.h"
#include "service/https_fetch.h"
#include "service/passkey_forms.h"
#include "service/sent_act.h"

namespace flikvakt::service {

// organisation: by its own OIDC issuer, staff only; administrator: with a code from the admin socket.
enum class SignInWay { passkey, e_id, organisation, demo, administrator };
BOOST_DESCRIBE_ENUM(SignInWay, passkey, e_id, organisation, demo, administrator)

// What a browser keeps, for the gateway only: 43 characters that are looked up, never compared. Each in a cookie of its
// own: Secure, HttpOnly, SameSite=Lax, the `__Host-` prefix.
struct SessionCookie {
  std::string value;
};
struct CeremonyCookie {  // while something begun is not finished: binds the two halves to one browser. 43 or 87
                         // characters: the longer ones say themselves what they are for, and are authenticated
  std::string value;
};

// For an administrator's code: 43 characters that serve once, within kCeremonyLife.
struct SignInCode {
  std::string value;
};

// What waited for a second administrator, as it goes out, without anything of a person.
struct SeenProposals {
  UtcTime read;
  json::array proposals;
};

struct BrowserSession {
  SessionId id;         // public: it stands in evidence, and names the session in a list
  policy::Actor actor;  // a PersonActor or StaffActor, for readings: decide(core, actor, act), opening_of(…); or an
                        // AdministratorActor, for pages only
  SignInWay way = SignInWay::passkey;
  UtcTime opened;
  UtcTime last_used;
  UtcTime ends;            // at the latest
  std::string device;      // what the browser calls itself, at most 200 bytes of any text: escape it
  std::string form_token;  // of every form of this session; 43 characters
  std::shared_ptr<const SeenProposals> proposals = {};  // of an administrator: as they were when they signed in
};

struct OpenedSession {
  SessionCookie cookie;
  BrowserSession session;
};

// Where the portal is found: the host of `origin` is `rp_id` or below it.
struct PortalPlace {
  std::string rp_id;      // of passkeys: "portal.example"
  std::string origin;     // "https://portal.example", with the port unless it is 443
  std::string return_to;  // below `origin`: each issuer sends the browser back to this, a slash and its code
};

// What somebody wants done, as a page's form said it and the page's code put it together: never JSON from outside.
struct WantedAct {
  ActId id;         // of the form: the same form sent twice is done once
  json::value act;  // {"kind": …} as spec/acts.schema.json has it; staff name a person by handle
  std::optional<std::uint64_t> seen_version = {};  // what a widening act of a person saw
  std::optional<RepresentativeId> as = {};         // as whom a person acts; none: for themselves
};

struct IssuerChoice {
  std::string code;
  std::string name;
  std::optional<OrganisationId> organisation;  // none: for persons
};

// A page asks the browser for one of its passkeys with `options` (PublicKeyCredentialRequestOptionsJSON, or
// …Creation…).
struct PasskeyCeremony {
  CeremonyCookie cookie;
  json::value options;
};
struct IssuerCeremony {
  CeremonyCookie cookie;
  std::string url;  // to send the browser to
};

// What came back to an issuer's own address.
struct IssuerReturn {
  CeremonyCookie cookie;
  std::string state;
  std::string code;
  std::string error = {};   // instead of a code: the person turned back, or the issuer failed
  std::string issuer = {};  // `iss` (RFC 9207), when it came
  std::string at = {};      // the code of the issuer whose address it came to
};

// Ways to sign one act; the page offers what is there. The text to show is the caller's, out of the act.
struct SigningCeremony {
  CeremonyCookie cookie;
  std::string kind;                            // of the act
  crypto::Hash256 act_sha256{};                // of the canonical order: what is signed
  std::optional<json::value> passkey_options;  // the challenge is the SHA-256 of the canonical act
  std::optional<std::string> url;              // at the issuer; its nonce is the same hash
  bool is_demo = false;                        // a button is enough: finish_signing_in_demo()
};

class BrowserSessions {
public:
  using MaySend = bool (*)(const policy::Act&);
  struct Parts {
    Core& core;
    PortalPlace place;
    Fetch fetch;                                   // asks issuers; may wait
    std::optional<crypto::SigningKey> client_key;  // private_key_jwt at issuers; none: no issuer is offered
    MaySend person_may_send;                       // gateway/sent_acts.h
    MaySend staff_may_send;
    std::optional<DemoPeople> demo = {};  // only of a data directory that the demo made: load_demo_people()
  };
  explicit BrowserSessions(Parts parts);
  ~BrowserSessions();

  static constexpr std::chrono::minutes kPersonIdle{15};  // and at the longest longest_session(actor)
  static constexpr std::chrono::minutes kStaffIdle{30};
  static constexpr std::size_t kMostOfOne = 10;  // sessions of one person or staff member: the oldest ends

  // ---- A session begins. Errors say why for the operational log; the page says one thing: denied (nobody we know, or
  // nothing that proves it), expired (begun too long ago, or finished before), unavailable (the issuer or the log).

  // By passkey, without a name: the browser offers those that it has. Persons and staff.
  PasskeyCeremony begin_sign_in();
  Result<OpenedSession> sign_in(const CeremonyCookie& cookie, const PasskeyAnswer& answer, std::string device);

  std::vector<IssuerChoice> issuers() const;
  // `language`: of what the issuer shows, BCP 47. not_found: no such issuer, or it does not count.
  Result<IssuerCeremony> begin_sign_in_at(const std::string& issuer, const std::string& language);
  void sign_in_by_issuer(IssuerReturn answer, std::string device, std::function<void(Result<OpenedSession>)> done);

  // The demo's people; none elsewhere. `number`: their place in the list. An administrator of it comes by invite() as
  // all do, once the reading that is signed here was decided.
  const std::vector<DemoPerson>& demo_people() const;
  Result<OpenedSession> sign_in_as_demo(std::size_t number, std::string device);
  Result<Command> demo_reading(std::size_t number);

  // Administrators: `invite` for whoever signed, at the admin socket and just now, the act that read the proposals. In
  // the session that the code opens pages are shown, and nothing can be sent (SPEC BS-31).
  SignInCode invite(const policy::AdministratorActor& administrator, SeenProposals proposals);
  Result<OpenedSession> sign_in_invited(const SignInCode& code, std::string device);
  const PortalPlace& place() const;

  // ---- A session goes on, and ends.

  std::optional<BrowserSession> find(const SessionCookie& cookie);  // and counts as used
  void sign_out(const SessionCookie& cookie);
  // All of the same person or staff member, this one too, the newest first.
  std::vector<BrowserSession> sessions_like(const SessionCookie& cookie) const;
  bool end_one(const SessionCookie& cookie, const SessionId& which);  // of the same person or staff member
  std::size_t end_all(const SessionCookie& cookie);                   // this one too
  std::size_t count() const;                                          // for the metrics

  // As whom a person may act besides themselves. denied: not registered so.
  Result<policy::PersonActor> as_representative(const BrowserSession& session, const RepresentativeId& as) const;

  // ---- Acts. Errors: denied (no session); invalid, malformed (as make_command; also an act that this session may not
  // send, or that needs signing); conflict (another act under the same id).

  // Does the act need the user to be verified afresh? Else the session is proof enough. malformed: no act.
  static Result<bool> needs_signing(const json::value& act);
  Result<Command> command(const SessionCookie& cookie, const WantedAct& wanted);

  Result<SigningCeremony> begin_signing(const SessionCookie& cookie, const WantedAct& wanted,
                                        const std::string& language);
  Result<Command> finish_signing(const SessionCookie& cookie, const CeremonyCookie& ceremony,
                                 const PasskeyAnswer& answer);
  void finish_signing_by_issuer(const SessionCookie& cookie, IssuerReturn answer,
                                std::function<void(Result<Command>)> done);
  Result<Command> finish_signing_in_demo(const SessionCookie& cookie, const CeremonyCookie& ceremony);

  // A form that comes again when its ceremony is over: what was signed by it in this session, to the byte, so that
  // whoever has it decided gets the first answer. not_found: nothing was.
  Result<Command> signed_before(const SessionCookie& cookie, const ActId& act);
  // What this session sent somebody to an issuer for with that `state`, whether they came back already or not.
  std::optional<ActId> act_at_issuer(const SessionCookie& cookie, const std::string& state) const;

  // What came back belongs to this; nullopt: to nothing that was begun here.
  enum class Errand { sign_in, signing };
  std::optional<Errand> errand_of(const std::string& state) const;
  // This very browser was sent to an issuer, and comes back with the `state` that it was sent with.
  bool is_awaited(const IssuerReturn& answer) const;

  // ---- A new passkey is made in a browser. Registers nothing: what comes out is `jwk`, `thumbprint` and `passkey` of
  // an `add_key` (own, in a session), `propose_key` (at a desk) or `register_staff_key` (by invitation).
  // `name`: how the device calls it in its own list; no number. `existing`: passkeys that must not be replaced.
  // Without a session nothing is kept of it until it is finished.
  PasskeyCeremony begin_new_passkey(const std::string& name);
  PasskeyCeremony begin_new_passkey(const SessionCookie& cookie, const std::string& name,
                                    const std::vector<policy::Passkey>& existing);
  Result<NewPasskey> finish_new_passkey(const CeremonyCookie& cookie, const NewPasskeyAnswer& answer);

  struct State;  // for service/browser_*.cpp only

private:
  std::unique_ptr<State> state_;
};

}  // namespace flikvakt::service
