// The acts of the person. Signed with a device key unless said otherwise. See acts.h.
#pragma once

#include "policy/actor.h"

namespace flikvakt::policy {

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

// Widening: another key of the person's, at once, vouched for by the one that signs. Without `jwk`: an e-ID of theirs
// that was removed is let in again.
struct AddKey {
  static constexpr std::string_view kKind = "add_key";
  std::optional<json::value> jwk;
  Fingerprint thumbprint{};
  std::optional<Passkey> passkey;
};
BOOST_DESCRIBE_STRUCT(AddKey, (), (jwk, thumbprint, passkey))

// Widening: the holder of this number came with an e-ID of that issuer; a new number becomes a person. service/ has
// verified the token, and that the number is its number.
struct EnrolEid {
  static constexpr std::string_view kKind = "enrol_eid";
  std::string issuer;  // code
  BlindIndex person{};
  Fingerprint thumbprint{};  // of the e-ID: computed from the two
};
BOOST_DESCRIBE_STRUCT(EnrolEid, (), (issuer, person, thumbprint))

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

}  // namespace flikvakt::policy
