// Everything that can be asked of the gateway, as values. An act's kKind is its name in the API, in the log
// (audit::ActKind) and here. Staff name a person by blind index (`person`): at the door it was a handle.
//
// spec/acts.md lists for each act who may do it, what it changes and whether it narrows or widens access.
#pragma once

#include "base/overloaded.h"
#include "policy/actor.h"

namespace flikvakt::policy {

// ---- Administrators. "two": the first administrator's act waits as a Proposal until
// another sends `approve`.

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
};
BOOST_DESCRIBE_STRUCT(RegisterFlikType, (), (code, name_sv, name_en, description, sensitivity))

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
  fullmakt_template
};
BOOST_DESCRIBE_ENUM(RegistryNoun, organisation, unit, staff, team, flik_type, certificate, issuer, assertion_key,
                    administrator, fullmakt_template)

// `id`: 32 hex digits, a flik type code, or 64 hex digits of a fingerprint, as the noun's key is.
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

// ---- Staff

struct AcceptTeam {  // roster officer of the team's organisation; the lead's roster entry is made complete
  static constexpr std::string_view kKind = "accept_team";
  TeamId team;
};
BOOST_DESCRIBE_STRUCT(AcceptTeam, (), (team))

struct RosterAdd {  // by a roster officer of the member's organisation, and by the team's lead or deputy, in any order
  static constexpr std::string_view kKind = "roster_add";
  TeamId team;
  StaffId staff;
  TeamRole role = TeamRole::member;
};
BOOST_DESCRIBE_STRUCT(RosterAdd, (), (team, staff, role))

struct RosterRemove {  // narrowing; either of the two
  static constexpr std::string_view kKind = "roster_remove";
  TeamId team;
  StaffId staff;
};
BOOST_DESCRIBE_STRUCT(RosterRemove, (), (team, staff))

// A registrar says: this number belongs to the holder of this key. A new number becomes a person. Until a registrar of
// another organisation confirms (14 days), the key can only narrow. The answer is the same for a known number.
struct ProposeKey {
  static constexpr std::string_view kKind = "propose_key";
  BlindIndex person{};
  json::value jwk;
  Fingerprint thumbprint{};
};
BOOST_DESCRIBE_STRUCT(ProposeKey, (), (person, jwk, thumbprint))

struct ConfirmKey {
  static constexpr std::string_view kKind = "confirm_key";
  BlindIndex person{};
  Fingerprint thumbprint{};
};
BOOST_DESCRIBE_STRUCT(ConfirmKey, (), (person, thumbprint))

// A fullmakt signed on paper: two registrars of two organisations, at least one of them no recipient of it.
struct PaperFullmakt {
  static constexpr std::string_view kKind = "paper_fullmakt";
  FullmaktId id;
  BlindIndex person{};
  FullmaktTerms terms;
  std::string text;           // exact text on the paper
  Fingerprint scan_sha256{};  // of the scan, which the desk keeps
  std::optional<RequestId> request = {};
  std::optional<TemplateId> based_on = {};
};
BOOST_DESCRIBE_STRUCT(PaperFullmakt, (), (id, person, terms, text, scan_sha256, request, based_on))

// A delta on a standing fullmakt, signed on paper: as paper_fullmakt.
struct PaperKomplettering {
  static constexpr std::string_view kKind = "paper_komplettering";
  FullmaktId fullmakt;
  BlindIndex person{};
  Fingerprint previous{};  // signed_sha256 of the revision that it changes
  FullmaktDelta delta;
  std::string language;
  std::string text;
  Fingerprint text_sha256{};
  Fingerprint scan_sha256{};
  std::optional<RequestId> request = {};
};
BOOST_DESCRIBE_STRUCT(PaperKomplettering, (),
                      (fullmakt, person, previous, delta, language, text, text_sha256, scan_sha256, request))

// The next version of a kontrakt, signed on paper: as paper_fullmakt.
struct PaperKontrakt {
  static constexpr std::string_view kKind = "paper_kontrakt";
  KontraktId id;
  BlindIndex person{};
  std::uint32_t version = 0;  // that it becomes
  KontraktPlan plan;          // word for word what is proposed
  Fingerprint scan_sha256{};
};
BOOST_DESCRIBE_STRUCT(PaperKontrakt, (), (id, person, version, plan, scan_sha256))

