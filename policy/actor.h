// Who acts, proven by the doors in gateway/ before a command is made. Whether they may is decided in evaluate().
#pragma once

#include "policy/person.h"

namespace flikvakt::policy {

struct PersonActor {
  static constexpr std::string_view kKind = "person";
  PersonId person;                                      // whose rights are used
  Fingerprint key{};                                    // the device key that proved it
  std::optional<RepresentativeId> representative = {};  // as whom the key's holder acts; none: for themselves
  std::optional<std::uint32_t> sign_count = {};         // of the passkey that signed this very act
};
BOOST_DESCRIBE_STRUCT(PersonActor, (), (person, key, representative, sign_count))

// What an organisation's issuer of ID tokens said.
struct StaffToken {
  std::string issuer;   // its code
  std::string subject;  // the value of its claim: who of the staff
};
BOOST_DESCRIBE_STRUCT(StaffToken, (), (issuer, subject))

// Over an organisation's own system: certificate and staff assertion. By browser, where those two are zeros: by exactly
// one of the others.
struct StaffActor {
  static constexpr std::string_view kKind = "staff";
  StaffId staff;
  OrganisationId organisation;
  Fingerprint certificate;                  // client certificate of the connection
  Fingerprint assertion_key;                // that signed the staff assertion
  std::optional<Fingerprint> passkey = {};  // the staff member's own
  std::optional<StaffToken> token = {};     // of the organisation's issuer
  bool is_by_browser() const { return passkey || token; }
};
BOOST_DESCRIBE_STRUCT(StaffActor, (), (staff, organisation, certificate, assertion_key, passkey, token))

struct AdministratorActor {
  static constexpr std::string_view kKind = "administrator";
  AdministratorId administrator;
};
BOOST_DESCRIBE_STRUCT(AdministratorActor, (), (administrator))

struct SystemActor {  // the gateway itself: timers, CRL reader, start-up
  static constexpr std::string_view kKind = "system";
};
BOOST_DESCRIBE_STRUCT(SystemActor, (), ())

using Actor = std::variant<PersonActor, StaffActor, AdministratorActor, SystemActor>;

}  // namespace flikvakt::policy
