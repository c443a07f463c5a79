// Fullmakter prepared by the förbund.
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

const TemplateId kTemplate = id<TemplateId>(1);
const std::string kText = "Jag samtycker till ...";

RegisterTemplate registering(const World& world) {
  RegisterTemplate act;
  act.id = kTemplate;
  act.disclosers = {world.source, world.outsider};
  act.recipients = {to_team(world.team)};
  act.flikar = {kFlik, "plan"};
  act.purpose = kPurpose;
  act.rights = {Right::read};
  act.days = 90;
  act.secrecy_consent = "osl-10-1";
  act.legal_ground = "gdpr-6-1-e";
  act.texts = {{"sv", "Första mötet", kText}, {"en", "First meeting", "I consent ..."}};
  return act;
}

World with_template() {
  World world;
  EXPECT_TRUE(is_permitted(world.act(AdministratorActor{world.anna}, registering(world)).decision));
  EXPECT_TRUE(is_permitted(world.approve(AdministratorActor{world.bo}).decision));
  return world;
}

SignFullmakt based_on(const World& world) {
  const RegisterTemplate prepared = registering(world);
  SignFullmakt act{id<FullmaktId>(20), world.terms(), kText};
  act.terms.disclosers = prepared.disclosers;
  act.terms.recipients = prepared.recipients;
  act.terms.flikar = prepared.flikar;
  act.terms.valid_from = world.now;
  act.terms.valid_to = world.now + 24h * 90;
  act.based_on = kTemplate;
  return act;
}

// SPEC TMPL-1
TEST(Template, TakesTwoAdministratorsAndOpensNothing) {
  World world;
  const RegisterTemplate act = registering(world);
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.reader), act).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.act(AdministratorActor{world.anna}, act).decision));
  EXPECT_FALSE(world.state.find<FullmaktTemplate>(kTemplate)) << "one is not two";
  EXPECT_TRUE(is_refused(world.ask_approval(AdministratorActor{world.anna}).decision, Reason::same_person));
  EXPECT_TRUE(is_refused(world.ask_approval(world.staff(world.reader)).decision, Reason::not_entitled));
  EXPECT_TRUE(is_permitted(world.approve(AdministratorActor{world.bo}).decision));
  const FullmaktTemplate& row = world.get<FullmaktTemplate>(kTemplate);
  json::value body = row_body(Row(row));
  EXPECT_EQ(body.as_object().at("standing"), "active");
  body.as_object().erase("standing");
  EXPECT_EQ(body.as_object().at("epoch"), 1);
  body.as_object().erase("epoch");
  json::value sent = act_to_json(act);
  sent.as_object().erase("kind");
  EXPECT_EQ(body, sent) << "every member is kept";
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::already_exists));
  EXPECT_FALSE(decide_read(world.state, {world.staff(world.lead), world.document, kPurpose}, world.now).is_permitted());
}

// SPEC TMPL-2
TEST(Template, IsRefusedWhenAnythingOfItIsNotInOrder) {
  World world;
  const auto with = [&](std::function<void(RegisterTemplate&)> how) {
    RegisterTemplate act = registering(world);
    how(act);
    const Outcome out = world.ask(AdministratorActor{world.anna}, act);
    EXPECT_TRUE(changes_nothing(out) || out.decision.is_permitted());
    return out.decision;
  };
  using Act = RegisterTemplate;
  const auto bad = Reason::terms_invalid;
  EXPECT_TRUE(is_permitted(with([](Act&) {})));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.id = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.disclosers = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.recipients = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.flikar = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.rights = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.purpose = "Rehab"; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.secrecy_consent = ""; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.legal_ground = ""; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.days = 0; }), bad));
  EXPECT_TRUE(is_permitted(with([](Act& a) { a.days = 1; })));
  EXPECT_TRUE(is_permitted(with([](Act& a) { a.days = 1830; })));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.days = 1831; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.days = UINT32_MAX; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.disclosers.insert(id<OrganisationId>(99)); }), Reason::recipient_unknown));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.recipients = {to_unit(id<UnitId>(9))}; }), Reason::recipient_unknown));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.flikar = {"nope"}; }), Reason::flik_unknown));
  EXPECT_TRUE(is_refused(with([](Act& a) {
                           for (unsigned number = 0; number < 51; ++number)
                             a.flikar.insert("f" + std::to_string(number));
                         }),
                         bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.texts = {}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.texts[1].language = "sv"; }), bad)) << "a language twice";
  EXPECT_TRUE(is_refused(with([](Act& a) { a.texts[1].language = ""; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.texts[1].language = "en us"; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.texts[1].name = ""; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.texts[1].name = std::string(201, 'x'); }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.texts[1].name = "\xff"; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.texts[1].text = ""; }), bad));
  EXPECT_TRUE(is_permitted(with([](Act& a) { a.texts[1].text = std::string(16'384, 'x'); })));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.texts[1].text = std::string(16'385, 'x'); }), bad));
  const auto texts = [&](unsigned count) {
    return with([&](Act& a) {
      a.texts = {};
      for (unsigned number = 0; number < count; ++number) a.texts.push_back({"x-" + std::to_string(number), "n", "t"});
    });
  };
  EXPECT_TRUE(is_permitted(texts(10)));
  EXPECT_TRUE(is_refused(texts(11), bad));
}

