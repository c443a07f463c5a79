// What a connector is after its enrolment, in one file of its state folder that is replaced as a whole: who it is, its
// keys, and the gateway that it is bound to. Not readable by others.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "base/files.h"
#include "base/ids.h"
#include "base/json.h"
#include "connector/exit_code.h"
#include "crypto/hpke.h"
#include "crypto/sign.h"
#include "crypto/x509.h"

namespace flikvakt::connector {

// The members of the file.
struct IdentityFile {
  std::string gateway;  // its name: the audience of all that is signed
  ConnectorId connector;
  OrganisationId organisation;
  StaffId staff;
  std::string name;
  bool end_to_end = false;            // as the administrators set it
  std::string certificate;            // PEM
  std::string tls_key;                // PEM, of that certificate
  std::string message_key;            // PEM: signs assertions and sealed messages
  std::string issuer;                 // PEM
  std::string trust;                  // PEM: roots of the gateway's certificates
  std::string api;                    // "https://api.example"
  std::string origin;                 // of the log
  std::vector<std::string> log_keys;  // those that sign now
  std::vector<std::string>
      former_log_keys;                     // of the same log: what a witness keeps is read under them, and nothing else
  std::vector<std::string> seal_keys;      // base64url, the newest first
  UtcTime since;                           // when the certificate was got
  std::optional<std::string> witness_key;  // PEM
  // Origin of the log for which a witness's record may be begun: since an enrolment, which people gave, until it is.
  std::optional<std::string> witness_begins;
  std::optional<std::string> next_tls_key;  // PEM: that a certificate is asked for, until it came
};
BOOST_DESCRIBE_STRUCT(IdentityFile, (),
                      (gateway, connector, organisation, staff, name, end_to_end, certificate, tls_key, message_key,
                       issuer, trust, api, origin, log_keys, former_log_keys, seal_keys, since, witness_key,
                       witness_begins, next_tls_key))

// SPEC CONN-53: with which keys the log `origin` signs from now on. What signed before, and what has `ended`, is a
// former key of it; those of another log are forgotten.
void replace_log_keys(IdentityFile& file, const std::string& origin, std::vector<std::string> signing,
                      const std::vector<std::string>& ended = {});
// What stays of an enrolment when another one takes its place: the witness's key, and what it knows of the same log.
void carry_over(const IdentityFile& before, IdentityFile& after);

class Identity {
public:
  // not_enrolled: there is none. fault: it is damaged.
  static Outcome<Identity> load(const std::filesystem::path& state);
  // INVARIANT (no empty trust): it has roots of the gateway's certificates, a seal key, and a certificate for its TLS
  // key, whoever said so. fault: it has not.
  static Outcome<Identity> from(IdentityFile file);
  Outcome<void> save(const std::filesystem::path& state) const;  // durable when it returns

  const IdentityFile& file() const { return file_; }
  const crypto::SigningKey& message_key() const { return *message_key_; }
  const crypto::hpke::PublicKey& seal_key() const { return seal_key_; }
  const ByteArray<32>& fingerprint() const { return fingerprint_; }
  UtcTime valid_from() const { return certificate_.not_before(); }
  UtcTime valid_to() const { return certificate_.not_after(); }
  // SPEC CONN-9: two thirds of its life.
  UtcTime renew_at() const { return file_.since + (valid_to() - file_.since) * 2 / 3; }

private:
  Identity(IdentityFile file, crypto::SigningKey key, crypto::hpke::PublicKey seal_key, crypto::Certificate certificate)
      : file_(std::move(file)),
        message_key_(std::make_shared<const crypto::SigningKey>(std::move(key))),
        seal_key_(seal_key),
        certificate_(std::move(certificate)),
        fingerprint_(certificate_.sha256_fingerprint()) {}
  IdentityFile file_;
  std::shared_ptr<const crypto::SigningKey> message_key_;  // copies share it
  crypto::hpke::PublicKey seal_key_;
  crypto::Certificate certificate_;
  ByteArray<32> fingerprint_;
};

// The one that is in use now. Thread-safe; its lock is held for nothing else.
class CurrentIdentity {
public:
  explicit CurrentIdentity(Identity identity) : identity_(std::make_shared<const Identity>(std::move(identity))) {}
  std::shared_ptr<const Identity> now() const {
    const std::lock_guard lock(mutex_);
    return identity_;
  }
  void replace(Identity identity) {
    auto other = std::make_shared<const Identity>(std::move(identity));
    const std::lock_guard lock(mutex_);
    identity_.swap(other);
  }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Identity> identity_;
};

// The state folder, made (mode 0700) or found and ours alone. usage, disk.
Outcome<void> open_state(const std::filesystem::path& state);
// Ours alone as long as it is held. Two on one queue would each send what the other one moves away; and who enrols
// anew beside one that runs would have its identity overwritten. usage: another has it.
Outcome<FileDescriptor> lock_state(const std::filesystem::path& state);

}  // namespace flikvakt::connector
