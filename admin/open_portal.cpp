#include "admin/open_portal.h"

#include "base/files.h"
#include "service/oidc.h"

namespace flikvakt::admin {
namespace {

constexpr std::string_view kReturn = "/sign-in/return";  // and the issuer's code: gateway/portal_sign_in.cpp
constexpr std::size_t kMostKeyBytes = 16 * 1024;

Outcome<std::optional<crypto::SigningKey>> read_client_key(const Config& config) {
  if (!config.portal_client_key) return std::optional<crypto::SigningKey>();
  TRY_VOID(require_private(*config.portal_client_key));
  const Bytes pem = TRY(read_file(*config.portal_client_key, kMostKeyBytes));
  Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(as_text(pem));
  if (!key) return usage_failure("portal_client_key: " + key.error().message, "a PKCS#8 key in PEM, Ed25519 or P-256");
  return std::optional<crypto::SigningKey>(std::move(*key));
}

// Everywhere but where the demo made the data directory there are none.
Outcome<std::optional<service::DemoPeople>> read_demo_people(const service::Core& core) {
  Result<service::DemoPeople> people = service::load_demo_people(core.data_directory().demo_people());
  if (people) return std::optional<service::DemoPeople>(std::move(*people));
  if (people.error().code == ErrorCode::not_found) return std::optional<service::DemoPeople>();
  return Failure(people.error());
}

}  // namespace

std::optional<service::PortalPlace> portal_place(std::string_view origin) {
  constexpr std::string_view kScheme = "https://";
  if (!origin.starts_with(kScheme)) return std::nullopt;
  const std::string_view authority = origin.substr(kScheme.size());
  const std::string_view host = authority.substr(0, authority.find(':'));
  const bool has_port = host.size() < authority.size();
  const std::string_view port = has_port ? authority.substr(host.size() + 1) : std::string_view();
  const bool is_host = !host.empty() && host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == host.npos;
  const bool is_port = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
  if (!is_host || (has_port && (!is_port || port == "443"))) return std::nullopt;
  return service::PortalPlace{std::string(host), std::string(origin), std::string(origin) + std::string(kReturn)};
}

Outcome<std::unique_ptr<service::BrowserSessions>> open_browser_sessions(service::Core& core, const Config& config,
                                                                         const MaySend& may_send) {
  if (config.portal_origin.empty()) return std::unique_ptr<service::BrowserSessions>();
  const std::optional<service::PortalPlace> place = portal_place(config.portal_origin);
  if (!place) return usage_failure("portal_origin: expected `https://` and a host");
  std::optional<crypto::SigningKey> key = TRY(read_client_key(config));
  std::optional<service::DemoPeople> demo = TRY(read_demo_people(core));
  service::BrowserSessions::Parts parts{
      core, *place, service::fetch_https, std::move(key), may_send.persons, may_send.staff, std::move(demo)};
  return std::make_unique<service::BrowserSessions>(std::move(parts));
}

Outcome<std::string> client_keys_of(const Config& config) {
  const std::optional<crypto::SigningKey> key = TRY(read_client_key(config));
  return key ? service::client_key_set(*key) : std::string();
}

}  // namespace flikvakt::admin
