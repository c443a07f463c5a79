#include "crypto/sealed_file.h"

#include <argon2.h>

#include "crypto/aes_gcm.h"
#include "crypto/associated_data.h"
#include "crypto/hash.h"
#include "crypto/openssl_check.h"
#include "crypto/random.h"

namespace flikvakt::crypto {
namespace {

constexpr std::string_view kMagic = "FLKVSEAL";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kCheckedBytes = 8 + 1 + 1 + 3 * 4 + kSaltBytes + kGcmNonceBytes;
constexpr std::size_t kHeaderBytes = kCheckedBytes + kChecksumBytes;
static_assert(kSealedFileBytes == kHeaderBytes + 32 + kGcmTagBytes);

struct Header {
  SealedKind kind;
  Argon2Params params;
  ByteArray<kSaltBytes> salt;
  GcmNonce nonce;
};

ByteArray<kChecksumBytes> checksum(BytesView checked) {
  return *to_array<kChecksumBytes>(BytesView(sha256(checked)).first(kChecksumBytes));
}

// SPEC SEAL-1
Bytes write_header(const Header& header) {
  ByteWriter out;
  out.text(kMagic).u8(kVersion).u8(static_cast<std::uint8_t>(header.kind));
  out.u32(header.params.memory_kib).u32(header.params.passes).u32(header.params.lanes);
  out.bytes(header.salt).bytes(header.nonce);
  out.bytes(checksum(out.view()));
  return std::move(out).take();
}

// SPEC SEAL-2
Result<Header> read_header(BytesView file) {
  if (file.size() != kSealedFileBytes || as_text(file.first(kMagic.size())) != kMagic) {
    return fail(ErrorCode::malformed, "opening a sealed file: not a sealed file");
  }
  if (!equal_in_constant_time(checksum(file.first(kCheckedBytes)), file.subspan(kCheckedBytes, kChecksumBytes))) {
    return fail(ErrorCode::corrupt, "opening a sealed file: its header is damaged");
  }
  ByteReader in(file.subspan(kMagic.size()));
  if (in.u8() != kVersion) return fail(ErrorCode::malformed, "opening a sealed file: of a version not known here");
  Header header;
  header.kind = static_cast<SealedKind>(in.u8());
  header.params.memory_kib = in.u32();
  header.params.passes = in.u32();
  header.params.lanes = in.u32();
  header.salt = in.array<kSaltBytes>();
  header.nonce = in.array<kGcmNonceBytes>();
  return header;
}

// SPEC SEAL-4
Result<void> check_limits(const Argon2Params& params) {
  const auto within = [](std::uint32_t value, std::uint32_t floor, std::uint32_t ceiling) {
    return value >= floor && value <= ceiling;
  };
  if (within(params.memory_kib, kArgon2Floor.memory_kib, kArgon2Ceiling.memory_kib) &&
      within(params.passes, kArgon2Floor.passes, kArgon2Ceiling.passes) &&
      within(params.lanes, kArgon2Floor.lanes, kArgon2Ceiling.lanes)) {
    return {};
  }
  return fail(ErrorCode::invalid, "stretching a passphrase: Argon2id parameters outside the limits");
}

// SPEC SEAL-3
Result<Secret<32>> stretch(const SecretText& passphrase, const Header& header) {
  TRY_VOID(check_limits(header.params));
  auto out = Secret<32>::zero();
  const std::string_view text = passphrase.expose();
  const int outcome =
      argon2id_hash_raw(header.params.passes, header.params.memory_kib, header.params.lanes, text.data(), text.size(),
                        header.salt.data(), header.salt.size(), out.expose_mutable().data(), out.expose().size());
  if (outcome == ARGON2_MEMORY_ALLOCATION_ERROR || outcome == ARGON2_THREAD_FAIL) {
    return fail(ErrorCode::unavailable, "stretching a passphrase: not enough memory or threads for Argon2id");
  }
  detail::must(outcome == ARGON2_OK, "stretching a passphrase");
  return out;
}

}  // namespace

Result<Bytes> seal_with_passphrase(SealedKind kind, const Secret<32>& secret, const SecretText& passphrase,
                                   const Argon2Params& params) {
  if (passphrase.empty()) return fail(ErrorCode::invalid, "sealing a file: with no passphrase");
  const Header header{kind, params, random_bytes<kSaltBytes>(), random_bytes<kGcmNonceBytes>()};
  const Secret<32> key = TRY(stretch(passphrase, header));
  Bytes file = write_header(header);
  const AssociatedData ad = AssociatedData(labels::kSealedFile).field(file);
  file.resize(kSealedFileBytes);
  Aes256Gcm(key).seal(header.nonce, ad.encoded(), secret.expose(), std::span(file).subspan(kHeaderBytes));
  return file;
}

Result<Secret<32>> unseal_with_passphrase(SealedKind kind, BytesView file, const SecretText& passphrase) {
  const Header header = TRY(read_header(file));
  if (header.kind != kind) return fail(ErrorCode::invalid, "opening a sealed file: it holds a secret of another kind");
  const Secret<32> key = TRY(stretch(passphrase, header));
  const AssociatedData ad = AssociatedData(labels::kSealedFile).field(file.first(kHeaderBytes));
  auto secret = Secret<32>::zero();
  if (!Aes256Gcm(key).open(header.nonce, ad.encoded(), file.subspan(kHeaderBytes), secret.expose_mutable())) {
    return fail(ErrorCode::denied, "opening a sealed file: the passphrase is wrong, or the sealed part is damaged");
  }
  return secret;
}

}  // namespace flikvakt::crypto
