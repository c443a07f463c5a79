// The acts of administrators. "two": the first one's act waits as a Proposal until another sends `approve`. See acts.h.
#pragma once

#include "policy/actor.h"

namespace flikvakt::policy {

struct RegisterAdministrator {  // two
  static constexpr std::string_view kKind = "register_administrator";
  AdministratorId id;
  std::string name;
  json::value jwk;
  Fingerprint thumbprint{};
};
BOOST_DESCRIBE_STRUCT(RegisterAdministrator, (), (id, name, jwk, thumbprint))

struct RegisterOrganisation {  // two
  static constexpr std::string_view kKind = "register_organisation";
  OrganisationId id;
  std::string name;
  std::string number;
  OrganisationKind organisation_kind = OrganisationKind::authority;
};
BOOST_DESCRIBE_STRUCT(RegisterOrganisation, (), (id, name, number, organisation_kind))

struct RegisterIssuer {  // two; service/ has read the certificate
  static constexpr std::string_view kKind = "register_issuer";
  Fingerprint fingerprint{};
  std::string name;
  Bytes certificate;
};
BOOST_DESCRIBE_STRUCT(RegisterIssuer, (), (fingerprint, name, certificate))

struct RegisterCertificate {  // two; service/ has checked the fields against the certificate
  static constexpr std::string_view kKind = "register_certificate";
  Fingerprint fingerprint{};
  OrganisationId organisation;
  Fingerprint issuer{};
  std::string serial;
  UtcTime valid_from;
  UtcTime valid_to;
  Bytes certificate;  // DER
};
BOOST_DESCRIBE_STRUCT(RegisterCertificate, (),
                      (fingerprint, organisation, issuer, serial, valid_from, valid_to, certificate))

struct RegisterAssertionKey {  // two
  static constexpr std::string_view kKind = "register_assertion_key";
  Fingerprint thumbprint{};
  OrganisationId organisation;
  json::value jwk;
};
BOOST_DESCRIBE_STRUCT(RegisterAssertionKey, (), (thumbprint, organisation, jwk))

struct SetOidcIssuer {  // two; registers an issuer of ID tokens, or changes where it is found
  static constexpr std::string_view kKind = "set_oidc_issuer";
  std::string code;
  std::string name;
  std::string issuer;
  std::string client_id;
  std::optional<OrganisationId> organisation;
  std::set<std::string> acr;
  std::optional<std::string> staff_claim;
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string jwks_uri;
  std::string ca;  // PEM
};
BOOST_DESCRIBE_STRUCT(SetOidcIssuer, (),
                      (code, name, issuer, client_id, organisation, acr, staff_claim, authorization_endpoint,
                       token_endpoint, jwks_uri, ca))

struct RegisterStaffKey {  // two; a passkey of a staff member
  static constexpr std::string_view kKind = "register_staff_key";
  Fingerprint thumbprint{};
  StaffId staff;
  json::value jwk;
  Passkey passkey;
};
BOOST_DESCRIBE_STRUCT(RegisterStaffKey, (), (thumbprint, staff, jwk, passkey))

struct SetSubject {  // who a staff member is to the organisation's own issuer
  static constexpr std::string_view kKind = "set_subject";
  StaffId staff;
  std::optional<std::string> subject;  // none: nobody
};
BOOST_DESCRIBE_STRUCT(SetSubject, (), (staff, subject))

// Two. A connector of the organisation may enrol itself with the code of this hash, once. Of one that is there already:
// it enrols anew, and what it had counts no more from then on.
struct InviteConnector {
  static constexpr std::string_view kKind = "invite_connector";
  ConnectorId id;
  OrganisationId organisation;
  StaffId staff;
  std::string name;
  bool end_to_end = false;
  Fingerprint code{};  // SHA-256 of the code
  UtcTime code_expires;
};
BOOST_DESCRIBE_STRUCT(InviteConnector, (), (id, organisation, staff, name, end_to_end, code, code_expires))

struct RegisterTeam {  // two; then accept_team by a roster officer of its organisation
  static constexpr std::string_view kKind = "register_team";
  TeamId id;
  OrganisationId organisation;
  std::string name;
  StaffId lead;
};
BOOST_DESCRIBE_STRUCT(RegisterTeam, (), (id, organisation, name, lead))

struct RegisterUnit {
  static constexpr std::string_view kKind = "register_unit";
  UnitId id;
  OrganisationId organisation;
  std::string name;
};
BOOST_DESCRIBE_STRUCT(RegisterUnit, (), (id, organisation, name))

struct RegisterStaff {
  static constexpr std::string_view kKind = "register_staff";
  StaffId id;
  OrganisationId organisation;
  std::optional<UnitId> unit;
  std::string name;
  std::set<StaffRole> roles;
};
BOOST_DESCRIBE_STRUCT(RegisterStaff, (), (id, organisation, unit, name, roles))

struct RegisterFlikType {
  static constexpr std::string_view kKind = "register_flik_type";
  std::string code;
  std::string name_sv;
  std::string name_en;
  std::string description;
  Sensitivity sensitivity = Sensitivity::sensitive;
  std::optional<bool> only_person = {};  // for good: nobody but the person opens what is in it
};
BOOST_DESCRIBE_STRUCT(RegisterFlikType, (), (code, name_sv, name_en, description, sensitivity, only_person))

struct RegisterAuthorisation {
  static constexpr std::string_view kKind = "register_authorisation";
  AuthorisationId id;
  OrganisationId organisation;
  std::set<std::string> areas;
  UtcTime valid_from;
  UtcTime valid_to;
};
BOOST_DESCRIBE_STRUCT(RegisterAuthorisation, (), (id, organisation, areas, valid_from, valid_to))

struct EndAuthorisation {  // narrowing
  static constexpr std::string_view kKind = "end_authorisation";
  AuthorisationId id;
};
BOOST_DESCRIBE_STRUCT(EndAuthorisation, (), (id))

struct RegisterKontrakt {
  static constexpr std::string_view kKind = "register_kontrakt";
  KontraktId id;
  BlindIndex person{};
  std::vector<KontraktPart> parts;
  std::optional<std::string> goals = {};
  std::optional<std::vector<Milestone>> milestones = {};
};
BOOST_DESCRIBE_STRUCT(RegisterKontrakt, (), (id, person, parts, goals, milestones))

struct ProposeKontrakt {  // the next version; in force when the person signs it
  static constexpr std::string_view kKind = "propose_kontrakt";
  KontraktId id;
  KontraktPlan plan;
};
BOOST_DESCRIBE_STRUCT(ProposeKontrakt, (), (id, plan))

struct RegisterTemplate {  // two
  static constexpr std::string_view kKind = "register_template";
  TemplateId id;
  std::set<OrganisationId> disclosers;
  std::set<Recipient> recipients;
  std::set<std::string> flikar;
  std::string purpose;
  std::set<Right> rights;
  std::uint32_t days = 0;
  std::string secrecy_consent;
  std::string legal_ground;
  std::vector<TemplateText> texts;
};
BOOST_DESCRIBE_STRUCT(RegisterTemplate, (),
                      (id, disclosers, recipients, flikar, purpose, rights, days, secrecy_consent, legal_ground, texts))

struct SetTelling {  // two; whether a recipient is told "there is more that is blocked" in this flik
  static constexpr std::string_view kKind = "set_telling";
  std::string code;
  bool tells_blocked = false;
};
BOOST_DESCRIBE_STRUCT(SetTelling, (), (code, tells_blocked))

struct SetNaming {  // two; whether a person's own log names the staff who acted, from then on
  static constexpr std::string_view kKind = "set_naming";
  bool names_staff = false;
};
BOOST_DESCRIBE_STRUCT(SetNaming, (), (names_staff))

struct ListOverdue {  // counts per organisation: notices not acknowledged, erasures not attested
  static constexpr std::string_view kKind = "list_overdue";
};
BOOST_DESCRIBE_STRUCT(ListOverdue, (), ())

struct EndKontrakt {  // narrowing
  static constexpr std::string_view kKind = "end_kontrakt";
  KontraktId id;
};
BOOST_DESCRIBE_STRUCT(EndKontrakt, (), (id))

enum class RegistryNoun {
  organisation,
  unit,
  staff,
  team,
  flik_type,
  certificate,
  issuer,
  assertion_key,
  administrator,
  fullmakt_template,
  oidc_issuer,
  staff_key,
  provider_entry,
  connector
};
BOOST_DESCRIBE_ENUM(RegistryNoun, organisation, unit, staff, team, flik_type, certificate, issuer, assertion_key,
                    administrator, fullmakt_template, oidc_issuer, staff_key, provider_entry, connector)

// `id`: 32 hex digits, the code of a flik type or OIDC issuer, or 64 hex digits of a fingerprint, as the noun's key is.
struct Suspend {  // narrowing, one administrator
  static constexpr std::string_view kKind = "suspend";
  RegistryNoun noun = RegistryNoun::organisation;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(Suspend, (), (noun, id))

struct Remove {  // narrowing, one administrator, for good
  static constexpr std::string_view kKind = "remove";
  RegistryNoun noun = RegistryNoun::organisation;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(Remove, (), (noun, id))

struct Reinstate {  // two; undoes suspend, never remove
  static constexpr std::string_view kKind = "reinstate";
  RegistryNoun noun = RegistryNoun::organisation;
  std::string id;
};
BOOST_DESCRIBE_STRUCT(Reinstate, (), (noun, id))

struct AcceptClock {
  static constexpr std::string_view kKind = "accept_clock";
  UtcTime wall;  // what the administrator saw and confirms
};
BOOST_DESCRIBE_STRUCT(AcceptClock, (), (wall))

struct SetRetention {  // two
  static constexpr std::string_view kKind = "set_retention";
  std::string act_kind;  // `default`: of all kinds that have no time of their own
  std::uint32_t days = 0;
};
BOOST_DESCRIBE_STRUCT(SetRetention, (), (act_kind, days))

struct PruneLog {  // two
  static constexpr std::string_view kKind = "prune_log";
  UtcTime before;             // what older entries say goes, but for those that stay
  Fingerprint kept_sha256{};  // of the list of these, as whoever signs worked it out
};
BOOST_DESCRIBE_STRUCT(PruneLog, (), (before, kept_sha256))

enum class ShredScope { person, flik, document };
BOOST_DESCRIBE_ENUM(ShredScope, person, flik, document)

struct Shred {  // two; crypto-erasure: drops the wrapped key; rows of the person go with it
  static constexpr std::string_view kKind = "shred";
  ShredScope scope = ShredScope::document;
  std::optional<BlindIndex> person;  // scope person and flik
  std::optional<std::string> flik;
  std::optional<DocumentId> document;
};
BOOST_DESCRIBE_STRUCT(Shred, (), (scope, person, flik, document))

struct RotateKeys {  // service/ has made the new wraps durable; rows come with the command
  static constexpr std::string_view kKind = "rotate_keys";
};
BOOST_DESCRIBE_STRUCT(RotateKeys, (), ())

struct RotateLogKey {  // two; service/ has made the seeds durable, and they come with the second
  static constexpr std::string_view kKind = "rotate_log_key";
  std::string origin;              // of this log: outsiders go by the order, and a gateway's name is no log's
  ByteArray<32> checkpoint_key{};  // Ed25519, as the next
  ByteArray<32> head_key{};
  bool compromised = false;  // the one that it replaces is in other hands: it signs nothing more, from this entry on
};
BOOST_DESCRIBE_STRUCT(RotateLogKey, (), (origin, checkpoint_key, head_key, compromised))

struct RetireLogKey {  // ends the overlap in good time: one administrator, since it only takes a key away
  static constexpr std::string_view kKind = "retire_log_key";
  std::uint32_t generation = 0;
};
BOOST_DESCRIBE_STRUCT(RetireLogKey, (), (generation))

struct GiveUpLogKey {  // two; the key, retiring or retired, is in other hands: at once, whoever does not know the newer
  static constexpr std::string_view kKind = "give_up_log_key";
  std::uint32_t generation = 0;
};
BOOST_DESCRIBE_STRUCT(GiveUpLogKey, (), (generation))

// After a restore: an organisation and, of what belongs to it, all that is named counts again. What is not named was
// perhaps ended since the backup. Two administrators. The officers then re-attest the other staff.
struct ReattestOrganisation {
  static constexpr std::string_view kKind = "reattest_organisation";
  OrganisationId organisation;
  std::set<Fingerprint> certificates;
  std::set<Fingerprint> assertion_keys;
  std::set<StaffId> officers;
  std::set<UnitId> units;
  std::set<TeamId> teams;
  std::set<AuthorisationId> authorisations;
};
BOOST_DESCRIBE_STRUCT(ReattestOrganisation, (),
                      (organisation, certificates, assertion_keys, officers, units, teams, authorisations))

struct ReattestCatalogue {  // two; after a restore, what belongs to no organisation
  static constexpr std::string_view kKind = "reattest_catalogue";
  std::set<Fingerprint> issuers;
  std::set<std::string> flik_types;
};
BOOST_DESCRIBE_STRUCT(ReattestCatalogue, (), (issuers, flik_types))

struct ReattestKontrakt {  // after a restore; one administrator, as to register them
  static constexpr std::string_view kKind = "reattest_kontrakt";
  std::set<KontraktId> kontrakt;
};
BOOST_DESCRIBE_STRUCT(ReattestKontrakt, (), (kontrakt))

// What waits for a second. An administrator sees one or all that administrators proposed; staff name the one that they
// were told of, and see it when they could be its second.
struct ReadProposals {
  static constexpr std::string_view kKind = "read_proposals";
  std::optional<ProposalId> proposal;
};
BOOST_DESCRIBE_STRUCT(ReadProposals, (), (proposal))

}  // namespace flikvakt::policy
