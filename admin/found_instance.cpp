#include "admin/found_instance.h"

#include "admin/administrator_act.h"
#include "admin/new_data_directory.h"
#include "crypto/master_key.h"
#include "crypto/random.h"
#include "service/create_instance.h"

namespace flikvakt::admin {
namespace {

struct Signer {
  policy::Administrator administrator;
  crypto::SigningKey key;
};

Outcome<Signer> open_signer(const Founder& founder, policy::AdministratorKind kind, const Passphrases& passphrases) {
  const auto sealed = kind == policy::AdministratorKind::recovery ? crypto::SealedKind::recovery_key
                                                                  : crypto::SealedKind::administrator_seed;
  crypto::SigningKey key = TRY(open_key_file(sealed, founder.key_file, passphrases));
  policy::Administrator administrator;
  administrator.id = crypto::random_id<AdministratorId>();
  administrator.name = founder.name;
  administrator.kind = kind;
  administrator.jwk = key.public_key().to_jwk();
  administrator.thumbprint = key.public_key().thumbprint();
  return Signer{std::move(administrator), std::move(key)};
}

Outcome<std::vector<Signer>> open_signers(const Founding& founding, const Passphrases& passphrases) {
  if (founding.administrators.size() < 2) {
    return usage_failure("two administrators are needed: what opens access takes four eyes",
                         "give --administrator NAME=KEYFILE at least twice");
  }
  std::vector<Signer> signers;
  for (const Founder& founder : founding.administrators) {
    signers.push_back(TRY(open_signer(founder, policy::AdministratorKind::personal, passphrases)));
  }
  signers.push_back(
      TRY(open_signer({"recovery key", founding.recovery}, policy::AdministratorKind::recovery, passphrases)));
  return signers;
}

Outcome<service::JointAct> sign_founding(const Founding& founding, const std::vector<Signer>& signers, UtcTime now) {
  std::vector<policy::Administrator> administrators;
  for (const Signer& signer : signers) administrators.push_back(signer.administrator);
  service::JointAct joint{service::founding_act(founding.name, founding.origin, std::move(administrators), now), {}};
  for (const Signer& signer : signers) joint.signatures.push_back(TRY(service::sign_joint(joint.act, signer.key)));
  return joint;
}

// Made and sealed into the data directory, or read from the credential.
Outcome<crypto::MasterKey> make_master_key(const Founding& founding,
                                           const std::optional<crypto::SecretText>& passphrase) {
  if (!passphrase) return TRY(crypto::read_master_key_credential());
  crypto::MasterKey key = crypto::MasterKey::random();
  TRY_VOID(crypto::write_sealed_master_key(founding.data / "master-key", key, *passphrase,
                                           argon2_params(founding.stretching)));
  return key;
}

json::value summary(const Founding& founding, const service::Core& core, const std::vector<Signer>& signers) {
  const service::LogKeys log_keys = core.log_keys();
  const policy::LogKey* log_key = log_keys.current();
  const auto verifier = service::log_key_verifier(founding.origin, log_key ? log_key->checkpoint_key : ByteArray<32>{});
  json::array people;
  for (const Signer& signer : signers) {
    people.push_back(json::object{{"name", signer.administrator.name},
                                  {"id", signer.administrator.id.text()},
                                  {"thumbprint", to_base64url(signer.administrator.thumbprint)}});
  }
  return json::object{{"data", founding.data.string()},
                      {"name", founding.name},
                      {"origin", founding.origin},
                      {"log_key", verifier ? verifier->text() : ""},
                      {"administrators", std::move(people)}};
}

}  // namespace

Outcome<json::value> found_instance(const Founding& founding, const Passphrases& passphrases) {
  const SystemClock clock;
  const std::vector<Signer> signers = TRY(open_signers(founding, passphrases));
  const service::JointAct first = TRY(sign_founding(founding, signers, clock.wall()));
  std::optional<crypto::SecretText> passphrase;
  if (!founding.use_credential) passphrase = TRY(passphrases.of_new(founding.data / "master-key"));

  NewDataDirectory directory = TRY(NewDataDirectory::create(founding.data));
  crypto::MasterKey master = TRY(make_master_key(founding, passphrase));
  std::optional<Error> fatal;
  const service::Core::Hooks hooks{[&](const Error& error) { fatal = error; }, [] {}};
  const std::unique_ptr<service::Core> core =
      TRY(service::create_instance(directory.take(), std::move(master), first, clock, hooks));
  if (fatal) return Failure(ExitCode::fatal, fatal->message, "nothing was kept: begin anew");
  TRY_VOID(write_gateway_name(founding.data, founding.name));
  directory.keep();
  return summary(founding, *core, signers);
}

}  // namespace flikvakt::admin
