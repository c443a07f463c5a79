// By what people and staff who come by browser prove who they are: issuers of ID tokens, e-IDs, passkeys, further keys;
// and what a passkey's count does.
#include "policy/enrolment.h"
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

constexpr std::uint32_t kEpoch = 1;
const Fingerprint kPasskey = fingerprint(530), kEid = fingerprint(531), kStaffPasskey = fingerprint(532);
const std::string kEidIssuer = "e-id", kStaffIssuer = "kommun";

json::value some_jwk(const char* x = "a") { return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", x}}; }
Passkey some_passkey(std::uint32_t count = 0) { return {Bytes{1, 2, 3}, "portal.example", count}; }

SetOidcIssuer e_id() {
  SetOidcIssuer out;
  out.code = kEidIssuer;
  out.name = "Exempel e-legitimation";
  out.issuer = "https://issuer.example";
  out.client_id = "flikvakt";
  out.acr = {"http://id.elegnamnden.se/loa/1.0/loa3"};
  out.authorization_endpoint = "https://issuer.example/auth";
  out.token_endpoint = "https://issuer.example/token";
  out.jwks_uri = "https://issuer.example/jwks";
  out.ca = "PEM";
  return out;
}
SetOidcIssuer of_staff(const OrganisationId& organisation) {
  SetOidcIssuer out = e_id();
  out.code = kStaffIssuer;
  out.organisation = organisation;
  out.acr = {};
  out.staff_claim = "employee";
  return out;
}

// The world with an e-ID issuer, an issuer of `other`'s staff, a passkey and an e-ID of the person.
class Browsing : public World {
public:
  Browsing() {
    carry_out_two(e_id());
    carry_out_two(of_staff(other));
    DeviceKey passkey = get<DeviceKey>(key);
    passkey.thumbprint = kPasskey;
    passkey.passkey = some_passkey(5);
    state.put(passkey);
    DeviceKey e_id = get<DeviceKey>(key);
    e_id.thumbprint = kEid;
    e_id.jwk = nullptr;
    e_id.oidc_issuer = kEidIssuer;
    state.put(e_id);
    state.put(StaffKey{kStaffPasskey, reader, other, some_jwk(), some_passkey(), Standing::active, kEpoch});
  }
  void carry_out_two(const Act& act) {
    ASSERT_TRUE(is_permitted(this->act(AdministratorActor{anna}, act).decision));
    ASSERT_TRUE(is_permitted(approve(AdministratorActor{bo}).decision));
  }
  PersonActor by_passkey(std::uint32_t count) const { return {person, kPasskey, {}, count}; }
  PersonActor by_e_id() const { return {person, kEid}; }
  StaffActor by_staff_passkey() const { return {reader, other, {}, {}, kStaffPasskey, {}}; }
  StaffActor by_token(const std::string& subject) const {
    return {reader, other, {}, {}, {}, StaffToken{kStaffIssuer, subject}};
  }
  Decision read_as(const StaffActor& actor) const { return decide_read(state, {actor, document, kPurpose}, now); }
};

// ---- Issuers

// SPEC OIDC-1
TEST(OidcIssuers, TakeTwoAdministratorsAndSoundWords) {
  World world;
  const Outcome proposed = world.act(AdministratorActor{world.anna}, e_id());
  EXPECT_TRUE(is_permitted(proposed.decision));
  EXPECT_EQ(world.state.find<OidcIssuer>(kEidIssuer), nullptr) << "it only waits";
  EXPECT_TRUE(is_refused(world.ask_approval(AdministratorActor{world.anna}).decision, Reason::same_person));
  EXPECT_TRUE(is_permitted(world.approve(AdministratorActor{world.bo}).decision));
  const OidcIssuer row = world.get<OidcIssuer>(kEidIssuer);
  EXPECT_EQ(row.issuer, "https://issuer.example");
  EXPECT_EQ(row.registered, world.now);
  EXPECT_EQ(row.changed, world.now);
  EXPECT_EQ(row.epoch, kEpoch);
  EXPECT_TRUE(row.keys.empty()) << "none is known before one was fetched";
  for (const Actor& actor : {Actor(world.staff(world.reader)), Actor(world.person_actor()), Actor(SystemActor{})}) {
    EXPECT_TRUE(is_refused(world.ask(actor, e_id()).decision, Reason::not_entitled));
  }
  const auto refuses = [&](void (*change)(SetOidcIssuer&)) {
    SetOidcIssuer act = e_id();
    change(act);
    return is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::terms_invalid);
  };
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.code = "E ID"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.name = ""; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.client_id = ""; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.issuer = "http://issuer.example"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.token_endpoint = "https://"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.jwks_uri = "https://a b"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.authorization_endpoint = "https://" + std::string(500, 'a'); }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.ca = ""; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.acr = {}; })) << "of persons some level is asked for";
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.staff_claim = "x"; })) << "it vouches for no staff";
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.organisation = id<OrganisationId>(2); })) << "and no claim";
  SetOidcIssuer stranger = of_staff(id<OrganisationId>(77));
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, stranger).decision, Reason::unknown));
}

