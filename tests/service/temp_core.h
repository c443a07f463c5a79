// A real Core (database, key store, objects, head file) in a directory that goes away with it, and short ways to act.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>

#include "crypto/random.h"
#include "service/core.h"

namespace flikvakt::service::test {

using namespace std::chrono_literals;

// Time that tests own. Thread-safe.
class ManualClock final : public Clock {
public:
  UtcTime wall() const override { return UtcTime(std::chrono::milliseconds(wall_.load())); }
  std::chrono::steady_clock::time_point steady() const override {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(steady_.load()));
  }
  void advance(std::chrono::milliseconds by) {  // both, as in life
    wall_ += by.count();
    steady_ += by.count();
  }
  void jump(std::chrono::milliseconds by) { wall_ += by.count(); }

private:
  std::atomic<std::int64_t> wall_{1'795'000'000'000};
  std::atomic<std::int64_t> steady_{1'000'000};
};

class TemporaryFolder {
public:
  TemporaryFolder();
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

// A small förbund: one region, one authority, a team of both, a provider, a person with a device key, everybody
// registered through the sequencer by the acts that real people would send.
class World {
public:
  World();
  ~World();

  // Acts. `decide` waits for the answer; the id and evidence of state-changing acts are made up unless given.
  CommandResult decide(policy::Actor actor, policy::Act act, std::optional<ActEvidence> evidence = {});
  CommandResult by_administrators(policy::Act act);  // proposed by one, approved by the other
  CommandResult by_person(policy::Act act);          // with the consent version that stands
  ActEvidence evidence();

  void restart();                          // stops and recovers from what is durable
  Result<std::unique_ptr<Core>> reopen();  // after `stop()`: what start-up says
  void stop();

  // The person opens `flik` of the region's documents to the recipient, for the purpose "konsultation".
  FullmaktId sign(policy::Recipient recipient, const std::string& flik = "journal");
  DocumentId deposit(const std::string& flik, BytesView bytes);

  TemporaryFolder folder;
  ManualClock clock;
  std::unique_ptr<Core> core;
  std::optional<Error> fatal;  // of the sequencer's thread: read when is_dead, or when it has stopped
  std::atomic<bool> is_dead = false;

  policy::AdministratorActor administrators[2];
  OrganisationId region, authority, provider;
  policy::StaffActor nurse, officer;  // of the region: depositor, roster officer and registrar
  policy::StaffActor handler, chief;  // of the authority: team member, roster officer and registrar
  policy::StaffActor lead;            // of the team
  policy::StaffActor coach;           // of the provider
  TeamId team;
  PersonId person;
  policy::PersonActor device;  // the person's active key
  policy::BlindIndex index{};

private:
  crypto::MasterKey master_;
  void dies_of(const Error& error);
  OrganisationId add_organisation(const std::string& name, policy::OrganisationKind kind);
  policy::StaffActor add_staff(const OrganisationId& organisation, std::set<policy::StaffRole> roles);
  void add_person();
  void add_team();
  std::map<OrganisationId, policy::StaffActor> credentials_;
  policy::Fingerprint issuer_{};
};

}  // namespace flikvakt::service::test
