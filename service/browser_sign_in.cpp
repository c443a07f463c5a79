// A session begins: by passkey, by an issuer's token, or as one of the demo's people.
#include <spdlog/spdlog.h>

#include "crypto/canonical_json.h"
#include "crypto/random.h"
#include "service/browser_sessions_state.h"
#include "service/handles.h"

namespace flikvakt::service {
namespace {

Error denied(std::string_view why) { return fail(ErrorCode::denied, "signing in: " + std::string(why)); }

// Whose passkey it is, and how far it had counted when its row was written.
struct Holder {
  policy::Actor actor;
  std::uint32_t sign_count = 0;
};

std::optional<Holder> holder_of(const Directory& directory, const policy::Fingerprint& thumbprint) {
  if (const auto key = directory.person_key(thumbprint); key && key->passkey)
    return Holder{policy::PersonActor{key->person, thumbprint}, key->passkey->sign_count};
  const std::optional<policy::StaffKey> key = directory.staff_key(thumbprint);
  if (!key) return std::nullopt;
  policy::StaffActor actor{key->staff, key->organisation, {}, {}};
  actor.passkey = thumbprint;
  return Holder{actor, key->passkey.sign_count};
}

bool is_welcome(const BrowserSessions::State& state, const policy::Actor& actor) {
  const Directory& directory = state.parts.core.directory();
  if (const auto* person = std::get_if<policy::PersonActor>(&actor)) return directory.counts(*person);
  const auto* staff = std::get_if<policy::StaffActor>(&actor);
  return staff && directory.is_in_place(*staff, state.wall());
}

Ceremony sign_in_at_issuer_of(const BrowserSessions::State& state) {
  Ceremony out;
  out.kind = CeremonyKind::sign_in_at_issuer;
  out.began = state.wall();
  out.session = crypto::random_id<SessionId>();
  out.challenge = session_challenge(state.parts.core.directory().instance().name, out.session, out.began);
  return out;
}

// ---- e-ID

// Which number of the token is known here; else its own, of somebody new.
struct Numbered {
  std::string number;
  policy::BlindIndex index{};
  std::optional<PersonId> person;
};
Numbered person_behind(const BrowserSessions::State& state, const IdTokenClaims& claims) {
  const KeyRing& keys = state.parts.core.keys();
  const Directory& directory = state.parts.core.directory();
  const std::string& own = claims.number.value();
  const policy::BlindIndex index = keys.blind_index(own);
  const std::optional<PersonId> person = directory.person_with(index);
  if (person || !claims.previous_number) return {own, index, person};
  const policy::BlindIndex before = keys.blind_index(*claims.previous_number);
  const std::optional<PersonId> known = directory.person_with(before);
  return known ? Numbered{*claims.previous_number, before, known} : Numbered{own, index, {}};
}

bool is_enrolled(const Directory& directory, const policy::PersonActor& actor) {
  const std::optional<policy::DeviceKey> key = directory.person_key(actor.key);
  return key && key->oidc_issuer && key->status == policy::DeviceKeyStatus::active &&
         key->epoch == directory.instance().epoch;
}

// SPEC EID-1, EID-2: the first time, and the first after a restore.
Result<void> enrol(BrowserSessions::State& state, const policy::PersonActor& actor, const Numbered& who,
                   const SessionProof& proof, const std::string& issuer) {
  Core& core = state.core();
  WantedAct wanted{crypto::random_id<ActId>(), to_json(policy::EnrolEid{issuer, {}, actor.key})};
  json::object& act = wanted.act.get_object();
  act["kind"] = policy::EnrolEid::kKind;
  act["person"] = TRY(handle_for(core.keys(), OrganisationId(), who.number, core.clock()));
  const SentAct sent = order_of(state, wanted);
  const std::string evidence = to_evidence({to_json(sent), {}, proof});
  Command command = TRY(make_command(core, actor, sent, to_bytes(as_bytes(evidence)), OrganisationId()));
  if (!who.person) command.prepared.person = actor.person;
  if (!prepare(core, command)) return fail(ErrorCode::unavailable, "signing in: keys could not be made");
  const std::vector<policy::KeyRow> made = command.prepared.keys;
  const CommandResult result = core.decide(std::move(command));
  const bool is_done = result.status == CommandStatus::decided && result.decision.is_permitted();
  if (!is_done) destroy_unused_keys(core, made);
  if (is_done) return {};
  if (result.status != CommandStatus::decided) return fail(ErrorCode::unavailable, "signing in: nothing was decided");
  return denied("the e-ID is not taken: " + std::string(to_json(result.decision.reason).as_string()));
}

Result<policy::PersonActor> person_of(BrowserSessions::State& state, const VerifiedToken& verified,
                                      const SessionProof& proof) {
  const std::string& issuer = verified.issuer.code;
  for (int attempt = 0;; ++attempt) {
    const Numbered who = person_behind(state, verified.claims);
    const policy::PersonActor actor{who.person.value_or(crypto::random_id<PersonId>()),
                                    e_id_thumbprint(issuer, who.index)};
    if (who.person && is_enrolled(state.parts.core.directory(), actor)) return actor;
    const Result<void> enrolled = enrol(state, actor, who, proof, issuer);
    if (enrolled) return actor;
    // Two browsers of one new person at once: the second finds the person that the first made.
    const bool may_again = !who.person && attempt == 0 && state.parts.core.directory().person_with(who.index);
    if (!may_again) return enrolled.error();
  }
}

Result<policy::StaffActor> staff_of(const BrowserSessions::State& state, const VerifiedToken& verified) {
  const OrganisationId organisation = verified.issuer.organisation.value();
  const std::string& subject = verified.claims.staff.value();
  const std::optional<policy::Staff> found = state.parts.core.directory().staff_called(organisation, subject);
  if (!found) return denied("the issuer's claim means nobody here");
  policy::StaffActor actor{found->id, organisation, {}, {}};
  actor.token = policy::StaffToken{verified.issuer.code, subject};
  return actor;
}

Result<OpenedSession> signed_in(BrowserSessions::State& state, const Ceremony& ceremony, const IssuerReturn& answer,
                                std::string device) {
  const VerifiedToken verified = TRY(token_for(state, ceremony, answer));
  SessionProof proof{ceremony.session, ceremony.began, TokenProof{verified.issuer.code, verified.token}};
  if (verified.issuer.organisation) {
    const policy::StaffActor staff = TRY(staff_of(state, verified));
    if (!is_welcome(state, staff)) return denied("the staff member is not in place");
    return state.open(staff, SignInWay::organisation, std::move(device), std::move(proof), {});
  }
  const policy::PersonActor person = TRY(person_of(state, verified, proof));
  if (!is_welcome(state, person)) return denied("the e-ID does not count");
  return state.open(person, SignInWay::e_id, std::move(device), std::move(proof), {});
}

// SPEC OIDC-31, OIDC-32: a key that is not known makes the issuer's keys be fetched once.
Result<VerifiedToken> ask_for_token(BrowserSessions::State& state, const Ceremony& ceremony,
                                    const IssuerReturn& answer) {
  if (answer.state != ceremony.asked->state) return denied("another state than was given");
  if (!answer.error.empty()) return denied("the issuer says " + error_named(answer.error));
  if (answer.code.empty()) return denied("the issuer sent neither a code nor an error");
  policy::OidcIssuer issuer = TRY(state.issuers->refresh_keys(ceremony.asked->issuer, false));
  const bool counts = issuer.standing == policy::Standing::active;
  if (!counts || (!answer.issuer.empty() && answer.issuer != issuer.issuer)) return denied("another issuer answers");
  const std::string token = TRY(state.issuers->redeem(issuer, *ceremony.asked, answer.code));
  const TokenContext context{ceremony.challenge, ceremony.began, state.wall(), ceremony.kind == CeremonyKind::signing};
  Result<IdTokenClaims> claims = verify_id_token(token, issuer, context);
  if (!claims && claims.error().code == ErrorCode::not_found) {
    issuer = TRY(state.issuers->refresh_keys(issuer.code, true));
    claims = verify_id_token(token, issuer, context);
  }
  if (!claims) return denied(claims.error().message);
  return VerifiedToken{std::move(issuer), std::move(*claims), token};
}

}  // namespace

Result<VerifiedToken> token_for(BrowserSessions::State& state, const Ceremony& ceremony, const IssuerReturn& answer) {
  if (!state.issuers || !ceremony.asked) return denied("no issuer was asked");
  Result<VerifiedToken> out = ask_for_token(state, ceremony, answer);
  if (out) return out;
  return fail(out.error().code, out.error().message + " (issuer `" + ceremony.asked->issuer + "`)");
}

// SPEC BS-9
PasskeyCeremony BrowserSessions::begin_sign_in() {
  const CeremonyTickets::Ticket ticket = new_ticket(*state_, CeremonyKind::sign_in);
  const Ceremony ceremony = ceremony_of(*state_, ticket);
  return {state_->begin_ticket(ticket), request_options(state_->parts.place.rp_id, ceremony.challenge, {})};
}

// SPEC BS-1: several passkeys may bear one id, of which the browser says only that; the signature decides.
Result<OpenedSession> BrowserSessions::sign_in(const CeremonyCookie& cookie, const PasskeyAnswer& answer,
                                               std::string device) {
  const Ceremony ceremony = TRY(state_->finish(cookie, CeremonyKind::sign_in));
  const Directory& directory = state_->core().directory();
  const PasskeyProof proof{answer.authenticator_data, answer.client_data, answer.signature};
  const ProofContext context{ceremony.challenge, ceremony.began, state_->wall(), state_->parts.place.origin};
  for (const policy::Fingerprint& thumbprint : directory.passkeys_named(answer.credential_id)) {
    const std::optional<Holder> holder = holder_of(directory, thumbprint);
    if (!holder) continue;
    const auto verified = verify_proof(proof, holder->actor, state_->credentials(), state_->core().keys(), context);
    if (!verified) {
      spdlog::info("a passkey's answer is not taken: {}", verified.error().message);
      continue;
    }
    TRY_VOID(state_->count(thumbprint, holder->sign_count, verified->value_or(0)));
    if (!is_welcome(*state_, holder->actor)) return denied("whoever holds the passkey is not in place");
    return state_->open(holder->actor, SignInWay::passkey, std::move(device),
                        SessionProof{ceremony.session, ceremony.began, proof}, {});
  }
  return denied("a passkey that is not registered, or an answer that does not verify");
}

std::vector<IssuerChoice> BrowserSessions::issuers() const {
  std::vector<IssuerChoice> out;
  if (!state_->issuers) return out;
  for (const policy::OidcIssuer& one : state_->core().directory().oidc_issuers()) {
    out.push_back({one.code, one.name, one.organisation});
  }
  return out;
}

Result<IssuerCeremony> BrowserSessions::begin_sign_in_at(const std::string& issuer, const std::string& language) {
  const std::optional<policy::OidcIssuer> found = state_->core().directory().oidc_issuer(issuer);
  const bool counts = state_->issuers && found && found->standing == policy::Standing::active &&
                      found->epoch == state_->core().directory().instance().epoch;
  if (!counts) return fail(ErrorCode::not_found, "signing in: no such issuer");
  Ceremony ceremony = sign_in_at_issuer_of(*state_);
  ceremony.asked = ask_issuer(issuer, state_->redirect_uri_of(issuer));
  std::string url = authorization_url(*found, *ceremony.asked, ceremony.challenge, language);
  return IssuerCeremony{state_->begin(std::move(ceremony)), std::move(url)};
}

void BrowserSessions::sign_in_by_issuer(IssuerReturn answer, std::string device,
                                        std::function<void(Result<OpenedSession>)> done) {
  Result<Ceremony> ceremony = state_->finish_return(answer, CeremonyKind::sign_in_at_issuer);
  if (!ceremony) return done(ceremony.error());
  State* const state = state_.get();
  const std::string issuer = ceremony->asked ? ceremony->asked->issuer : std::string();
  const bool taken =
      state->jobs->post(issuer, JobThreads::Urgency::after,
                        [state, ceremony = std::move(*ceremony), answer = std::move(answer), device = std::move(device),
                         done] { done(signed_in(*state, ceremony, answer, device)); });
  if (!taken) done(fail(ErrorCode::unavailable, "signing in: too many wait"));
}

// SPEC BS-30: the code is a ceremony that somebody else began, so it is no cookie: whoever has it goes on.
SignInCode BrowserSessions::invite(const policy::AdministratorActor& administrator, SeenProposals proposals) {
  Ceremony ceremony;
  ceremony.kind = CeremonyKind::invitation;
  ceremony.began = state_->wall();
  ceremony.invited = administrator;
  ceremony.proposals = std::make_shared<const SeenProposals>(std::move(proposals));
  return {state_->begin(std::move(ceremony)).value};
}

Result<OpenedSession> BrowserSessions::sign_in_invited(const SignInCode& code, std::string device) {
  Ceremony ceremony = TRY(state_->finish(CeremonyCookie{code.value}, CeremonyKind::invitation));
  if (!is_active(state_->core().directory(), ceremony.invited)) return denied("the administrator is not in place");
  return state_->open(ceremony.invited, SignInWay::administrator, std::move(device), {}, {},
                      std::move(ceremony.proposals));
}

const PortalPlace& BrowserSessions::place() const { return state_->parts.place; }

// SPEC BS-41
Result<OpenedSession> BrowserSessions::sign_in_as_demo(std::size_t number, std::string device) {
  if (number >= demo_people().size()) return denied("nobody of the demo");
  const DemoPerson& who = demo_people()[number];
  if (who.staff) {
    if (!is_welcome(*state_, *who.staff)) return denied("the staff member is not in place");
    return state_->open(*who.staff, SignInWay::demo, std::move(device), {}, who);
  }
  if (who.administrator) return denied("an administrator of the demo, without a signed reading");
  const policy::Fingerprint thumbprint = who.key->public_key().thumbprint();
  const auto key = state_->core().directory().device_key(thumbprint);
  if (!key) return denied("the demo's key is not registered");
  return state_->open(policy::PersonActor{key->person, thumbprint}, SignInWay::demo, std::move(device), {}, who);
}

// SPEC BS-41: what `flikvakt portal` would have signed (BS-30).
Result<Command> BrowserSessions::demo_reading(std::size_t number) {
  const bool is_one = number < demo_people().size() && demo_people()[number].administrator;
  if (!is_one) return denied("no administrator of the demo");
  const DemoPerson& who = demo_people()[number];
  const SentAct sent =
      order_of(*state_, {crypto::random_id<ActId>(), policy::act_to_json(policy::Act(policy::ReadProposals{}))});
  const std::string evidence = demo_signature(who, crypto::canonical(to_json(sent)));
  return make_command(state_->core(), policy::AdministratorActor{*who.administrator}, sent,
                      to_bytes(as_bytes(evidence)), OrganisationId());
}

}  // namespace flikvakt::service
