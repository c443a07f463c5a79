#include "service/browser_sessions_state.h"

#include <algorithm>

#include "base/overloaded.h"
#include "crypto/random.h"

namespace flikvakt::service {
namespace {

constexpr std::size_t kMostOfSession = 8;  // ceremonies: so many pages of one browser wait to be signed
constexpr std::size_t kMostSessions = 100'000;
constexpr std::size_t kLongestDevice = 200;
constexpr std::size_t kJobThreads = 4;
constexpr std::size_t kMostJobs = 256;
constexpr std::size_t kMostWaitingForOne = 8;  // returns of one ceremony, beside the first

std::string new_cookie() { return to_base64url(crypto::random_bytes<32>()); }

std::string form_token_of(const std::string& cookie) {
  return to_base64url(crypto::sha256(as_bytes("flikvakt/v1/form\n"), as_bytes(cookie)));
}

std::chrono::milliseconds longest_idle(const policy::Actor& actor) {
  const bool is_staff = std::holds_alternative<policy::StaffActor>(actor);
  return is_staff ? BrowserSessions::kStaffIdle : BrowserSessions::kPersonIdle;
}

// Of each kind. Whoever begins one of these is known by name, but at an issuer, where the doors count by source.
std::size_t most_of(CeremonyKind kind) {
  if (kind == CeremonyKind::invitation) return 1'000;
  return kind == CeremonyKind::sign_in_at_issuer ? 50'000 : 10'000;
}

}  // namespace

CookieHash hash_of(const std::string& cookie) { return crypto::sha256(as_bytes(cookie)); }

ByteArray<16> whose(const policy::Actor& actor) {
  return std::visit(Overloaded{
                        [](const policy::PersonActor& one) { return one.person.value(); },
                        [](const policy::StaffActor& one) { return one.staff.value(); },
                        [](const policy::AdministratorActor& one) { return one.administrator.value(); },
                        [](const auto&) { return ByteArray<16>{}; },
                    },
                    actor);
}

BrowserSessions::State::State(Parts given) : parts(std::move(given)) {
  if (parts.client_key) issuers.emplace(parts.core, parts.fetch, std::move(*parts.client_key), &stopping);
  jobs = std::make_unique<JobThreads>(kJobThreads, kMostJobs);
}

CeremonyTickets::Ticket new_ticket(const BrowserSessions::State& state, CeremonyKind kind) {
  return {static_cast<std::uint8_t>(kind), crypto::random_bytes<16>(), state.steady(), state.wall()};
}

Ceremony ceremony_of(const BrowserSessions::State& state, const CeremonyTickets::Ticket& ticket) {
  Ceremony out;
  out.kind = static_cast<CeremonyKind>(ticket.kind);
  out.began_steady = ticket.began_steady;
  out.began = ticket.began;
  out.session = SessionId(ticket.id);
  out.challenge = out.kind == CeremonyKind::sign_in
                      ? session_challenge(state.parts.core.directory().instance().name, out.session, out.began)
                      : state.tickets.challenge_of(ticket);
  return out;
}

Ceremony BrowserSessions::State::take(std::map<CookieHash, KeptCeremony>::iterator found) {
  Ceremony out = std::move(found->second.ceremony);
  ceremonies_by_age[static_cast<std::size_t>(out.kind)].erase(found->second.place);
  if (out.asked) ceremonies_by_state.erase(out.asked->state);
  ceremonies.erase(found);
  return out;
}

// SPEC BS-9
void BrowserSessions::State::make_room_for(const Ceremony& ceremony) {
  const std::list<CookieHash>& same = ceremonies_by_age[static_cast<std::size_t>(ceremony.kind)];
  while (!same.empty()) {
    const auto oldest = ceremonies.find(same.front());
    const bool is_over = steady() - oldest->second.ceremony.began_steady > kCeremonyLife;
    if (!is_over && same.size() < most_of(ceremony.kind)) break;
    take(oldest);
  }
  const auto session = ceremony.in_session ? sessions.find(*ceremony.in_session) : sessions.end();
  if (session == sessions.end()) return;
  std::deque<CookieHash>& theirs = session->second.begun;
  std::erase_if(theirs, [this](const CookieHash& one) { return !ceremonies.contains(one); });
  while (theirs.size() >= kMostOfSession) {
    take(ceremonies.find(theirs.front()));
    theirs.pop_front();
  }
}

// SPEC BS-6
CeremonyCookie BrowserSessions::State::begin(Ceremony ceremony) {
  const CeremonyCookie cookie{new_cookie()};
  const CookieHash hash = hash_of(cookie.value);
  ceremony.began_steady = steady();
  std::lock_guard lock(mutex);
  make_room_for(ceremony);
  std::list<CookieHash>& same = ceremonies_by_age[static_cast<std::size_t>(ceremony.kind)];
  const auto place = same.insert(same.end(), hash);
  if (ceremony.asked) ceremonies_by_state[ceremony.asked->state] = hash;
  const auto session = ceremony.in_session ? sessions.find(*ceremony.in_session) : sessions.end();
  if (session != sessions.end()) session->second.begun.push_back(hash);
  ceremonies.emplace(hash, KeptCeremony{std::move(ceremony), place});
  return cookie;
}

Result<Ceremony> BrowserSessions::State::finish(const CeremonyCookie& cookie, CeremonyKind kind) {
  const Error over = fail(ErrorCode::expired, "by browser: nothing was begun, or it is over");
  {
    std::lock_guard lock(mutex);
    if (const auto found = ceremonies.find(hash_of(cookie.value)); found != ceremonies.end()) {
      Ceremony out = take(found);
      if (out.kind != kind || steady() - out.began_steady > kCeremonyLife) return over;
      return out;
    }
  }
  const bool may_be_ticket = kind == CeremonyKind::sign_in || kind == CeremonyKind::new_passkey;
  if (!may_be_ticket) return over;
  return ceremony_of(*this, TRY(tickets.use(cookie.value, static_cast<std::uint8_t>(kind), steady())));
}

Result<Ceremony> BrowserSessions::State::finish_return(const IssuerReturn& answer, CeremonyKind kind) {
  {
    std::lock_guard lock(mutex);
    const auto found = ceremonies.find(hash_of(answer.cookie.value));
    const auto* asked =
        found != ceremonies.end() && found->second.ceremony.asked ? &*found->second.ceremony.asked : nullptr;
    if (asked && asked->state != answer.state)
      return fail(ErrorCode::denied, "by browser: another state than was given");
  }
  Result<Ceremony> begun = finish(answer.cookie, kind);
  // SPEC OIDC-36: another issuer than the one that was asked had a hand in it.
  const bool is_mixed_up = begun && begun->asked && begun->asked->issuer != answer.at;
  if (is_mixed_up) {
    return fail(ErrorCode::denied,
                "by browser: back at the address of another issuer (issuer `" + begun->asked->issuer + "`)");
  }
  return begun;
}

// SPEC BS-1, BS-5
OpenedSession BrowserSessions::State::open(const policy::Actor& actor, SignInWay way, std::string device,
                                           std::optional<SessionProof> proof, std::optional<DemoPerson> demo,
                                           std::shared_ptr<const SeenProposals> proposals) {
  OpenedSession out;
  out.cookie.value = new_cookie();
  out.session.id = proof ? proof->id : crypto::random_id<SessionId>();
  out.session.actor = actor;
  out.session.way = way;
  out.session.opened = proof ? proof->opened : wall();
  out.session.last_used = wall();
  out.session.ends = out.session.opened + longest_session(actor);
  out.session.device = device.substr(0, kLongestDevice);
  out.session.form_token = form_token_of(out.cookie.value);
  out.session.proposals = std::move(proposals);
  std::lock_guard lock(mutex);
  std::vector<std::pair<std::chrono::steady_clock::time_point, CookieHash>> theirs;
  for (const auto& [hash, one] : sessions) {
    if (whose(one.open.shown.actor) == whose(actor)) theirs.emplace_back(one.opened, hash);
  }
  std::ranges::sort(theirs);
  for (std::size_t i = 0; i + kMostOfOne <= theirs.size(); ++i) sessions.erase(theirs[i].second);
  if (sessions.size() >= kMostSessions) std::erase_if(sessions, [&](const auto& one) { return !goes_on(one.second); });
  sessions[hash_of(out.cookie.value)] = {
      {out.session, std::move(proof), std::move(demo)}, steady(), steady(), {}, {}, {}};
  return out;
}

// SPEC BS-2, BS-3, BS-4
bool BrowserSessions::State::goes_on(const KeptSession& session) const {
  const BrowserSession& shown = session.open.shown;
  const auto now = steady();
  if (now - session.used >= longest_idle(shown.actor) || now - session.opened >= longest_session(shown.actor))
    return false;
  if (wall() >= shown.ends) return false;
  const Directory& directory = parts.core.directory();
  if (const auto* person = std::get_if<policy::PersonActor>(&shown.actor)) return directory.counts(*person);
  if (const auto* administrator = std::get_if<policy::AdministratorActor>(&shown.actor))
    return is_active(directory, *administrator);
  const auto* staff = std::get_if<policy::StaffActor>(&shown.actor);
  return staff && directory.is_in_place(*staff, wall());
}

bool is_active(const Directory& directory, const policy::AdministratorActor& administrator) {
  const auto row = directory.row<policy::Administrator>(administrator.administrator);
  return row && row->standing == policy::Standing::active;
}

std::optional<OpenSession> BrowserSessions::State::use(const CookieHash& session) {
  std::lock_guard lock(mutex);
  const auto found = sessions.find(session);
  if (found == sessions.end()) return std::nullopt;
  if (!goes_on(found->second)) {
    sessions.erase(found);
    return std::nullopt;
  }
  found->second.used = steady();
  found->second.open.shown.last_used = wall();
  return found->second.open;
}

void BrowserSessions::State::begin_asking(const ActId& act) {
  std::lock_guard lock(mutex);
  underway[act];
}

bool BrowserSessions::State::wait_for(const ActId& act, std::function<void()> then) {
  std::lock_guard lock(mutex);
  const auto found = underway.find(act);
  if (found == underway.end() || found->second.size() >= kMostWaitingForOne) return false;
  found->second.push_back(std::move(then));
  return true;
}

void BrowserSessions::State::asked(const ActId& act) {
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard lock(mutex);
    const auto found = underway.extract(act);
    if (!found.empty()) waiting = std::move(found.mapped());
  }
  for (const std::function<void()>& then : waiting) then();
}

Result<void> BrowserSessions::State::count(const policy::Fingerprint& key, std::uint32_t in_row, std::uint32_t now) {
  std::lock_guard lock(mutex);
  std::uint32_t& seen = counts[key];
  seen = std::max(seen, in_row);
  const bool counts_at_all = now != 0 || seen != 0;
  if (counts_at_all && now <= seen) return fail(ErrorCode::denied, "passkey: it counts as a copy would");
  seen = now;
  return {};
}

}  // namespace flikvakt::service
