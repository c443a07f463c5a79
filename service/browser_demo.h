// The invented people of the demo, as whom one may sign in with a click: only on a data directory in which the demo
// wrote `demo-people.json`, with the private keys that the demo made for them. Form: spec/browser-session.md.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/sign.h"
#include "policy/actor.h"

namespace flikvakt::service {

struct DemoPerson {
  std::string name;
  std::string about_sv;  // one line: who it is, what to try
  std::string about_en;
  std::optional<policy::StaffActor> staff;            // none: a person, found by the key
  std::shared_ptr<const crypto::SigningKey> key;      // the device key, or the organisation's for staff assertions
  std::optional<AdministratorId> administrator = {};  // then `key` is their own
};

using DemoPeople = std::vector<DemoPerson>;

// `file`: DataDirectory::demo_people(). not_found: no demo made this data directory; invalid: open to others than its
// owner; malformed.
Result<DemoPeople> load_demo_people(const std::filesystem::path& file);

// What their own devices and systems would send: a staff assertion; the JWS over an order (canonical JSON), of a person
// or an administrator.
std::string demo_assertion(const DemoPerson& who, const std::string& audience, UtcTime now);
std::string demo_signature(const DemoPerson& who, std::string_view order);

}  // namespace flikvakt::service