// A recipient asks the person. The answer is constant: it tells nothing of who is known or what stands.
struct RequestAccess {
  static constexpr std::string_view kKind = "request_access";
  RequestId id;
  BlindIndex person{};
  RequestTerms terms;
};
BOOST_DESCRIBE_STRUCT(RequestAccess, (), (id, person, terms))

struct WithdrawRequest {  // by the organisation that asked
  static constexpr std::string_view kKind = "withdraw_request";
  RequestId id;
};
BOOST_DESCRIBE_STRUCT(WithdrawRequest, (), (id))

struct ListRequests {  // of the own organisation
  static constexpr std::string_view kKind = "list_requests";
};
BOOST_DESCRIBE_STRUCT(ListRequests, (), ())

struct ListFullmakter {  // of the person: what is open to this staff member, or lifts this organisation's secrecy
  static constexpr std::string_view kKind = "list_fullmakter";
  BlindIndex person{};
};
BOOST_DESCRIBE_STRUCT(ListFullmakter, (), (person))

struct RelinquishFullmakt {  // narrowing: a recipient gives it up
  static constexpr std::string_view kKind = "relinquish_fullmakt";
  FullmaktId id;
};
BOOST_DESCRIBE_STRUCT(RelinquishFullmakt, (), (id))

struct AcceptCase {  // the team's lead or deputy takes up a case that waits
  static constexpr std::string_view kKind = "accept_case";
  CaseId id;
  std::vector<UtcTime> meetings;
};
BOOST_DESCRIBE_STRUCT(AcceptCase, (), (id, meetings))

struct SetMeetings {
  static constexpr std::string_view kKind = "set_meetings";
  CaseId id;
  std::vector<UtcTime> meetings;
};
BOOST_DESCRIBE_STRUCT(SetMeetings, (), (id, meetings))

struct ProposeHandOver {  // to another team, which hears of the case when the person has signed
  static constexpr std::string_view kKind = "propose_hand_over";
  CaseId id;
  TeamId team;
};
BOOST_DESCRIBE_STRUCT(ProposeHandOver, (), (id, team))

struct CloseCase {  // narrowing; by the team's lead or deputy, or by the person
  static constexpr std::string_view kKind = "close_case";
  CaseId id;
};
BOOST_DESCRIBE_STRUCT(CloseCase, (), (id))

struct ReachMilestone {  // by staff of a provider with a part that runs, or the lead of a team with a case of the
                         // person
  static constexpr std::string_view kKind = "reach_milestone";
  KontraktId kontrakt;
  std::uint32_t milestone = 0;  // from 0
  Date reached{};
};
BOOST_DESCRIBE_STRUCT(ReachMilestone, (), (kontrakt, milestone, reached))

struct ListEraseOrders {  // of the own organisation
  static constexpr std::string_view kKind = "list_erase_orders";
};
BOOST_DESCRIBE_STRUCT(ListEraseOrders, (), ())

struct AttestErasure {  // the provider has erased what it held of the person
  static constexpr std::string_view kKind = "attest_erasure";
  KontraktId kontrakt;
};
BOOST_DESCRIBE_STRUCT(AttestErasure, (), (kontrakt))

struct ListNotices {  // of the own organisation
  static constexpr std::string_view kKind = "list_notices";
};
BOOST_DESCRIBE_STRUCT(ListNotices, (), ())

struct AcknowledgeNotice {  // of the change that was seen: a later one stays
  static constexpr std::string_view kKind = "acknowledge_notice";
  FullmaktId fullmakt;
  UtcTime changed;
};
BOOST_DESCRIBE_STRUCT(AcknowledgeNotice, (), (fullmakt, changed))

struct RecordDeath {  // narrowing; a registrar. The answer is constant
  static constexpr std::string_view kKind = "record_death";
  BlindIndex person{};
  Date died{};
};
BOOST_DESCRIBE_STRUCT(RecordDeath, (), (person, died))

