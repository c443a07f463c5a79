// The individual's pages after a restore on purpose: nothing counts before they say so again.
#include <gmock/gmock.h>

#include "base/files.h"
#include "certs/dev_pki.h"
#include "gateway/sent_acts.h"
#include "service/backup_restore.h"
#include "tests/gateway/portal_world.h"
#include "tests/service/signed_world.h"

namespace flikvakt::gateway::test {
namespace {

using namespace policy;
using service::test::SignedWorld;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kCounts = "<span class=\"tab\">Gäller</span>";
constexpr const char* kUnconfirmed = "<span class=\"tab\">Gäller inte förrän du har bekräftat</span>";
constexpr const char* kNote = "Inget av det du har öppnat gäller just nu";

// Two fullmakter and a Sparr, backed up and restored; organisations and the person's key are attested again.
class PortalRestored : public testing::Test {
protected:
  PortalRestored() {
    world_.anna = world_.enrol(world_.anna.number);
    kept_ = world_.sign(world_.anna);
    other_ = world_.sign(world_.anna, {}, "ekonomi");
    SparrTerms terms;
    terms.target = SparrTarget::flik;
    terms.flik = "ekonomi";
    EXPECT_TRUE(world_.by_person(world_.anna, SetSparr{crypto::random_id<SparrId>(), terms}).decision.is_permitted());
  }
  ~PortalRestored() override { close(); }

  void restore() {
    service::RestorePlan plan{world_.folder.path() / "backup", world_.folder.path() / "keys-backup", {}};
    ASSERT_TRUE(service::back_up(*world_.core, plan.backup, store::ObjectCopies::always_copied));
    ASSERT_TRUE(service::back_up_keys(*world_.core, plan.key_store_backup));
    const service::BackupContents contents = service::inspect_backup(plan, world_.master()).value();
    service::JointAct act{service::restore_act(contents, "flikvakt.test/log2", {}, world_.clock.wall()), {}};
    for (const std::size_t i : {0, 1})
      act.signatures.push_back(service::sign_joint(act.act, world_.officials[i].key).value());
    world_.stop();
    auto core = service::restore(store::DataDirectory::create(world_.folder.path() / "restored").value(),
                                 world_.master(), plan, act, world_.clock, {});
    ASSERT_TRUE(core) << core.error().message;
    world_.core = std::move(*core);
  }

  void attest() {
    for (const StaffActor& who : {world_.region_registrar, world_.chief}) {
      ReattestOrganisation act;
      act.organisation = who.organisation;
      act.certificates = {who.certificate};
      act.assertion_keys = {who.assertion_key};
      act.officers = {who.staff};
      if (who.organisation == world_.authority) act.teams = {world_.team};
      EXPECT_TRUE(world_.by_two(act).decision.is_permitted());
    }
    EXPECT_TRUE(world_.by_two(ReattestCatalogue{{world_.issuer}, {"journal", "ekonomi"}}).decision.is_permitted());
    const crypto::PublicKey& key = world_.anna.key.public_key();
    const ProposeKey propose{{}, key.to_jwk(), key.thumbprint()};
    EXPECT_TRUE(world_.send(world_.region_registrar, propose, world_.anna.number).decision.is_permitted());
    const ConfirmKey confirm{{}, key.thumbprint()};
    EXPECT_TRUE(world_.send(world_.chief, confirm, world_.anna.number).decision.is_permitted());
  }

