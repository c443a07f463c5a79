#include "admin/staff_options.h"

namespace flikvakt::admin {

Option person_option() {
  return optional_option("--person", "HANDLE", "of `flikvakt handle`, instead of the personnummer");
}

std::vector<Option> with_staff_connection(std::vector<Option> own) {
  const std::vector<Option> shared = {
      optional_option("--profile", "FILE", "TOML file with the options below (server, ca, certificate, …)"),
      optional_option("--server", "HOST:PORT", "the organisations' listener of the gateway"),
      optional_option("--server-name", "NAME", "name in its certificate, when it is not the host"),
      optional_option("--ca", "FILE", "the certificate authority to trust (PEM)"),
      optional_option("--gateway-name", "NAME", "what the gateway is called; its administrators tell"),
      optional_option("--certificate", "FILE", "your organisation's client certificate (PEM)"),
      optional_option("--key", "FILE", "its key (PEM, mode 0600)"),
      optional_option("--organisation", "ID", "your organisation"),
      optional_option("--staff", "ID", "who asks"),
      optional_option("--assertion-key", "FILE", "the key that signs staff assertions (PEM, mode 0600)"),
  };
  own.insert(own.end(), shared.begin(), shared.end());
  return own;
}

Outcome<Profile> staff_profile(const Arguments& arguments) {
  Profile profile;
  if (const auto file = arguments.find("--profile")) profile = TRY(read_profile(*file));
  const auto take = [&](const std::string& option, auto& member) {
    if (const auto value = arguments.find(option)) member = *value;
  };
  take("--server", profile.server);
  take("--server-name", profile.server_name);
  take("--ca", profile.ca);
  take("--gateway-name", profile.gateway_name);
  take("--certificate", profile.certificate);
  take("--key", profile.key);
  take("--organisation", profile.organisation);
  take("--staff", profile.staff);
  take("--assertion-key", profile.assertion_key);
  return profile;
}

Outcome<PartnerClient> connect_as_staff(const Arguments& arguments) {
  return PartnerClient::connect(TRY(staff_profile(arguments)));
}

Outcome<std::string> person_of(const Arguments& arguments, PartnerClient& client) {
  if (const auto person = arguments.find("--person")) return *person;
  return TRY(client.handle_of(TRY(read_number(arguments))));
}

}  // namespace flikvakt::admin