// Protected identity: from now on others see the alias, and nothing that locates. One registrar; the answer is
// constant.
struct ProtectIdentity {  // narrowing
  static constexpr std::string_view kKind = "protect_identity";
  BlindIndex person{};
  std::string alias;  // 1 to 200 bytes
};
BOOST_DESCRIBE_STRUCT(ProtectIdentity, (), (person, alias))

struct EndProtection {  // registrars of two organisations
  static constexpr std::string_view kKind = "end_protection";
  BlindIndex person{};
};
BOOST_DESCRIBE_STRUCT(EndProtection, (), (person))

struct CorrectDeath {  // registrars of two organisations: it was wrong
  static constexpr std::string_view kKind = "correct_death";
  BlindIndex person{};
};
BOOST_DESCRIBE_STRUCT(CorrectDeath, (), (person))

struct RecordDisclosure {  // a lawful one outside any fullmakt, which the source made by itself: recorded, opens
                           // nothing
  static constexpr std::string_view kKind = "record_disclosure";
  DocumentId document;
  std::string recipient;  // to whom
  std::string ground;     // code of the law, 1 to 16 of a-z, 0-9 and hyphen
  UtcTime disclosed;
};
BOOST_DESCRIBE_STRUCT(RecordDisclosure, (), (document, recipient, ground, disclosed))

struct RegisterRepresentative {  // registrars of two organisations, at least one of which is no recipient
  static constexpr std::string_view kKind = "register_representative";
  RepresentativeId id;
  BlindIndex person{};
  BlindIndex representative{};
  RepresentativeKind representative_kind = RepresentativeKind::ombud;
  std::set<RepresentativePower> powers;
  UtcTime valid_from;
  UtcTime valid_to;
};
BOOST_DESCRIBE_STRUCT(RegisterRepresentative, (),
                      (id, person, representative, representative_kind, powers, valid_from, valid_to))

struct EndRepresentative {  // narrowing; by the person, the representative, or a registrar
  static constexpr std::string_view kKind = "end_representative";
  RepresentativeId id;
};
BOOST_DESCRIBE_STRUCT(EndRepresentative, (), (id))

// A narrowing recorded by one staff member on the person's word. The answer is constant: it tells nothing of what
// stood.
struct PaperNarrowing {
  static constexpr std::string_view kKind = "paper_narrowing";
  BlindIndex person{};
  std::set<FullmaktId> revoke;  // ids that are not the person's do nothing
  bool revoke_all = false;
  std::optional<SparrId> sparr;  // id of the new Sparr, with its terms
  std::optional<SparrTerms> sparr_terms;
  std::optional<bool> end_representatives = {};  // nobody acts for the person any more
};
BOOST_DESCRIBE_STRUCT(PaperNarrowing, (), (person, revoke, revoke_all, sparr, sparr_terms, end_representatives))

struct PaperReferral {  // a referral that the person signed on paper
  static constexpr std::string_view kKind = "paper_referral";
  CaseId id;
  BlindIndex person{};
  TeamId team;
  CaseFocus focus = CaseFocus::unemployment;
  std::vector<UtcTime> meetings;
  std::optional<Date> triage = {};
};
BOOST_DESCRIBE_STRUCT(PaperReferral, (), (id, person, team, focus, meetings, triage))

struct PaperReconfirm {  // after a restore: two registrars of two organisations, as for paper_fullmakt
  static constexpr std::string_view kKind = "paper_reconfirm";
  BlindIndex person{};
};
BOOST_DESCRIBE_STRUCT(PaperReconfirm, (), (person))

struct RecordMasking {  // two staff of the source organisation
  static constexpr std::string_view kKind = "record_masking";
  DocumentId document;
};
BOOST_DESCRIBE_STRUCT(RecordMasking, (), (document))

// The second of two acts by different people, staff and administrators alike. It says word for word what it approves,
// so that an id alone approves nothing.
struct Approve {
  static constexpr std::string_view kKind = "approve";
  ProposalId proposal;
  json::value act;  // the waiting act
};
BOOST_DESCRIBE_STRUCT(Approve, (), (proposal, act))

