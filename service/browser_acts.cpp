// What is done in a session: acts that the session itself proves, acts that the user signs, and passkeys that are made.
#include <algorithm>

#include "crypto/canonical_json.h"
#include "crypto/random.h"
#include "service/act_words.h"
#include "service/browser_sessions_state.h"
#include "service/staff_assertion.h"

namespace flikvakt::service {
namespace {

constexpr std::chrono::hours kOrderLives{1};
constexpr std::size_t kMostSentKept = 64;  // of one session

Error denied(std::string_view why) { return fail(ErrorCode::denied, "by browser: " + std::string(why)); }
Error no_session() { return denied("no session"); }

Result<std::string> kind_in(const json::value& act) {
  const json::object* object = act.if_object();
  const json::value* kind = object ? object->if_contains("kind") : nullptr;
  const bool is_kind = kind && kind->is_string() && policy::is_act_kind(std::string_view(kind->get_string()));
  if (!is_kind) return fail(ErrorCode::malformed, "by browser: no act");
  return std::string(kind->get_string());
}

OrganisationId namespace_of(const policy::Actor& actor) {
  const auto* staff = std::get_if<policy::StaffActor>(&actor);
  return staff ? staff->organisation : OrganisationId();
}

// As their own device or system would have sent it. SPEC BS-41
struct DemoEvidence {
  Bytes bytes;
  std::string assertion;  // of staff
};
DemoEvidence demo_evidence(const BrowserSessions::State& state, const DemoPerson& who, const SentAct& sent) {
  const std::string order = crypto::canonical(to_json(sent));
  if (!who.staff) return {to_bytes(as_bytes(demo_signature(who, order))), {}};
  return {to_bytes(as_bytes(order)), demo_assertion(who, state.parts.core.directory().instance().name, state.wall())};
}

Result<Command> demo_command(BrowserSessions::State& state, const DemoPerson& who, const policy::Actor& actor,
                             const SentAct& sent, const std::optional<Bytes>& known = {}) {
  DemoEvidence evidence = demo_evidence(state, who, sent);
  if (known) evidence.bytes = *known;
  Command command = TRY(command_of(state, actor, sent, std::move(evidence.bytes)));
  command.evidence->assertion = std::move(evidence.assertion);
  return command;
}

// What was sent under this id before, in this session; nothing: it is new. conflict: another act.
Result<std::optional<SentInSession>> sent_before(BrowserSessions::State& state, const CookieHash& session,
                                                 const WantedAct& wanted) {
  std::lock_guard lock(state.mutex);
  const auto kept = state.sessions.find(session);
  if (kept == state.sessions.end()) return no_session();
  const auto found = kept->second.sent.find(wanted.id);
  if (found == kept->second.sent.end()) return std::optional<SentInSession>();
  const bool is_same = found->second.act == wanted.act && found->second.sent.representative == wanted.as;
  if (!is_same) return fail(ErrorCode::conflict, "by browser: another act under the same id");
  return std::optional(found->second);
}

void keep_sent(BrowserSessions::State& state, const CookieHash& session, SentInSession sent) {
  std::lock_guard lock(state.mutex);
  const auto kept = state.sessions.find(session);
  if (kept == state.sessions.end()) return;
  std::map<ActId, SentInSession>& all = kept->second.sent;
  std::list<ActId>& by_age = kept->second.sent_by_age;
  const ActId id = sent.sent.id;
  if (!all.emplace(id, std::move(sent)).second) return;
  by_age.push_back(id);
  if (by_age.size() <= kMostSentKept) return;
  all.erase(by_age.front());
  by_age.pop_front();
}

// SPEC BS-16: what was signed, so that the same form again gets the first answer.
Result<Command> kept_as_signed(BrowserSessions::State& state, const CookieHash& session, const Ceremony& ceremony,
                               Result<Command> command) {
  if (command) keep_sent(state, session, {ceremony.sent.act, ceremony.sent, command->evidence->bytes, command->actor});
  return command;
}

// ---- Signing

// The passkeys that may sign in this session: a person's own, all of them; of a staff member the one that opened it.
std::vector<std::pair<policy::Fingerprint, policy::Passkey>> passkeys_for(const BrowserSessions::State& state,
                                                                          const policy::Actor& opener) {
  std::vector<std::pair<policy::Fingerprint, policy::Passkey>> out;
  const Directory& directory = state.parts.core.directory();
  if (const auto* person = std::get_if<policy::PersonActor>(&opener)) {
    for (const policy::DeviceKey& key : directory.passkeys_of(person->person)) {
      if (key.passkey) out.emplace_back(key.thumbprint, *key.passkey);
    }
  }
  const auto* staff = std::get_if<policy::StaffActor>(&opener);
  const auto key = staff && staff->passkey ? directory.staff_key(*staff->passkey) : std::nullopt;
  if (key) out.emplace_back(key->thumbprint, key->passkey);
  return out;
}

std::optional<std::string> issuer_of(const OpenSession& session) {
  const auto* token = session.proof ? std::get_if<TokenProof>(&session.proof->proof) : nullptr;
  return token ? std::optional(token->issuer) : std::nullopt;
}

// What the e-ID's app shows: the act in words, and the beginning of what is signed.
std::string message_for(const std::string& kind, const crypto::Hash256& challenge, const std::string& language) {
  const ActWords& words = words_of(audit::act_kind_named(kind).value());
  const std::string_view act = language.starts_with("en") ? words.en : words.sv;
  return "Flikvakt: " + std::string(act) + " (" + to_hex(BytesView(challenge).first(4)) + ")";
}

void sent_to_issuer(BrowserSessions::State& state, const CookieHash& session, const Ceremony& ceremony) {
  std::lock_guard lock(state.mutex);
  const auto kept = state.sessions.find(session);
  if (kept == state.sessions.end()) return;
  kept->second.at_issuer.emplace_back(ceremony.asked->state, ceremony.sent.id);
  if (kept->second.at_issuer.size() > kMostSentKept) kept->second.at_issuer.pop_front();
}

std::string evidence_of_order(const json::value& order, Proof proof) {
  return to_evidence({order, std::move(proof), {}});
}

}  // namespace

Result<policy::Actor> actor_for(const BrowserSessions::State& state, const policy::Actor& actor,
                                const std::optional<RepresentativeId>& as) {
  if (std::holds_alternative<policy::AdministratorActor>(actor))
    return denied("an administrator's acts are signed with their own key");
  if (!as) return actor;
  const auto* person = std::get_if<policy::PersonActor>(&actor);
  if (!person) return denied("only a person represents another one");
  const std::optional<policy::PersonActor> found = state.parts.core.directory().acting(person->person, person->key, as);
  return found ? Result<policy::Actor>(*found) : denied("as a representative who is none");
}

SentAct order_of(const BrowserSessions::State& state, const WantedAct& wanted) {
  SentAct out;
  out.id = wanted.id;
  out.audience = state.parts.core.directory().instance().name;
  out.issued = state.wall();
  out.expires = out.issued + kOrderLives;
  out.seen_version = wanted.seen_version;
  out.representative = wanted.as;
  // As whoever verifies the log reads it, who has what was signed: a key's members in the order that is canonical.
  out.act = parse_json(crypto::canonical(wanted.act)).value();
  return out;
}

Result<Command> command_of(BrowserSessions::State& state, const policy::Actor& actor, const SentAct& sent,
                           Bytes evidence) {
  Command command = TRY(make_command(state.core(), actor, sent, std::move(evidence), namespace_of(actor)));
  const bool is_staff = std::holds_alternative<policy::StaffActor>(actor);
  if (!is_staff && !std::holds_alternative<policy::PersonActor>(actor)) return denied("neither a person nor staff");
  const auto may = is_staff ? state.parts.staff_may_send : state.parts.person_may_send;
  if (!may(command.act)) return fail(ErrorCode::invalid, "`act`: not an act that comes by browser");
  return command;
}

Result<bool> BrowserSessions::needs_signing(const json::value& act) {
  return policy::kind_needs_fresh_verification(TRY(kind_in(act)));
}

// SPEC BS-11, BS-12
Result<Command> BrowserSessions::command(const SessionCookie& cookie, const WantedAct& wanted) {
  const CookieHash hash = hash_of(cookie.value);
  const std::optional<OpenSession> session = state_->use(hash);
  if (!session) return no_session();
  if (TRY(needs_signing(wanted.act))) return fail(ErrorCode::invalid, "by browser: the act needs to be signed");
  const policy::Actor actor = TRY(actor_for(*state_, session->shown.actor, wanted.as));
  const std::optional<SentInSession> before = TRY(sent_before(*state_, hash, wanted));
  const SentAct sent = before ? before->sent : order_of(*state_, wanted);
  if (session->demo) {
    const auto known = before ? std::optional(before->evidence) : std::nullopt;
    Command command = TRY(demo_command(*state_, *session->demo, actor, sent, known));
    keep_sent(*state_, hash, {wanted.act, sent, command.evidence->bytes});
    return command;
  }
  Bytes evidence = before ? before->evidence : to_bytes(as_bytes(to_evidence({to_json(sent), {}, session->proof})));
  Command command = TRY(command_of(*state_, actor, sent, std::move(evidence)));
  keep_sent(*state_, hash, {wanted.act, sent, command.evidence->bytes});
  return command;
}

// SPEC BS-13
Result<SigningCeremony> BrowserSessions::begin_signing(const SessionCookie& cookie, const WantedAct& wanted,
                                                       const std::string& language) {
  const std::optional<OpenSession> session = state_->use(hash_of(cookie.value));
  if (!session) return no_session();
  SigningCeremony out;
  out.kind = TRY(kind_in(wanted.act));
  const policy::Actor actor = TRY(actor_for(*state_, session->shown.actor, wanted.as));
  Ceremony ceremony;
  ceremony.kind = CeremonyKind::signing;
  ceremony.in_session = hash_of(cookie.value);
  ceremony.sent = order_of(*state_, wanted);
  ceremony.began = ceremony.sent.issued;
  ceremony.challenge = order_challenge(to_json(ceremony.sent));
  TRY(command_of(*state_, actor, ceremony.sent, Bytes{0}));  // what is wrong with the act is said before it is signed
  out.act_sha256 = ceremony.challenge;
  out.is_demo = session->demo.has_value();
  if (!out.is_demo) {
    std::vector<Bytes> ids;
    for (const auto& [thumbprint, passkey] : passkeys_for(*state_, session->shown.actor))
      ids.push_back(passkey.credential_id);
    if (!ids.empty()) out.passkey_options = request_options(state_->parts.place.rp_id, ceremony.challenge, ids);
    const std::optional<std::string> code = issuer_of(*session);
    const auto issuer = code && state_->issuers ? state_->core().directory().oidc_issuer(*code) : std::nullopt;
    if (issuer) {
      ceremony.asked = ask_issuer(*code, state_->redirect_uri_of(*code));
      out.url = authorization_url(*issuer, *ceremony.asked, ceremony.challenge, language,
                                  message_for(out.kind, ceremony.challenge, language));
      sent_to_issuer(*state_, hash_of(cookie.value), ceremony);
    }
  }
  out.cookie = state_->begin(std::move(ceremony));
  return out;
}

namespace {

// What is signed belongs to the session that began it.
Result<OpenSession> session_of(BrowserSessions::State& state, const SessionCookie& cookie, const Ceremony& ceremony) {
  const std::optional<OpenSession> session = state.use(hash_of(cookie.value));
  if (!session || ceremony.in_session != hash_of(cookie.value)) return no_session();
  return *session;
}

// SPEC BS-14: by the passkey that answered, which need not be the one that opened the session.
Result<Command> signed_by_passkey(BrowserSessions::State& state, const OpenSession& session, const Ceremony& ceremony,
                                  const PasskeyAnswer& answer) {
  const PasskeyProof proof{answer.authenticator_data, answer.client_data, answer.signature};
  const ProofContext context{ceremony.challenge, ceremony.began, state.wall(), state.parts.place.origin, true};
  for (const auto& [thumbprint, passkey] : passkeys_for(state, session.shown.actor)) {
    if (passkey.credential_id != answer.credential_id) continue;
    policy::Actor opener = session.shown.actor;
    auto* person = std::get_if<policy::PersonActor>(&opener);
    if (person) person->key = thumbprint;
    policy::Actor actor = TRY(actor_for(state, opener, ceremony.sent.representative));
    const auto count = verify_proof(proof, actor, state.credentials(), state.core().keys(), context);
    if (!count) continue;
    TRY_VOID(state.count(thumbprint, passkey.sign_count, count->value_or(0)));
    if (auto* acting = std::get_if<policy::PersonActor>(&actor)) acting->sign_count = *count;
    return command_of(state, actor, ceremony.sent,
                      to_bytes(as_bytes(evidence_of_order(to_json(ceremony.sent), proof))));
  }
  return denied("a passkey that is not of this session's user, or an answer that does not verify");
}

Result<Command> signed_by_issuer(BrowserSessions::State& state, const OpenSession& session, const Ceremony& ceremony,
                                 const IssuerReturn& answer) {
  const VerifiedToken verified = TRY(token_for(state, ceremony, answer));
  const policy::Actor actor = TRY(actor_for(state, session.shown.actor, ceremony.sent.representative));
  const TokenProof proof{verified.issuer.code, verified.token};
  const ProofContext context{ceremony.challenge, ceremony.began, state.wall(), {}, true};
  TRY(verify_proof(proof, actor, state.credentials(), state.core().keys(), context));  // the same person as before
  return command_of(state, actor, ceremony.sent, to_bytes(as_bytes(evidence_of_order(to_json(ceremony.sent), proof))));
}

}  // namespace

Result<Command> BrowserSessions::finish_signing(const SessionCookie& cookie, const CeremonyCookie& ceremony,
                                                const PasskeyAnswer& answer) {
  const Ceremony begun = TRY(state_->finish(ceremony, CeremonyKind::signing));
  const OpenSession session = TRY(session_of(*state_, cookie, begun));
  return kept_as_signed(*state_, hash_of(cookie.value), begun, signed_by_passkey(*state_, session, begun, answer));
}

void BrowserSessions::finish_signing_by_issuer(const SessionCookie& cookie, IssuerReturn answer,
                                               std::function<void(Result<Command>)> done) {
  State* const state = state_.get();
  Result<Ceremony> begun = state->finish_return(answer, CeremonyKind::signing);
  if (!begun) {
    const std::optional<ActId> act = act_at_issuer(cookie, answer.state);
    const auto again = [this, cookie, act, done] { done(signed_before(cookie, *act)); };
    if (!act || !state->wait_for(*act, again)) done(begun.error());
    return;
  }
  const ActId act = begun->sent.id;
  const std::string issuer = begun->asked ? begun->asked->issuer : std::string();
  state->begin_asking(act);
  const bool taken = state->jobs->post(
      issuer, JobThreads::Urgency::first, [state, cookie, begun = std::move(*begun), answer = std::move(answer), done] {
        const Result<OpenSession> session = session_of(*state, cookie, begun);
        done(session ? kept_as_signed(*state, hash_of(cookie.value), begun,
                                      signed_by_issuer(*state, *session, begun, answer))
                     : Result<Command>(session.error()));
        state->asked(begun.sent.id);
      });
  if (taken) return;
  done(fail(ErrorCode::unavailable, "by browser: too many wait"));
  state->asked(act);
}

std::optional<ActId> BrowserSessions::act_at_issuer(const SessionCookie& cookie, const std::string& state) const {
  std::lock_guard lock(state_->mutex);
  const auto kept = state_->sessions.find(hash_of(cookie.value));
  if (kept == state_->sessions.end()) return std::nullopt;
  const auto found = std::ranges::find(kept->second.at_issuer, state, &std::pair<std::string, ActId>::first);
  return found == kept->second.at_issuer.end() ? std::nullopt : std::optional(found->second);
}

// SPEC BS-16
Result<Command> BrowserSessions::signed_before(const SessionCookie& cookie, const ActId& act) {
  const CookieHash hash = hash_of(cookie.value);
  const std::optional<OpenSession> session = state_->use(hash);
  if (!session) return no_session();
  std::optional<SentInSession> sent;
  {
    std::lock_guard lock(state_->mutex);
    const auto kept = state_->sessions.find(hash);
    if (kept == state_->sessions.end()) return no_session();
    const auto found = kept->second.sent.find(act);
    if (found != kept->second.sent.end()) sent = found->second;
  }
  if (!sent || !sent->signer) return fail(ErrorCode::not_found, "by browser: nothing was signed under this id");
  if (session->demo) return demo_command(*state_, *session->demo, *sent->signer, sent->sent, sent->evidence);
  return command_of(*state_, *sent->signer, sent->sent, std::move(sent->evidence));
}

Result<Command> BrowserSessions::finish_signing_in_demo(const SessionCookie& cookie, const CeremonyCookie& ceremony) {
  const Ceremony begun = TRY(state_->finish(ceremony, CeremonyKind::signing));
  const OpenSession session = TRY(session_of(*state_, cookie, begun));
  if (!session.demo) return denied("not one of the demo's people");
  const policy::Actor actor = TRY(actor_for(*state_, session.shown.actor, begun.sent.representative));
  return kept_as_signed(*state_, hash_of(cookie.value), begun, demo_command(*state_, *session.demo, actor, begun.sent));
}

// ---- A new passkey

namespace {

PasskeyCeremony creation_of(const PortalPlace& place, CeremonyCookie cookie, const crypto::Hash256& challenge,
                            const std::string& name, const std::vector<policy::Passkey>& existing) {
  std::vector<Bytes> excluded;
  for (const policy::Passkey& one : existing) excluded.push_back(one.credential_id);
  const Bytes user = to_bytes(crypto::random_bytes<16>());  // says nothing of whom it is
  return {std::move(cookie), creation_options(place.rp_id, challenge, user, name, excluded)};
}

}  // namespace

PasskeyCeremony BrowserSessions::begin_new_passkey(const std::string& name) {
  const CeremonyTickets::Ticket ticket = new_ticket(*state_, CeremonyKind::new_passkey);
  return creation_of(state_->parts.place, state_->begin_ticket(ticket), state_->tickets.challenge_of(ticket), name, {});
}

PasskeyCeremony BrowserSessions::begin_new_passkey(const SessionCookie& cookie, const std::string& name,
                                                   const std::vector<policy::Passkey>& existing) {
  Ceremony ceremony;
  ceremony.kind = CeremonyKind::new_passkey;
  ceremony.in_session = hash_of(cookie.value);
  ceremony.began = state_->wall();
  ceremony.challenge = crypto::random_bytes<32>();
  const crypto::Hash256 challenge = ceremony.challenge;
  return creation_of(state_->parts.place, state_->begin(std::move(ceremony)), challenge, name, existing);
}

// SPEC BS-15
Result<NewPasskey> BrowserSessions::finish_new_passkey(const CeremonyCookie& cookie, const NewPasskeyAnswer& answer) {
  const Ceremony begun = TRY(state_->finish(cookie, CeremonyKind::new_passkey));
  const PortalPlace& place = state_->parts.place;
  const crypto::RegisteredPasskey made =
      TRY(crypto::verify_registration(answer, {place.rp_id, place.origin, begun.challenge}));
  return NewPasskey{made.key.to_jwk(), made.key.thumbprint(), {made.credential_id, place.rp_id, made.sign_count}};
}

}  // namespace flikvakt::service
