// A small valid world in which `reader` may open `document` of `person`, and the means to break it one piece at a time.
#pragma once

#include <gtest/gtest.h>

#include "policy/evaluate.h"

namespace flikvakt::policy::test {

using namespace std::chrono_literals;

template <class T>
T id(unsigned number) {
  ByteArray<16> bytes{};
  bytes[0] = static_cast<std::uint8_t>(number);
  bytes[1] = static_cast<std::uint8_t>(number >> 8);
  bytes[15] = 1;
  return T(bytes);
}
inline ByteArray<32> fingerprint(unsigned number) {
  ByteArray<32> bytes{};
  bytes[0] = static_cast<std::uint8_t>(number);
  bytes[1] = static_cast<std::uint8_t>(number >> 8);
  bytes[31] = 1;
  return bytes;
}
inline Recipient to_organisation(const OrganisationId& id) { return {RecipientKind::organisation, id.value()}; }
inline Recipient to_unit(const UnitId& id) { return {RecipientKind::unit, id.value()}; }
inline Recipient to_team(const TeamId& id) { return {RecipientKind::team, id.value()}; }
inline Recipient to_staff(const StaffId& id) { return {RecipientKind::staff, id.value()}; }

inline const std::string kFlik = "journal";
inline const std::string kPurpose = "rehab";

class World {
public:
  World();

  // Who and what. Organisations: `source` holds the document, `other` reads, `provider` too, `outsider` receives
  // nothing.
  const UtcTime now = *parse_rfc3339("2026-11-22T08:00:00Z");
  const OrganisationId source = id<OrganisationId>(1), other = id<OrganisationId>(2), provider = id<OrganisationId>(3),
                       outsider = id<OrganisationId>(4);
  const UnitId unit = id<UnitId>(1);
  const TeamId team = id<TeamId>(1);
  const StaffId reader = id<StaffId>(1), source_staff = id<StaffId>(2), source_colleague = id<StaffId>(3),
                provider_staff = id<StaffId>(4), other_registrar = id<StaffId>(5), outsider_registrar = id<StaffId>(6),
                source_registrar = id<StaffId>(7), other_officer = id<StaffId>(8), source_officer = id<StaffId>(9),
                lead = id<StaffId>(10);
  const PersonId person = id<PersonId>(1), relative = id<PersonId>(2);
  const BlindIndex person_index = fingerprint(901), relative_index = fingerprint(902), unknown_index = fingerprint(999);
  const Fingerprint key = fingerprint(501), relative_key = fingerprint(502);
  const DocumentId document = id<DocumentId>(1);
  const FullmaktId fullmakt = id<FullmaktId>(1);
  const KontraktId kontrakt = id<KontraktId>(1);
  const AuthorisationId authorisation = id<AuthorisationId>(1);
  const Fingerprint issuer = fingerprint(701);
  const AdministratorId anna = id<AdministratorId>(1), bo = id<AdministratorId>(2), recovery = id<AdministratorId>(3);

  State state;

  template <class T>
  void change(const typename T::Key& at, const std::function<void(T&)>& how) {
    const T* found = state.find<T>(at);
    ASSERT_TRUE(found);
    T row = *found;
    how(row);
    state.put(std::move(row));
  }
  void change_terms(const std::function<void(FullmaktTerms&)>& how) {
    change<Fullmakt>(fullmakt, [&](Fullmakt& one) { how(one.terms); });
  }
  template <class T>
  const T& get(const typename T::Key& at) const {
    return *state.find<T>(at);
  }

  StaffActor staff(const StaffId& who) const;  // with its organisation's certificate and assertion key
  PersonActor person_actor() const { return {person, key}; }
  Fingerprint certificate_of(const OrganisationId& organisation) const;
  Fingerprint assertion_key_of(const OrganisationId& organisation) const;
  FullmaktTerms terms() const { return get<Fullmakt>(fullmakt).terms; }

  // The provider reads under a kontrakt instead of `reader`.
  void let_provider_read();
  // The document also concerns `relative`, who gave a fullmakt of their own.
  FullmaktId add_other_subject();
  void set_sparr(SparrTerms sparr, const PersonId& whose);
  void restore() {  // only the epoch: everything attested before is old
    change<Instance>("instance", [](Instance& one) { ++one.epoch; });
  }

  Decision read(const StaffId& who) const { return decide_read(state, {staff(who), document, kPurpose}, now); }
  Decision read() const { return read(reader); }

  // What an act gives, and the same carried out. Act ids count up; widening acts name the version that stands.
  Outcome ask(const Actor& actor, const Act& act, Prepared prepared = {}) const;
  Outcome act(const Actor& actor, const Act& act, Prepared prepared = {});
  // The second of two, approving the latest act that waits.
  Outcome approve(const Actor& actor);
  Outcome ask_approval(const Actor& actor) const;
  Approve approval_of(const ProposalId& proposal) const;                           // repeating what waits
  Fingerprint next_act_sha256() const { return fingerprint(next_act_ + 10'000); }  // what stands for the bytes sent
  const ProposalId& waiting() const { return waiting_; }
  void carry_out(const Outcome& outcome);
  UtcTime time = now;
  bool clock_doubt = false, log_doubt = false;
  std::uint64_t entry = 0;            // index of the log entry that the next act gets
  std::optional<std::uint64_t> seen;  // overrides the version named

  Prepared prepared_person(unsigned number) const;

private:
  void put_organisation(const OrganisationId& id, OrganisationKind kind);
  void put_staff(const StaffId& id, const OrganisationId& organisation, std::set<StaffRole> roles);
  void put_person(const PersonId& id, const BlindIndex& index, const Fingerprint& key);
  void put_credentials();
  void put_consent();
  unsigned next_act_ = 1000;
  ProposalId waiting_;
};

inline Decision permitted() { return Decision::permit(); }
::testing::AssertionResult is_permitted(const Decision& decision);
::testing::AssertionResult is_refused(const Decision& decision, Reason why);
::testing::AssertionResult is_refused(const Decision& decision, Reason why, Rule rule);
inline bool changes_nothing(const Outcome& outcome) {
  return outcome.puts.empty() && outcome.erases.empty() && outcome.shreds.empty();
}
bool concerns(const Outcome& outcome, const PersonId& person);

}  // namespace flikvakt::policy::test