struct RosterPlace {
  TeamId team;
  StaffId staff;
  friend auto operator<=>(const RosterPlace&, const RosterPlace&) = default;
};
BOOST_DESCRIBE_STRUCT(RosterPlace, (), (team, staff))

// After a restore: a roster officer, for named staff of the own organisation and named places of theirs in teams. A
// place that is not named was perhaps taken back since the backup.
struct ReattestStaff {
  static constexpr std::string_view kKind = "reattest_staff";
  std::set<StaffId> staff;
  std::set<RosterPlace> roster;
};
BOOST_DESCRIBE_STRUCT(ReattestStaff, (), (staff, roster))

struct BeginDeposit {
  static constexpr std::string_view kKind = "begin_deposit";
  DepositId id;
  BlindIndex person{};
  DocumentFacts facts;  // other_subjects is empty here; they come as blind indexes
  std::set<BlindIndex> other_subjects;
};
BOOST_DESCRIBE_STRUCT(BeginDeposit, (), (id, person, facts, other_subjects))

struct SealDeposit {  // made by service/ when every byte has come and matches; decided again
  static constexpr std::string_view kKind = "seal_deposit";
  DepositId deposit;
  DocumentId document;
  ObjectName object;
  KeyId key_id;
  std::optional<KeyId> new_flik_key;  // set when this deposit brings the flik's key
};
BOOST_DESCRIBE_STRUCT(SealDeposit, (), (deposit, document, object, key_id, new_flik_key))

struct OpenReading {
  static constexpr std::string_view kKind = "open_reading";
  ReadingId id;
  DocumentId document;
  std::string purpose;
};
BOOST_DESCRIBE_STRUCT(OpenReading, (), (id, document, purpose))

struct ListDocuments {
  static constexpr std::string_view kKind = "list_documents";
  BlindIndex person{};
  std::string purpose;
};
BOOST_DESCRIBE_STRUCT(ListDocuments, (), (person, purpose))

struct ListCases {  // of the teams the staff member belongs to
  static constexpr std::string_view kKind = "list_cases";
};
BOOST_DESCRIBE_STRUCT(ListCases, (), ())

// ---- The person. Signed with a device key unless said otherwise.

struct SignFullmakt {  // widening
  static constexpr std::string_view kKind = "sign_fullmakt";
  FullmaktId id;
  FullmaktTerms terms;
  std::string text;                         // exact text shown
  std::optional<RequestId> request = {};    // grants this request, whole or in part
  std::optional<TemplateId> based_on = {};  // has just the terms and a text of this template
};
BOOST_DESCRIBE_STRUCT(SignFullmakt, (), (id, terms, text, request, based_on))

struct SignKomplettering {  // widening: adds to a standing fullmakt; the person signs only the difference
  static constexpr std::string_view kKind = "sign_komplettering";
  FullmaktId fullmakt;
  Fingerprint previous{};  // signed_sha256 of the revision that it changes
  FullmaktDelta delta;
  std::string language;
  std::string text;  // exact text shown
  Fingerprint text_sha256{};
  std::optional<RequestId> request = {};
};
BOOST_DESCRIBE_STRUCT(SignKomplettering, (), (fullmakt, previous, delta, language, text, text_sha256, request))

struct DeclineRequest {  // narrowing: no; what stands stays as it is
  static constexpr std::string_view kKind = "decline_request";
  RequestId id;
};
BOOST_DESCRIBE_STRUCT(DeclineRequest, (), (id))

struct SignKontrakt {  // widening: the version that is proposed comes into force
  static constexpr std::string_view kKind = "sign_kontrakt";
  KontraktId id;
  std::uint32_t version = 0;  // that it becomes
  KontraktPlan plan;          // word for word what is proposed: it is what the person saw
};
BOOST_DESCRIBE_STRUCT(SignKontrakt, (), (id, version, plan))

struct SignHandOver {  // widening: the team that is proposed takes the case over
  static constexpr std::string_view kKind = "sign_hand_over";
  CaseId id;
  TeamId team;
};
BOOST_DESCRIBE_STRUCT(SignHandOver, (), (id, team))

