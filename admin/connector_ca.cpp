#include "admin/connector_ca.h"

#include <algorithm>

#include "base/files.h"
#include "certs/profiles.h"

namespace flikvakt::admin {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSealKeyPrefix = "seal-key-";
constexpr std::size_t kMostBytes = 64 * 1024;
constexpr std::chrono::days kListLasts{7};
constexpr std::chrono::days kListRenewed{1};
constexpr std::chrono::minutes kEarlier{5};  // for a connector whose clock is a little behind

Result<std::shared_ptr<const crypto::hpke::RecipientKey>> read_seal_key(const fs::path& file) {
  TRY_VOID(require_private(file));
  Bytes text = TRY(read_file(file, kMostBytes));
  std::string_view hex = as_text(text);
  while (hex.ends_with('\n')) hex.remove_suffix(1);
  Bytes raw = TRY(from_hex(hex));
  crypto::scrub(text);
  if (raw.size() != 32) return fail(ErrorCode::malformed, "`" + file.string() + "`: expected 64 hex digits");
  auto key = std::make_shared<const crypto::hpke::RecipientKey>(crypto::hpke::PrivateKey::copy_from(raw));
  crypto::scrub(raw);
  return key;
}

std::vector<fs::path> seal_key_files(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (const fs::directory_entry& one : fs::directory_iterator(folder, error)) {
    if (one.path().filename().string().starts_with(kSealKeyPrefix)) out.push_back(one.path());
  }
  std::ranges::sort(out, std::ranges::greater());
  return out;
}

std::string pem_of(std::string_view label, BytesView der) {
  const std::string text = to_base64(der);
  std::string out = "-----BEGIN " + std::string(label) + "-----\n";
  for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
  return out + "-----END " + std::string(label) + "-----\n";
}

}  // namespace

Outcome<void> ConnectorCa::init(const fs::path& folder, const std::string& name, UtcTime now) {
  std::error_code error;
  if (!fs::create_directory(folder, error))
    return usage_failure("`" + folder.string() + "`: expected a folder that is not there yet");
  fs::permissions(folder, fs::perms::owner_all, error);
  const certs::Issuer issuer = TRY(certs::Issuer::self_signed(certs::root_profile(name, now)));
  TRY_VOID(write_new_file(folder / "ca.pem", as_bytes(issuer.certificate().pem())));
  TRY_VOID(write_new_file(folder / "ca.key", as_bytes(TRY(issuer.key_pem()))));
  const auto seal = crypto::hpke::PrivateKey::random();
  // Named by when it was made, so that the newest is the last.
  const std::string stamp = to_rfc3339(now).substr(0, 10);
  TRY_VOID(write_new_file(folder / (std::string(kSealKeyPrefix) + stamp), as_bytes(to_hex(seal.expose()) + "\n")));
  return {};
}

Outcome<ConnectorCa> ConnectorCa::open(const fs::path& folder, std::chrono::minutes validity) {
  const auto explain = [&](const Error& why) {
    return usage_failure("connectors: " + why.message, "`flikvakt connector init FOLDER` makes such a folder");
  };
  if (const Result<void> is_private = require_private(folder); !is_private) return explain(is_private.error());
  const Result<Bytes> certificate = read_file(folder / "ca.pem", kMostBytes);
  if (!certificate) return explain(certificate.error());
  Result<Bytes> key = read_file(folder / "ca.key", kMostBytes);
  if (!key) return explain(key.error());
  Result<certs::Issuer> issuer = certs::Issuer::load(as_text(*certificate), as_text(*key));
  crypto::scrub(*key);
  if (!issuer) return explain(issuer.error());
  ConnectorCa out(folder, std::move(*issuer), validity);
  for (const fs::path& file : seal_key_files(folder)) {
    auto seal = read_seal_key(file);
    if (!seal) return explain(seal.error());
    out.seal_keys_.push_back(std::move(*seal));
  }
  if (out.seal_keys_.empty()) return explain(fail(ErrorCode::not_found, "no seal key is in the folder"));
  return out;
}

// SPEC CONN-11
Result<crypto::Certificate> ConnectorCa::issue(std::string_view public_key_pem,
                                               const policy::Organisation& organisation,
                                               const policy::Connector& connector, UtcTime now) const {
  certs::CertificateSpec spec = certs::client_profile(organisation.name, organisation.number, now);
  spec.common_name = connector.name;
  spec.not_before = now - kEarlier;
  spec.not_after = std::min(now + validity_, UtcTime(issuer_.certificate().not_after()));
  return issuer_.issue_for(spec, public_key_pem);
}

Result<void> ConnectorCa::renew_list(UtcTime now) const {
  const Result<Bytes> there = read_file(list(), kMostBytes);
  const Result<crypto::Crl> standing = there ? crypto::Crl::parse_pem(as_text(*there)) : there.error();
  if (standing && now < standing->this_update() + kListRenewed && now >= standing->this_update()) return {};
  std::uint64_t number = static_cast<std::uint64_t>(now.time_since_epoch().count() / 1000);
  if (standing) number = std::max(number, standing->number() + 1);
  const Bytes der = TRY(issuer_.make_crl(certs::crl_profile({}, number, now, now + kListLasts)));
  return write_file_atomically(list(), as_bytes(pem_of("X509 CRL", der)));
}

}  // namespace flikvakt::admin
