#include "service/browser_session.h"

#include <algorithm>

#include "service/browser_sessions_state.h"

namespace flikvakt::service {
namespace {

template <class Sessions>
std::vector<BrowserSession> newest_first(const BrowserSessions::State& state, const Sessions& sessions,
                                         const policy::Actor& actor) {
  std::vector<BrowserSession> out;
  for (const auto& [hash, one] : sessions) {
    const bool is_theirs = whose(one.open.shown.actor) == whose(actor);
    if (is_theirs && state.goes_on(one)) out.push_back(one.open.shown);
  }
  std::ranges::sort(out, std::greater<>(), &BrowserSession::opened);
  for (BrowserSession& one : out) one.form_token.clear();  // of the session itself only
  return out;
}

}  // namespace

BrowserSessions::BrowserSessions(Parts parts) : state_(std::make_unique<State>(std::move(parts))) {}

BrowserSessions::~BrowserSessions() = default;

const std::vector<DemoPerson>& BrowserSessions::demo_people() const {
  static const std::vector<DemoPerson> kNobody;
  return state_->parts.demo ? *state_->parts.demo : kNobody;
}

std::optional<BrowserSession> BrowserSessions::find(const SessionCookie& cookie) {
  std::optional<OpenSession> found = state_->use(hash_of(cookie.value));
  return found ? std::optional(std::move(found->shown)) : std::nullopt;
}

void BrowserSessions::sign_out(const SessionCookie& cookie) {
  std::lock_guard lock(state_->mutex);
  state_->sessions.erase(hash_of(cookie.value));
}

// SPEC BS-7
std::vector<BrowserSession> BrowserSessions::sessions_like(const SessionCookie& cookie) const {
  std::lock_guard lock(state_->mutex);
  const auto found = state_->sessions.find(hash_of(cookie.value));
  if (found == state_->sessions.end() || !state_->goes_on(found->second)) return {};
  return newest_first(*state_, state_->sessions, found->second.open.shown.actor);
}

bool BrowserSessions::end_one(const SessionCookie& cookie, const SessionId& which) {
  std::lock_guard lock(state_->mutex);
  const auto mine = state_->sessions.find(hash_of(cookie.value));
  if (mine == state_->sessions.end() || !state_->goes_on(mine->second)) return false;
  const ByteArray<16> who = whose(mine->second.open.shown.actor);
  return std::erase_if(state_->sessions, [&](const auto& one) {
           return one.second.open.shown.id == which && whose(one.second.open.shown.actor) == who;
         }) > 0;
}

std::size_t BrowserSessions::end_all(const SessionCookie& cookie) {
  std::lock_guard lock(state_->mutex);
  const auto mine = state_->sessions.find(hash_of(cookie.value));
  if (mine == state_->sessions.end() || !state_->goes_on(mine->second)) return 0;
  const ByteArray<16> who = whose(mine->second.open.shown.actor);
  return std::erase_if(state_->sessions, [&](const auto& one) { return whose(one.second.open.shown.actor) == who; });
}

std::size_t BrowserSessions::count() const {
  std::lock_guard lock(state_->mutex);
  return static_cast<std::size_t>(
      std::ranges::count_if(state_->sessions, [&](const auto& one) { return state_->goes_on(one.second); }));
}

Result<policy::PersonActor> BrowserSessions::as_representative(const BrowserSession& session,
                                                               const RepresentativeId& as) const {
  const policy::Actor actor = TRY(actor_for(*state_, session.actor, as));
  return std::get<policy::PersonActor>(actor);
}

std::optional<BrowserSessions::Errand> BrowserSessions::errand_of(const std::string& state) const {
  std::lock_guard lock(state_->mutex);
  const auto found = state_->ceremonies_by_state.find(state);
  if (found == state_->ceremonies_by_state.end()) return std::nullopt;
  const CeremonyKind kind = state_->ceremonies.at(found->second).ceremony.kind;
  return kind == CeremonyKind::signing ? Errand::signing : Errand::sign_in;
}

bool BrowserSessions::is_awaited(const IssuerReturn& answer) const {
  std::lock_guard lock(state_->mutex);
  const auto found = state_->ceremonies_by_state.find(answer.state);
  return found != state_->ceremonies_by_state.end() && found->second == hash_of(answer.cookie.value);
}

}  // namespace flikvakt::service
