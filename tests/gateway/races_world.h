// A gateway with several lanes. A lane is a person, with documents, an authority and a provider of its own, so that
// what is narrowed in one lane concerns no other: lanes race at the same time, and share every batch of the sequencer.
#pragma once

#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {

// As what somebody reads: each has a purpose, and so a fullmakt, of its own.
enum class Path { organisation, team, provider, expiring, bystander };
std::string_view purpose_of(Path path);

struct LanePeople {
  std::string number;
  PersonId person;
  crypto::SigningKey device;
  std::unique_ptr<TestOrganisation> authority, provider;
  StaffId handler, officer, coach;  // of the authority, the authority, the provider
  StaffId lead;                     // of the region: leads the team
  TeamId team;
  AuthorisationId authorisation;
  KontraktId kontrakt;
  std::map<std::size_t, std::string> documents;  // by size
};

class RaceWorld {
public:
  RaceWorld(std::size_t lanes, const std::vector<std::size_t>& sizes, std::size_t largest);

  service::CommandResult decide(policy::Actor actor, policy::Act act, std::optional<std::uint64_t> seen = {});
  void must(policy::Actor actor, policy::Act act, std::optional<std::uint64_t> seen = {});
  policy::PersonActor person(const LanePeople& lane) const;
  policy::StaffActor staff(const TestOrganisation& organisation, const StaffId& staff) const;

  AuthorisationId register_authorisation(const LanePeople& lane);
  KontraktId register_kontrakt(const LanePeople& lane, UtcTime valid_to);
  bool tries_kontrakt(LanePeople& lane, UtcTime valid_to);  // false: it is too late for that
  policy::FullmaktTerms terms(const LanePeople& lane, Path path, UtcTime valid_to) const;
  certs::IssuedIdentity fresh_certificate(const TestOrganisation& organisation, const std::string& label);

  ApiWorld api;
  Bytes text;  // every document is a beginning of it
  std::vector<std::unique_ptr<LanePeople>> lanes;

  // A list has every serial of the one before, so one is made at a time.
  std::mutex crl_mutex;
  std::uint64_t crl_number = 1;
  std::set<std::string> revoked;

  static constexpr std::string_view kText = "Jag låter dem läsa.";

private:
  policy::RegisterKontrakt kontrakt_of(const LanePeople& lane, UtcTime valid_to) const;
  std::unique_ptr<LanePeople> make_lane(const std::string& number);
  void make_team(LanePeople& lane);
  std::unique_ptr<TestOrganisation> organisation(const std::string& label, policy::OrganisationKind kind);
  StaffId staff_of(const TestOrganisation& organisation, std::set<policy::StaffRole> roles);
  std::string deposit(const LanePeople& lane, std::size_t size) const;
  std::mutex administrators_;
};

}  // namespace flikvakt::gateway::test