// SPEC OIDC-3
TEST(OidcIssuers, WhatAnIssuerIsNeverChangesUnderItsCode) {
  Browsing world;
  SetOidcIssuer moved = e_id();
  moved.name = "Nytt namn";
  moved.token_endpoint = "https://issuer.example/token2";
  world.change<OidcIssuer>(kEidIssuer, [](OidcIssuer& row) {
    row.keys = {{"a", some_jwk(), {}}};
    row.standing = Standing::suspended;
  });
  world.time += 24h;
  world.carry_out_two(moved);
  const OidcIssuer row = world.get<OidcIssuer>(kEidIssuer);
  EXPECT_EQ(row.name, "Nytt namn");
  EXPECT_EQ(row.registered, world.now);
  EXPECT_EQ(row.changed, world.time);
  EXPECT_EQ(row.keys.size(), 1u);
  EXPECT_EQ(row.standing, Standing::suspended) << "that takes another act";
  const auto refuses = [&](void (*change)(SetOidcIssuer&)) {
    SetOidcIssuer act = e_id();
    change(act);
    return is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::wrong_state);
  };
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.issuer = "https://other.example"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.client_id = "other"; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) { a.acr = {"loa1"}; }));
  EXPECT_TRUE(refuses([](SetOidcIssuer& a) {
    a.organisation = id<OrganisationId>(2);
    a.staff_claim = "x";
  }));
  world.change<OidcIssuer>(kEidIssuer, [](OidcIssuer& one) { one.standing = Standing::removed; });
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, e_id()).decision, Reason::not_in_force));
}

// SPEC OIDC-21
TEST(OidcIssuers, KeysAreAppliedByTheGatewayAndStayAWhileWhenTheyAreGone) {
  Browsing world;
  const auto apply = [&](std::vector<PublishedKey> keys) {
    return world.act(SystemActor{}, ApplyOidcKeys{kEidIssuer, std::move(keys)});
  };
  const auto kept = [&] { return world.get<OidcIssuer>(kEidIssuer).keys; };
  EXPECT_TRUE(is_permitted(apply({{"a", some_jwk("1")}, {"b", some_jwk("2")}}).decision));
  ASSERT_EQ(kept().size(), 2u);
  world.time += 1h;
  EXPECT_TRUE(is_permitted(apply({{"b", some_jwk("2")}, {"c", some_jwk("3")}}).decision));
  ASSERT_EQ(kept().size(), 3u);
  EXPECT_EQ(kept()[0].kid, "b");
  EXPECT_FALSE(kept()[0].gone);
  EXPECT_EQ(kept()[2].kid, "a");
  EXPECT_EQ(kept()[2].gone, world.time);
  EXPECT_TRUE(is_permitted(apply({{"b", some_jwk("9")}}).decision)) << "another key under the same kid";
  EXPECT_EQ(kept().size(), 4u);
  EXPECT_EQ(kept()[0].jwk, some_jwk("9"));
  EXPECT_EQ(kept()[1].gone, world.time);
  world.time += kGoneKeyStays;
  EXPECT_TRUE(is_permitted(apply({{"b", some_jwk("9")}}).decision));
  EXPECT_EQ(kept().size(), 1u);
  EXPECT_TRUE(is_refused(apply({}).decision, Reason::terms_invalid)) << "an issuer without keys is one that failed";
  EXPECT_TRUE(is_refused(apply({{"b", some_jwk()}, {"a", some_jwk()}}).decision, Reason::terms_invalid));
  EXPECT_TRUE(is_refused(apply({{"a", some_jwk()}, {"a", some_jwk()}}).decision, Reason::terms_invalid));
  EXPECT_TRUE(is_refused(apply({{"a", json::value("x")}}).decision, Reason::terms_invalid));
  EXPECT_TRUE(
      is_refused(world.ask(SystemActor{}, ApplyOidcKeys{"none", {{"a", some_jwk()}}}).decision, Reason::unknown));
  EXPECT_TRUE(
      is_refused(world.ask(AdministratorActor{world.anna}, ApplyOidcKeys{kEidIssuer, {{"a", some_jwk()}}}).decision,
                 Reason::not_entitled));
}

