// The main job at the level of the verbs: deposit, sign, open, revoke, and what a restart makes of it.
#include "service/open_document.h"
#include "tests/service/temp_core.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

OpenResult open(World& world, const StaffActor& reader, const DocumentId& document) {
  return unseal(*world.core, world.core->decide(opening_of(reader, document, "konsultation")));
}

std::string text_of(const OpenedDocument& document) {
  std::string out;
  for (std::uint32_t i = 0; i < document.reader->chunk_count(); ++i) {
    Bytes buffer(store::ObjectReader::kSealedChunkBytes);
    auto chunk = document.reader->read_chunk(i, buffer);
    EXPECT_TRUE(chunk);
    if (chunk) out += as_text(*chunk);
  }
  return out;
}

Recipient team_of(const World& world) { return {RecipientKind::team, world.team.value()}; }

TEST(MainJob, AConsentedDocumentOpensAndARevokedOneDoesNot) {
  World world;
  const FullmaktId fullmakt = world.sign(team_of(world));
  const DocumentId document = world.deposit("journal", as_bytes("Epikris: mår bättre."));
  const OpenResult opened = open(world, world.handler, document);
  ASSERT_TRUE(opened.opened);
  EXPECT_EQ(text_of(*opened.opened), "Epikris: mår bättre.");
  EXPECT_EQ(opened.opened->permit->fullmakt(), fullmakt);

  EXPECT_TRUE(world.by_person(RevokeFullmakt{fullmakt}).decision.is_permitted());
  EXPECT_TRUE(opened.opened->permit->lease()->is_cut()) << "the running reading ends with the fullmakt";
  EXPECT_FALSE(reopen(*world.core, opened.opened->permit->reading(), world.handler));
  const OpenResult refused = open(world, world.handler, document);
  EXPECT_FALSE(refused.opened);
  EXPECT_EQ(refused.refused.decision.rule, Rule::fullmakt);
}

TEST(MainJob, WhatWasNotOpenedToTheReaderStaysShut) {
  World world;
  world.sign(team_of(world));
  const DocumentId document = world.deposit("journal", as_bytes("x"));
  EXPECT_FALSE(open(world, world.coach, document).opened) << "not in the team";
  EXPECT_FALSE(open(world, world.handler, crypto::random_id<DocumentId>()).opened) << "no such document";
}

TEST(MainJob, ARestartKeepsWhatWasGivenAndWhatWasTakenBack) {
  World world;
  const FullmaktId revoked = world.sign(team_of(world));
  const DocumentId document = world.deposit("journal", as_bytes("hemligt"));
  world.by_person(RevokeFullmakt{revoked});
  world.restart();
  EXPECT_FALSE(open(world, world.handler, document).opened);
  world.sign(team_of(world));
  world.restart();
  const OpenResult opened = open(world, world.handler, document);
  ASSERT_TRUE(opened.opened);
  EXPECT_EQ(text_of(*opened.opened), "hemligt");
}

TEST(MainJob, TheSameActTwiceIsOneActAndAnotherUnderItsIdIsAConflict) {
  World world;
  const ActEvidence evidence = world.evidence();
  const PauseFullmakt pause{world.sign(team_of(world))};
  const CommandResult first = world.decide(world.device, pause, evidence);
  const CommandResult again = world.decide(world.device, pause, evidence);
  EXPECT_EQ(again.status, CommandStatus::repeated);
  EXPECT_EQ(again.entry, first.entry);
  ActEvidence other = evidence;
  other.bytes.push_back(0);
  other.hash = crypto::sha256(other.bytes);
  EXPECT_EQ(world.decide(world.device, pause, other).status, CommandStatus::conflict);
}

TEST(MainJob, AReadingThatWasOpenAtACrashIsClosedAsInterrupted) {
  World world;
  world.sign(team_of(world));
  const DocumentId document = world.deposit("journal", as_bytes("lång text"));
  ASSERT_TRUE(open(world, world.handler, document).opened);
  const std::uint64_t before = world.core->sequencer().log_view().size;
  world.restart();
  // stop, close_reading (interrupted), start
  EXPECT_GE(world.core->sequencer().log_view().size, before + 1);
}

}  // namespace
}  // namespace flikvakt::service::test
