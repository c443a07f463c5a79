// What the gate of hidden content makes of a file is sealed, in place of it; what it refuses is not, and is in the log.
#include <gmock/gmock.h>

#include <future>

#include "policy/deposit_plan.h"
#include "service/document_reader.h"
#include "service/entry_writer.h"
#include "tests/service/rows_dump.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

struct Gated {
  SignedWorld world;

  Gated() {
    world.anna = world.enrol(world.anna.number);
    world.sign(world.anna);
  }
  std::string read(const DocumentId& document) {
    OpenResult opened = unseal(*world.core, world.core->decide(opening_of(world.handler, document, "konsultation")));
    if (!opened.opened) return "refused";
    const std::uint64_t size = opened.opened->reader->plaintext_bytes();
    DocumentReader reader(std::move(*opened.opened), 0, size);
    Bytes out(static_cast<std::size_t>(size));
    for (std::size_t at = 0; at < out.size();) {
      const Result<std::size_t> got = reader.read(std::span(out).subspan(at));
      if (!got || *got == 0) return "damaged";
      at += *got;
    }
    return std::string(as_text(out));
  }
  // Begun, filled and sealed; what became of it.
  SealOutcome deposit(std::string_view text) {
    BeginDeposit begin;
    begin.id = crypto::random_id<DepositId>();
    begin.facts.flik = "journal";
    begin.facts.title = begin.facts.author = "Anteckning";
    begin.facts.date = Date{std::chrono::year{2026} / 11 / 1};
    begin.facts.media_type = "text/plain";
    begin.facts.size = text.size();
    begin.facts.sha256 = crypto::sha256(as_bytes(text));
    EXPECT_TRUE(world.send(world.nurse, begin, world.anna.number).decision.is_permitted());
    Upload upload = receive(*world.core, world.nurse, find_deposit(*world.core, world.nurse, begin.id).value()).value();
    EXPECT_TRUE(upload.push(as_bytes(text)));
    std::promise<SealOutcome> sealed;
    const Result<void> sent = std::move(upload).seal(
        *world.core, world.gate, [&](SealOutcome outcome) { sealed.set_value(std::move(outcome)); });
    if (!sent) return {};
    return sealed.get_future().get();
  }
  std::size_t objects() const {
    std::size_t out = 0;
    const auto folder = world.core->data_directory().root() / "objects";
    for (const auto& one : std::filesystem::recursive_directory_iterator(folder)) out += one.is_regular_file();
    return out;
  }
};

// SPEC PART-58
TEST(DepositGate, SealsWhatItMadeInPlaceOfWhatCameAndTheLogVerifies) {
  Gated it;
  Bytes seen;
  it.world.gate = that_says([&](const Bytes& file) {
    seen = file;
    return ContentGate::Passed{ContentGate::Passed::Made{to_bytes(as_bytes("clean")), "text/plain"}, {}};
  });
  const SealOutcome outcome = it.deposit("clean, and something hidden");
  ASSERT_TRUE(outcome.result.decision.is_permitted());
  EXPECT_EQ(as_text(seen), "clean, and something hidden");
  ASSERT_TRUE(outcome.made);
  EXPECT_EQ(outcome.made->size, 5u);
  EXPECT_EQ(it.read(outcome.document), "clean");
  EXPECT_EQ(it.objects(), 1u) << "nothing is left of what came";
  it.world.gate = as_it_came();
  const SealOutcome second = it.deposit("and one as it came");  // the flik has its key by now
  EXPECT_FALSE(second.made);
  EXPECT_EQ(it.read(second.document), "and one as it came");
  EXPECT_EQ(it.world.verify().problems, std::vector<std::string>());
}

// SPEC PART-57, ACR-9
TEST(DepositGate, WhatItRefusesLeavesNothingButAnEntry) {
  Gated it;
  const std::size_t keys = it.world.core->directory().key_counts().active;
  it.world.gate = that_says([](const Bytes&) {
    ContentGate::Passed out;
    out.plan.refused = PlanRefusal{"found", "page 3", "tracked_change"};
    return out;
  });
  const SealOutcome outcome = it.deposit("a letter with tracked changes");
  EXPECT_EQ(outcome.result.decision.reason, Reason::file_refused);
  EXPECT_TRUE(outcome.plan.refused);
  EXPECT_EQ(it.objects(), 0u);
  EXPECT_EQ(it.world.core->directory().key_counts().active, keys);
  EXPECT_EQ(it.world.verify().problems, std::vector<std::string>());
}

// SPEC PART-55: no answer is no yes.
TEST(DepositGate, OneThatDoesNotAnswerSealsNothing) {
  Gated it;
  it.world.gate = {[](const Deposit&) { return std::optional<DepositPlan>(); },
                   [](const Deposit&, Bytes) -> Result<ContentGate::Passed> {
                     return fail(ErrorCode::unavailable, "the scanner is down");
                   }};
  const SealOutcome outcome = it.deposit("a letter");
  EXPECT_FALSE(outcome.result.decision.is_permitted());
  EXPECT_EQ(it.objects(), 0u);
}

// SPEC PART-59, ACR-9
TEST(DepositGate, ThePlanIsInTheRecord) {
  Gated it;
  PlanDeposit plan;
  plan.person = crypto::sha256(as_bytes("a number that nobody here has"));  // so the record is of the registry
  plan.plan.media_type = "application/pdf";
  plan.plan.size = 40;
  plan.plan.rule = PlanRule{"journal", 2};
  plan.plan.findings = {{"annotation", "page 5", 2, "strip"}};
  plan.plan.left_out = {{"pages 3-7", "not_named"}};
  const CommandResult result = it.world.ask(it.world.nurse, plan);
  ASSERT_TRUE(result.decision.is_permitted());
  const Dump rows =
      dump(store::Reader::open(it.world.core->data_directory().database(), it.world.core->keys().database()).value());
  const json::object record = registry_record(rows, it.world.core->keys(), result.entry);
  EXPECT_EQ(record.at("plan"), to_json(without_words(plan.plan))) << "under the förbund's key no word of a file";
  EXPECT_EQ(record.at("plan").at("rule").at("version"), json::value(2));
  EXPECT_EQ(it.world.verify().problems, std::vector<std::string>());
}

// SPEC PART-59
TEST(DepositGate, ThePlanOfAPersonsFileHasItsWordsInThePersonsRecordAlone) {
  Command command;
  command.actor = StaffActor{};
  PlanDeposit act;
  act.plan.refused = PlanRefusal{"found", "section 8716-3", "comment"};
  act.plan.left_out = {{"Om modern", "not_named"}};
  command.act = act;
  const auto text = [&](const std::optional<PersonId>& owner) {
    return record_text(command, Outcome(), {}, owner, RecordPlace::first_entry);
  };
  EXPECT_THAT(text(PersonId()), testing::HasSubstr("Om modern"));
  EXPECT_THAT(text(PersonId()), testing::HasSubstr("section 8716-3"));
  EXPECT_THAT(text(std::nullopt), testing::Not(testing::HasSubstr("Om modern")));
  EXPECT_THAT(text(std::nullopt), testing::Not(testing::HasSubstr("8716-3")));
  EXPECT_THAT(text(std::nullopt), testing::HasSubstr("more_left_out\":1"));
  act.plan.left_out = {{std::string(1000, 'x'), "not_named"}};
  command.act = act;
  EXPECT_EQ(text(PersonId()), "") << "what is beyond its bounds, which is refused for that, stands nowhere";
}

}  // namespace
}  // namespace flikvakt::service::test
