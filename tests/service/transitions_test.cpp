// The verifier's second guard over what was taken back: each kind of row, by the act that may and by one that may not.
#include "service/transitions.h"

#include <gtest/gtest.h>

namespace flikvakt::service::test {
namespace {

using namespace policy;
using audit::ActKind;

template <class T>
T with(T row, const std::function<void(T&)>& how) {
  how(row);
  return row;
}

CarriedOut by_one(ActKind kind) { return {kind, false}; }
CarriedOut of_two(ActKind kind) { return {kind, true}; }
constexpr CarriedOut kApproved{ActKind::approve, true};  // of something that can no longer be read

bool is_fine(const Row& before, const Row& after, CarriedOut act) { return wrong_change(before, after, act).empty(); }

// SPEC LVR-12
TEST(Transitions, AFullmaktThatWasTakenBackStaysSo) {
  const auto status = [](FullmaktStatus to) { return with<Fullmakt>({}, [&](Fullmakt& one) { one.status = to; }); };
  using enum FullmaktStatus;
  for (const FullmaktStatus over : {revoked, superseded, relinquished}) {
    for (const FullmaktStatus to : {active, paused, exhausted}) {
      EXPECT_EQ(wrong_change(status(over), status(to), by_one(ActKind::resume_fullmakt)),
                "a fullmakt that was taken back comes back");
    }
    EXPECT_TRUE(is_fine(status(over), status(over), by_one(ActKind::expire_due)));
  }
  EXPECT_TRUE(is_fine(status(paused), status(active), by_one(ActKind::resume_fullmakt)));
  EXPECT_EQ(wrong_change(status(paused), status(active), kApproved), "a fullmakt opens again");
  EXPECT_EQ(wrong_change(status(expired), status(active), by_one(ActKind::resume_fullmakt)), "a fullmakt opens again");
  EXPECT_TRUE(is_fine(status(active), status(revoked), by_one(ActKind::revoke_fullmakt)));
}

// SPEC LVR-12
TEST(Transitions, PruningGoesForwardOnly) {
  const auto pruned = [](std::uint64_t size) { return Pruning{size, UtcTime{}, UtcTime{}, {}}; };
  EXPECT_TRUE(is_fine(pruned(7), pruned(8), of_two(ActKind::prune_log)));
  for (const std::uint64_t size : {6, 7})
    EXPECT_EQ(wrong_change(pruned(7), pruned(size), kApproved), "the log is pruned anew where it was pruned before");
}

// SPEC LVR-12
TEST(Transitions, AKeyOfTheLogStaysItselfAndGoesOnlyForward) {
  const auto key = [](LogKeyStatus status, std::optional<std::uint64_t> to = {}) {
    return with<LogKey>({}, [&](LogKey& one) { one.status = status, one.to = to; });
  };
  using enum LogKeyStatus;
  EXPECT_TRUE(is_fine(key(current), key(retiring), of_two(ActKind::rotate_log_key)));
  EXPECT_TRUE(is_fine(key(current), key(compromised, 7), of_two(ActKind::rotate_log_key)));
  EXPECT_TRUE(is_fine(key(retiring), key(retired, 9), by_one(ActKind::retire_log_key)));
  EXPECT_TRUE(is_fine(key(retiring), key(compromised, 9), of_two(ActKind::give_up_log_key)));
  EXPECT_TRUE(is_fine(key(retired, 9), key(compromised, 9), of_two(ActKind::give_up_log_key)));
  EXPECT_TRUE(is_fine(key(current), key(current), by_one(ActKind::restore)));
  constexpr std::string_view kBack =
      "a key of the log that was replaced, retired or given up is so no more, or by another act";
  EXPECT_EQ(wrong_change(key(current), key(retiring), by_one(ActKind::rotate_log_key)), kBack) << "one alone";
  EXPECT_EQ(wrong_change(key(current), key(retired, 9), by_one(ActKind::retire_log_key)), kBack);
  EXPECT_EQ(wrong_change(key(retiring), key(current), of_two(ActKind::rotate_log_key)), kBack);
  EXPECT_EQ(wrong_change(key(retired, 9), key(retiring), kApproved), kBack);
  EXPECT_EQ(wrong_change(key(retired, 9), key(retired, 10), by_one(ActKind::retire_log_key)), kBack);
  EXPECT_EQ(wrong_change(key(compromised, 9), key(current), kApproved), kBack);
  EXPECT_EQ(wrong_change(key(compromised, 9), key(retired, 9), by_one(ActKind::retire_log_key)), kBack);
  for (const LogKey& from : {key(retiring), key(retired, 9)}) {
    EXPECT_EQ(wrong_change(from, key(compromised, 9), by_one(ActKind::give_up_log_key)), kBack) << "one alone";
    EXPECT_EQ(wrong_change(from, key(compromised, 9), by_one(ActKind::retire_log_key)), kBack);
  }
  EXPECT_EQ(wrong_change(key(current), key(compromised, 9), of_two(ActKind::give_up_log_key)), kBack);
  EXPECT_EQ(wrong_change(key(retired, 9), key(compromised, 12), of_two(ActKind::give_up_log_key)), kBack)
      << "what it had signed by then stays said";
  LogKey other = key(retiring);
  other.checkpoint_key[0] = 1;
  EXPECT_EQ(wrong_change(key(current), other, of_two(ActKind::rotate_log_key)),
            "a key of the log is another one than before");
}

// SPEC LVR-12
TEST(Transitions, WhatAFullmaktSaysChangesByAKompletteringOnly) {
  const Fullmakt before = with<Fullmakt>({}, [](Fullmakt& one) { one.status = FullmaktStatus::exhausted; });
  const Fullmakt wider = with<Fullmakt>(before, [](Fullmakt& one) { one.terms.flikar = {"journal"}; });
  EXPECT_TRUE(is_fine(before, wider, by_one(ActKind::sign_komplettering)));
  EXPECT_TRUE(is_fine(before, wider, of_two(ActKind::paper_komplettering)));
  EXPECT_FALSE(is_fine(before, wider, by_one(ActKind::paper_komplettering)));
  EXPECT_TRUE(is_fine(before, wider, kApproved)) << "signed on paper";
  EXPECT_EQ(wrong_change(before, wider, by_one(ActKind::paper_fullmakt)),
            "a fullmakt says something else than was signed");
  EXPECT_EQ(wrong_change(before, wider, by_one(ActKind::open_reading)),
            "a fullmakt says something else than was signed");
  const Fullmakt open = with<Fullmakt>(wider, [](Fullmakt& one) { one.status = FullmaktStatus::active; });
  EXPECT_TRUE(is_fine(before, open, by_one(ActKind::sign_komplettering)));
  EXPECT_EQ(wrong_change(before, open, by_one(ActKind::resume_fullmakt)), "a fullmakt opens again");
  const Fullmakt given_up = with<Fullmakt>(before, [](Fullmakt& one) { one.relinquished = {{}}; });
  EXPECT_EQ(wrong_change(given_up, before, by_one(ActKind::sign_komplettering)),
            "a recipient that gave a fullmakt up has it again");
}

// SPEC LVR-12
TEST(Transitions, WhatAKontraktSaysIsSignedAndTheDeadStayDeadUnlessTwoSaySo) {
  const Kontrakt before;
  const Kontrakt longer = with<Kontrakt>({}, [](Kontrakt& one) { one.parts.push_back({}); });
  EXPECT_TRUE(is_fine(before, longer, by_one(ActKind::sign_kontrakt)));
  EXPECT_EQ(wrong_change(before, longer, by_one(ActKind::propose_kontrakt)),
            "a kontrakt says something else than was signed");
  const Person dead = with<Person>({}, [](Person& one) { one.died = Date{}; });
  EXPECT_TRUE(is_fine(dead, Person{}, kApproved));
  EXPECT_TRUE(is_fine(dead, Person{}, of_two(ActKind::correct_death)));
  EXPECT_EQ(wrong_change(dead, Person{}, by_one(ActKind::record_death)), "a person who died lives again");
  const Person hidden = with<Person>({}, [](Person& one) { one.alias = "Björken"; });
  EXPECT_TRUE(is_fine(hidden, Person{}, kApproved));
  EXPECT_TRUE(is_fine(hidden, Person{}, of_two(ActKind::end_protection)));
  EXPECT_EQ(wrong_change(hidden, Person{}, by_one(ActKind::protect_identity)), "a protected identity is shown");
}

// SPEC LVR-12
TEST(Transitions, ARepresentativeStaysTheSameAndForNoLonger) {
  const Representative before;
  const Representative longer =
      with<Representative>({}, [](Representative& one) { one.valid_to += std::chrono::hours(1); });
  const Representative other =
      with<Representative>({}, [](Representative& one) { one.person = PersonId(ByteArray<16>{1}); });
  const Representative over = with<Representative>({}, [](Representative& one) { one.standing = Standing::removed; });
  EXPECT_TRUE(is_fine(before, over, by_one(ActKind::end_representative)));
  EXPECT_EQ(wrong_change(before, longer, kApproved), "a representative is another one than before");
  const Representative stronger =
      with<Representative>({}, [](Representative& one) { one.powers = {RepresentativePower::see}; });
  EXPECT_EQ(wrong_change(before, stronger, kApproved), "a representative is another one than before");
  EXPECT_EQ(wrong_change(before, other, kApproved), "a representative is another one than before");
}

// SPEC LVR-12
TEST(Transitions, ASparrThatRunsOutIsLiftedByTheGateway) {
  const Sparr standing = with<Sparr>({}, [](Sparr& one) { one.terms.until = UtcTime{}; });
  const Sparr over = with<Sparr>(standing, [](Sparr& one) { one.in_force = false; });
  EXPECT_TRUE(is_fine(standing, over, by_one(ActKind::expire_due)));
  const Sparr forever = with<Sparr>({}, [](Sparr& one) { one.in_force = false; });
  EXPECT_EQ(wrong_change(Sparr{}, forever, by_one(ActKind::expire_due)), "a Sparr is lifted by another act");
}

// SPEC LVR-12
TEST(Transitions, ASparrIsLiftedByItsOwnActAndNeverMadeAnother) {
  const Sparr standing = with<Sparr>({}, [](Sparr& one) { one.person = PersonId(ByteArray<16>{1}); });
  const Sparr lifted = with<Sparr>(standing, [](Sparr& one) { one.in_force = false; });
  EXPECT_TRUE(is_fine(standing, lifted, by_one(ActKind::lift_sparr)));
  EXPECT_TRUE(is_fine(standing, lifted, of_two(ActKind::paper_lift_sparr)));
  EXPECT_FALSE(is_fine(standing, lifted, by_one(ActKind::paper_lift_sparr)));
  EXPECT_EQ(wrong_change(standing, lifted, kApproved), "a Sparr is lifted by another act");
  EXPECT_EQ(wrong_change(standing, lifted, by_one(ActKind::paper_narrowing)), "a Sparr is lifted by another act");
  const Sparr of_another = with<Sparr>(standing, [](Sparr& one) { one.person = PersonId(ByteArray<16>{2}); });
  const Sparr weaker = with<Sparr>(standing, [](Sparr& one) { one.terms.everyone = false; });
  EXPECT_EQ(wrong_change(standing, of_another, by_one(ActKind::paper_narrowing)), "a Sparr is another one than before");
  EXPECT_EQ(wrong_change(standing, weaker, by_one(ActKind::set_sparr)), "a Sparr is another one than before");
}

// SPEC LVR-12
TEST(Transitions, AKeyComesIntoUseByItsConfirmation) {
  const auto status = [](DeviceKeyStatus to) { return with<DeviceKey>({}, [&](DeviceKey& one) { one.status = to; }); };
  using enum DeviceKeyStatus;
  EXPECT_TRUE(is_fine(status(proposed), status(active), by_one(ActKind::confirm_key)));
  EXPECT_EQ(wrong_change(status(proposed), status(active), by_one(ActKind::propose_key)), "a key comes into use");
  EXPECT_EQ(wrong_change(status(removed), status(active), kApproved), "a key comes into use");
  EXPECT_TRUE(is_fine(status(removed), status(proposed), by_one(ActKind::propose_key)));
  EXPECT_EQ(wrong_change(status(removed), status(proposed), by_one(ActKind::confirm_key)), "a key comes back");
  EXPECT_TRUE(is_fine(status(active), status(removed), by_one(ActKind::remove_key)));
}

// SPEC LVR-12
TEST(Transitions, AnErasedDocumentStaysErased) {
  const Document sealed;
  const Document erased = with<Document>({}, [](Document& one) { one.status = DocumentStatus::erased; });
  EXPECT_TRUE(is_fine(sealed, erased, kApproved));
  EXPECT_EQ(wrong_change(erased, sealed, kApproved), "an erased document returns");
}

// SPEC LVR-12
TEST(Transitions, ARevocationListNeverGoesBack) {
  const auto list = [](std::uint64_t number, std::set<std::string> revoked) {
    return with<Issuer>({}, [&](Issuer& one) {
      one.crl_number = number;
      one.revoked = revoked;
    });
  };
  EXPECT_TRUE(is_fine(list(1, {"a"}), list(2, {"a", "b"}), by_one(ActKind::apply_crl)));
  EXPECT_EQ(wrong_change(list(2, {"a"}), list(1, {"a"}), by_one(ActKind::apply_crl)), "a revocation list goes back");
  EXPECT_EQ(wrong_change(list(2, {"a"}), list(3, {"b"}), by_one(ActKind::apply_crl)), "a revocation list goes back");
}

// SPEC LVR-12
TEST(Transitions, WhatWasRemovedStaysRemovedAndWhatWasSuspendedTakesTwo) {
  const auto standing = [](Standing to) { return with<Staff>({}, [&](Staff& one) { one.standing = to; }); };
  using enum Standing;
  EXPECT_TRUE(is_fine(standing(suspended), standing(active), kApproved));
  EXPECT_TRUE(is_fine(standing(suspended), standing(active), of_two(ActKind::reinstate)));
  EXPECT_EQ(wrong_change(standing(suspended), standing(active), by_one(ActKind::reinstate)),
            "what was suspended comes back");
  EXPECT_TRUE(is_fine(standing(suspended), standing(removed), by_one(ActKind::remove)));
  for (const Standing to : {active, suspended}) {
    EXPECT_EQ(wrong_change(standing(removed), standing(to), kApproved), "what was removed comes back");
  }
}

}  // namespace
}  // namespace flikvakt::service::test
