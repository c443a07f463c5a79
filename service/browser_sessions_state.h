// What the files of the browser sessions share: the sessions that are open, and what was begun and is not finished. For
// service/browser_*.cpp only. Thread-safe where it says so.
#pragma once

#include <array>
#include <deque>
#include <list>

#include "service/browser_evidence.h"
#include "service/browser_session.h"
#include "service/ceremony_tickets.h"
#include "service/job_threads.h"
#include "service/oidc.h"

namespace flikvakt::service {

// By the hash of its cookie, so that a look at the table tells nobody a cookie.
using CookieHash = crypto::Hash256;
CookieHash hash_of(const std::string& cookie);

struct OpenSession {
  BrowserSession shown;
  std::optional<SessionProof> proof;  // none: of the demo
  std::optional<DemoPerson> demo;
};

// What was sent in a session, so that a form that comes twice is the same act, to the byte.
struct SentInSession {
  json::value act;
  SentAct sent;
  Bytes evidence;
  std::optional<policy::Actor> signer = {};  // of what was signed: with which key, as whom
};

struct KeptSession {
  OpenSession open;
  std::chrono::steady_clock::time_point opened;
  std::chrono::steady_clock::time_point used;
  std::map<ActId, SentInSession> sent;
  std::list<ActId> sent_by_age;
  std::deque<std::pair<std::string, ActId>> at_issuer;  // by `state`: what somebody was sent there to sign
  std::deque<CookieHash> begun = {};                    // ceremonies in it, the oldest first; some are over
};

enum class CeremonyKind { sign_in, sign_in_at_issuer, signing, new_passkey, invitation };
inline constexpr std::size_t kCeremonyKinds = 5;

struct Ceremony {
  CeremonyKind kind = CeremonyKind::sign_in;
  std::chrono::steady_clock::time_point began_steady;
  UtcTime began;
  crypto::Hash256 challenge{};
  SessionId session;                     // that it would open
  std::optional<IssuerAsked> asked;      // at an issuer
  std::optional<CookieHash> in_session;  // that it signs in
  SentAct sent;                          // what is signed
  policy::AdministratorActor invited;    // and what they saw
  std::shared_ptr<const SeenProposals> proposals;
};

struct BrowserSessions::State {
  explicit State(Parts given);
  ~State() { stopping.cancel(); }  // before the threads are waited for

  Core& core() { return parts.core; }
  // SPEC OIDC-36
  std::string redirect_uri_of(const std::string& issuer) const { return parts.place.return_to + "/" + issuer; }
  UtcTime wall() const { return parts.core.clock().wall(); }
  std::chrono::steady_clock::time_point steady() const { return parts.core.clock().steady(); }
  CredentialSource credentials() const { return credentials_in(parts.core.directory()); }

  // ---- Thread-safe. A ceremony serves once, whatever comes of it: expired when it is gone or of another kind.
  // SPEC BS-9: each kind has room of its own, so that none pushes out another's; those of one session push out their
  // own. Kept is what somebody began who is known, or what needs it; else a ticket does, by begin_ticket().
  CeremonyCookie begin(Ceremony ceremony);
  CeremonyCookie begin_ticket(const CeremonyTickets::Ticket& ticket) const { return {tickets.issue(ticket)}; }
  // At an issuer also while `state` is another: that was no attempt at it.
  Result<Ceremony> finish(const CeremonyCookie& cookie, CeremonyKind kind);
  Result<Ceremony> finish_return(const IssuerReturn& answer, CeremonyKind kind);

  OpenedSession open(const policy::Actor& actor, SignInWay way, std::string device, std::optional<SessionProof> proof,
                     std::optional<DemoPerson> demo, std::shared_ptr<const SeenProposals> proposals = {});
  // A copy of what the session is, when it goes on; counts as used.
  std::optional<OpenSession> use(const CookieHash& session);
  bool goes_on(const KeptSession& session) const;

  // While an issuer is asked about an act. wait_for: false when it is not, and then `then` is never called.
  void begin_asking(const ActId& act);
  [[nodiscard]] bool wait_for(const ActId& act, std::function<void()> then);
  void asked(const ActId& act);  // calls those who wait

  // SPEC WA-17: a count that does not grow is that of a copy. Remembered until the process ends.
  Result<void> count(const policy::Fingerprint& key, std::uint32_t in_row, std::uint32_t now);

  Parts parts;
  Cancellation stopping;
  std::optional<OidcClient> issuers;

  mutable std::mutex mutex;
  std::map<CookieHash, KeptSession> sessions;
  struct KeptCeremony {
    Ceremony ceremony;
    std::list<CookieHash>::iterator place;  // in its kind's
  };
  std::map<CookieHash, KeptCeremony> ceremonies;
  std::array<std::list<CookieHash>, kCeremonyKinds> ceremonies_by_age;
  std::map<std::string, CookieHash> ceremonies_by_state;  // of those at an issuer
  CeremonyTickets tickets{kCeremonyLife};
  std::map<policy::Fingerprint, std::uint32_t> counts;
  // Acts whose issuer is being asked, and who else waits for what comes of it: the same return, once more.
  std::map<ActId, std::vector<std::function<void()>>> underway;

  // With the mutex held.
  void make_room_for(const Ceremony& ceremony);
  Ceremony take(std::map<CookieHash, KeptCeremony>::iterator found);

  std::unique_ptr<JobThreads> jobs;  // last: its threads use all the others
};

// Of a ticket, as if it had been kept.
CeremonyTickets::Ticket new_ticket(const BrowserSessions::State& state, CeremonyKind kind);
Ceremony ceremony_of(const BrowserSessions::State& state, const CeremonyTickets::Ticket& ticket);

// Who somebody is, whatever they came with: a person, a staff member or an administrator.
ByteArray<16> whose(const policy::Actor& actor);

bool is_active(const Directory& directory, const policy::AdministratorActor& administrator);

// The row of an issuer whose keys verify the token, and what it says. denied, unavailable.
struct VerifiedToken {
  policy::OidcIssuer issuer;
  IdTokenClaims claims;
  std::string token;
};
Result<VerifiedToken> token_for(BrowserSessions::State& state, const Ceremony& ceremony, const IssuerReturn& answer);

// The actor of an act in the session, themselves or as whom they say. denied: not registered so, or an administrator,
// whose acts are signed with their own key and come at the admin socket (SPEC BS-31).
Result<policy::Actor> actor_for(const BrowserSessions::State& state, const policy::Actor& actor,
                                const std::optional<RepresentativeId>& as);

SentAct order_of(const BrowserSessions::State& state, const WantedAct& wanted);

// What is sent becomes a command, if it may come from a browser at all. Errors as make_command.
Result<Command> command_of(BrowserSessions::State& state, const policy::Actor& actor, const SentAct& sent,
                           Bytes evidence);

}  // namespace flikvakt::service
