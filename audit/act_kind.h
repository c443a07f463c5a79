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
#define FLIKVAKT_ACT_KINDS(X)   \
  X(1, open_reading)            \
  X(2, close_reading)           \
  X(3, list_documents)          \
  X(4, list_cases)              \
  X(5, read_overview)           \
  X(6, read_own_log)            \
  X(7, open_own_document)       \
  X(8, begin_deposit)           \
  X(9, seal_deposit)            \
  X(10, sign_fullmakt)          \
  X(11, pause_fullmakt)         \
  X(12, resume_fullmakt)        \
  X(13, revoke_fullmakt)        \
  X(14, expire_fullmakt)        \
  X(15, paper_fullmakt)         \
  X(16, paper_narrowing)        \
  X(17, set_sparr)              \
  X(18, lift_sparr)             \
  X(19, register_person)        \
  X(20, confirm_person)         \
  X(21, propose_key)            \
  X(22, confirm_key)            \
  X(23, remove_key)             \
  X(24, reconfirm)              \
  X(25, paper_reconfirm)        \
  X(26, sign_referral)          \
  X(27, paper_referral)         \
  X(28, record_masking)         \
  X(29, accept_team)            \
  X(30, roster_add)             \
  X(31, roster_remove)          \
  X(32, register_administrator) \
  X(33, register_organisation)  \
  X(34, register_issuer)        \
  X(35, register_certificate)   \
  X(36, register_assertion_key) \
  X(37, register_unit)          \
  X(38, register_staff)         \
  X(39, register_team)          \
  X(40, register_flik_type)     \
  X(41, register_authorisation) \
  X(42, end_authorisation)      \
  X(43, register_kontrakt)      \
  X(44, end_kontrakt)           \
  X(45, suspend)                \
  X(46, remove)                 \
  X(47, reinstate)              \
  X(48, propose)                \
  X(49, approve)                \
  X(50, apply_crl)              \
  X(51, expire_due)             \
  X(52, rotate_keys)            \
  X(53, shred)                  \
  X(54, erase_document)         \
  X(55, init)                   \
  X(56, accept_clock)           \
  X(57, restore)                \
  X(58, reattest_organisation)  \
  X(59, reattest_staff)         \
  X(60, backup)                 \
  X(61, start)                  \
  X(62, stop)                   \
  X(63, reattest_catalogue)     \
  X(64, reattest_kontrakt)      \
  X(65, read_proposals)         \
  X(66, sum_failures)

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