  // Signed in as the person.
  Browser open() {
    service::DemoPeople people;
    people.push_back(
        {"Anna", "", "", std::nullopt, std::make_shared<const crypto::SigningKey>(copy_of(world_.anna.key))});
    const auto offline = [](const service::HttpsRequest&) -> Result<service::HttpsAnswer> {
      return fail(ErrorCode::io, "no network in tests");
    };
    sessions_ = std::make_unique<service::BrowserSessions>(
        service::BrowserSessions::Parts{*world_.core,
                                        {"localhost", "https://localhost", "https://localhost/sign-in/return"},
                                        offline,
                                        std::nullopt,
                                        person_may_send,
                                        staff_may_send,
                                        std::move(people)});
    const UtcTime now = SystemClock().wall();
    const certs::DevPki pki = certs::DevPki::create(world_.folder.path() / "portal-pki", now).value();
    const std::vector<std::string> names{"localhost", "127.0.0.1"};
    const certs::IssuedIdentity own = pki.issue_server("portal", names, now).value();
    Server::Options options;
    options.portal_address = "127.0.0.1:0";
    options.portal_certificate = own.certificate;
    options.portal_key = own.key;
    options.browser_sessions = sessions_.get();
    server_ = Server::open(*world_.core, options).value();
    server_->start();
    Browser out(server_->ports().portal, std::string(as_text(read_file(pki.ca_path(), 65536).value())));
    EXPECT_EQ(out.submit("/sign-in/demo", {{"number", "0"}, {"back", ""}}).status, 303u);
    return out;
  }

  void close() {
    if (server_) server_->stop(std::chrono::milliseconds(0));
    server_.reset();
    sessions_.reset();
  }

  SignedWorld world_;
  FullmaktId kept_, other_;
  std::unique_ptr<service::BrowserSessions> sessions_;
  std::unique_ptr<Server> server_;  // ends first
};

// SPEC PORTAL-81, OVERVIEW-4
TEST_F(PortalRestored, NothingIsShownAsCountingBeforeThePersonConfirmsAndThenItIs) {
  restore();
  attest();
  Browser anna = open();
  const std::string before = anna.get("/me").body;
  EXPECT_THAT(before, HasSubstr(kNote));
  EXPECT_THAT(before, HasSubstr(kUnconfirmed));
  EXPECT_THAT(before, Not(HasSubstr(kCounts)));
  EXPECT_THAT(before, Not(HasSubstr("Inget är spärrat"))) << "a Sparr counts all the time";
  EXPECT_THAT(anna.get("/me/fullmakter/" + kept_.text()).body, HasSubstr("Gäller inte förrän du har bekräftat"));

  const std::string revoke = "/me/fullmakter/" + other_.text() + "/revoke";
  EXPECT_THAT(before, HasSubstr(revoke)) << "what is not to count can be taken back first";
  EXPECT_EQ(anna.submit(revoke, Browser::filled(anna.get(revoke), revoke)).status, 200u);

  const ApiReply confirm = anna.get("/me/reconfirm");
  EXPECT_EQ(confirm.status, 200u);
  EXPECT_THAT(confirm.body, HasSubstr("Konsultation: journal, till och med"));
  EXPECT_THAT(confirm.body, Not(HasSubstr("ekonomi, till och med"))) << "it was taken back";
  const ApiReply done = anna.submit("/me/sign/demo", Browser::filled(confirm, "/me/sign/demo"));
  EXPECT_EQ(done.status, 200u);
  EXPECT_THAT(done.body, HasSubstr("Du har bekräftat"));

  const std::string after = anna.get("/me").body;
  EXPECT_THAT(after, Not(HasSubstr(kNote)));
  EXPECT_THAT(after, Not(HasSubstr(kUnconfirmed)));
  EXPECT_THAT(after, HasSubstr(kCounts));
  EXPECT_EQ(anna.get("/me/reconfirm").field("Location"), "/me") << "there is nothing left to confirm";
}

TEST_F(PortalRestored, WithoutARestoreWhatIsOpenCountsAndThereIsNothingToConfirm) {
  Browser anna = open();
  const std::string page = anna.get("/me").body;
  EXPECT_THAT(page, HasSubstr(kCounts));
  EXPECT_THAT(page, Not(HasSubstr(kNote)));
  EXPECT_THAT(page, Not(HasSubstr("/me/reconfirm")));
  EXPECT_EQ(anna.get("/me/reconfirm").field("Location"), "/me");
}

// SPEC ENROL-1
TEST_F(PortalRestored, AKeyThatIsNotAttestedAgainShowsNothingAndConfirmsNothing) {
  restore();
  Browser anna = open();
  EXPECT_EQ(anna.get("/me").status, 403u);
  EXPECT_EQ(anna.get("/me/reconfirm").status, 403u);
}

}  // namespace
}  // namespace flikvakt::gateway::test
