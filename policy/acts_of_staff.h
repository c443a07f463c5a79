// The acts of staff. See acts.h.
#pragma once

#include "policy/actor.h"

namespace flikvakt::policy {

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
  std::optional<Passkey> passkey = {};  // that was made at the desk
};
BOOST_DESCRIBE_STRUCT(ProposeKey, (), (person, jwk, thumbprint, passkey))

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

// Heta linjen: a document that is missing is asked for at its source. The terms name one discloser, one flik and the
// right to read. What no fullmakt covers goes to the person first, as an access request under the same id. The answer
// is constant.
struct AskSource {
  static constexpr std::string_view kKind = "ask_source";
  RequestId id;
  BlindIndex person{};
  RequestTerms terms;
};
BOOST_DESCRIBE_STRUCT(AskSource, (), (id, person, terms))

struct ListSourceRequests {  // that the own organisation asked, and those that it is asked
  static constexpr std::string_view kKind = "list_source_requests";
};
BOOST_DESCRIBE_STRUCT(ListSourceRequests, (), ())

struct DeclineSourceRequest {  // by the source: there is no such document. Who has it deposits it.
  static constexpr std::string_view kKind = "decline_source_request";
  RequestId id;
};
BOOST_DESCRIBE_STRUCT(DeclineSourceRequest, (), (id))

struct ListRequests {  // of the own organisation
  static constexpr std::string_view kKind = "list_requests";
};
BOOST_DESCRIBE_STRUCT(ListRequests, (), ())

struct ListFullmakter {  // of the person: what is open to this staff member, or lifts this organisation's secrecy
  static constexpr std::string_view kKind = "list_fullmakter";
  BlindIndex person{};
};
BOOST_DESCRIBE_STRUCT(ListFullmakter, (), (person))

// Of those who opened something to this staff member: what ends when, and where they are on their path. All of them,
// or one.
struct ListPeople {
  static constexpr std::string_view kKind = "list_people";
  std::optional<BlindIndex> person = {};
};
BOOST_DESCRIBE_STRUCT(ListPeople, (), (person))

// What the catalogue says of the own organisation, a provider: the whole of it. By its registrars and roster officers.
struct SetProviderEntry {
  static constexpr std::string_view kKind = "set_provider_entry";
  std::set<std::string> areas;
  std::vector<ProviderText> texts;  // none: the entry is shown nowhere
};
BOOST_DESCRIBE_STRUCT(SetProviderEntry, (), (areas, texts))

// How the own organisation's files of one type are divided, stated anew as a whole. By its registrars.
struct SetPartitionRule {
  static constexpr std::string_view kKind = "set_partition_rule";
  std::string document_type;
  std::uint32_t version = 1;  // that it becomes
  std::string name;
  std::string media_type;
  std::vector<PartitionPart> parts;  // none: it is taken down
  std::optional<std::string> original = {};
  std::vector<PartitionFinding> findings;
};
BOOST_DESCRIBE_STRUCT(SetPartitionRule, (), (document_type, version, name, media_type, parts, original, findings))

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
  std::optional<bool> jointly = {};  // as one of two guardians: what widens takes both
};
BOOST_DESCRIBE_STRUCT(RegisterRepresentative, (),
                      (id, person, representative, representative_kind, powers, valid_from, valid_to, jointly))

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

// Of a person without a device: registrars of two organisations, at least one of which is no recipient.
struct PaperLiftSparr {
  static constexpr std::string_view kKind = "paper_lift_sparr";
  SparrId id;
  BlindIndex person{};
  Fingerprint scan_sha256{};
};
BOOST_DESCRIBE_STRUCT(PaperLiftSparr, (), (id, person, scan_sha256))

struct PaperHandOver {  // the same: the team that is proposed takes the case over
  static constexpr std::string_view kKind = "paper_hand_over";
  CaseId id;
  BlindIndex person{};
  TeamId team;
  Fingerprint scan_sha256{};
};
BOOST_DESCRIBE_STRUCT(PaperHandOver, (), (id, person, team, scan_sha256))

struct RecordMasking {  // two staff of the source organisation
  static constexpr std::string_view kKind = "record_masking";
  DocumentId document;
};
BOOST_DESCRIBE_STRUCT(RecordMasking, (), (document))

// The second of two acts by different people: staff, administrators, or representatives who act jointly. It says word
// for word what it approves, so that an id alone approves nothing.
struct Approve {
  static constexpr std::string_view kKind = "approve";
  ProposalId proposal;
  json::value act;  // the waiting act
};
BOOST_DESCRIBE_STRUCT(Approve, (), (proposal, act))

// Narrowing: what waits for a second waits no more. By the person whom it concerns, or a representative; by the
// organisation that proposed it; of what an administrator proposed, by any of them.
struct WithdrawProposal {
  static constexpr std::string_view kKind = "withdraw_proposal";
  ProposalId proposal;
};
BOOST_DESCRIBE_STRUCT(WithdrawProposal, (), (proposal))

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
  std::optional<KeyId> new_flik_key;     // set when this deposit brings the flik's key
  std::optional<MadeBytes> made = {};    // sealed in place of what came, when something was taken out of it
  std::optional<DepositPlan> plan = {};  // none: sealed before, and said again
};
BOOST_DESCRIBE_STRUCT(SealDeposit, (), (deposit, document, object, key_id, new_flik_key, made, plan))

// A file was divided, or refused, for deposits that may follow. Made by the gateway when it has looked into the file.
// The answer names the flikar of the plan in which this staff member may deposit now.
struct PlanDeposit {
  static constexpr std::string_view kKind = "plan_deposit";
  BlindIndex person{};
  DepositPlan plan;
};
BOOST_DESCRIBE_STRUCT(PlanDeposit, (), (person, plan))

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

// A log reviewer looks at what the staff of the own organisation did (service/organisation_log.h): of no person.
struct ReadOrganisationLog {
  static constexpr std::string_view kKind = "read_organisation_log";
};
BOOST_DESCRIBE_STRUCT(ReadOrganisationLog, (), ())

// What a log reviewer found of one act of the own organisation. A later word replaces the earlier one.
struct NoteReview {
  static constexpr std::string_view kKind = "note_review";
  std::uint64_t entry = 0;  // of the log: the first of the act
  ReviewFinding finding = ReviewFinding::checked;
  std::string note;  // at most kLongestReviewNote bytes; nothing of a person belongs there
};
BOOST_DESCRIBE_STRUCT(NoteReview, (), (entry, finding, note))

}  // namespace flikvakt::policy
