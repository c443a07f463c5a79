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
  const Profile profile = TRY(profile_of(arguments));
  if (profile.organisation.empty())
    return usage_failure(arguments.has("--profile") ? "--profile: the file lacks `organisation`"
                                                    : "give --profile FILE, or --organisation ID and the rest of it",
                         "`--help` says what belongs to a profile");
  TRY_VOID(PartnerClient::check(profile));
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
