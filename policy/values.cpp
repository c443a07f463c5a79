// Where the long variants are copied, moved and destroyed, once (see Act in acts.h).
#include "policy/state.h"

namespace flikvakt::policy {

// Else every one of them would have room for two.
static_assert(std::is_nothrow_move_constructible_v<ActVariant> && std::is_nothrow_move_constructible_v<RowVariant>);

Act::Act() = default;
Act::Act(const Act&) = default;
Act::Act(Act&&) noexcept = default;
Act& Act::operator=(const Act&) = default;
Act& Act::operator=(Act&&) noexcept = default;
Act::~Act() = default;
Act::Act(ActVariant&& one) : ActVariant(std::move(one)) {}

Row::Row() = default;
Row::Row(const Row&) = default;
Row::Row(Row&&) noexcept = default;
Row& Row::operator=(const Row&) = default;
Row& Row::operator=(Row&&) noexcept = default;
Row::~Row() = default;

Outcome::Outcome() = default;
Outcome::Outcome(const Outcome&) = default;
Outcome::Outcome(Outcome&&) noexcept = default;
Outcome& Outcome::operator=(const Outcome&) = default;
Outcome& Outcome::operator=(Outcome&&) noexcept = default;
Outcome::~Outcome() = default;

State::State() = default;
State::State(const State&) = default;
State::State(State&&) noexcept = default;
State& State::operator=(const State&) = default;
State& State::operator=(State&&) noexcept = default;
State::~State() = default;

}  // namespace flikvakt::policy