// SPEC OVERVIEW-6
TEST(OidcIssuers, EveryPersonSeesThoseThatCouldVouchForThem) {
  Browsing world;
  world.change<OidcIssuer>(kEidIssuer, [](OidcIssuer& row) { row.standing = Standing::suspended; });
  for (const Actor& actor : {Actor(world.person_actor()), Actor(PersonActor{world.relative, world.relative_key})}) {
    const Outcome out = world.ask(actor, ReadOverview{});
    const auto& issuers = std::get<Overview>(out.answer).issuers;
    ASSERT_EQ(issuers.size(), 1u) << "not those of organisations";
    EXPECT_EQ(issuers[0].code, kEidIssuer);
  }
}

// ---- e-ID

EnrolEid enrolment(const BlindIndex& index, const Fingerprint& thumbprint = fingerprint(540)) {
  return {kEidIssuer, index, thumbprint};
}

// SPEC EID-1, EID-2
TEST(EId, BecomesACredentialOfWhomTheNumberNamesAndANewNumberAPerson) {
  Browsing world;
  const Fingerprint theirs = fingerprint(540);
  const Outcome out = world.act(PersonActor{world.relative, theirs}, enrolment(world.relative_index));
  EXPECT_TRUE(is_permitted(out.decision));
  EXPECT_TRUE(concerns(out, world.relative));
  const DeviceKey row = world.get<DeviceKey>(theirs);
  EXPECT_EQ(row.person, world.relative);
  EXPECT_EQ(kind_of(row), DeviceKeyKind::e_id);
  EXPECT_EQ(row.status, DeviceKeyStatus::active);
  EXPECT_TRUE(is_permitted(world.ask(PersonActor{world.relative, theirs}, ReadOverview{}).decision));
  EXPECT_TRUE(is_refused(world.ask(PersonActor{world.relative, theirs}, enrolment(world.relative_index)).decision,
                         Reason::already_exists));
  const Fingerprint new_one = fingerprint(541);
  const PersonId fresh = id<PersonId>(40);
  EXPECT_TRUE(is_permitted(
      world.act(PersonActor{fresh, new_one}, enrolment(world.unknown_index, new_one), world.prepared_person(40))
          .decision));
  EXPECT_EQ(world.state.person_by(world.unknown_index)->id, fresh);
  EXPECT_TRUE(is_permitted(world.ask(PersonActor{fresh, new_one}, ReadOverview{}).decision));
}

