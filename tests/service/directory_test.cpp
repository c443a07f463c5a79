// What network threads may keep of what they looked up, and for how long.
#include "service/open_document.h"
#include "tests/service/signed_world.h"
#include "tests/service/temp_core.h"

namespace flikvakt::service::test {
namespace {

using namespace policy;

TEST(Directory, HasAnotherVersionAfterWhatADoorCouldSeeAndNotAfterAReading) {
  World world;
  world.sign({RecipientKind::team, world.team.value()});
  const DocumentId document = world.deposit("journal", as_bytes("x"));
  const Directory& directory = world.core->directory();
  const std::uint64_t before = directory.version();
  ASSERT_TRUE(world.core->decide(opening_of(world.handler, document, "konsultation")).decision.is_permitted());
  EXPECT_EQ(directory.version(), before);

  const Fingerprint certificate = world.handler.certificate;
  const UtcTime now = world.clock.wall();
  EXPECT_LT(now, directory.certificate_good_until(certificate));
  EXPECT_TRUE(directory.is_certificate_good(certificate, directory.certificate_good_until(certificate) - 1ms));
  EXPECT_FALSE(directory.is_certificate_good(certificate, directory.certificate_good_until(certificate)));
  ASSERT_TRUE(world.decide(world.administrators[0], Remove{RegistryNoun::certificate, to_hex(certificate)})
                  .decision.is_permitted());
  EXPECT_NE(directory.version(), before);
  EXPECT_FALSE(directory.is_certificate_good(certificate, now));
  EXPECT_EQ(directory.certificate_good_until(certificate), UtcTime{});
}

TEST(Directory, KnowsADeviceKeyFromItsProposalUntilItIsRemoved) {
  SignedWorld world;
  world.anna = world.enrol(world.anna.number);
  const Directory& directory = world.core->directory();
  const Fingerprint& key = world.anna.actor.key;
  EXPECT_TRUE(directory.has_device_key(key));
  ASSERT_TRUE(directory.device_key(key));
  EXPECT_EQ(directory.device_key(key)->person, world.anna.actor.person);
  EXPECT_FALSE(directory.has_device_key(Fingerprint{}));
  EXPECT_FALSE(directory.device_key(Fingerprint{}));

  const std::uint64_t before = directory.version();
  ASSERT_TRUE(world.by_person(world.anna, RemoveKey{key}).decision.is_permitted());
  EXPECT_FALSE(directory.has_device_key(key));
  EXPECT_FALSE(directory.device_key(key));
  EXPECT_NE(directory.version(), before);
}

}  // namespace
}  // namespace flikvakt::service::test
