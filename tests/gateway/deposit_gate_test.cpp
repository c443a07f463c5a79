// Which bytes the gate knows again, and as what.
#include "gateway/deposit_gate.h"

#include <gmock/gmock.h>

#include <future>

#include "crypto/random.h"
#include "policy/deposit_plan.h"

namespace flikvakt::gateway {
namespace {

using namespace std::chrono_literals;

class StillClock final : public Clock {
public:
  UtcTime wall() const override { return UtcTime(std::chrono::seconds(1'790'000'000)); }
  std::chrono::steady_clock::time_point steady() const override { return now; }
  std::chrono::steady_clock::time_point now{};
};

struct GateOfParts {
  StillClock clock;
  DepositGate gate{clock, {}, {}};
  OrganisationId organisation = crypto::random_id<OrganisationId>();
  PersonId person = crypto::random_id<PersonId>();

  // `file` tells plans apart.
  static policy::DepositPlan plan(std::uint64_t file, std::string_view part = "a part") {
    policy::DepositPlan out;
    out.media_type = "text/plain";
    out.size = file;
    out.parts = {{"journal", "text/plain", part.size(), crypto::sha256(as_bytes(part))}};
    return out;
  }
  policy::Deposit deposit(std::string_view part = "a part") const {
    policy::Deposit out;
    out.id = crypto::random_id<DepositId>();
    out.source = organisation;
    out.person = person;
    out.facts.flik = "journal";
    out.facts.media_type = "text/plain";
    out.facts.size = part.size();
    out.facts.sha256 = crypto::sha256(as_bytes(part));
    return out;
  }
  // Of the file that the plan is of; 0: the bytes would be looked into.
  std::uint64_t known_as(const policy::Deposit& deposit) {
    std::promise<std::uint64_t> known;
    const auto seal = [&](const service::ContentGate& content) {
      const auto plan = content.known(deposit);
      known.set_value(plan ? plan->size : 0);
    };
    EXPECT_TRUE(gate.post_sealing(deposit, seal, [&] { known.set_value(77); }));
    return known.get_future().get();
  }
};

// SPEC PART-55
TEST(KnownParts, APartIsKnownOnlyAsWhatItWasMadeAs) {
  GateOfParts it;
  it.gate.remember(it.organisation, it.person, GateOfParts::plan(40));
  EXPECT_EQ(it.known_as(it.deposit()), 40u);
  policy::Deposit other = it.deposit();
  other.facts.media_type = "application/xml";
  EXPECT_EQ(it.known_as(other), 0u) << "another parser would read it";
  other = it.deposit();
  other.facts.flik = "ekonomi";
  EXPECT_EQ(it.known_as(other), 0u);
  other = it.deposit();
  other.person = crypto::random_id<PersonId>();
  EXPECT_EQ(it.known_as(other), 0u);
  other = it.deposit();
  other.source = crypto::random_id<OrganisationId>();
  EXPECT_EQ(it.known_as(other), 0u);
  EXPECT_EQ(it.known_as(it.deposit("other bytes")), 0u);
  it.clock.now += DepositGate::kKnownFor;
  EXPECT_EQ(it.known_as(it.deposit()), 0u) << "too long ago";
}

// SPEC PART-59
TEST(KnownParts, AnEqualPartOfAnotherPersonsFileHasItsOwnPlan) {
  GateOfParts it;
  policy::Deposit of_other = it.deposit();
  of_other.person = crypto::random_id<PersonId>();
  it.gate.remember(it.organisation, it.person, GateOfParts::plan(40));
  it.gate.remember(it.organisation, of_other.person, GateOfParts::plan(50));
  EXPECT_EQ(it.known_as(it.deposit()), 40u);
  EXPECT_EQ(it.known_as(of_other), 50u);
}

// SPEC PART-55
TEST(KnownParts, APlanThatWasConfirmedIsTheOneThatIsLogged) {
  GateOfParts it;
  it.gate.remember(it.organisation, it.person, GateOfParts::plan(50));  // an equal part of another file
  std::promise<std::uint64_t> known;
  it.gate.post_sealing_of(GateOfParts::plan(40), [&](const service::ContentGate& content) {
    EXPECT_FALSE(content.look(it.deposit(), Bytes())) << "its bytes were looked into when they were made";
    known.set_value(content.known(it.deposit()).value().size);
  });
  EXPECT_EQ(known.get_future().get(), 40u);
}

TEST(KnownParts, ManyOfOneOrganisationPushOutNoneOfAnother) {
  GateOfParts it;
  const OrganisationId other = crypto::random_id<OrganisationId>();
  it.gate.remember(it.organisation, it.person, GateOfParts::plan(40));
  policy::DepositPlan many = GateOfParts::plan(50);
  many.parts.clear();
  for (std::size_t i = 0; i < DepositGate::kMostKnownOfOne + 1; ++i) {
    many.parts.push_back({"journal", "text/plain", 1, crypto::sha256(as_bytes(std::to_string(i)))});
  }
  it.gate.remember(other, it.person, many);
  EXPECT_EQ(it.known_as(it.deposit()), 40u);
  policy::Deposit of_many = it.deposit("0");
  of_many.source = other;
  EXPECT_EQ(it.known_as(of_many), 0u) << "its own oldest made room";
  of_many.facts.sha256 = many.parts.back().sha256;
  EXPECT_EQ(it.known_as(of_many), 50u);
}

// SPEC PART-59
TEST(PartitionPlan, IsBoundedWhateverTheFileSays) {
  const std::string endless = "x\n" + std::string(100'000, 'x');
  std::string swedish;
  for (int i = 0; i < 50'000; ++i) swedish += "å";
  partition::Outcome outcome;
  for (int i = 0; i < 200; ++i) outcome.report.left_out.push_back({swedish, partition::LeftOutReason::not_named});
  outcome.report.findings = {{partition::FindingKind::metadata, endless, 1, partition::Action::strip},
                             {partition::FindingKind::metadata, swedish, 2, partition::Action::strip}};
  outcome.report.refusal = partition::Refusal{partition::RefusalReason::unsupported, swedish, std::nullopt};
  const policy::DepositPlan plan = plan_of({"application/fhir+json", 9, {}}, {}, outcome);
  EXPECT_TRUE(policy::is_bounded(plan));
  EXPECT_EQ(plan.left_out.size(), policy::kMostLeftOut);
  EXPECT_EQ(plan.more_left_out, 100u);
  EXPECT_EQ(plan.left_out[0].what, swedish.substr(0, policy::kLongestPlanWords)) << "forty letters of two bytes";
  ASSERT_EQ(plan.findings.size(), 1u);
  EXPECT_EQ(plan.findings[0].count, 3u);
  EXPECT_TRUE(plan.findings[0].where.starts_with("x x")) << "one line";
  EXPECT_LT(json::serialize(to_json(plan)).size(), 32u * 1024);
  outcome.report.refusal->where = "x" + swedish;
  EXPECT_EQ(plan_of({"application/fhir+json", 9, {}}, {}, outcome).refused->where.size(), 79u) << "no half letter";
}

}  // namespace
}  // namespace flikvakt::gateway