// SPEC EID-1
TEST(EId, OfAnotherNumberIssuerOrActorIsRefused) {
  Browsing world;
  const Fingerprint key = fingerprint(540);
  const auto why = [&](const Actor& actor, EnrolEid act, Prepared prepared = {}) {
    return world.ask(actor, act, std::move(prepared)).decision;
  };
  EXPECT_TRUE(is_refused(why(PersonActor{world.relative, key}, enrolment(world.person_index)), Reason::state_changed))
      << "the number is another person's";
  EXPECT_TRUE(is_refused(why(PersonActor{world.relative, world.relative_key}, enrolment(world.relative_index)),
                         Reason::terms_invalid))
      << "proven by something else";
  EXPECT_TRUE(
      is_refused(why(PersonActor{world.relative, key, id<RepresentativeId>(1)}, enrolment(world.relative_index)),
                 Reason::not_entitled));
  for (const Actor& actor :
       {Actor(SystemActor{}), Actor(AdministratorActor{world.anna}), Actor(world.staff(world.reader))})
    EXPECT_TRUE(is_refused(why(actor, enrolment(world.relative_index)), Reason::not_entitled));
  EnrolEid other = enrolment(world.relative_index);
  other.issuer = kStaffIssuer;
  EXPECT_TRUE(is_refused(why(PersonActor{world.relative, key}, other), Reason::unknown)) << "an organisation's issuer";
  other.issuer = "none";
  EXPECT_TRUE(is_refused(why(PersonActor{world.relative, key}, other), Reason::unknown));
  EXPECT_TRUE(
      is_refused(why(PersonActor{id<PersonId>(40), key}, enrolment(world.unknown_index)), Reason::state_changed))
      << "nothing was prepared";
  EXPECT_TRUE(
      is_refused(why(PersonActor{world.relative, kEid}, enrolment(world.relative_index, kEid)), Reason::other_person))
      << "the person's e-ID";
  world.change<Person>(world.relative, [](Person& p) { p.died = *parse_date("2026-11-01"); });
  EXPECT_TRUE(is_refused(why(PersonActor{world.relative, key}, enrolment(world.relative_index)), Reason::person_died));
  world.change<OidcIssuer>(kEidIssuer, [](OidcIssuer& row) { row.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(why(PersonActor{world.person, key}, enrolment(world.person_index)), Reason::not_in_force));
}

// SPEC EID-3
TEST(EId, WhatThePersonRemovedIsNotEnrolledAgain) {
  Browsing world;
  EXPECT_TRUE(is_permitted(world.act(world.by_e_id(), RemoveKey{kEid}).decision)) << "by itself";
  EXPECT_TRUE(
      is_refused(world.ask(world.by_e_id(), enrolment(world.person_index, kEid)).decision, Reason::not_in_force));
  EXPECT_TRUE(
      is_refused(world.ask(world.by_e_id(), RevokeFullmakt{world.fullmakt}).decision, Reason::credential_not_valid));
}

// SPEC EID-4
TEST(EId, AfterARestoreItIsEnrolledAnewOnceItsIssuerCountsAgain) {
  Browsing world;
  world.restore();
  EXPECT_TRUE(is_refused(world.ask(world.by_e_id(), ReadOverview{}).decision, Reason::not_reattested));
  EXPECT_TRUE(is_permitted(world.ask(world.by_e_id(), RevokeFullmakt{world.fullmakt}).decision)) << "narrowing works";
  EXPECT_TRUE(
      is_refused(world.ask(world.by_e_id(), enrolment(world.person_index, kEid)).decision, Reason::not_reattested));
  world.carry_out_two(e_id());
  EXPECT_TRUE(is_refused(world.ask(world.by_e_id(), ReadOverview{}).decision, Reason::not_reattested));
  EXPECT_TRUE(is_permitted(world.act(world.by_e_id(), enrolment(world.person_index, kEid)).decision));
  EXPECT_TRUE(is_permitted(world.ask(world.by_e_id(), ReadOverview{}).decision));
}

// SPEC EID-5
TEST(EId, ThatWasRemovedIsLetInAgainByAnotherKeyOfThePersons) {
  Browsing world;
  const AddKey again{{}, kEid, {}};
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), again).decision, Reason::wrong_state)) << "it was not removed";
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), RemoveKey{kEid}).decision));
  EXPECT_TRUE(is_refused(world.ask(PersonActor{world.relative, world.relative_key}, again).decision, Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(world.by_e_id(), again).decision, Reason::credential_not_valid)) << "not by itself";
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), again).decision));
  EXPECT_EQ(world.get<DeviceKey>(kEid).enrolled_with, world.key);
  EXPECT_TRUE(is_permitted(world.ask(world.by_e_id(), ReadOverview{}).decision));
  EXPECT_TRUE(is_permitted(world.act(world.person_actor(), RemoveKey{kPasskey}).decision));
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), AddKey{{}, kPasskey, {}}).decision, Reason::unknown))
      << "a passkey stays removed";
}