struct PauseFullmakt {  // narrowing
  static constexpr std::string_view kKind = "pause_fullmakt";
  FullmaktId id;
};
BOOST_DESCRIBE_STRUCT(PauseFullmakt, (), (id))

struct ResumeFullmakt {  // widening
  static constexpr std::string_view kKind = "resume_fullmakt";
  FullmaktId id;
};
BOOST_DESCRIBE_STRUCT(ResumeFullmakt, (), (id))

struct RevokeFullmakt {  // narrowing
  static constexpr std::string_view kKind = "revoke_fullmakt";
  FullmaktId id;
};
BOOST_DESCRIBE_STRUCT(RevokeFullmakt, (), (id))

struct SetSparr {  // narrowing
  static constexpr std::string_view kKind = "set_sparr";
  SparrId id;
  SparrTerms terms;
};
BOOST_DESCRIBE_STRUCT(SetSparr, (), (id, terms))

struct LiftSparr {  // widening
  static constexpr std::string_view kKind = "lift_sparr";
  SparrId id;
};
BOOST_DESCRIBE_STRUCT(LiftSparr, (), (id))

struct SignReferral {
  static constexpr std::string_view kKind = "sign_referral";
  CaseId id;
  TeamId team;
  CaseFocus focus = CaseFocus::unemployment;
  std::vector<UtcTime> meetings;
  std::optional<OrganisationId> referred_by = {};  // Forum or the care unit that helped
  std::optional<Date> triage = {};
};
BOOST_DESCRIBE_STRUCT(SignReferral, (), (id, team, focus, meetings, referred_by, triage))

struct RemoveKey {  // narrowing
  static constexpr std::string_view kKind = "remove_key";
  Fingerprint thumbprint{};
};
BOOST_DESCRIBE_STRUCT(RemoveKey, (), (thumbprint))

struct Reconfirm {  // widening; after a restore, with a key re-attested as P8 says (propose_key and confirm_key again)
  static constexpr std::string_view kKind = "reconfirm";
};
BOOST_DESCRIBE_STRUCT(Reconfirm, (), ())

struct ReadOverview {  // session, no signature: all that is the person's own to see
  static constexpr std::string_view kKind = "read_overview";
};
BOOST_DESCRIBE_STRUCT(ReadOverview, (), ())

struct ReadOwnLog {  // session, no signature
  static constexpr std::string_view kKind = "read_own_log";
};
BOOST_DESCRIBE_STRUCT(ReadOwnLog, (), ())

struct OpenOwnDocument {  // session, no signature
  static constexpr std::string_view kKind = "open_own_document";
  ReadingId id;
  DocumentId document;
};
BOOST_DESCRIBE_STRUCT(OpenOwnDocument, (), (id, document))

// ---- The gateway itself

enum class ReadingEnd {
  complete,
  cut,
  broken,
  lapsed,
  interrupted
};  // broken: the connection failed; interrupted: a stop or crash
BOOST_DESCRIBE_ENUM(ReadingEnd, complete, cut, broken, lapsed, interrupted)

struct CloseReading {
  static constexpr std::string_view kKind = "close_reading";
  ReadingId id;
  ReadingEnd end = ReadingEnd::complete;
  std::uint64_t bytes = 0;  // handed to the kernel; 0 when interrupted (unknown)
};
BOOST_DESCRIBE_STRUCT(CloseReading, (), (id, end, bytes))

struct ExpireDue {  // all whose time has come: spec/acts.md
  static constexpr std::string_view kKind = "expire_due";
};
BOOST_DESCRIBE_STRUCT(ExpireDue, (), ())

struct ApplyCrl {  // narrowing; service/ has checked the signature
  static constexpr std::string_view kKind = "apply_crl";
  Fingerprint issuer{};
  std::uint64_t number = 0;
  Fingerprint hash{};
  UtcTime next_update;
  std::set<std::string> revoked;
};
BOOST_DESCRIBE_STRUCT(ApplyCrl, (), (issuer, number, hash, next_update, revoked))

