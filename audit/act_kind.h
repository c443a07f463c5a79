// The words of a log entry and their numbers, which are part of the log's format (spec/log-entry.md): a number is never
// changed and never used again. A new act kind is one line at the end of the list.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string_view>

namespace flikvakt::audit {

enum class ActorKind : std::uint8_t { system = 1, administrator = 2, staff = 3, person = 4, representative = 5 };
BOOST_DESCRIBE_ENUM(ActorKind, system, administrator, staff, person, representative)

// Permitted and refused are decisions; recorded is what nobody decides here: a closing, an expiry, a start.
enum class Outcome : std::uint8_t { permitted = 1, refused = 2, recorded = 3 };
BOOST_DESCRIBE_ENUM(Outcome, permitted, refused, recorded)

// Acts that policy/acts.h has bear its names.
#define FLIKVAKT_ACT_KINDS(X)    \
  X(1, open_reading)             \
  X(2, close_reading)            \
  X(3, list_documents)           \
  X(4, list_cases)               \
  X(5, read_overview)            \
  X(6, read_own_log)             \
  X(7, open_own_document)        \
  X(8, begin_deposit)            \
  X(9, seal_deposit)             \
  X(10, sign_fullmakt)           \
  X(11, pause_fullmakt)          \
  X(12, resume_fullmakt)         \
  X(13, revoke_fullmakt)         \
  X(14, expire_fullmakt)         \
  X(15, paper_fullmakt)          \
  X(16, paper_narrowing)         \
  X(17, set_sparr)               \
  X(18, lift_sparr)              \
  X(19, register_person)         \
  X(20, confirm_person)          \
  X(21, propose_key)             \
  X(22, confirm_key)             \
  X(23, remove_key)              \
  X(24, reconfirm)               \
  X(25, paper_reconfirm)         \
  X(26, sign_referral)           \
  X(27, paper_referral)          \
  X(28, record_masking)          \
  X(29, accept_team)             \
  X(30, roster_add)              \
  X(31, roster_remove)           \
  X(32, register_administrator)  \
  X(33, register_organisation)   \
  X(34, register_issuer)         \
  X(35, register_certificate)    \
  X(36, register_assertion_key)  \
  X(37, register_unit)           \
  X(38, register_staff)          \
  X(39, register_team)           \
  X(40, register_flik_type)      \
  X(41, register_authorisation)  \
  X(42, end_authorisation)       \
  X(43, register_kontrakt)       \
  X(44, end_kontrakt)            \
  X(45, suspend)                 \
  X(46, remove)                  \
  X(47, reinstate)               \
  X(48, propose)                 \
  X(49, approve)                 \
  X(50, apply_crl)               \
  X(51, expire_due)              \
  X(52, rotate_keys)             \
  X(53, shred)                   \
  X(54, erase_document)          \
  X(55, init)                    \
  X(56, accept_clock)            \
  X(57, restore)                 \
  X(58, reattest_organisation)   \
  X(59, reattest_staff)          \
  X(60, backup)                  \
  X(61, start)                   \
  X(62, stop)                    \
  X(63, reattest_catalogue)      \
  X(64, reattest_kontrakt)       \
  X(65, read_proposals)          \
  X(66, sum_failures)            \
  X(67, request_access)          \
  X(68, withdraw_request)        \
  X(69, list_requests)           \
  X(70, decline_request)         \
  X(71, sign_komplettering)      \
  X(72, paper_komplettering)     \
  X(73, list_fullmakter)         \
  X(74, relinquish_fullmakt)     \
  X(75, register_template)       \
  X(76, set_telling)             \
  X(77, accept_case)             \
  X(78, set_meetings)            \
  X(79, propose_hand_over)       \
  X(80, sign_hand_over)          \
  X(81, close_case)              \
  X(82, propose_kontrakt)        \
  X(83, sign_kontrakt)           \
  X(84, paper_kontrakt)          \
  X(85, reach_milestone)         \
  X(86, list_erase_orders)       \
  X(87, attest_erasure)          \
  X(88, list_notices)            \
  X(89, acknowledge_notice)      \
  X(90, list_overdue)            \
  X(91, record_death)            \
  X(92, correct_death)           \
  X(93, record_disclosure)       \
  X(94, register_representative) \
  X(95, end_representative)      \
  X(96, protect_identity)        \
  X(97, end_protection)          \
  X(98, paper_lift_sparr)        \
  X(99, paper_hand_over)         \
  X(100, withdraw_proposal)      \
  X(101, set_naming)             \
  X(102, set_retention)          \
  X(103, take_snapshot)          \
  X(104, prune_log)              \
  X(105, rotate_log_key)         \
  X(106, retire_log_key)         \
  X(107, give_up_log_key)        \
  X(110, set_oidc_issuer)        \
  X(111, apply_oidc_keys)        \
  X(112, enrol_eid)              \
  X(113, add_key)                \
  X(114, register_staff_key)     \
  X(115, set_subject)            \
  X(118, read_organisation_log)  \
  X(119, note_review)            \
  X(121, set_provider_entry)     \
  X(122, list_people)            \
  X(130, invite_connector)       \
  X(131, enrol_connector)        \
  X(132, ask_source)             \
  X(133, list_source_requests)   \
  X(134, decline_source_request) \
  X(135, set_partition_rule)     \
  X(136, plan_deposit)

enum class ActKind : std::uint8_t {
#define FLIKVAKT_ENUMERATOR(number, name) name = number,
  FLIKVAKT_ACT_KINDS(FLIKVAKT_ENUMERATOR)
#undef FLIKVAKT_ENUMERATOR
};
// BOOST_DESCRIBE_ENUM takes at most 52 names; its parts take any number.
#define FLIKVAKT_DESCRIBE(number, name) BOOST_DESCRIBE_ENUM_ENTRY(ActKind, name)
// clang-format off
BOOST_DESCRIBE_ENUM_BEGIN(ActKind)
FLIKVAKT_ACT_KINDS(FLIKVAKT_DESCRIBE)
BOOST_DESCRIBE_ENUM_END(ActKind)
// clang-format on
#undef FLIKVAKT_DESCRIBE

// The name as written above; empty for a number that is none of these.
std::string_view name_of(ActorKind kind);
std::string_view name_of(Outcome outcome);
std::string_view name_of(ActKind kind);

std::optional<ActKind> act_kind_named(std::string_view name);

}  // namespace flikvakt::audit
