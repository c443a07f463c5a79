// The nouns that concern no person: organisations and who acts for them, teams, catalogue, credentials, administrators.
// Plain values. Each is one state row: kTable numbers its table for ever (spec/state-rows.md), key() is its id there.
//
// `epoch`: which life of the log attested this row. After a restore the instance's epoch is one higher, and a row of an
// older epoch opens nothing until it is re-attested (INVARIANT epoch: nothing restored is trusted unasked).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/json.h"
#include "base/time.h"

namespace flikvakt::policy {

using Fingerprint = ByteArray<32>;  // SHA-256 of a certificate (DER), or RFC 7638 thumbprint of a key

enum class Standing { active, suspended, removed };
BOOST_DESCRIBE_ENUM(Standing, active, suspended, removed)

enum class OrganisationKind { authority, municipality, region, provider, association, forbund };
BOOST_DESCRIBE_ENUM(OrganisationKind, authority, municipality, region, provider, association, forbund)

struct Organisation {
  static constexpr std::uint16_t kTable = 1;
  using Key = OrganisationId;
  OrganisationId id;
  std::string name;
  std::string number;  // organisationsnummer, as in the certificate
  OrganisationKind kind = OrganisationKind::authority;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Organisation, (), (id, name, number, kind, standing, epoch))

struct Unit {
  static constexpr std::uint16_t kTable = 2;
  using Key = UnitId;
  UnitId id;
  OrganisationId organisation;
  std::string name;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Unit, (), (id, organisation, name, standing, epoch))

// What a staff member may do besides reading and depositing what a fullmakt opens.
enum class StaffRole { roster_officer, registrar, log_reviewer };
BOOST_DESCRIBE_ENUM(StaffRole, roster_officer, registrar, log_reviewer)

struct Staff {
  static constexpr std::uint16_t kTable = 3;
  using Key = StaffId;
  StaffId id;
  OrganisationId organisation;
  std::optional<UnitId> unit;
  std::string name;
  std::set<StaffRole> roles;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  std::optional<std::string> subject = {};  // what the claim of the organisation's own issuer says of them
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Staff, (), (id, organisation, unit, name, roles, standing, epoch, subject))

// What a key is beside its public key when an authenticator holds it (spec/webauthn.md).
struct Passkey {
  Bytes credential_id;  // by which the authenticator finds it: 1 to 1023 bytes
  std::string rp_id;    // for which portal it was made
  std::uint32_t sign_count = 0;
};
BOOST_DESCRIBE_STRUCT(Passkey, (), (credential_id, rp_id, sign_count))

// A passkey of a staff member whose organisation has no issuer of its own.
struct StaffKey {
  static constexpr std::uint16_t kTable = 29;
  using Key = Fingerprint;
  Fingerprint thumbprint{};
  StaffId staff;
  OrganisationId organisation;
  json::value jwk;
  Passkey passkey;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  Key key() const { return thumbprint; }
};
BOOST_DESCRIBE_STRUCT(StaffKey, (), (thumbprint, staff, organisation, jwk, passkey, standing, epoch))

// A key that an issuer signs with, or did until not long ago.
struct OidcKey {
  std::string kid;
  json::value jwk;
  std::optional<UtcTime> gone = {};  // from when on the issuer does not publish it any more: it opens nothing new
};
BOOST_DESCRIBE_STRUCT(OidcKey, (), (kid, jwk, gone))

// An issuer of ID tokens (OpenID Connect): an e-ID for persons, or an organisation's own for its staff. What it is does
// not change under its code: another issuer is another row (spec/oidc.md).
struct OidcIssuer {
  static constexpr std::uint16_t kTable = 28;
  using Key = std::string;
  std::string code;  // ours, as a flik type's
  std::string name;
  std::string issuer;                          // `iss` of its tokens
  std::string client_id;                       // we, there
  std::optional<OrganisationId> organisation;  // whose staff it vouches for; none: persons
  std::set<std::string> acr;                   // levels of assurance that are taken; empty only of an organisation's
  std::optional<std::string> staff_claim;      // of an organisation's: the claim that says who of the staff it is
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string jwks_uri;
  std::string ca;             // PEM: the roots that its servers are under
  std::vector<OidcKey> keys;  // as `jwks_uri` said last, ascending by kid; then those that are gone
  UtcTime registered;
  UtcTime changed;  // when two administrators last said what it is
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  Key key() const { return code; }
};
BOOST_DESCRIBE_STRUCT(OidcIssuer, (),
                      (code, name, issuer, client_id, organisation, acr, staff_claim, authorization_endpoint,
                       token_endpoint, jwks_uri, ca, keys, registered, changed, standing, epoch))

// How many people a team had since then.
struct TeamSize {
  UtcTime since;
  std::uint32_t people = 0;
};
BOOST_DESCRIBE_STRUCT(TeamSize, (), (since, people))

// A Konsultation team. Two administrators register it, naming its lead; it works once its organisation has accepted.
struct Team {
  static constexpr std::uint16_t kTable = 4;
  using Key = TeamId;
  TeamId id;
  OrganisationId organisation;
  std::string name;
  StaffId lead;
  std::optional<StaffId> accepted_by;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  std::vector<TeamSize> sizes = {};  // the newest last, at most 64: what a person may know of a team's history
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Team, (), (id, organisation, name, lead, accepted_by, standing, epoch, sizes))

enum class TeamRole { lead, deputy, member };
BOOST_DESCRIBE_ENUM(TeamRole, lead, deputy, member)

// One person's place in a team. It counts only when both sides have acted.
struct RosterEntry {
  static constexpr std::uint16_t kTable = 5;
  using Key = std::pair<TeamId, StaffId>;
  TeamId team;
  StaffId staff;
  TeamRole role = TeamRole::member;
  std::optional<StaffId> officer;  // roster officer of the member's organisation who said yes
  std::optional<StaffId> lead;     // lead or deputy of the team who said yes
  std::uint32_t epoch = 0;
  Key key() const { return {team, staff}; }
  bool is_complete() const { return officer.has_value() && lead.has_value(); }
};
BOOST_DESCRIBE_STRUCT(RosterEntry, (), (team, staff, role, officer, lead, epoch))

enum class Sensitivity { ordinary, sensitive, highly_sensitive };
BOOST_DESCRIBE_ENUM(Sensitivity, ordinary, sensitive, highly_sensitive)

// Catalogue entry. A code is 1 to 16 characters of a-z, 0-9 and hyphen; so is a purpose code.
struct FlikType {
  static constexpr std::uint16_t kTable = 6;
  using Key = std::string;
  std::string code;
  std::string name_sv;
  std::string name_en;
  std::string description;
  Sensitivity sensitivity = Sensitivity::sensitive;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  bool tells_blocked = false;            // may a recipient hear that a Sparr blocks more of this flik?
  std::optional<bool> only_person = {};  // nobody but the person opens what is in it, whatever a fullmakt says
  Key key() const { return code; }
};
BOOST_DESCRIBE_STRUCT(FlikType, (),
                      (code, name_sv, name_en, description, sensitivity, standing, epoch, tells_blocked, only_person))

enum class RecipientKind { organisation, unit, team, staff };
BOOST_DESCRIBE_ENUM(RecipientKind, organisation, unit, team, staff)

struct Recipient {
  RecipientKind kind = RecipientKind::organisation;
  ByteArray<16> id{};
  friend auto operator<=>(const Recipient&, const Recipient&) = default;
};
BOOST_DESCRIBE_STRUCT(Recipient, (), (kind, id))

enum class Right { read, deposit };
BOOST_DESCRIBE_ENUM(Right, read, deposit)

struct TemplateText {
  std::string language;  // BCP 47
  std::string name;      // what the template is called in that language
  std::string text;      // shown, and signed, word for word
};
BOOST_DESCRIBE_STRUCT(TemplateText, (), (language, name, text))

// A fullmakt prepared by the förbund, so that a meeting takes one signature. Opens nothing: the person signs its terms.
struct FullmaktTemplate {
  static constexpr std::uint16_t kTable = 16;
  using Key = TemplateId;
  TemplateId id;
  std::set<OrganisationId> disclosers;
  std::set<Recipient> recipients;
  std::set<std::string> flikar;
  std::string purpose;
  std::set<Right> rights;
  std::uint32_t days = 0;  // the longest period
  std::string secrecy_consent;
  std::string legal_ground;
  std::vector<TemplateText> texts;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;  // one of before a restore is not signed any more: perhaps it was removed since
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(FullmaktTemplate, (),
                      (id, disclosers, recipients, flikar, purpose, rights, days, secrecy_consent, legal_ground, texts,
                       standing, epoch))

// A provider's accepted status for areas of work.
struct Authorisation {
  static constexpr std::uint16_t kTable = 7;
  using Key = AuthorisationId;
  AuthorisationId id;
  OrganisationId organisation;
  std::set<std::string> areas;
  UtcTime valid_from;
  UtcTime valid_to;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Authorisation, (), (id, organisation, areas, valid_from, valid_to, standing, epoch))

// What a provider says of itself, in one language: answers to the same questions, so that entries can be compared.
struct ProviderText {
  std::string language;  // BCP 47
  std::string offers;    // what it does; the others may be empty
  std::string for_whom;
  std::string steps;  // how it goes
  std::string place;
  std::string contact;
};
BOOST_DESCRIBE_STRUCT(ProviderText, (), (language, offers, for_whom, steps, place, contact))

// A provider's entry in the catalogue in which people look for one. Opens nothing; nothing of a person is in it.
struct ProviderEntry {
  static constexpr std::uint16_t kTable = 26;
  using Key = OrganisationId;
  OrganisationId organisation;
  std::set<std::string> areas;      // of those that it was authorised for: whether it still is, an Authorisation says
  std::vector<ProviderText> texts;  // each in a language of its own; none: it is shown nowhere
  UtcTime written;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;  // one of before a restore is not shown: perhaps it was taken down since
  Key key() const { return organisation; }
};
BOOST_DESCRIBE_STRUCT(ProviderEntry, (), (organisation, areas, texts, written, standing, epoch))

// A client certificate of an organisation's system.
struct Certificate {
  static constexpr std::uint16_t kTable = 8;
  using Key = Fingerprint;
  Fingerprint fingerprint;
  OrganisationId organisation;
  Fingerprint issuer;
  std::string serial;  // hex, as in a CRL
  UtcTime valid_from;
  UtcTime valid_to;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  Key key() const { return fingerprint; }
};
BOOST_DESCRIBE_STRUCT(Certificate, (),
                      (fingerprint, organisation, issuer, serial, valid_from, valid_to, standing, epoch))

// A certificate authority whose client certificates are accepted, with the newest CRL applied from it.
struct Issuer {
  static constexpr std::uint16_t kTable = 9;
  using Key = Fingerprint;
  Fingerprint fingerprint;
  std::string name;
  Bytes certificate;             // DER
  std::uint64_t crl_number = 0;  // 0: none applied yet; its certificates are refused until one is
  Fingerprint crl_hash{};
  UtcTime crl_next_update;
  std::set<std::string> revoked;  // serials, hex
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  Key key() const { return fingerprint; }
};
BOOST_DESCRIBE_STRUCT(Issuer, (),
                      (fingerprint, name, certificate, crl_number, crl_hash, crl_next_update, revoked, standing, epoch))

// The key with which an organisation signs its staff assertions.
struct AssertionKey {
  static constexpr std::uint16_t kTable = 10;
  using Key = Fingerprint;
  Fingerprint thumbprint;
  OrganisationId organisation;
  json::value jwk;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  Key key() const { return thumbprint; }
};
BOOST_DESCRIBE_STRUCT(AssertionKey, (), (thumbprint, organisation, jwk, standing, epoch))

// A connector: a program behind an organisation's firewall that only dials out. Entered by an invitation with a
// one-time code; its certificates and assertion key are rows of their own, which rule 1 reads. spec/connector.md
struct Connector {
  static constexpr std::uint16_t kTable = 31;
  using Key = ConnectorId;
  ConnectorId id;
  OrganisationId organisation;
  StaffId staff;  // in whose name it deposits and answers
  std::string name;
  bool end_to_end = false;                   // may it come without a client certificate, by sealed messages?
  Fingerprint code{};                        // SHA-256 of the last invitation's code
  UtcTime code_expires;                      // until when that code may be used
  bool is_code_used = false;                 // a code counts once
  std::set<Fingerprint> certificates;        // of its rows in table 8; the newest and those not expired
  std::optional<Fingerprint> assertion_key;  // its row in table 10; none: never enrolled
  UtcTime changed;                           // when it was last invited, enrolled or renewed
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;                        // of the invitation: one of before a restore enrols nobody
  std::optional<Fingerprint> renewed_under = {};  // the certificate under which it asked for the newest one
  std::set<Fingerprint> suspended_with = {};      // certificates and keys that were suspended because it was
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Connector, (),
                      (id, organisation, staff, name, end_to_end, code, code_expires, is_code_used, certificates,
                       assertion_key, changed, standing, epoch, renewed_under, suspended_with))

// What a part of a divided file takes of it. The words are those of partition/ (spec/partition.md), which the door
// reads.
struct PartitionTake {
  std::string kind;                          // bookmark, heading, section, template, resources, whole
  std::string name = {};                     // title, text, code, root, type; empty of `whole`
  std::optional<std::string> category = {};  // of `resources`
};
BOOST_DESCRIBE_STRUCT(PartitionTake, (), (kind, name, category))

struct PartitionPart {
  std::string flik;
  std::vector<PartitionTake> takes;
};
BOOST_DESCRIBE_STRUCT(PartitionPart, (), (flik, takes))

// What becomes of one kind of finding, where it is not what spec/partition.md says first.
struct PartitionFinding {
  std::string finding;
  std::string action;
};
BOOST_DESCRIBE_STRUCT(PartitionFinding, (), (finding, action))

// How an organisation's files of one type are divided: its own word, since it knows its journals. Opens nothing. The
// newest version stands; the earlier ones are in the log.
struct PartitionRule {
  static constexpr std::uint16_t kTable = 30;
  using Key = std::pair<OrganisationId, std::string>;
  OrganisationId organisation;
  std::string document_type;  // a code
  std::uint32_t version = 1;  // one more each time
  std::string name;           // of the type, as people read it
  std::string media_type;
  std::vector<PartitionPart> parts;          // each in a flik of its own; none: the rule is taken down
  std::optional<std::string> original = {};  // where the whole file goes too: a flik that only the person opens
  std::vector<PartitionFinding> findings;
  UtcTime written;
  std::uint32_t epoch = 0;  // one of before a restore divides nothing: perhaps it was changed since
  Key key() const { return {organisation, document_type}; }
};
BOOST_DESCRIBE_STRUCT(PartitionRule, (),
                      (organisation, document_type, version, name, media_type, parts, original, findings, written,
                       epoch))

enum class AdministratorKind { personal, recovery };
BOOST_DESCRIBE_ENUM(AdministratorKind, personal, recovery)

struct Administrator {
  static constexpr std::uint16_t kTable = 11;
  using Key = AdministratorId;
  AdministratorId id;
  std::string name;
  AdministratorKind kind = AdministratorKind::personal;
  Fingerprint thumbprint;
  json::value jwk;
  Standing standing = Standing::active;
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Administrator, (), (id, name, kind, thumbprint, jwk, standing))

// The first of two acts of different people: the whole act waits here, as canonical JSON, for the second.
struct Proposal {
  static constexpr std::uint16_t kTable = 12;
  using Key = ProposalId;
  ProposalId id;
  std::string act;  // canonical JSON of a policy::Act
  std::optional<AdministratorId> administrator;
  std::optional<StaffId> staff;
  std::optional<OrganisationId> organisation;  // of that staff
  std::optional<PersonId> person;              // whom the act concerns: the row is then sealed under that person's key
  std::optional<std::uint64_t> consent_version;  // of that person then: what the person changed since ends the proposal
  UtcTime expires;
  std::optional<PersonId> representative = {};  // whom a waiting register_representative names beside that person
  std::optional<RepresentativeId> role = {};    // of the representative whose act waits for another one's, and
  std::optional<Fingerprint> key_used = {};     // with which key it was signed
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Proposal, (),
                      (id, act, administrator, staff, organisation, person, consent_version, expires, representative,
                       role, key_used))

// Version, status and hash of one wrapped key in the key store, so that the two can be checked against each other.
enum class KeyStatus { active, shredded };
BOOST_DESCRIBE_ENUM(KeyStatus, active, shredded)

struct KeyRow {
  static constexpr std::uint16_t kTable = 13;
  using Key = KeyId;
  KeyId id;
  KeyId parent;            // none: the master key
  std::uint8_t level = 0;  // crypto::KeyLevel
  std::uint32_t version = 1;
  KeyStatus status = KeyStatus::active;
  Fingerprint wrap_hash{};
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(KeyRow, (), (id, parent, level, version, status, wrap_hash))

// What was answered to an act, so that a repeat gets the same answer and a different act under the same id gets 409.
struct Receipt {
  static constexpr std::uint16_t kTable = 14;
  using Key = std::pair<ByteArray<16>, ActId>;  // actor's id, act's id
  ByteArray<16> actor{};
  ActId act;
  Fingerprint act_hash{};
  std::uint64_t entry = 0;  // index of the log entry
  bool permitted = false;
  json::value answer;
  UtcTime expires;
  Key key() const { return {actor, act}; }
};
BOOST_DESCRIBE_STRUCT(Receipt, (), (actor, act, act_hash, entry, permitted, answer, expires))

// How long entries of one kind of act are kept whole (SPEC RET-1). Without a row: policy/retention.h.
struct Retention {
  static constexpr std::uint16_t kTable = 20;
  using Key = std::string;
  std::string act_kind;  // its name in the log, or `default`: of all kinds that have no row
  std::uint32_t days = 0;
  Key key() const { return act_kind; }
  friend bool operator==(const Retention&, const Retention&) = default;
};
BOOST_DESCRIBE_STRUCT(Retention, (), (act_kind, days))

// What a log reviewer says of an act of their organisation.
enum class ReviewFinding { checked, follow_up };
BOOST_DESCRIBE_ENUM(ReviewFinding, checked, follow_up)

inline constexpr std::size_t kLongestReviewNote = 500;
inline constexpr std::chrono::days kReviewStays{731};

struct Review {
  static constexpr std::uint16_t kTable = 27;
  using Key = std::pair<OrganisationId, std::string>;  // the entry, decimal
  OrganisationId organisation;
  std::uint64_t entry = 0;  // of the log of this epoch
  ReviewFinding finding = ReviewFinding::checked;
  std::string note;
  StaffId staff;  // who says so
  UtcTime noted;
  std::uint32_t epoch = 0;
  Key key() const { return {organisation, std::to_string(entry)}; }
};
BOOST_DESCRIBE_STRUCT(Review, (), (organisation, entry, finding, note, staff, noted, epoch))

// Up to where the log is pruned, or is being pruned: one row.
struct Pruning {
  static constexpr std::uint16_t kTable = 22;
  using Key = std::string;  // "pruning"
  std::uint64_t size = 0;   // entries before it are bare, but for those that are kept
  UtcTime before;           // they are older
  UtcTime decided;
  Bytes kept;  // an EntrySet (policy/retention.h)
  Key key() const { return "pruning"; }
};
BOOST_DESCRIBE_STRUCT(Pruning, (), (size, before, decided, kept))

// Which of the log's keys count: spec/log-keys.md.
enum class LogKeyStatus { current, retiring, retired, compromised };
BOOST_DESCRIBE_ENUM(LogKeyStatus, current, retiring, retired, compromised)

// One key of the log, with which it signs checkpoints, and the one with which it signs heads. Outsiders know the log by
// the first. A row stays for ever: what a retired key signed in its time still counts, as long as it is not given up.
struct LogKey {
  static constexpr std::uint16_t kTable = 23;
  using Key = std::string;  // the generation, decimal
  std::uint32_t generation = 1;
  ByteArray<32> checkpoint_key{};  // Ed25519, as the next
  ByteArray<32> head_key{};
  KeyId seed;  // of their private halves, in the key store
  KeyId head_seed;
  LogKeyStatus status = LogKeyStatus::current;
  std::uint64_t from = 0;                // index of the entry that announced it
  UtcTime since;                         // when that was
  std::optional<std::uint64_t> to = {};  // once it signs no more: the largest size that it signed
  Key key() const { return std::to_string(generation); }
};
BOOST_DESCRIBE_STRUCT(LogKey, (), (generation, checkpoint_key, head_key, seed, head_seed, status, from, since, to))

// The gateway itself: one row.
struct Instance {
  static constexpr std::uint16_t kTable = 15;
  using Key = std::string;  // "instance"
  std::string name;         // audience of every signed act
  std::string origin;       // of the log
  std::uint32_t epoch = 0;
  std::optional<std::string> restored_from;       // old head note, when this log began with a restore
  UtcTime since;                                  // of the first entry of this log, whole seconds
  std::optional<UtcTime> names_staff_since = {};  // a person's own log names who of the staff acted from then on
  Key key() const { return "instance"; }
};
BOOST_DESCRIBE_STRUCT(Instance, (), (name, origin, epoch, restored_from, since, names_staff_since))

}  // namespace flikvakt::policy
