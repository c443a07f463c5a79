#include "certs/dev_pki.h"

#include "base/files.h"

namespace flikvakt::certs {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kMaxPemBytes = 64 * 1024;

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text != "ca" && text != "crl" &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

// Names are joined into OpenSSL's configuration syntax, where a comma begins another name.
bool is_host_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-") ==
                              std::string_view::npos;
}

Result<std::string> read_text(const fs::path& path, std::size_t max_bytes) {
  const Bytes bytes = TRY(read_file(path, max_bytes));
  return std::string(as_text(bytes));
}

Result<void> make_private_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return fail(ErrorCode::io, "making `" + folder.filename().string() + "`: " + error.message());
  return {};
}

}  // namespace

Result<DevPki> DevPki::create(const fs::path& folder, UtcTime now) {
  TRY_VOID(make_private_folder(folder));
  if (fs::exists(folder / "ca.pem") || fs::exists(folder / "ca.key")) {
    return fail(ErrorCode::conflict, "`" + folder.filename().string() + "` holds a development CA already");
  }
  Issuer ca = TRY(Issuer::self_signed(root_profile("Flikvakt development CA", now)));
  const std::string key = TRY(ca.key_pem());
  TRY_VOID(write_file_atomically(folder / "ca.key", as_bytes(key)));
  TRY_VOID(write_file_atomically(folder / "ca.pem", as_bytes(ca.certificate().pem())));
  DevPki out(folder, std::move(ca));
  (void)TRY(out.write_crl({}, 1, now - std::chrono::hours{1}, now + std::chrono::days{30}));
  return out;
}

Result<DevPki> DevPki::open(const fs::path& folder) {
  TRY_VOID(require_private(folder / "ca.key"));
  const std::string certificate = TRY(read_text(folder / "ca.pem", kMaxPemBytes));
  const std::string key = TRY(read_text(folder / "ca.key", kMaxPemBytes));
  Issuer ca = TRY(Issuer::load(certificate, key));
  return DevPki(folder, std::move(ca));
}

Result<IssuedIdentity> DevPki::issue_server(std::string_view label, std::span<const std::string> names,
                                            UtcTime now) const {
  if (names.empty()) return fail(ErrorCode::invalid, "a server certificate needs a name");
  for (const std::string& name : names) {
    if (!is_host_name(name)) return fail(ErrorCode::invalid, "not a host name or address: `" + name + "`");
  }
  return issue(label, server_profile(names, now));
}

Result<IssuedIdentity> DevPki::issue_client(std::string_view label, std::string_view organisation_name,
                                            std::string_view organisation_number, UtcTime now) const {
  return issue(label, client_profile(organisation_name, organisation_number, now));
}

Result<IssuedIdentity> DevPki::issue(std::string_view label, const CertificateSpec& spec) const {
  if (!is_label(label)) return fail(ErrorCode::invalid, "not a label: `" + std::string(label) + "`");
  const IssuedCertificate issued = TRY(ca_.issue(spec));
  crypto::Certificate leaf = TRY(crypto::Certificate::parse_der(issued.der));
  const fs::path certificate = folder_ / (std::string(label) + ".pem");
  const fs::path key = folder_ / (std::string(label) + ".key");
  TRY_VOID(write_file_atomically(key, as_bytes(issued.key_pem)));
  TRY_VOID(write_file_atomically(certificate, as_bytes(leaf.pem())));
  return IssuedIdentity{certificate, key, std::move(leaf)};
}

Result<crypto::Crl> DevPki::write_crl(std::span<const std::string> revoked_serials, std::uint64_t number,
                                      UtcTime this_update, UtcTime next_update) const {
  const Bytes der = TRY(ca_.make_crl(crl_profile(revoked_serials, number, this_update, next_update)));
  crypto::Crl out = TRY(crypto::Crl::parse_der(der));
  TRY_VOID(write_file_atomically(crl_path(), as_bytes(out.pem())));
  return out;
}

Result<crypto::TrustStore> DevPki::trust() const {
  crypto::TrustStore out;
  TRY_VOID(out.add(ca_.certificate()));
  return out;
}

Result<crypto::Crl> DevPki::crl() const {
  const std::string text = TRY(read_text(crl_path(), crypto::kMaxCrlBytes));
  return crypto::Crl::parse_pem(text);
}

}  // namespace flikvakt::certs
