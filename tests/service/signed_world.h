// A gateway whose every act is really signed and sent, so that an independent verifier has something to verify; and a
// story of all that can happen in it.
#pragma once

#include "certs/dev_pki.h"
#include "service/joint_act.h"
#include "service/verify_log.h"
#include "tests/service/gates.h"
#include "tests/service/temp_core.h"

namespace flikvakt::service::test {

using crypto::SigningKey;

struct Official {
  policy::Administrator row;
  SigningKey key = SigningKey::generate(crypto::KeyAlgorithm::ed25519);
};
Official make_official(const std::string& name, policy::AdministratorKind kind);

struct Member {  // a person
  std::string number;
  SigningKey key = SigningKey::generate(crypto::KeyAlgorithm::p256);
  policy::PersonActor actor;
};

class SignedWorld {
public:
  SignedWorld();
  ~SignedWorld() { stop(); }

  // What somebody sends. A person is named by number; the door makes the handle. `other`: of the representative.
  CommandResult send(const policy::Actor& actor, const policy::Act& act, const std::string& number = {},
                     const std::string& other = {});
  // Registrars of two organisations.
  CommandResult by_registrars(const policy::Act& act, const std::string& number, const std::string& other = {});
  CommandResult by_two(const policy::Act& act, const std::string& number = {});
  CommandResult by_person(const Member& member, const policy::Act& act);
  CommandResult ask(const policy::Actor& actor, const policy::Act& act);  // reads: nothing is sent
  Result<Command> command(const policy::Actor& actor, const policy::Act& act, const std::string& number = {},
                          std::optional<std::uint64_t> seen = {}, const std::string& other = {});
  std::uint64_t version_of(const Member& member);
  std::string assertion_for(const policy::StaffActor& staff) const;  // their organisation's word, as of now
  policy::AdministratorActor administrator(std::size_t i) const { return {officials[i].row.id}; }

  Member enrol(const std::string& number);
  FullmaktId sign(const Member& member, std::optional<std::uint32_t> max_readings = {},
                  const std::string& flik = "journal");
  DocumentId deposit(const Member& member, const std::string& flik, const std::string& text,
                     const Member* other = nullptr);
  // Nothing when refused.
  std::optional<std::shared_ptr<const LoggedPermit>> open(const policy::StaffActor& reader, const DocumentId& document);
  CommandResult close(const LoggedPermit& permit, std::uint64_t bytes);

  void play();  // the whole story; afterwards `anna` is there, `bo` is erased

  std::filesystem::path data() const { return folder.path() / "data"; }
  crypto::MasterKey master() const { return crypto::MasterKey::copy_from(master_.expose()); }
  void stop();
  Result<std::unique_ptr<Core>> reopen();
  void restart();
  void rotate_master();  // and goes on under the new one
  LogReport verify(std::span<const std::string> saved = {});
  void prune(UtcTime before);  // ordered by both administrators, and done
  void wait_until_pruned();

  TemporaryFolder folder;
  ManualClock clock;
  std::optional<certs::DevPki> pki;
  std::vector<Official> officials;  // two administrators and the recovery key
  std::unique_ptr<Core> core;
  Core::Hooks hooks;                // from the next reopen() on
  ContentGate gate = as_it_came();  // that deposits pass

  policy::Fingerprint issuer{};
  policy::StaffActor nurse, region_registrar, handler, chief, lead, coach;
  OrganisationId region, authority, provider;
  TeamId team;
  Member anna, bo;
  FullmaktId annas_fullmakt, annas_revoked;
  DocumentId annas_journal, annas_shredded, bos_document;
  SparrId annas_lifted, annas_sparr;

private:
  const SigningKey* signing_key(const policy::Actor& actor) const;
  policy::StaffActor add_organisation(const std::string& label, policy::OrganisationKind kind);
  policy::StaffActor add_staff(policy::StaffActor of, std::set<policy::StaffRole> roles);
  void add_registry();

  crypto::MasterKey master_;
  std::map<policy::Fingerprint, const SigningKey*> device_keys_;
  std::map<policy::Fingerprint, SigningKey> assertion_keys_;
  std::vector<std::unique_ptr<SigningKey>> kept_keys_;
  std::map<OrganisationId, policy::StaffActor> credentials_;
};

}  // namespace flikvakt::service::test
