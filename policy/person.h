// The nouns that concern a person. Their rows are sealed under that person's keys, so dropping the key erases them.
#pragma once

#include <variant>

#include "policy/registry.h"

namespace flikvakt::policy {

using BlindIndex = ByteArray<32>;  // keyed hash of a personnummer; made in service/, opaque here

struct Person {
  static constexpr std::uint16_t kTable = 32;
  using Key = PersonId;
  PersonId id;
  std::vector<std::string> numbers;  // 12 digits, newest last
  KeyId key_id;                      // person key
  KeyId log_key_id;                  // person log key
  std::uint64_t consent_version =
      0;                    // grows with every change of what is open to whom; widening acts name the one they saw
  std::uint32_t epoch = 0;  // < instance: the person has not re-confirmed since a restore
  std::optional<Date> died = {};          // recorded: everything is closed
  std::optional<std::string> alias = {};  // protected identity: what others see is this, and nothing that locates
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Person, (), (id, numbers, key_id, log_key_id, consent_version, epoch, died, alias))

// Finds a person by number. A row of its own, deleted at erasure.
struct BlindIndexRow {
  static constexpr std::uint16_t kTable = 33;
  using Key = BlindIndex;
  BlindIndex index;
  PersonId person;
  Key key() const { return index; }
};
BOOST_DESCRIBE_STRUCT(BlindIndexRow, (), (index, person))

enum class DeviceKeyStatus { proposed, active, removed };  // proposed: may only narrow
BOOST_DESCRIBE_ENUM(DeviceKeyStatus, proposed, active, removed)

// By what a person proves who they are. A device key signs each act itself; a passkey answers a challenge, through a
// browser; an e-ID is an issuer's word for the person's number, and has no key of its own.
struct DeviceKey {
  static constexpr std::uint16_t kTable = 34;
  using Key = Fingerprint;
  Fingerprint thumbprint;
  PersonId person;
  json::value jwk;  // null: an e-ID
  DeviceKeyStatus status = DeviceKeyStatus::proposed;
  StaffId proposed_by;
  OrganisationId proposed_by_organisation;
  std::optional<StaffId> confirmed_by;
  UtcTime confirm_before;
  std::uint32_t epoch = 0;
  std::optional<Passkey> passkey = {};
  std::optional<std::string> oidc_issuer = {};    // an e-ID: code of the issuer
  std::optional<Fingerprint> enrolled_with = {};  // by the person's own key or e-ID instead of two registrars
  Key key() const { return thumbprint; }
};
BOOST_DESCRIBE_STRUCT(DeviceKey, (),
                      (thumbprint, person, jwk, status, proposed_by, proposed_by_organisation, confirmed_by,
                       confirm_before, epoch, passkey, oidc_issuer, enrolled_with))

enum class DeviceKeyKind { device, passkey, e_id };
BOOST_DESCRIBE_ENUM(DeviceKeyKind, device, passkey, e_id)
inline DeviceKeyKind kind_of(const DeviceKey& key) {
  if (key.oidc_issuer) return DeviceKeyKind::e_id;
  return key.passkey ? DeviceKeyKind::passkey : DeviceKeyKind::device;
}

// What the person signs. The exact text shown is in the signed act; here is its hash.
struct FullmaktTerms {
  std::set<OrganisationId> disclosers;  // whose secrecy the consent lifts
  std::set<Recipient> recipients;
  std::set<std::string> flikar;    // flik type codes
  std::set<DocumentId> documents;  // single documents
  std::string purpose;
  std::set<Right> rights;
  UtcTime valid_from;
  UtcTime valid_to;
  std::optional<KontraktId> kontrakt;
  std::optional<CaseId> case_id;
  std::optional<std::uint32_t> max_readings;
  std::optional<FullmaktId> supersedes;
  std::string secrecy_consent;  // code of the secrecy-lifting ground, e.g. "osl-10-1"
  std::string legal_ground;     // GDPR ground of the recipient's processing, e.g. "gdpr-6-1-e"
  std::string language;         // BCP 47
  Fingerprint text_sha256{};    // of the exact text shown, UTF-8
};
BOOST_DESCRIBE_STRUCT(FullmaktTerms, (),
                      (disclosers, recipients, flikar, documents, purpose, rights, valid_from, valid_to, kontrakt,
                       case_id, max_readings, supersedes, secrecy_consent, legal_ground, language, text_sha256))

enum class FullmaktStatus { active, paused, exhausted, expired, revoked, relinquished, superseded };
BOOST_DESCRIBE_ENUM(FullmaktStatus, active, paused, exhausted, expired, revoked, relinquished, superseded)

enum class EvidenceKind { device_key, paper, passkey, e_id };
BOOST_DESCRIBE_ENUM(EvidenceKind, device_key, paper, passkey, e_id)

struct Fullmakt {
  static constexpr std::uint16_t kTable = 35;
  using Key = FullmaktId;
  FullmaktId id;
  PersonId person;
  FullmaktTerms terms;
  FullmaktStatus status = FullmaktStatus::active;
  std::uint32_t readings = 0;
  EvidenceKind evidence = EvidenceKind::device_key;
  std::uint32_t revision = 1;             // one more with each komplettering
  Fingerprint signed_sha256{};            // of the signed act that made this revision; the next komplettering names it
  std::optional<RequestId> request = {};  // the access request that it answers
  std::vector<Recipient> relinquished = {};  // gave it up; ascending. Vectors: empty in most of a million rows
  std::vector<OrganisationId> relied = {};   // have read under it, and hear when it changes; ascending
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Fullmakt, (),
                      (id, person, terms, status, readings, evidence, revision, signed_sha256, request, relinquished,
                       relied))

// What a komplettering adds; what it does not name stays as it is.
struct FullmaktDelta {
  std::set<OrganisationId> disclosers;
  std::set<Recipient> recipients;
  std::set<std::string> flikar;
  std::set<DocumentId> documents;
  std::set<Right> rights;
  std::optional<UtcTime> valid_to;            // later than before
  std::optional<std::uint32_t> max_readings;  // more in all than before
};
BOOST_DESCRIBE_STRUCT(FullmaktDelta, (), (disclosers, recipients, flikar, documents, rights, valid_to, max_readings))

// What a recipient asks the person for.
struct RequestTerms {
  Recipient recipient;  // who would receive
  std::set<OrganisationId> disclosers;
  std::set<std::string> flikar;
  std::string purpose;
  std::set<Right> rights;
  UtcTime valid_to;
  std::optional<FullmaktId> fullmakt;  // a komplettering of this one is asked for
  std::optional<CaseId> case_id;
  std::string message;  // to the person, at most 2000 bytes
};
BOOST_DESCRIBE_STRUCT(RequestTerms, (),
                      (recipient, disclosers, flikar, purpose, rights, valid_to, fullmakt, case_id, message))

enum class RequestStatus { open, granted, granted_in_part, declined, withdrawn, lapsed };
BOOST_DESCRIBE_ENUM(RequestStatus, open, granted, granted_in_part, declined, withdrawn, lapsed)

// Gives nothing by itself. One about a number that is not known here stands like any other, owned by nobody.
struct AccessRequest {
  static constexpr std::uint16_t kTable = 44;
  using Key = RequestId;
  RequestId id;
  PersonId person;  // none: nobody known here
  StaffId staff;
  OrganisationId organisation;
  RequestTerms terms;
  UtcTime asked;
  UtcTime expires;  // open: then it lapses; ended: then the row goes
  RequestStatus status = RequestStatus::open;
  std::optional<FullmaktId> fullmakt;  // that granted it
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(AccessRequest, (), (id, person, staff, organisation, terms, asked, expires, status, fullmakt))

enum class SourceRequestStatus { waiting, open, answered, declined, withdrawn, lapsed };
BOOST_DESCRIBE_ENUM(SourceRequestStatus, waiting, open, answered, declined, withdrawn, lapsed)

// Heta linjen: a recipient asks a source for a document that is missing. It reaches the source only while a fullmakt
// covers it; until then it waits for the person, who sees an AccessRequest under the same id.
struct SourceRequest {
  static constexpr std::uint16_t kTable = 48;
  using Key = RequestId;
  RequestId id;
  PersonId person;  // none: nobody known here
  StaffId staff;
  OrganisationId organisation;  // who asks
  OrganisationId source;        // who is asked
  Recipient recipient;
  std::string flik;
  std::string purpose;
  std::string message;  // to the source
  UtcTime asked;
  std::optional<UtcTime> opened;  // since when the source may know of it
  std::optional<UtcTime> ended;
  UtcTime expires;  // waiting or open: then it lapses; ended: then the row goes
  SourceRequestStatus status = SourceRequestStatus::waiting;
  std::optional<DocumentId> document;  // that answered it
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(SourceRequest, (),
                      (id, person, staff, organisation, source, recipient, flik, purpose, message, asked, opened, ended,
                       expires, status, document))

// What a Sparr blocks: everything, a flik type, one document, or documents dated within [from, to].
enum class SparrTarget { everything, flik, document, dates };
BOOST_DESCRIBE_ENUM(SparrTarget, everything, flik, document, dates)

struct SparrTerms {
  SparrTarget target = SparrTarget::everything;
  std::optional<std::string> flik;
  std::optional<DocumentId> document;
  std::optional<Date> from;
  std::optional<Date> to;
  bool everyone = true;  // false: only the recipients below
  std::set<Recipient> recipients;
  std::optional<UtcTime> until = {};  // blocks until then; none: until the person lifts it
};
BOOST_DESCRIBE_STRUCT(SparrTerms, (), (target, flik, document, from, to, everyone, recipients, until))

struct Sparr {
  static constexpr std::uint16_t kTable = 36;
  using Key = SparrId;
  SparrId id;
  PersonId person;
  SparrTerms terms;
  bool in_force = true;
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Sparr, (), (id, person, terms, in_force))

struct KontraktPart {
  std::string insats;
  OrganisationId provider;
  std::string area;  // must be among the provider's authorised areas
  UtcTime valid_from;
  UtcTime valid_to;
  std::string goals = {};
  std::optional<std::uint64_t> ceiling = {};  // whole kronor that the part may cost
};
BOOST_DESCRIBE_STRUCT(KontraktPart, (), (insats, provider, area, valid_from, valid_to, goals, ceiling))

struct Milestone {  // delmål
  std::string text;
  Date due{};
  std::optional<Date> reached = {};
};
BOOST_DESCRIBE_STRUCT(Milestone, (), (text, due, reached))

// What a version of a kontrakt says.
struct KontraktPlan {
  std::string goals = {};
  std::vector<Milestone> milestones = {};
  std::vector<KontraktPart> parts;
};
BOOST_DESCRIBE_STRUCT(KontraktPlan, (), (goals, milestones, parts))

struct Kontrakt {
  static constexpr std::uint16_t kTable = 37;
  using Key = KontraktId;
  KontraktId id;
  PersonId person;
  std::vector<KontraktPart> parts;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  std::string goals = {};
  std::vector<Milestone> milestones = {};
  std::uint32_t version = 1;                  // one more with each that the person signed
  std::optional<KontraktPlan> proposed = {};  // the next version, in force when the person has signed it
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Kontrakt, (), (id, person, parts, standing, epoch, goals, milestones, version, proposed))

// A provider is told to erase what it holds of a person, since the kontrakt has ended. Goes when the provider attests
// it.
struct EraseOrder {
  static constexpr std::uint16_t kTable = 45;
  using Key = std::pair<KontraktId, OrganisationId>;
  KontraktId kontrakt;
  OrganisationId provider;
  PersonId person;
  UtcTime ordered;
  UtcTime due;
  Key key() const { return {kontrakt, provider}; }
};
BOOST_DESCRIBE_STRUCT(EraseOrder, (), (kontrakt, provider, person, ordered, due))

// An organisation that relied on a fullmakt is told that it changed or ended. The newest change stands; it goes when
// the organisation acknowledges it.
struct Notice {
  static constexpr std::uint16_t kTable = 46;
  using Key = std::pair<FullmaktId, OrganisationId>;
  FullmaktId fullmakt;
  OrganisationId organisation;
  PersonId person;
  FullmaktStatus status = FullmaktStatus::revoked;
  std::uint32_t revision = 1;
  UtcTime changed;
  UtcTime due;
  Key key() const { return {fullmakt, organisation}; }
};
BOOST_DESCRIBE_STRUCT(Notice, (), (fullmakt, organisation, person, status, revision, changed, due))

enum class RepresentativeKind { guardian, god_man, forvaltare, ombud };
BOOST_DESCRIBE_ENUM(RepresentativeKind, guardian, god_man, forvaltare, ombud)

// see: overview, own log, documents. consent: sign, resume, lift, refer. To narrow needs none of them.
enum class RepresentativePower { see, consent };
BOOST_DESCRIBE_ENUM(RepresentativePower, see, consent)

// Acts for a person, with the own device key of somebody who is a person here too.
struct Representative {
  static constexpr std::uint16_t kTable = 47;
  using Key = RepresentativeId;
  RepresentativeId id;
  PersonId person;          // for whom
  PersonId representative;  // who
  RepresentativeKind kind = RepresentativeKind::ombud;
  std::set<RepresentativePower> powers;
  UtcTime valid_from;
  UtcTime valid_to;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  std::optional<bool> jointly = {};  // what widens takes another one who acts jointly for the person
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Representative, (),
                      (id, person, representative, kind, powers, valid_from, valid_to, standing, epoch, jointly))

enum class CaseStatus { waiting, open, closed };  // waiting: for the team to accept it
BOOST_DESCRIBE_ENUM(CaseStatus, waiting, open, closed)

enum class CaseFocus { unemployment, illness, livelihood, change };
BOOST_DESCRIBE_ENUM(CaseFocus, unemployment, illness, livelihood, change)

// Person × team × focus. Lists a team's people; opens nothing by itself.
struct Case {
  static constexpr std::uint16_t kTable = 38;
  using Key = CaseId;
  CaseId id;
  PersonId person;
  TeamId team;
  CaseFocus focus = CaseFocus::unemployment;
  std::vector<UtcTime> meetings;
  UtcTime opened;
  EvidenceKind evidence = EvidenceKind::device_key;
  CaseStatus status = CaseStatus::waiting;
  UtcTime waiting_since = {};                      // for this team
  std::optional<OrganisationId> referred_by = {};  // Forum or care unit
  std::optional<Date> triage = {};                 // date of the first assessment, which is a document in a flik
  std::optional<TeamId> hand_over = {};            // proposed: the person signs it
  std::vector<TeamId> earlier_teams = {};          // oldest first
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Case, (),
                      (id, person, team, focus, meetings, opened, evidence, status, waiting_since, referred_by, triage,
                       hand_over, earlier_teams))

enum class DocumentStatus { sealed, erased };
BOOST_DESCRIBE_ENUM(DocumentStatus, sealed, erased)

// Two staff of the source said that what concerns others is masked.
struct Masking {
  StaffId first;
  StaffId second;
};
BOOST_DESCRIBE_STRUCT(Masking, (), (first, second))

// Kept from the person by the source, with legal ground, until a date.
struct Withholding {
  std::string ground;
  UtcTime until = {};
};
BOOST_DESCRIBE_STRUCT(Withholding, (), (ground, until))

// What the depositor says of a document.
struct DocumentFacts {
  std::string flik;
  std::string title;
  std::string author;
  Date date{};
  std::string media_type;
  std::uint64_t size = 0;  // bytes
  Fingerprint sha256{};    // of the bytes
  std::set<PersonId> other_subjects;
  std::optional<Withholding> withheld;
  std::optional<DocumentId> replaces;
};
BOOST_DESCRIBE_STRUCT(DocumentFacts, (),
                      (flik, title, author, date, media_type, size, sha256, other_subjects, withheld, replaces))

// How what is sealed was made of the file that came (spec/partition.md, "The plan in the log"). The words are those of
// partition/.
struct PlanRule {
  std::string document_type;
  std::uint32_t version = 1;
};
BOOST_DESCRIBE_STRUCT(PlanRule, (), (document_type, version))

struct PlannedPart {
  std::string flik;
  std::string media_type;
  std::uint64_t size = 0;  // bytes
  Fingerprint sha256{};
};
BOOST_DESCRIBE_STRUCT(PlannedPart, (), (flik, media_type, size, sha256))

struct PlanFinding {
  std::string kind;
  std::string where;  // the first place
  std::uint64_t count = 0;
  std::string action;
};
BOOST_DESCRIBE_STRUCT(PlanFinding, (), (kind, where, count, action))

struct PlanLeftOut {
  std::string what;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(PlanLeftOut, (), (what, reason))

struct PlanRefusal {
  std::string reason;
  std::string where;
  std::optional<std::string> finding = {};  // of `found`: its kind
};
BOOST_DESCRIBE_STRUCT(PlanRefusal, (), (reason, where, finding))

struct DepositPlan {
  std::string media_type;  // of the file that came
  std::uint64_t size = 0;
  Fingerprint sha256{};
  std::optional<PlanRule> rule = {};  // none: by hand, or whole
  std::vector<PlannedPart> parts;
  std::vector<PlanFinding> findings;        // one of a kind and action
  std::vector<PlanLeftOut> left_out;        // at most kMostLeftOut
  std::uint64_t more_left_out = 0;          // beyond these
  std::optional<PlanRefusal> refused = {};  // then nothing is made of it
};
BOOST_DESCRIBE_STRUCT(DepositPlan, (),
                      (media_type, size, sha256, rule, parts, findings, left_out, more_left_out, refused))

inline constexpr std::size_t kMostLeftOut = 100;

// Of the bytes that are sealed.
struct MadeBytes {
  std::string media_type;
  std::uint64_t size = 0;
  Fingerprint sha256{};
};
BOOST_DESCRIBE_STRUCT(MadeBytes, (), (media_type, size, sha256))

struct Document {
  static constexpr std::uint16_t kTable = 39;
  using Key = DocumentId;
  DocumentId id;
  PersonId person;
  OrganisationId source;
  StaffId depositor;
  DocumentFacts facts;
  std::uint32_t version = 1;
  UtcTime sealed_at;
  KeyId key_id;
  ObjectName object;
  DocumentStatus status = DocumentStatus::sealed;
  std::optional<Masking> masking;
  std::optional<Fingerprint> received = {};  // SHA-256 of the bytes that came, when others are sealed
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Document, (),
                      (id, person, source, depositor, facts, version, sealed_at, key_id, object, status, masking,
                       received))

// A permitted deposit whose bytes have not all come yet.
struct Deposit {
  static constexpr std::uint16_t kTable = 40;
  using Key = DepositId;
  DepositId id;
  PersonId person;
  OrganisationId source;
  StaffId depositor;
  DocumentFacts facts;
  UtcTime expires;
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Deposit, (), (id, person, source, depositor, facts, expires))

// The key of one (person, flik type).
struct Flik {
  static constexpr std::uint16_t kTable = 41;
  using Key = std::pair<PersonId, std::string>;
  PersonId person;
  std::string type;
  KeyId key_id;
  Key key() const { return {person, type}; }
};
BOOST_DESCRIBE_STRUCT(Flik, (), (person, type, key_id))

// An open reading. Closed readings live in the log only.
struct Reading {
  static constexpr std::uint16_t kTable = 42;
  using Key = ReadingId;
  ReadingId id;
  DocumentId document;
  PersonId person;
  std::optional<FullmaktId> fullmakt;  // none: the person reads an own document
  std::set<FullmaktId> others;         // fullmakter of the document's other data subjects that it was opened under
  std::optional<StaffId> staff;
  std::optional<OrganisationId> organisation;
  std::string purpose;
  UtcTime opened;
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Reading, (), (id, document, person, fullmakt, others, staff, organisation, purpose, opened))

}  // namespace flikvakt::policy