// What was turned away before anyone was authenticated, from one source within a minute. Nothing else of such failures
// is in the log.
struct SumFailures {
  static constexpr std::string_view kKind = "sum_failures";
  std::string source;  // network address, or "others"
  std::uint64_t framing = 0;
  std::uint64_t handshake = 0;
  std::uint64_t slow = 0;
  std::uint64_t access = 0;
};
BOOST_DESCRIBE_STRUCT(SumFailures, (), (source, framing, handshake, slow, access))

struct Initialise {  // the first entry: two administrators and the recovery key
  static constexpr std::string_view kKind = "init";
  Instance instance;
  std::vector<Administrator> administrators;
};
BOOST_DESCRIBE_STRUCT(Initialise, (), (instance, administrators))

struct Restore {  // the first entry of a log that begins with a restore; every older epoch stops opening anything
  static constexpr std::string_view kKind = "restore";
  std::string old_head;                      // signed note of the backup
  std::string origin;                        // of the new log
  std::set<AdministratorId> administrators;  // who still is one; the others of the backup are suspended
};
BOOST_DESCRIBE_STRUCT(Restore, (), (old_head, origin, administrators))

struct Start {
  static constexpr std::string_view kKind = "start";
};
BOOST_DESCRIBE_STRUCT(Start, (), ())

struct Stop {
  static constexpr std::string_view kKind = "stop";
};
BOOST_DESCRIBE_STRUCT(Stop, (), ())

using ActVariant = std::variant<
    RegisterAdministrator, RegisterOrganisation, RegisterIssuer, RegisterCertificate, RegisterAssertionKey,
    RegisterTeam, RegisterUnit, RegisterStaff, RegisterFlikType, RegisterAuthorisation, EndAuthorisation,
    RegisterKontrakt, EndKontrakt, Suspend, Remove, Reinstate, AcceptClock, Shred, RotateKeys, ReattestOrganisation,
    ReattestCatalogue, ReattestKontrakt, ReadProposals, AcceptTeam, RosterAdd, RosterRemove, ProposeKey, ConfirmKey,
    PaperFullmakt, PaperNarrowing, PaperReferral, PaperReconfirm, RecordMasking, Approve, ReattestStaff, BeginDeposit,
    SealDeposit, OpenReading, ListDocuments, ListCases, SignFullmakt, PauseFullmakt, ResumeFullmakt, RevokeFullmakt,
    SetSparr, LiftSparr, SignReferral, RemoveKey, Reconfirm, ReadOverview, ReadOwnLog, OpenOwnDocument, CloseReading,
    ExpireDue, ApplyCrl, SumFailures, Initialise, Restore, Start, Stop, ProposeKontrakt, RegisterTemplate, SetTelling,
    ListOverdue, PaperKomplettering, PaperKontrakt, RequestAccess, WithdrawRequest, ListRequests, ListFullmakter,
    RelinquishFullmakt, AcceptCase, SetMeetings, ProposeHandOver, CloseCase, ReachMilestone, ListEraseOrders,
    AttestErasure, ListNotices, AcknowledgeNotice, RecordDeath, CorrectDeath, RecordDisclosure, RegisterRepresentative,
    EndRepresentative, SignKomplettering, DeclineRequest, SignKontrakt, SignHandOver, ProtectIdentity, EndProtection>;

// Any one of them. A class of its own, so that the long variant is copied and destroyed in one place (values.cpp)
// instead of in every file that hands an act on; std::visit, std::get_if and std::holds_alternative work as ever.
struct Act : ActVariant {
  Act();
  Act(const Act&);
  Act(Act&&) noexcept;
  Act& operator=(const Act&);
  Act& operator=(Act&&) noexcept;
  ~Act();
  explicit Act(ActVariant&& variant);
  template <class T>
  requires kIsAlternative<std::remove_cvref_t<T>, ActVariant> Act(T&& one)
      : ActVariant(std::in_place_type<std::remove_cvref_t<T>>, std::forward<T>(one)) {}
};

// {"kind": "revoke_fullmakt", …}. Compiled once, in act_codec.cpp: the variant is long.
json::value act_to_json(const Act& act);
Result<Act> parse_act(const json::value& value);
Result<Act> parse_proposal(const Proposal& proposal);  // the act that waits
std::string_view kind_of(const Act& act);

}  // namespace flikvakt::policy