// SPEC TMPL-3
TEST(Template, IsSignedAsItIs) {
  World world = with_template();
  EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), based_on(world)).decision));
  SignFullmakt english = based_on(world);
  english.terms.language = "en";
  english.text = "I consent ...";
  EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), english).decision));
  SignFullmakt shorter = based_on(world);
  shorter.terms.valid_to -= 24h;
  shorter.terms.max_readings = 3;
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), shorter).decision));
  EXPECT_EQ(world.get<Fullmakt>(shorter.id).status, FullmaktStatus::active);
}

// SPEC TMPL-3
TEST(Template, IsRefusedWhenWhatIsSignedIsSomethingElse) {
  World world = with_template();
  const auto with = [&](std::function<void(SignFullmakt&)> how) {
    SignFullmakt act = based_on(world);
    how(act);
    const Outcome out = world.ask(world.person_actor(), act);
    EXPECT_TRUE(changes_nothing(out) || out.decision.is_permitted());
    return out.decision;
  };
  using Act = SignFullmakt;
  const auto bad = Reason::terms_invalid;
  EXPECT_TRUE(is_permitted(with([](Act&) {})));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.disclosers = {world.source}; }), bad));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.recipients.insert(to_organisation(world.other)); }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.flikar = {kFlik}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.rights.insert(Right::deposit); }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.purpose = "statistics"; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.secrecy_consent = "osl-10-2"; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.legal_ground = "gdpr-6-1-a"; }), bad));
  EXPECT_TRUE(is_refused(with([&](Act& a) { a.terms.documents = {world.document}; }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.valid_to += 1ms; }), bad)) << "longer than its days";
  EXPECT_TRUE(is_refused(with([](Act& a) { a.based_on = id<TemplateId>(9); }), bad));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.text += " "; }), Reason::other_text));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.language = "en"; }), Reason::other_text));
  EXPECT_TRUE(is_refused(with([](Act& a) { a.terms.language = "fi"; }), Reason::other_text));
  EXPECT_TRUE(is_permitted(with([](Act& a) { a.based_on = {}, a.text += " "; }))) << "on its own it may be anything";
}

// SPEC TMPL-1, TMPL-3
TEST(Template, ThatIsSuspendedOrRemovedIsNotSigned) {
  World world = with_template();
  const AdministratorActor anna{world.anna};
  const auto noun = RegistryNoun::fullmakt_template;
  EXPECT_TRUE(is_permitted(world.act(anna, Suspend{noun, kTemplate.text()}).decision));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), based_on(world)).decision, Reason::terms_invalid));
  EXPECT_TRUE(is_permitted(world.act(anna, Reinstate{noun, kTemplate.text()}).decision));
  EXPECT_TRUE(is_permitted(world.approve(AdministratorActor{world.bo}).decision));
  EXPECT_TRUE(is_permitted(world.ask(world.person_actor(), based_on(world)).decision));
  EXPECT_TRUE(is_permitted(world.act(anna, Remove{noun, kTemplate.text()}).decision));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), based_on(world)).decision, Reason::terms_invalid));
  EXPECT_TRUE(is_refused(world.ask(anna, registering(world)).decision, Reason::already_exists));
}

// SPEC TMPL-1
TEST(Template, FromBeforeARestoreIsNotSigned) {
  World world = with_template();
  world.change<FullmaktTemplate>(kTemplate, [](FullmaktTemplate& one) { one.epoch = 0; });
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), based_on(world)).decision, Reason::terms_invalid));
}

// SPEC TMPL-3, PAPER-1
TEST(Template, HoldsForPaperToo) {
  World world = with_template();
  const SignFullmakt same = based_on(world);
  PaperFullmakt paper{same.id, world.person_index, same.terms, same.text, fingerprint(1), {}, kTemplate};
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.other_registrar), paper).decision));
  EXPECT_TRUE(is_permitted(world.approve(world.staff(world.outsider_registrar)).decision));
  paper.id = id<FullmaktId>(21);
  paper.text = "something else";
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_registrar), paper).decision, Reason::other_text));
}

}  // namespace
}  // namespace flikvakt::policy::test
