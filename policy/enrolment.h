// What the ways share in which a number becomes a person and a credential becomes that person's.
#pragma once

#include "policy/effects.h"

namespace flikvakt::policy {

inline constexpr std::size_t kLongestCredentialId = 1023;  // bytes
// So long the key of an issuer stays in its row after the issuer stopped publishing it: longer than any session lasts.
inline constexpr std::chrono::hours kGoneKeyStays{48};
inline constexpr std::size_t kMostOidcKeys = 50;  // published; and as many that are gone

// A number that is not known here becomes a person, with what was prepared for it. False: nothing was, or the id is
// taken.
bool create_person(const Context& context, Effects& effects, const BlindIndex& index);

bool is_passkey(const Passkey& passkey);

// How what this person signs is signed: with a key of which kind.
EvidenceKind evidence_of(const Context& context);

// SPEC WA-15: a count that does not grow is that of a copy. none: it grows, the authenticator does not count, or no
// passkey signed this act.
Reason check_sign_count(const State& state, const Actor& actor);
// SPEC WA-16: the row of the key says how far its authenticator has counted.
void note_sign_count(const State& state, const Actor& actor, Outcome& permitted);

}  // namespace flikvakt::policy
