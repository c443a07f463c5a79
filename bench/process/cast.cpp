#include "bench/process/cast.h"

#include <cstdlib>

#include "admin/open_core.h"
#include "base/files.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "crypto/random.h"
#include "service/joint_act.h"
#include "service/staff_assertion.h"

namespace flikvakt::bench {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kLargestFile = 1u << 20;

std::string text_of(const std::filesystem::path& path) {
  const Bytes bytes = must(read_file(path, kLargestFile));
  return std::string(as_text(bytes));
}

// What is not known to be on the disk is not measured either.
void stop_at_once(const Error& error) {
  std::fprintf(stderr, "flikvakt_bench: %s\n", error.message.c_str());
  std::_Exit(3);
}

// What start-up owes the log (closings of readings that were interrupted, what has expired) is not of the measurement.
void wait_until_quiet(service::Core& core) {
  const auto size = [&] { return core.sequencer().log_view().size; };
  for (std::uint64_t before = size() + 1; before != size();) {
    before = size();
    std::this_thread::sleep_for(300ms);
  }
}

}  // namespace

void must(const service::CommandResult& result, std::string_view what) {
  if (result.status == service::CommandStatus::decided && result.decision.is_permitted()) return;
  throw std::runtime_error(std::string(what) + ": status " + std::to_string(static_cast<int>(result.status)) +
                           ", reason " + std::to_string(static_cast<int>(result.decision.reason)));
}

Member::Member(const CastFile::Member& from, std::string audience)
    : actor_{from.staff, from.organisation, from.certificate, {}},
      audience_(std::move(audience)),
      key_(must(crypto::SigningKey::from_pem(text_of(from.key)))) {
  actor_.assertion_key = key_.public_key().thumbprint();
}

std::string Member::assertion(UtcTime now) const {
  const std::lock_guard lock(mutex_);
  if (now < signed_at_ + 2min) return assertion_;
  signed_at_ = now;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const json::object claims{{"aud", audience_},
                            {"cnf", json::object{{"x5t#S256", to_base64url(actor_.certificate)}}},
                            {"exp", seconds + 290},
                            {"iat", seconds},
                            {"iss", actor_.organisation.text()},
                            {"jti", crypto::random_id<ActId>().text()},
                            {"sub", actor_.staff.text()}};
  assertion_ = must(crypto::sign_jws(key_, service::kStaffAssertionType, service::kid_of(actor_.assertion_key),
                                     as_bytes(crypto::canonical(claims))));
  return assertion_;
}

Cast::Cast(const std::filesystem::path& file) : file_(must(from_json<CastFile>(must(parse_json(text_of(file)))))) {
  depositor_ = std::make_unique<Member>(file_.depositor, file_.audience);
  registrar_ = std::make_unique<Member>(file_.registrar, file_.audience);
  confirmer_ = std::make_unique<Member>(file_.confirmer, file_.audience);
  reader_ = std::make_unique<Member>(file_.reader, file_.audience);
  const std::filesystem::path data(file_.data);
  const admin::MasterKeyPlace place{admin::MasterKeySource::sealed_file, data / "master-key"};
  const auto passphrases = admin::Passphrases::from_options({file_.passphrase_file});
  crypto::MasterKey master = must(admin::read_master_key(place, passphrases));
  const auto before = std::chrono::steady_clock::now();
  core_ = must(admin::open_core(data, place, std::move(master), clock_, {stop_at_once, {}}));
  open_seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  wait_until_quiet(*core_);
}

Cast::~Cast() {
  if (core_) core_->sequencer().stop();
}

}  // namespace flikvakt::bench
