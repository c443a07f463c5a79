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
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Person, (), (id, numbers, key_id, log_key_id, consent_version, epoch))

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

struct DeviceKey {
  static constexpr std::uint16_t kTable = 34;
  using Key = Fingerprint;
  Fingerprint thumbprint;
  PersonId person;
  json::value jwk;
  DeviceKeyStatus status = DeviceKeyStatus::proposed;
  StaffId proposed_by;
  OrganisationId proposed_by_organisation;
  std::optional<StaffId> confirmed_by;
  UtcTime confirm_before;
  std::uint32_t epoch = 0;
  Key key() const { return thumbprint; }
};
BOOST_DESCRIBE_STRUCT(DeviceKey, (),
                      (thumbprint, person, jwk, status, proposed_by, proposed_by_organisation, confirmed_by,
                       confirm_before, epoch))

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

enum class EvidenceKind { device_key, paper };
BOOST_DESCRIBE_ENUM(EvidenceKind, device_key, paper)

struct Fullmakt {
  static constexpr std::uint16_t kTable = 35;
  using Key = FullmaktId;
  FullmaktId id;
  PersonId person;
  FullmaktTerms terms;
  FullmaktStatus status = FullmaktStatus::active;
  std::uint32_t readings = 0;
  EvidenceKind evidence = EvidenceKind::device_key;
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Fullmakt, (), (id, person, terms, status, readings, evidence))

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
};
BOOST_DESCRIBE_STRUCT(SparrTerms, (), (target, flik, document, from, to, everyone, recipients))

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
  std::string goals;
};
BOOST_DESCRIBE_STRUCT(KontraktPart, (), (insats, provider, area, valid_from, valid_to, goals))

struct Kontrakt {
  static constexpr std::uint16_t kTable = 37;
  using Key = KontraktId;
  KontraktId id;
  PersonId person;
  std::vector<KontraktPart> parts;
  Standing standing = Standing::active;
  std::uint32_t epoch = 0;
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Kontrakt, (), (id, person, parts, standing, epoch))

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
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Case, (), (id, person, team, focus, meetings, opened, evidence))

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
  UtcTime until;
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
  Key key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(Document, (),
                      (id, person, source, depositor, facts, version, sealed_at, key_id, object, status, masking))

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
