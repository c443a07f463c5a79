#include "crypto/master_key.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>

#include "base/files.h"

namespace flikvakt::crypto {

Result<MasterKey> read_sealed_master_key(const std::filesystem::path& file, const SecretText& passphrase) {
  const Bytes sealed = TRY(read_file(file, kSealedFileBytes));
  return MasterKey(TRY(unseal_with_passphrase(SealedKind::master_key, sealed, passphrase)));
}

Result<void> write_sealed_master_key(const std::filesystem::path& file, const MasterKey& key,
                                     const SecretText& passphrase, const Argon2Params& params) {
  const auto secret = Secret<32>::copy_from(key.expose());
  const Bytes sealed = TRY(seal_with_passphrase(SealedKind::master_key, secret, passphrase, params));
  return write_new_file(file, sealed);
}

// Read straight into locked memory, so no copy stays in a buffer.
Result<MasterKey> read_master_key_credential() {
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (!directory) return fail(ErrorCode::not_found, "reading the master key: no systemd credentials are given");
  const std::filesystem::path path = std::filesystem::path(directory) / kMasterKeyCredential;
  const FileDescriptor file = TRY(open_file(path, O_RDONLY | O_CLOEXEC));
  struct stat about {};
  if (::fstat(file.get(), &about) != 0) return os_error("reading the master key", path);
  if (!S_ISREG(about.st_mode) || about.st_size != static_cast<off_t>(MasterKey::kBytes)) {
    return fail(ErrorCode::invalid, "reading the master key: the credential is not 32 raw bytes");
  }
  auto key = MasterKey::zero();
  TRY_VOID(read_exactly(file.get(), 0, key.expose_mutable()));
  const auto bytes = key.expose();
  if (std::all_of(bytes.begin(), bytes.end(), [&](std::uint8_t byte) { return byte == bytes[0]; })) {
    return fail(ErrorCode::invalid, "reading the master key: the credential is a placeholder");
  }
  return key;
}

}  // namespace flikvakt::crypto
