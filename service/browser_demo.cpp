#include "service/browser_demo.h"

#include "base/files.h"
#include "base/json.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "crypto/random.h"
#include "service/joint_act.h"
#include "service/staff_assertion.h"

namespace flikvakt::service {
namespace {

constexpr std::size_t kMostDemoBytes = 1024 * 1024;

struct DemoEntry {
  std::string name;
  std::string about_sv;
  std::string about_en;
  std::optional<policy::StaffActor> staff;
  std::optional<AdministratorId> administrator;
  std::string key;  // PEM
};
BOOST_DESCRIBE_STRUCT(DemoEntry, (), (name, about_sv, about_en, staff, administrator, key))

struct DemoFile {
  std::uint32_t version = 0;
  std::vector<DemoEntry> people;
};
BOOST_DESCRIBE_STRUCT(DemoFile, (), (version, people))

}  // namespace

// SPEC BS-40
Result<DemoPeople> load_demo_people(const std::filesystem::path& file) {
  TRY_VOID(require_private(file));
  const Bytes bytes = TRY(read_file(file, kMostDemoBytes));
  const DemoFile read = TRY(parse_as<DemoFile>(as_text(bytes)));
  if (read.version != 1) return fail(ErrorCode::malformed, "the demo's people: another version");
  DemoPeople out;
  for (const DemoEntry& one : read.people) {
    if (one.staff && one.administrator) return fail(ErrorCode::malformed, "the demo's people: staff or administrator");
    auto key = std::make_shared<const crypto::SigningKey>(TRY(crypto::SigningKey::from_pem(one.key)));
    out.push_back({one.name, one.about_sv, one.about_en, one.staff, std::move(key), one.administrator});
  }
  return out;
}

// As an organisation's own system makes one (API-11).
std::string demo_assertion(const DemoPerson& who, const std::string& audience, UtcTime now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const json::object claims{{"aud", audience},
                            {"cnf", json::object{{"x5t#S256", to_base64url(who.staff->certificate)}}},
                            {"exp", seconds + kLongestAssertion.count()},
                            {"iat", seconds},
                            {"iss", who.staff->organisation.text()},
                            {"jti", crypto::random_id<ActId>().text()},
                            {"sub", who.staff->staff.text()}};
  return crypto::sign_jws(*who.key, kStaffAssertionType, kid_of(who.staff->assertion_key),
                          as_bytes(crypto::canonical(claims)))
      .value();
}

std::string demo_signature(const DemoPerson& who, std::string_view order) {
  const std::string_view type = who.administrator ? kAdministratorActJws : kPersonActJws;
  return crypto::sign_jws(*who.key, type, kid_of(who.key->public_key().thumbprint()), as_bytes(order)).value();
}

}  // namespace flikvakt::service
