// Pruned logs of people and staff who came by browser: what shows who ordered an act that stays, stays with it.
#include "tests/service/browser_world.h"
#include "tests/service/pruning.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;
using audit::ActKind;

std::vector<std::uint64_t> entries_of(BrowserWorld& it, ActKind kind,
                                      audit::Outcome outcome = audit::Outcome::permitted) {
  return entries_of(dump(rows_of(it.world)), it.world.core->keys(), kind, outcome);
}

// Eleven years later all before now is pruned.
void prune(BrowserWorld& it) {
  it.world.ask(it.world.lead, ListCases{});  // on which nothing rests
  const UtcTime limit = cut(it.world);
  eleven_years_later(it.world);
  EXPECT_EQ(it.problems(), kNone);
  it.world.prune(limit);
  EXPECT_EQ(it.problems(), kNone);
  EXPECT_GT(it.world.verify().pruned_entries, 0u);
}

// Had the two signed for a list without that entry.
std::vector<std::string> problems_without(BrowserWorld& it, std::uint64_t gone) {
  const KeyRing& keys = it.world.core->keys();
  const EntrySet fewer = without(kept_in(it.world), it.world.core->directory().pruned_to(), gone);
  Dump changed = with_kept(dump(rows_of(it.world)), keys, fewer);
  make_bare(changed.entries[gone]);
  sign_anew(changed, keys);
  return problems_of(it.world, changed);
}

BrowserWorld::Claims annas_claims(BrowserWorld& it) {
  return [&it](const crypto::Hash256& nonce) {
    return it.issuer.claims(nonce, it.world.clock.wall(), it.world.anna.number);
  };
}

// The approval that carried out what was proposed there.
std::uint64_t approval_after(BrowserWorld& it, std::uint64_t proposal) {
  const std::vector<std::uint64_t> approvals = entries_of(it, ActKind::approve);
  return *std::ranges::upper_bound(approvals, proposal);
}

// SPEC RET-5, LVR-26: the token is verified with the keys that its issuer had.
TEST(PruningByBrowser, LeavesTheKeysOfAnIssuerOnWhichASignatureRests) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  const auto publishes = [&](const std::string& kid) {
    it.world.clock.advance(49h);  // what it published before is forgotten
    it.issuer.key = crypto::SigningKey::generate(crypto::KeyAlgorithm::p256);
    it.issuer.kid = kid;
    EXPECT_TRUE(it.sign_in_with_e_id(it.world.anna.number)) << kid;
  };
  publishes("k1");
  publishes("k2");
  const auto session = it.sign_in_with_e_id(it.world.anna.number);
  ASSERT_TRUE(session);
  const auto version = it.world.version_of(it.world.anna);
  EXPECT_TRUE(it.decide(it.sign_at_issuer(*session, it.wanted(it.fullmakt(), version), annas_claims(it)))
                  .decision.is_permitted());
  publishes("k3");
  publishes("k4");
  const std::vector<std::uint64_t> applied = entries_of(it, ActKind::apply_oidc_keys, audit::Outcome::recorded);
  ASSERT_EQ(applied.size(), 4u);
  const std::uint64_t enrolled = entries_of(it, ActKind::enrol_eid).at(0);
  const std::uint64_t proposed = entries_of(it, ActKind::set_oidc_issuer).at(0);
  const std::uint64_t registered = approval_after(it, proposed);
  prune(it);
  const EntrySet kept = kept_in(it.world);
  EXPECT_TRUE(kept.contains(proposed) && kept.contains(registered));
  EXPECT_TRUE(kept.contains(enrolled));
  EXPECT_TRUE(kept.contains(applied[0])) << "the e-ID was enrolled with a token under it";
  EXPECT_TRUE(kept.contains(applied[1])) << "the fullmakt was signed with a token under it";
  EXPECT_FALSE(kept.contains(applied[2])) << "nothing rests on it";
  EXPECT_TRUE(kept.contains(applied[3])) << "the last word";
  for (const std::uint64_t gone : {applied[0], applied[1]})
    EXPECT_TRUE(says(problems_without(it, gone), "a key that its issuer is not known to have")) << gone;
}

