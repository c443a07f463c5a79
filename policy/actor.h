// Who acts, proven by the doors in gateway/ before a command is made. Whether they may is decided in evaluate().
#pragma once

#include "policy/person.h"

namespace flikvakt::policy {

struct PersonActor {
  static constexpr std::string_view kKind = "person";
  PersonId person;                                      // whose rights are used
  Fingerprint key{};                                    // the device key that proved it
  std::optional<RepresentativeId> representative = {};  // as whom the key's holder acts; none: for themselves
};
BOOST_DESCRIBE_STRUCT(PersonActor, (), (person, key, representative))

struct StaffActor {
  static constexpr std::string_view kKind = "staff";
  StaffId staff;
  OrganisationId organisation;
  Fingerprint certificate;    // client certificate of the connection
  Fingerprint assertion_key;  // that signed the staff assertion
};
BOOST_DESCRIBE_STRUCT(StaffActor, (), (staff, organisation, certificate, assertion_key))

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