// SPEC EID-6
TEST(EId, CountsOnlyWhileItsIssuerDoes) {
  Browsing world;
  EXPECT_TRUE(is_permitted(world.ask(world.by_e_id(), PauseFullmakt{world.fullmakt}).decision));
  for (const Standing standing : {Standing::suspended, Standing::removed}) {
    world.change<OidcIssuer>(kEidIssuer, [&](OidcIssuer& row) { row.standing = standing; });
    EXPECT_TRUE(
        is_refused(world.ask(world.by_e_id(), PauseFullmakt{world.fullmakt}).decision, Reason::credential_not_valid));
    EXPECT_TRUE(is_refused(world.ask(world.by_e_id(), ReadOverview{}).decision, Reason::credential_not_valid));
  }
}

// ---- Another key, by one's own

// SPEC ENROL-8
TEST(AddedKeys, CountAtOnceWhenAKeyThatCountsVouchesForThem) {
  Browsing world;
  const Fingerprint fresh = fingerprint(550);
  const AddKey act{some_jwk(), fresh, some_passkey()};
  for (const PersonActor& actor : {world.person_actor(), world.by_e_id(), world.by_passkey(6)}) {
    Browsing one;
    EXPECT_TRUE(is_permitted(one.act(actor, act).decision));
    const DeviceKey row = one.get<DeviceKey>(fresh);
    EXPECT_EQ(row.status, DeviceKeyStatus::active);
    EXPECT_EQ(row.enrolled_with, actor.key);
    EXPECT_EQ(kind_of(row), DeviceKeyKind::passkey);
    EXPECT_TRUE(is_permitted(one.ask(PersonActor{one.person, fresh}, ReadOverview{}).decision));
    PersonActor again = actor;
    if (again.sign_count) ++*again.sign_count;
    EXPECT_TRUE(is_refused(one.ask(again, act).decision, Reason::already_exists));
  }
  EXPECT_TRUE(
      is_refused(world.ask(PersonActor{world.relative, world.relative_key}, AddKey{some_jwk(), kPasskey, {}}).decision,
                 Reason::already_exists))
      << "another's";
  world.seen = 99;
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::state_changed));
}

// SPEC ENROL-9
TEST(AddedKeys, AreNotVouchedForByAKeyThatDoesNotCountOrByARepresentative) {
  Browsing world;
  const AddKey act{some_jwk(), fingerprint(550), {}};
  world.state.put(Representative{id<RepresentativeId>(1),
                                 world.person,
                                 world.relative,
                                 RepresentativeKind::guardian,
                                 {RepresentativePower::consent},
                                 world.now,
                                 world.now + 24h,
                                 Standing::active,
                                 kEpoch});
  EXPECT_TRUE(
      is_refused(world.ask(PersonActor{world.person, world.relative_key, id<RepresentativeId>(1)}, act).decision,
                 Reason::not_entitled));
  world.change<DeviceKey>(world.key, [](DeviceKey& k) { k.status = DeviceKeyStatus::proposed; });
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::actor_not_active));
  world.change<DeviceKey>(world.key, [](DeviceKey& k) {
    k.status = DeviceKeyStatus::active;
    k.epoch = 0;
  });
  EXPECT_TRUE(is_refused(world.ask(world.person_actor(), act).decision, Reason::not_reattested));
  for (const AddKey& bad :
       {AddKey{json::value("x"), fingerprint(550), {}}, AddKey{some_jwk(), {}, {}},
        AddKey{some_jwk(), fingerprint(550), Passkey{{}, "portal.example", 0}},
        AddKey{some_jwk(), fingerprint(550), Passkey{Bytes(1024, 1), "portal.example", 0}},
        AddKey{some_jwk(), fingerprint(550), Passkey{{1}, "", 0}}, AddKey{{}, kEid, some_passkey()}}) {
    EXPECT_TRUE(is_refused(world.ask(world.by_passkey(6), bad).decision, Reason::terms_invalid));
  }
}

