#include "connector/identity.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/files.h"
#include "crypto/certified_key.h"

namespace flikvakt::connector {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFile = "identity.json";
constexpr std::size_t kMostIdentityBytes = 1024 * 1024;

Trouble damaged(const std::string& why) {
  return trouble(ExitCode::fault,
                 "the enrolment, as the gateway said it or as `identity.json` in the state folder has "
                 "it, is not whole (" +
                     why + "): enrol again with a new code from the administrators");
}

}  // namespace

Outcome<void> open_state(const fs::path& state) {
  if (::mkdir(state.c_str(), 0700) != 0 && errno != EEXIST)
    return trouble(ExitCode::disk, os_error("making", state).message);
  const Result<void> is_private = require_private(state);
  return is_private ? Outcome<void>() : trouble(ExitCode::usage, "state: " + is_private.error().message);
}

Outcome<FileDescriptor> lock_state(const fs::path& state) {
  Result<FileDescriptor> lock = open_file(state / "lock", O_RDWR | O_CREAT | O_CLOEXEC);
  if (!lock) return disk_trouble(lock.error());
  if (::flock(lock->get(), LOCK_EX | LOCK_NB) == 0) return std::move(*lock);
  return trouble(ExitCode::usage, "another connector runs on `" + state.string() + "`: stop it first");
}

void replace_log_keys(IdentityFile& file, const std::string& origin, std::vector<std::string> signing,
                      const std::vector<std::string>& ended) {
  std::vector<std::string> former = ended;
  if (file.origin == origin) {
    former.insert(former.end(), file.log_keys.begin(), file.log_keys.end());
    former.insert(former.end(), file.former_log_keys.begin(), file.former_log_keys.end());
  }
  std::ranges::sort(former);
  former.erase(std::unique(former.begin(), former.end()), former.end());
  std::erase_if(former, [&](const std::string& one) { return std::ranges::find(signing, one) != signing.end(); });
  file.origin = origin;
  file.log_keys = std::move(signing);
  file.former_log_keys = std::move(former);
}

void carry_over(const IdentityFile& before, IdentityFile& after) {
  after.witness_key = before.witness_key;
  if (before.origin != after.origin) return;
  after.witness_begins = before.witness_begins;  // SPEC WIT-13: what it has seen of this log does not begin anew
  std::vector<std::string> known = before.log_keys;
  known.insert(known.end(), before.former_log_keys.begin(), before.former_log_keys.end());
  replace_log_keys(after, after.origin, std::vector(after.log_keys), known);
}

Outcome<Identity> Identity::from(IdentityFile file) {
  Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(file.message_key);
  if (!key) return damaged(key.error().message);
  const Result<crypto::Certificate> certificate = crypto::Certificate::parse_pem(file.certificate);
  if (!certificate) return damaged(certificate.error().message);
  const Result<crypto::SigningKey> tls_key = crypto::SigningKey::from_pem(file.tls_key);
  if (!tls_key) return damaged(tls_key.error().message);
  const Result<crypto::PublicKey> certified = crypto::certified_key(*certificate);
  if (!certified || *certified != tls_key->public_key()) return damaged("its certificate is for another key");
  // SPEC CONN-3
  const Result<crypto::TrustStore> trust = crypto::TrustStore::parse_pem(file.trust);
  if (!trust) return damaged("roots of the gateway's certificates: " + trust.error().message);
  const Result<Bytes> seal = file.seal_keys.empty() ? Result<Bytes>(fail(ErrorCode::malformed, "no seal key"))
                                                    : from_base64url(file.seal_keys.front());
  const Result<ByteArray<32>> seal_key = seal ? to_array<32>(*seal) : seal.error();
  if (!seal_key) return damaged(seal_key.error().message);
  return Identity(std::move(file), std::move(*key), *seal_key, *certificate);
}

Outcome<Identity> Identity::load(const fs::path& state) {
  const Result<Bytes> bytes = read_file(state / kFile, kMostIdentityBytes);
  if (!bytes && bytes.error().code == ErrorCode::not_found)
    return trouble(ExitCode::not_enrolled,
                   "not enrolled: ask the gateway's administrators for a code, then `flikvakt-connector enrol`");
  if (!bytes) return disk_trouble(bytes.error());
  Result<json::value> value = parse_json(as_text(*bytes));
  if (!value) return damaged(value.error().message);
  Result<IdentityFile> file = from_json<IdentityFile>(*value);
  if (!file) return damaged(file.error().message);
  return from(std::move(*file));
}

Outcome<void> Identity::save(const fs::path& state) const {
  const Result<void> written = write_file_atomically(state / kFile, as_bytes(to_text(to_json(file_)) + "\n"));
  return written ? Outcome<void>() : disk_trouble(written.error());
}

}  // namespace flikvakt::connector
