#include "admin/person_options.h"

#include "admin/key_file.h"

namespace flikvakt::admin {

std::vector<Option> with_person_connection(std::vector<Option> own, Represents represents) {
  std::vector<Option> shared = {
      optional_option("--profile", "FILE", "TOML file with the options below (server, ca, device_key, …)"),
      optional_option("--server", "HOST:PORT", "the portal of the gateway"),
      optional_option("--server-name", "NAME", "name in its certificate, when it is not the host"),
      optional_option("--ca", "FILE", "the certificate authority to trust (PEM)"),
      optional_option("--gateway-name", "NAME", "what the gateway is called; its administrators tell"),
      optional_option("--device-key", "FILE", "your key, made with `flikvakt key new --kind device`"),
  };
  if (represents == Represents::yes)
    shared.push_back(
        optional_option("--as", "ID", "act as somebody's representative; `flikvakt person me` shows the id"));
  shared.push_back(passphrase_option());
  own.insert(own.end(), shared.begin(), shared.end());
  return own;
}

Outcome<PersonClient> connect_as_person(const Arguments& arguments) {
  Profile profile = TRY(profile_of(arguments));
  profile.certificate.clear();  // a person has none
  profile.key.clear();
  if (profile.device_key.empty())
    return usage_failure("--device-key: expected your key file", "make one with `flikvakt key new --kind device FILE`");
  const auto passphrases = Passphrases::from_options(arguments.all("--passphrase-file"));
  crypto::SigningKey key = TRY(open_key_file(crypto::SealedKind::device_key_seed, profile.device_key, passphrases));
  return PersonClient::connect(profile, std::move(key), arguments.text("--as"));
}

}  // namespace flikvakt::admin
