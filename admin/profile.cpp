#include "admin/profile.h"

#include <charconv>

#include "admin/toml_file.h"
#include "base/files.h"
#include "crypto/x509.h"

namespace flikvakt::admin {
namespace {

Outcome<Profile> take(TomlFile file) {
  Profile profile;
  profile.server = file.text("server").value_or("");
  profile.server_name = file.text("server_name").value_or("");
  profile.ca = file.path("ca").value_or("");
  profile.gateway_name = file.text("gateway_name").value_or("");
  profile.certificate = file.path("certificate").value_or("");
  profile.key = file.path("key").value_or("");
  profile.organisation = file.text("organisation").value_or("");
  profile.staff = file.text("staff").value_or("");
  profile.assertion_key = file.path("assertion_key").value_or("");
  profile.device_key = file.path("device_key").value_or("");
  TRY_VOID(file.finish());
  return profile;
}

Outcome<void> take_server(const std::string& server, crypto::TlsClientOptions& options) {
  const std::size_t colon = server.rfind(':');
  const std::string_view digits =
      colon == server.npos ? std::string_view() : std::string_view(server).substr(colon + 1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), options.port);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size() || options.port == 0) {
    return usage_failure("--server: expected HOST:PORT, like gateway.example:8443");
  }
  options.host = server.substr(0, colon);
  if (options.host.size() > 2 && options.host.front() == '[' && options.host.back() == ']') {
    options.host = options.host.substr(1, options.host.size() - 2);
  }
  return {};
}

}  // namespace

Outcome<Profile> read_profile(const std::filesystem::path& file) { return take(TRY(TomlFile::read(file))); }

Outcome<Profile> profile_of(const Arguments& arguments) {
  Profile profile;
  if (const auto file = arguments.find("--profile")) profile = TRY(read_profile(*file));
  const auto take_option = [&](const std::string& option, auto& member) {
    if (const auto value = arguments.find(option)) member = *value;
  };
  take_option("--server", profile.server);
  take_option("--server-name", profile.server_name);
  take_option("--ca", profile.ca);
  take_option("--gateway-name", profile.gateway_name);
  take_option("--certificate", profile.certificate);
  take_option("--key", profile.key);
  take_option("--organisation", profile.organisation);
  take_option("--staff", profile.staff);
  take_option("--assertion-key", profile.assertion_key);
  take_option("--device-key", profile.device_key);
  return profile;
}

Outcome<Profile> parse_profile(std::string_view text, std::string name) {
  return take(TRY(TomlFile::parse(text, std::move(name))));
}

Outcome<crypto::TlsClientOptions> tls_options(const Profile& profile) {
  crypto::TlsClientOptions options;
  TRY_VOID(take_server(profile.server, options));
  options.server_name = profile.server_name;
  if (profile.ca.empty()) return usage_failure("--ca: expected the file of the certificate authority to trust");
  const Result<Bytes> ca = read_file(profile.ca, crypto::kMaxTrustBundleBytes);
  if (!ca) return usage_failure("--ca: " + ca.error().message);
  options.trusted_ca_pem = std::string(as_text(*ca));
  if (profile.certificate.empty() != profile.key.empty()) return usage_failure("--certificate and --key go together");
  if (!profile.certificate.empty()) options.identity = crypto::ClientIdentity{profile.certificate, profile.key};
  return options;
}

}  // namespace flikvakt::admin