TEST(AddedKeys, APasskeyIsProposedAtADeskLikeAnyKey) {
  World world;
  ProposeKey act{world.person_index, some_jwk(), fingerprint(550), some_passkey(3)};
  EXPECT_TRUE(is_permitted(world.act(world.staff(world.source_registrar), act).decision));
  EXPECT_EQ(world.get<DeviceKey>(fingerprint(550)).passkey->sign_count, 3u);
  EXPECT_TRUE(is_refused(world.ask(PersonActor{world.person, fingerprint(550)}, ReadOverview{}).decision,
                         Reason::actor_not_active));
  EXPECT_TRUE(is_permitted(
      world.act(world.staff(world.outsider_registrar), ConfirmKey{world.person_index, fingerprint(550)}).decision));
  EXPECT_TRUE(is_permitted(world.ask(PersonActor{world.person, fingerprint(550)}, ReadOverview{}).decision));
  act.passkey->credential_id.clear();
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.source_registrar), act).decision, Reason::terms_invalid));
}

// ---- Counts

// SPEC WA-15
TEST(SignCounts, ThatDoNotGrowRefuseWhatIsNotNarrowing) {
  Browsing world;
  SignFullmakt act{id<FullmaktId>(40), world.terms(), "text"};
  EXPECT_TRUE(is_refused(world.ask(world.by_passkey(5), act).decision, Reason::credential_not_valid)) << "the same";
  EXPECT_TRUE(is_refused(world.ask(world.by_passkey(4), act).decision, Reason::credential_not_valid)) << "less";
  EXPECT_TRUE(is_refused(world.ask(world.by_passkey(0), act).decision, Reason::credential_not_valid)) << "no count";
  EXPECT_TRUE(concerns(world.ask(world.by_passkey(5), act), world.person)) << "the person sees it";
  EXPECT_TRUE(is_permitted(world.ask(world.by_passkey(6), act).decision));
  EXPECT_TRUE(is_permitted(world.ask(world.by_passkey(1), RevokeFullmakt{world.fullmakt}).decision));
  EXPECT_TRUE(
      is_refused(world.ask(PersonActor{world.person, world.key, {}, 7}, act).decision, Reason::credential_not_valid))
      << "a device key counts nothing";
  world.change<DeviceKey>(kPasskey, [](DeviceKey& k) { k.passkey->sign_count = 0; });
  EXPECT_TRUE(is_permitted(world.ask(world.by_passkey(0), act).decision)) << "one that never counts";
}

// SPEC WA-16
TEST(SignCounts, AreStoredWithTheActThatTheyCameWith) {
  Browsing world;
  EXPECT_TRUE(
      is_permitted(world.act(world.by_passkey(9), SignFullmakt{id<FullmaktId>(40), world.terms(), "text"}).decision));
  EXPECT_EQ(world.get<DeviceKey>(kPasskey).passkey->sign_count, 9u);
  EXPECT_EQ(world.get<Fullmakt>(id<FullmaktId>(40)).evidence, EvidenceKind::passkey);
  (void)world.act(world.by_passkey(20), SignFullmakt{id<FullmaktId>(40), world.terms(), "text"});
  EXPECT_EQ(world.get<DeviceKey>(kPasskey).passkey->sign_count, 9u) << "a refusal changes no row";
  EXPECT_TRUE(is_permitted(world.act(world.by_passkey(3), PauseFullmakt{world.fullmakt}).decision));
  EXPECT_EQ(world.get<DeviceKey>(kPasskey).passkey->sign_count, 9u) << "it never goes back";
  EXPECT_TRUE(is_permitted(world.act(world.by_passkey(11), RemoveKey{kPasskey}).decision));
  EXPECT_EQ(world.get<DeviceKey>(kPasskey).status, DeviceKeyStatus::removed);
  EXPECT_EQ(world.get<DeviceKey>(kPasskey).passkey->sign_count, 11u);
}

