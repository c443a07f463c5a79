#include "service/sent_act.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/overloaded.h"
#include "base/web_address.h"
#include "crypto/random.h"
#include "crypto/web_key.h"
#include "crypto/x509.h"
#include "service/browser_evidence.h"
#include "service/handles.h"

namespace flikvakt::service {
namespace {

constexpr auto kLongestLife = std::chrono::days(30);
constexpr std::chrono::milliseconds kShortestReceipt = std::chrono::days(1);
constexpr std::chrono::milliseconds kLongestReceipt = std::chrono::days(31);
constexpr auto kClockSkew = std::chrono::minutes(2);  // between sender and gateway
// As far as a gateway's clock may be ahead at start-up without being doubted.
constexpr std::chrono::milliseconds kGraceOfNarrowing = CommitClock::kStartTolerance;

Error invalid(std::string what) { return fail(ErrorCode::invalid, "the act: " + std::move(what)); }

Result<void> check_envelope(Core& core, const SentAct& sent) {
  if (sent.audience != core.directory().instance().name) return invalid("it is addressed to another gateway");
  if (sent.expires <= sent.issued || sent.expires - sent.issued > kLongestLife)
    return invalid("its life is not 0 to 30 days");
  return {};
}

// SPEC ACT-53: whichever of the two clocks is wrong, taking access away does not wait for it.
Result<void> check_issued(const policy::Instance& instance, UtcTime now, const SentAct& sent, const policy::Act& act) {
  if (policy::direction_of(act) == policy::Direction::narrowing) return {};
  if (sent.issued > now + kClockSkew) return invalid("it is issued in the future");
  // SPEC ACT-50: what was signed before this log began opens nothing in it.
  if (sent.issued < instance.since) return invalid("it was issued before this log began: issue it anew");
  return {};
}

Result<json::value> index_of(const KeyRing& keys, const OrganisationId& organisation, const json::value& handle) {
  if (!handle.is_string()) return fail(ErrorCode::malformed, "expected a handle");
  return to_json(TRY(resolve_handle(keys, organisation, handle.get_string())));
}

Result<void> resolve_named(const KeyRing& keys, const OrganisationId& organisation, json::object& act) {
  if (json::value* person = act.if_contains("person"); person && !person->is_null()) {
    *person = TRY(index_of(keys, organisation, *person));
  }
  if (json::value* other = act.if_contains("representative"); other && !other->is_null()) {
    *other = TRY(index_of(keys, organisation, *other));
  }
  if (json::value* others = act.if_contains("other_subjects"); others && others->is_array()) {
    for (json::value& other : others->get_array()) other = TRY(index_of(keys, organisation, other));
  }
  return {};
}

// Handles become blind indexes, also in the act that an `approve` repeats; nothing else is touched.
Result<void> resolve_people(const KeyRing& keys, const OrganisationId& organisation, json::object& act) {
  TRY_VOID(resolve_named(keys, organisation, act));
  json::value* approved = act.if_contains("act");
  return approved && approved->is_object() ? resolve_named(keys, organisation, approved->get_object()) : Result<void>();
}

Result<void> check_text(const std::string& text, const policy::Fingerprint& text_sha256) {
  if (text.empty() || text.size() > 16 * 1024) return invalid("the text shown is empty or over 16 KiB");
  if (crypto::sha256(as_bytes(text)) != text_sha256) return invalid("`text_sha256` is not the hash of `text`");
  return {};
}

Result<void> check_key(const json::value& jwk, const policy::Fingerprint& thumbprint) {
  const crypto::PublicKey key = TRY(crypto::PublicKey::from_jwk(jwk));
  if (key.thumbprint() != thumbprint) return invalid("`thumbprint` is not that of `jwk`");
  return {};
}

// SPEC WA-5, ENROL-10: the key of a passkey may be of more kinds than one that signs acts itself.
Result<void> check_passkey(const json::value& jwk, const policy::Fingerprint& thumbprint) {
  const crypto::WebKey key = TRY(crypto::WebKey::from_jwk(jwk));
  if (key.thumbprint() != thumbprint) return invalid("`thumbprint` is not that of `jwk`");
  if (key.to_jwk() != jwk) return invalid("`jwk` has more members than its key needs");
  return {};
}

Result<void> check_new_key(const std::optional<json::value>& jwk, const policy::Fingerprint& thumbprint,
                           const std::optional<policy::Passkey>& passkey) {
  if (!jwk) return passkey ? invalid("a passkey without `jwk`") : Result<void>();
  return passkey ? check_passkey(*jwk, thumbprint) : check_key(*jwk, thumbprint);
}

// SPEC OIDC-2: addresses that can be asked, and roots that can be trusted.
Result<void> check_oidc_issuer(const policy::SetOidcIssuer& act) {
  for (const std::string* url : {&act.issuer, &act.authorization_endpoint, &act.token_endpoint, &act.jwks_uri}) {
    const Result<WebAddress> address = WebAddress::parse(*url);
    if (!address || !address->has_tls) return invalid("`" + *url + "` is no https address");
  }
  if (!crypto::TrustStore::parse_pem(act.ca)) return invalid("`ca` holds no certificates in PEM");
  return {};
}

// SPEC EID-1
Result<void> check_e_id(const policy::EnrolEid& act) {
  const bool fits = act.thumbprint == e_id_thumbprint(act.issuer, act.person);
  return fits ? Result<void>() : invalid("`thumbprint` is not that of the number at the issuer");
}

// SPEC ACT-49: what two administrators state of a certificate is what its issuer signed.
Result<void> check_certificate(const std::vector<policy::Issuer>& issuers, const policy::RegisterCertificate& act) {
  const crypto::Certificate certificate = TRY(crypto::Certificate::parse_der(act.certificate));
  const bool same = certificate.sha256_fingerprint() == act.fingerprint && certificate.serial_hex() == act.serial &&
                    certificate.not_before() == act.valid_from && certificate.not_after() == act.valid_to;
  if (!same) return invalid("its fields are not those of `certificate`");
  const auto issuer = std::ranges::find(issuers, act.issuer, &policy::Issuer::fingerprint);
  if (issuer == issuers.end()) return invalid("`issuer` is not a registered certificate authority");
  const crypto::Certificate authority = TRY(crypto::Certificate::parse_der(issuer->certificate));
  if (!certificate.signed_by(authority)) return invalid("`certificate` is not signed by `issuer`");
  return {};
}

Result<void> check_issuer(const policy::RegisterIssuer& act) {
  const crypto::Certificate certificate = TRY(crypto::Certificate::parse_der(act.certificate));
  if (certificate.sha256_fingerprint() != act.fingerprint) return invalid("`fingerprint` is not that of `certificate`");
  return {};
}

// What the rules cannot check, since they know no cryptography.
Result<void> check_contents(const Directory& directory, const policy::Act& act) {
  return visit(Overloaded{
                   [](const policy::SignFullmakt& a) { return check_text(a.text, a.terms.text_sha256); },
                   [](const policy::PaperFullmakt& a) { return check_text(a.text, a.terms.text_sha256); },
                   [](const policy::SignKomplettering& a) { return check_text(a.text, a.text_sha256); },
                   [](const policy::PaperKomplettering& a) { return check_text(a.text, a.text_sha256); },
                   [](const policy::ProposeKey& a) { return check_new_key(a.jwk, a.thumbprint, a.passkey); },
                   [](const policy::AddKey& a) { return check_new_key(a.jwk, a.thumbprint, a.passkey); },
                   [](const policy::RegisterStaffKey& a) { return check_passkey(a.jwk, a.thumbprint); },
                   [](const policy::SetOidcIssuer& a) { return check_oidc_issuer(a); },
                   [](const policy::EnrolEid& a) { return check_e_id(a); },
                   [](const policy::RegisterAssertionKey& a) { return check_key(a.jwk, a.thumbprint); },
                   [](const policy::RegisterAdministrator& a) { return check_key(a.jwk, a.thumbprint); },
                   [&](const policy::RegisterCertificate& a) { return check_certificate(directory.issuers(), a); },
                   [](const policy::RegisterIssuer& a) { return check_issuer(a); },
                   [](const auto&) -> Result<void> { return {}; },
               },
               act);
}

// SPEC ENROL-7: a new person may come of it, so keys are made each time, and never destroyed while the gateway runs:
// neither what is done nor how long it takes says whether the number was known. Start-up destroys what was not used.
Result<void> prepare_person(const KeyRing& keys, policy::Prepared& prepared, const PersonId& person) {
  prepared.keys = TRY(make_durable(keys, keys.make_person_keys(person, crypto::random_id<KeyId>())));
  prepared.person = person;
  return {};
}

std::string person_named_in(const json::object& act) {
  const json::value* person = act.if_contains("person");
  return person && person->is_string() ? std::string(person->get_string()) : std::string();
}

}  // namespace

UtcTime carried_out_until(const SentAct& sent) {
  const json::value* kind = sent.act.is_object() ? sent.act.get_object().if_contains("kind") : nullptr;
  const bool narrows = kind && kind->is_string() &&
                       policy::direction_of_kind(std::string_view(kind->get_string())) == policy::Direction::narrowing;
  return narrows ? sent.expires + kGraceOfNarrowing : sent.expires;
}

UtcTime receipt_goes_at(UtcTime carried_out_until, UtcTime decided) {
  return std::clamp<UtcTime>(carried_out_until, decided + kShortestReceipt, decided + kLongestReceipt);
}

Result<std::vector<policy::KeyRow>> make_durable(const KeyRing& keys, const std::vector<NewKey>& made) {
  std::vector<store::KeySlot> slots;
  std::vector<policy::KeyRow> rows;
  for (const NewKey& key : made) {
    slots.push_back(key.slot);
    rows.push_back(key.row);
  }
  TRY_VOID(keys.store().put_all(slots));
  return rows;
}

void destroy_unused_keys(Core& core, const std::vector<policy::KeyRow>& rows) {
  for (const policy::KeyRow& row : rows) {
    if (core.directory().knows_key(row.id)) continue;
    if (Result<void> gone = core.keys().store().destroy(row.id); !gone) {
      // Harmless: nothing refers to it, and start-up destroys wraps without a row.
      spdlog::warn("an unused key was not destroyed: {}", gone.error().message);
    }
  }
}

Result<Command> make_command(Core& core, policy::Actor actor, const SentAct& sent, Bytes evidence,
                             const OrganisationId& namespace_of) {
  TRY_VOID(check_envelope(core, sent));
  const auto* person = std::get_if<policy::PersonActor>(&actor);
  if (sent.representative != (person ? person->representative : std::nullopt))
    return invalid("`representative` is not as whom it was sent");
  if (!sent.act.is_object()) return fail(ErrorCode::malformed, "`act`: expected an object");
  json::value act = sent.act;
  const std::string handle = person_named_in(act.get_object());
  TRY_VOID(resolve_people(core.keys(), namespace_of, act.get_object()));

  Command command;
  command.act = TRY(policy::parse_act(act));
  TRY_VOID(check_issued(core.directory().instance(), core.clock().wall(), sent, command.act));
  TRY_VOID(check_contents(core.directory(), command.act));
  if (const auto* accept = get_if<policy::AcceptClock>(&command.act)) {
    const auto off = accept->wall - core.clock().wall();
    if (off > kClockSkew || off < -kClockSkew) return invalid("`wall` is not what the clock shows now");
  }
  if (holds_alternative<policy::ProposeKey>(command.act) || holds_alternative<policy::EnrolEid>(command.act)) {
    const Result<std::string> number = number_behind(core.keys(), namespace_of, handle);
    if (number) command.prepared.number = *number;  // otherwise nobody: refused later, like everything else
  }
  command.actor = std::move(actor);
  const crypto::Hash256 hash = crypto::sha256(evidence);
  command.evidence = ActEvidence{sent.id, carried_out_until(sent), std::move(evidence), hash};
  command.seen_version = sent.seen_version;
  return command;
}

bool prepare(Core& core, Command& command) {
  const bool proposes = holds_alternative<policy::ProposeKey>(command.act);
  // SPEC EID-2: who enrols an e-ID may know whether the number was known: it is their own.
  const bool enrols = holds_alternative<policy::EnrolEid>(command.act) && command.prepared.person;
  if (!proposes && !enrols) return true;
  const PersonId person = enrols ? *command.prepared.person : crypto::random_id<PersonId>();
  const Result<void> made = prepare_person(core.keys(), command.prepared, person);
  if (!made) spdlog::error("the keys of a proposal could not be made: {}", made.error().message);
  return made.has_value();
}

void perform(Core& core, Command command, std::function<void(CommandResult)> done) {
  if (takes_long_to_prepare(core, command)) {
    return prepare_at_length(core, std::move(command), [&core, done = std::move(done)](Result<Command> prepared) {
      if (!prepared) return done(CommandResult{});
      prepared->done = done;
      core.sequencer().submit(std::move(*prepared));
    });
  }
  if (!prepare(core, command)) return done(CommandResult{});
  command.done = std::move(done);
  core.sequencer().submit(std::move(command));
}

}  // namespace flikvakt::service
