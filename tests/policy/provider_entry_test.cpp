// The catalogue of providers: who may say what in it.
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

struct Catalogue {
  World world;
  const StaffId officer = id<StaffId>(31), registrar = id<StaffId>(32);

  Catalogue() {
    world.let_provider_read();
    world.state.put(Staff{officer, world.provider, {}, "Chef", {StaffRole::roster_officer}, Standing::active, 1});
    world.state.put(Staff{registrar, world.provider, {}, "Register", {StaffRole::registrar}, Standing::active, 1});
  }
  SetProviderEntry act() const { return {{"coaching"}, {{"sv", "Coachning", "Alla", "Vi ses", "Här", "Ring"}}}; }
  Decision says(const StaffId& who, const SetProviderEntry& act) const {
    return world.ask(world.staff(who), act).decision;
  }
  Decision says(const std::function<void(SetProviderEntry&)>& how) const {
    SetProviderEntry changed = act();
    how(changed);
    return says(officer, changed);
  }
};

// SPEC PROV-8
TEST(ProviderEntry, IsStatedByWhoSpeaksForTheProviderAndNobodyElse) {
  Catalogue it;
  EXPECT_TRUE(is_permitted(it.says(it.officer, it.act())));
  EXPECT_TRUE(is_permitted(it.says(it.registrar, it.act())));
  EXPECT_TRUE(is_refused(it.says(it.world.provider_staff, it.act()), Reason::not_entitled)) << "no role";
  EXPECT_TRUE(is_refused(it.says(it.world.other_officer, it.act()), Reason::not_entitled)) << "no provider";
  EXPECT_TRUE(is_refused(it.world.ask(it.world.person_actor(), it.act()).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(it.world.ask(AdministratorActor{it.world.anna}, it.act()).decision, Reason::not_entitled));
  it.world.change<Organisation>(it.world.provider, [](Organisation& o) { o.standing = Standing::suspended; });
  EXPECT_FALSE(it.says(it.officer, it.act()).is_permitted());
}

// SPEC PROV-8
TEST(ProviderEntry, IsStatedAnewAsAWholeAndConcernsNobody) {
  Catalogue it;
  const Outcome first = it.world.act(it.world.staff(it.officer), it.act());
  EXPECT_TRUE(first.concerns.empty());
  EXPECT_EQ(first.puts.size(), 1u);
  EXPECT_EQ(it.world.get<ProviderEntry>(it.world.provider).texts.size(), 1u);
  EXPECT_EQ(it.world.get<ProviderEntry>(it.world.provider).written, it.world.now);
  (void)it.world.act(it.world.staff(it.officer), SetProviderEntry{});
  EXPECT_TRUE(it.world.get<ProviderEntry>(it.world.provider).texts.empty()) << "taken down";
}

// SPEC PROV-8
TEST(ProviderEntry, NamesOnlyAreasThatTheProviderIsAuthorisedFor) {
  Catalogue it;
  EXPECT_TRUE(is_refused(it.says([](auto& a) { a.areas.insert("training"); }), Reason::provider_not_authorised));
  const auto with = [&](const std::function<void(Authorisation&)>& how) {
    Catalogue changed;
    changed.world.change<Authorisation>(changed.world.authorisation, how);
    return changed.says(changed.officer, changed.act());
  };
  EXPECT_TRUE(is_permitted(with([&](Authorisation& a) { a.valid_from = it.world.now + 1h; }))) << "to begin";
  for (const auto& how : std::vector<std::function<void(Authorisation&)>>{
           [&](Authorisation& a) { a.valid_to = it.world.now; },
           [](Authorisation& a) { a.standing = Standing::removed; }, [](Authorisation& a) { a.epoch = 0; },
           [&](Authorisation& a) { a.organisation = it.world.other; }}) {
    EXPECT_TRUE(is_refused(with(how), Reason::provider_not_authorised));
  }
}

// SPEC PROV-9
TEST(ProviderEntry, WhatIsTooLongOrTurnsTextAroundIsRefused) {
  Catalogue it;
  EXPECT_TRUE(is_permitted(it.says([](auto& a) { a.texts[0].offers.assign(1500, 'a'); })));
  EXPECT_TRUE(is_permitted(it.says([](auto& a) { a.texts[0].steps = "Ett\nTvå <b>\"'&"; })));
  EXPECT_TRUE(is_permitted(it.says([](auto& a) { a.texts.push_back({"en", "Coaching", "", "", "", ""}); })));
  const std::vector<std::pair<const char*, std::function<void(SetProviderEntry&)>>> kFlaws = {
      {"nothing offered", [](auto& a) { a.texts[0].offers = ""; }},
      {"long", [](auto& a) { a.texts[0].contact.assign(1501, 'a'); }},
      {"override of direction", [](auto& a) { a.texts[0].place = "\u202Egnp.exe"; }},
      {"isolate", [](auto& a) { a.texts[0].for_whom = "a\u2066b"; }},
      {"escape", [](auto& a) { a.texts[0].steps = "\x1b[2J"; }},
      {"no UTF-8", [](auto& a) { a.texts[0].offers = "\xff"; }},
      {"language", [](auto& a) { a.texts[0].language = "s v"; }},
      {"twice", [](auto& a) { a.texts.push_back(a.texts[0]); }},
      {"no area", [](auto& a) { a.areas.clear(); }},
      {"many areas",
       [](auto& a) {
         for (int i = 0; i < 51; ++i) a.areas.insert(std::to_string(i));
       }},
      {"many languages", [](auto& a) {
         for (int i = 0; i < 10; ++i) a.texts.push_back({"x-" + std::to_string(i), "a", "", "", "", ""});
       }}};
  for (const auto& [what, flaw] : kFlaws) EXPECT_TRUE(is_refused(it.says(flaw), Reason::terms_invalid)) << what;
}

// SPEC PROV-10, ACT-20
TEST(ProviderEntry, WhatAnAdministratorTookDownIsNotPutUpAgainByTheProvider) {
  Catalogue it;
  (void)it.world.act(it.world.staff(it.officer), it.act());
  const std::string id = it.world.provider.text();
  EXPECT_TRUE(is_permitted(
      it.world.act(AdministratorActor{it.world.anna}, Suspend{RegistryNoun::provider_entry, id}).decision));
  EXPECT_TRUE(is_refused(it.says(it.officer, it.act()), Reason::not_in_force));
  EXPECT_TRUE(is_refused(it.says(it.officer, SetProviderEntry{}), Reason::not_in_force));
  (void)it.world.act(AdministratorActor{it.world.anna}, Reinstate{RegistryNoun::provider_entry, id});
  EXPECT_TRUE(is_permitted(it.world.approve(AdministratorActor{it.world.bo}).decision));
  EXPECT_TRUE(is_permitted(it.says(it.officer, it.act())));
  (void)it.world.act(AdministratorActor{it.world.anna}, Remove{RegistryNoun::provider_entry, id});
  EXPECT_TRUE(is_refused(it.says(it.officer, it.act()), Reason::not_in_force));
}

}  // namespace
}  // namespace flikvakt::policy::test