TEST(SignCounts, WhatAnEIdSignsSaysSo) {
  Browsing world;
  EXPECT_TRUE(
      is_permitted(world.act(world.by_e_id(), SignFullmakt{id<FullmaktId>(40), world.terms(), "text"}).decision));
  EXPECT_EQ(world.get<Fullmakt>(id<FullmaktId>(40)).evidence, EvidenceKind::e_id);
  EXPECT_TRUE(
      is_permitted(world.act(world.person_actor(), SignFullmakt{id<FullmaktId>(41), world.terms(), "text"}).decision));
  EXPECT_EQ(world.get<Fullmakt>(id<FullmaktId>(41)).evidence, EvidenceKind::device_key);
}

// ---- Staff

// SPEC RULE-7
TEST(StaffByBrowser, AreInPlaceByTheirPasskeyOrTheirOrganisationsIssuer) {
  Browsing world;
  world.change<Staff>(world.reader, [](Staff& s) { s.subject = "SE1"; });
  EXPECT_TRUE(is_permitted(world.read_as(world.by_staff_passkey())));
  EXPECT_TRUE(is_permitted(world.read_as(world.by_token("SE1"))));
  EXPECT_TRUE(is_permitted(world.read_as(world.by_token(world.reader.text())))) << "the staff id itself";
  const auto refuses = [&](const StaffActor& actor) {
    return is_refused(world.read_as(actor), Reason::credential_not_valid, Rule::actor);
  };
  EXPECT_TRUE(refuses(world.by_token("SE2")));
  EXPECT_TRUE(refuses(world.by_token("")));
  StaffActor both = world.by_staff_passkey();
  both.token = StaffToken{kStaffIssuer, "SE1"};
  EXPECT_TRUE(refuses(both));
  StaffActor with_certificate = world.by_staff_passkey();
  with_certificate.certificate = world.certificate_of(world.other);
  EXPECT_TRUE(refuses(with_certificate)) << "one way, and no other beside it";
  StaffActor another = world.by_staff_passkey();
  another.staff = world.other_registrar;
  EXPECT_TRUE(refuses(another)) << "a colleague's passkey";
  StaffActor elsewhere = world.by_token("SE1");
  elsewhere.staff = world.source_staff;
  elsewhere.organisation = world.source;
  EXPECT_TRUE(refuses(elsewhere)) << "another organisation's issuer";
  EXPECT_TRUE(refuses({world.reader, world.other, {}, {}, {}, StaffToken{kEidIssuer, "SE1"}}))
      << "an issuer for persons";
  EXPECT_TRUE(refuses({world.reader, world.other, {}, {}, fingerprint(599), {}}));
}

