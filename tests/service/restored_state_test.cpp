// What a restore may change of what stood in the backup, and what it may not.
#include "service/restored_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/policy/world.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using PolicyWorld = policy::test::World;
using ::testing::HasSubstr;

StateImage image_of(const PolicyWorld& world) {
  StateImage out;
  const auto take = [&]<class T>(std::type_identity<T>) {
    for (const auto& [key, row] : world.state.all<T>()) {
      out.rows.emplace(row_id(row), StoredRow{1, row, to_text(row_body(row))});
    }
  };
  [&]<class... T>(std::type_identity<boost::variant2::variant<T...>>) {
    (take(std::type_identity<T>{}), ...);
  }(std::type_identity<RowVariant>{});
  return out;
}

struct Restored {
  PolicyWorld before = [] {
    PolicyWorld world;
    world.set_sparr({}, world.person);
    return world;
  }();
  StateImage archive = image_of(before);
  PolicyWorld after = before;

  std::vector<std::string> problems() const {
    std::vector<Row> puts;
    for (const auto& [id, stored] : image_of(after).rows) puts.push_back(stored.row);
    return compare_with_archive(archive, puts);
  }
  std::string problem() const {
    const std::vector<std::string> found = problems();
    EXPECT_EQ(found.size(), 1u);
    return found.empty() ? "" : found.front();
  }
};

// SPEC LVR-20
TEST(RestoredState, IsWhatStoodButForWhatARestoreChanges) {
  Restored same;
  EXPECT_EQ(same.problems(), std::vector<std::string>());
  same.after.carry_out(same.after.ask(
      SystemActor{}, Restore{"old head", "flikvakt.example/log2", {same.after.anna, same.after.recovery}}));
  EXPECT_EQ(same.problems(), std::vector<std::string>()) << "a new instance, one administrator suspended";
  same.after.change<Administrator>(same.after.bo, [](Administrator& one) { one.name = "Another"; });
  EXPECT_THAT(same.problem(), HasSubstr("otherwise than it stood"));
}

// SPEC LVR-20
TEST(RestoredState, LosesNoSparrAndOpensNoFullmakt) {
  Restored lost;
  lost.after.state.erase(row_id_of<Sparr>(policy::test::id<SparrId>(1)));
  EXPECT_THAT(lost.problem(), HasSubstr("the restore leaves it out"));
  Restored opened;
  opened.before.change<Fullmakt>(opened.before.fullmakt, [](Fullmakt& f) { f.status = FullmaktStatus::revoked; });
  opened.archive = image_of(opened.before);
  EXPECT_THAT(opened.problem(), HasSubstr("otherwise than it stood"));
  Restored added;
  Fullmakt another = added.after.get<Fullmakt>(added.after.fullmakt);
  another.id = policy::test::id<FullmaktId>(77);
  added.after.state.put(another);
  EXPECT_THAT(added.problem(), HasSubstr("did not stand in the backup"));
}

// SPEC LVR-20
TEST(RestoredState, ErasesAgainWholePeopleAndDocumentsAndNothingElse) {
  Restored person;
  (void)person.after.act(AdministratorActor{person.after.anna},
                         Shred{ShredScope::person, person.after.person_index, {}, {}});
  (void)person.after.approve(AdministratorActor{person.after.bo});
  EXPECT_EQ(person.problems(), std::vector<std::string>());
  Restored document;
  (void)document.after.act(AdministratorActor{document.after.anna},
                           Shred{ShredScope::document, {}, {}, document.after.document});
  (void)document.after.approve(AdministratorActor{document.after.bo});
  EXPECT_EQ(document.problems(), std::vector<std::string>());
  Restored changed;
  changed.after.change<Document>(changed.after.document, [](Document& d) { d.facts.title = "Another"; });
  EXPECT_THAT(changed.problem(), HasSubstr("otherwise than it stood"));
}

}  // namespace
}  // namespace flikvakt::service::test
