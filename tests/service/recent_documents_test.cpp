// What is kept of documents that were opened: found with a permit only, and gone with an erasure.
#include "service/recent_documents.h"

#include "crypto/random.h"
#include "service/open_document.h"
#include "tests/service/signed_world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

class RecentDocumentsOf : public ::testing::Test {
protected:
  RecentDocumentsOf() {
    world.anna = world.enrol(world.anna.number);
    fullmakt = world.sign(world.anna);
    document = world.deposit(world.anna, "journal", "ett");
    other = world.deposit(world.anna, "journal", "två");
  }
  // What a permitted reader gets; nothing when refused.
  std::string text_of(const DocumentId& id) {
    const OpenReading act{crypto::random_id<ReadingId>(), id, "konsultation"};
    OpenResult result = unseal(*world.core, world.ask(world.handler, act));
    if (!result.opened) return {};
    Bytes sealed(store::ObjectReader::kSealedChunkBytes);
    return std::string(as_text(result.opened->reader->read_chunk(0, sealed).value()));
  }
  RecentDocuments& recent() { return world.core->recent_documents(); }

  SignedWorld world;
  FullmaktId fullmakt;
  DocumentId document, other;
};

TEST_F(RecentDocumentsOf, TheSecondReadingIsServedFromItAndLoggedAllTheSame) {
  EXPECT_EQ(text_of(document), "ett");
  EXPECT_EQ(text_of(other), "två");
  EXPECT_EQ(recent().size(), 2u);
  const std::uint64_t before = world.core->sequencer().log_view().size;
  EXPECT_EQ(text_of(document), "ett");
  EXPECT_EQ(recent().size(), 2u);
  EXPECT_GT(world.core->sequencer().log_view().size, before);
}

TEST_F(RecentDocumentsOf, WhoHasNoPermitGetsNothingOfWhatIsKept) {
  EXPECT_EQ(text_of(document), "ett");
  EXPECT_TRUE(world.by_person(world.anna, RevokeFullmakt{fullmakt}).decision.is_permitted());
  EXPECT_EQ(text_of(document), "");
}

// INVARIANT (erased is gone)
TEST_F(RecentDocumentsOf, AnErasureForgetsWhatIsKeptAndWhatIsOnItsWay) {
  EXPECT_EQ(text_of(document), "ett");
  const auto permit = world.open(world.handler, document);
  ASSERT_TRUE(permit);
  const RecentDocuments::Object object = recent().find(**permit);
  ASSERT_TRUE(object);
  const std::uint64_t before = recent().forgotten();
  EXPECT_TRUE(world.by_two(Shred{ShredScope::document, {}, {}, other}).decision.is_permitted());
  EXPECT_EQ(recent().size(), 0u);
  recent().keep(**permit, object, before);
  EXPECT_EQ(recent().size(), 0u) << "it was unwrapped before the erasure";
  EXPECT_EQ(text_of(other), "");
  EXPECT_EQ(text_of(document), "ett") << "what was not erased is opened anew";
  EXPECT_EQ(recent().size(), 1u);
}

TEST_F(RecentDocumentsOf, HasABound) {
  const auto permit = world.open(world.handler, document);
  ASSERT_TRUE(permit);
  ASSERT_EQ(text_of(document), "ett");
  for (int i = 0; i < 260; ++i) {
    const DocumentId one = world.deposit(world.anna, "journal", std::to_string(i));
    ASSERT_EQ(text_of(one), std::to_string(i));
  }
  EXPECT_EQ(recent().size(), 256u);
  EXPECT_FALSE(recent().find(**permit)) << "the one not used for longest went";
}

}  // namespace
}  // namespace flikvakt::service::test
