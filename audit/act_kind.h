// The words of a log entry and their numbers, which are part of the log's format (spec/log-entry.md): a number is never
// changed and never used again. A new act kind is one line at the end of the list.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <string_view>

namespace flikvakt::audit {

enum class ActorKind : std::uint8_t { system = 1, administrator = 2, staff = 3, person = 4, representative = 5 };
BOOST_DESCRIBE_ENUM(ActorKind, system, administrator, staff, person, representative)

// Permitted and refused are decisions; recorded is what nobody decides here: a closing, an expiry, a start.
enum class Outcome : std::uint8_t { permitted = 1, refused = 2, recorded = 3 };
BOOST_DESCRIBE_ENUM(Outcome, permitted, refused, recorded)

#define FLIKVAKT_ACT_KINDS(X)   \
  X(1, open_reading)            \
  X(2, close_reading)           \
  X(3, list_documents)          \
  X(4, read_own_log)            \
  X(5, read_own_document)       \
  X(6, deposit_begin)           \
  X(7, deposit_seal)            \
  X(8, sign_fullmakt)           \
  X(9, pause_fullmakt)          \
  X(10, resume_fullmakt)        \
  X(11, revoke_fullmakt)        \
  X(12, expire_fullmakt)        \
  X(13, paper_fullmakt)         \
  X(14, set_sparr)              \
  X(15, lift_sparr)             \
  X(16, register_person)        \
  X(17, confirm_person)         \
  X(18, enrol_key)              \
  X(19, confirm_key)            \
  X(20, remove_key)             \
  X(21, referral)               \
  X(22, roster_add)             \
  X(23, roster_remove)          \
  X(24, register_organisation)  \
  X(25, register_unit)          \
  X(26, register_staff)         \
  X(27, register_team)          \
  X(28, accept_team)            \
  X(29, register_certificate)   \
  X(30, register_key)           \
  X(31, register_flik_type)     \
  X(32, register_authorisation) \
  X(33, end_authorisation)      \
  X(34, register_kontrakt)      \
  X(35, end_kontrakt)           \
  X(36, suspend)                \
  X(37, reinstate)              \
  X(38, propose)                \
  X(39, approve)                \
  X(40, apply_crl)              \
  X(41, key_rotate)             \
  X(42, key_shred)              \
  X(43, erase_document)         \
  X(44, init)                   \
  X(45, clock_accept)           \
  X(46, restore)                \
  X(47, reattest)               \
  X(48, reconfirm)              \
  X(49, backup)                 \
  X(50, start)                  \
  X(51, stop)

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

}  // namespace flikvakt::audit