// SPEC RET-5, LVR-26: each signature is then the last word on the row of its key.
TEST(PruningByBrowser, LeavesWhatBroughtAPasskeyWhoseAuthenticatorCounts) {
  BrowserWorld it;
  SoftwareAuthenticator own, at_a_desk;
  it.add_passkey(own);
  const crypto::WebKey key = at_a_desk.public_key();
  const ProposeKey propose{{}, key.to_jwk(), key.thumbprint(), it.passkey_of(at_a_desk)};
  EXPECT_TRUE(it.world.send(it.world.region_registrar, propose, it.world.anna.number).decision.is_permitted());
  EXPECT_TRUE(
      it.world.send(it.world.chief, ConfirmKey{{}, key.thumbprint()}, it.world.anna.number).decision.is_permitted());
  for (int i = 0; i < 2; ++i) {
    for (SoftwareAuthenticator* device : {&own, &at_a_desk}) {
      const auto session = it.sign_in(*device);
      ASSERT_TRUE(session) << session.error().message;
      const auto version = it.world.version_of(it.world.anna);
      EXPECT_TRUE(
          it.decide(it.sign_with(*session, it.wanted(it.fullmakt(), version), *device)).decision.is_permitted());
    }
  }
  const std::uint64_t added = entries_of(it, ActKind::add_key).at(0);
  const std::uint64_t proposed = entries_of(it, ActKind::propose_key).at(1);
  const std::uint64_t confirmed = entries_of(it, ActKind::confirm_key).at(1);
  prune(it);
  for (const std::uint64_t one : {added, proposed, confirmed}) {
    EXPECT_TRUE(kept_in(it.world).contains(one)) << one;
    EXPECT_TRUE(says(problems_without(it, one), "an act that it rests on is pruned")) << one;
  }
}

// SPEC RET-5, EID-5: an e-ID that its person let in again.
TEST(PruningByBrowser, LeavesHowAnEIdCameBack) {
  BrowserWorld it;
  it.register_issuer(it.issuer.row());
  const auto session = it.sign_in_with_e_id(it.world.anna.number);
  ASSERT_TRUE(session);
  const Fingerprint key = std::get<PersonActor>(session->session.actor).key;
  EXPECT_TRUE(it.decide(it.sessions->command(session->cookie, it.wanted(RemoveKey{key}))).decision.is_permitted());
  EXPECT_TRUE(it.world.by_person(it.world.anna, AddKey{{}, key, {}}).decision.is_permitted());
  prune(it);
  const EntrySet kept = kept_in(it.world);
  for (const ActKind kind : {ActKind::enrol_eid, ActKind::add_key})
    EXPECT_TRUE(kept.contains(entries_of(it, kind).at(0))) << audit::name_of(kind);
}

// SPEC RET-5, LVR-26: also of staff who have come another way since.
TEST(PruningByBrowser, LeavesTheCredentialWithWhichStaffSigned) {
  BrowserWorld it;
  SoftwareAuthenticator device;
  it.add_staff_passkey(it.world.chief, device);
  const auto session = it.sign_in(device);
  ASSERT_TRUE(session) << session.error().message;
  WantedAct referral =
      it.wanted(PaperReferral{crypto::random_id<CaseId>(), {}, it.world.team, CaseFocus::illness, {}, {}});
  referral.act.get_object()["person"] =
      handle_for(it.world.core->keys(), it.world.authority, it.world.anna.number, it.world.clock).value();
  EXPECT_TRUE(it.decide(it.sign_with(*session, referral, device)).decision.is_permitted());
  const Remove removal{RegistryNoun::staff_key, to_hex(device.public_key().thumbprint())};
  EXPECT_TRUE(it.world.send(it.world.administrator(0), removal).decision.is_permitted());
  const std::uint64_t proposed = entries_of(it, ActKind::register_staff_key).at(0);
  const std::uint64_t registered = approval_after(it, proposed);
  prune(it);
  const EntrySet kept = kept_in(it.world);
  EXPECT_TRUE(kept.contains(proposed) && kept.contains(registered));
  EXPECT_TRUE(kept.contains(entries_of(it, ActKind::paper_referral).at(0)));
  EXPECT_TRUE(says(problems_without(it, registered), "there was no such passkey of theirs"));
}

}  // namespace
}  // namespace flikvakt::service::test