// SPEC RULE-7
TEST(StaffByBrowser, AreOutOfPlaceWhenTheirCredentialIs) {
  for (const Standing standing : {Standing::suspended, Standing::removed}) {
    Browsing world;
    world.change<StaffKey>(kStaffPasskey, [&](StaffKey& row) { row.standing = standing; });
    world.change<OidcIssuer>(kStaffIssuer, [&](OidcIssuer& row) { row.standing = standing; });
    EXPECT_TRUE(is_refused(world.read_as(world.by_staff_passkey()), Reason::credential_not_valid, Rule::actor));
    EXPECT_TRUE(
        is_refused(world.read_as(world.by_token(world.reader.text())), Reason::credential_not_valid, Rule::actor));
  }
  Browsing world;
  world.change<StaffKey>(kStaffPasskey, [&](StaffKey& row) { row.epoch = 0; });
  world.change<OidcIssuer>(kStaffIssuer, [&](OidcIssuer& row) { row.epoch = 0; });
  EXPECT_TRUE(is_refused(world.read_as(world.by_staff_passkey()), Reason::not_reattested, Rule::actor));
  EXPECT_TRUE(is_refused(world.read_as(world.by_token(world.reader.text())), Reason::not_reattested, Rule::actor));
  EXPECT_TRUE(
      is_permitted(world.ask(world.by_staff_passkey(), PaperNarrowing{world.person_index, {}, true, {}, {}}).decision))
      << "narrowing works before re-attestation";
  world.change<Staff>(world.reader, [](Staff& s) { s.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(world.read_as(world.by_staff_passkey()), Reason::not_reattested, Rule::actor));
}

// SPEC STKEY-1
TEST(StaffKeys, TakeTwoAdministratorsAndAStaffMemberInPlace) {
  Browsing world;
  const RegisterStaffKey act{fingerprint(560), world.reader, some_jwk(), some_passkey()};
  EXPECT_TRUE(takes_two(act));
  world.carry_out_two(act);
  EXPECT_EQ(world.get<StaffKey>(fingerprint(560)).organisation, world.other);
  EXPECT_TRUE(is_refused(world.ask(AdministratorActor{world.anna}, act).decision, Reason::already_exists));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_officer), act).decision, Reason::not_entitled));
  const auto why = [&](RegisterStaffKey other) { return world.ask(AdministratorActor{world.anna}, other).decision; };
  EXPECT_TRUE(is_refused(why({fingerprint(561), id<StaffId>(99), some_jwk(), some_passkey()}), Reason::unknown));
  EXPECT_TRUE(is_refused(why({fingerprint(561), world.reader, json::value(), some_passkey()}), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(why({{}, world.reader, some_jwk(), some_passkey()}), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(why({fingerprint(561), world.reader, some_jwk(), {{}, "x", 0}}), Reason::terms_invalid));
  world.restore();
  EXPECT_TRUE(is_permitted(why(act))) << "registered anew after a restore";
  RegisterStaffKey for_another = act;
  for_another.staff = world.other_registrar;
  EXPECT_TRUE(is_refused(why(for_another), Reason::already_exists));
  world.change<Staff>(world.reader, [](Staff& s) { s.standing = Standing::suspended; });
  EXPECT_TRUE(is_refused(why({fingerprint(561), world.reader, some_jwk(), some_passkey()}), Reason::not_in_force));
}

// SPEC STKEY-2
TEST(StaffSubjects, MeanOneStaffMemberOfTheOrganisation) {
  World world;
  const auto set = [&](const StaffId& who, std::optional<std::string> subject) {
    return world.act(AdministratorActor{world.anna}, SetSubject{who, std::move(subject)}).decision;
  };
  EXPECT_TRUE(is_permitted(set(world.reader, "SE1")));
  EXPECT_EQ(world.get<Staff>(world.reader).subject, "SE1");
  EXPECT_TRUE(is_refused(set(world.other_registrar, "SE1"), Reason::already_exists));
  EXPECT_TRUE(is_refused(set(world.other_registrar, world.reader.text()), Reason::already_exists))
      << "a colleague's id";
  EXPECT_TRUE(is_permitted(set(world.source_staff, "SE1"))) << "another organisation's issuer says it of its own";
  EXPECT_TRUE(is_permitted(set(world.reader, std::nullopt)));
  EXPECT_TRUE(is_permitted(set(world.other_registrar, "SE1")));
  EXPECT_TRUE(is_refused(set(world.reader, ""), Reason::terms_invalid));
  EXPECT_TRUE(is_refused(set(id<StaffId>(99), "SE9"), Reason::unknown));
  EXPECT_TRUE(is_refused(world.ask(world.staff(world.other_officer), SetSubject{world.reader, "SE9"}).decision,
                         Reason::not_entitled));
  world.change<Staff>(world.reader, [](Staff& s) { s.standing = Standing::removed; });
  EXPECT_TRUE(is_refused(set(world.reader, "SE9"), Reason::not_in_force));
}

// SPEC BS-10
TEST(FreshVerification, IsNeededForWhatWidensAndNeverForWhatNarrows) {
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, ActVariant>>([]<class T>(T) {
    const Act act(typename T::type{});
    const Direction direction = direction_of(act);
    const bool is_signed_too =
        kind_of(act) == "sign_referral" || kind_of(act) == "paper_referral" || kind_of(act) == "approve";
    EXPECT_EQ(needs_fresh_verification(act), direction == Direction::widening || is_signed_too) << kind_of(act);
  });
}

}  // namespace
}  // namespace flikvakt::policy::test
