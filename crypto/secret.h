// Secrets: move-only, scrubbed when dropped, unprintable, compared in constant time. Raw bytes are reached only through
// expose() and expose_mutable(): grep for them to find every place that handles key bytes.
//
// The bytes lie in OpenSSL's secure heap: one arena that init_secret_memory() locks (mlock), keeps out of core dumps
// (MADV_DONTDUMP) and fences with guard pages. Before that call, or when it reports a failure, secrets still work and
// are still scrubbed, but may be swapped out.
//
// NOT covered: key schedules and MAC states that OpenSSL makes from a key (ordinary heap, cleansed when freed); copies
// in registers and on the stack; documents and other plaintext; root, a debugger or a hypervisor reading live memory;
// hibernation; a `kill -9`, after which the pages are the kernel's to clear.
//
// Thread-safety: distinct objects are independent; one object is like a std::vector (many readers or one writer).
// Errors: an exhausted arena throws std::bad_alloc (no silent fall back to memory that is not locked); use of a
// moved-from secret aborts.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <span>
#include <string_view>
#include <utility>

#include "base/bytes.h"

namespace flikvakt::crypto {

inline constexpr std::size_t kDefaultSecretArenaBytes = std::size_t{4} << 20;

// Call once, before threads start and before the first secret. `arena_bytes` is a power of two; each 32-byte key
// takes 32. unavailable: the memory could not be locked (RLIMIT_MEMLOCK); the caller decides whether to go on.
Result<void> init_secret_memory(std::size_t arena_bytes = kDefaultSecretArenaBytes);

// No core file, no ptrace by others of the same user: PR_SET_DUMPABLE 0 and RLIMIT_CORE 0.
Result<void> forbid_core_dumps();

// For plaintext that is not a secret type: buffers of document text, passphrases as they are typed.
void scrub(std::span<std::uint8_t> bytes);

// Takes time that depends on the lengths only.
bool equal_in_constant_time(BytesView a, BytesView b);

namespace detail {

// A block in the secure heap, or none when moved from.
class SecretBlock {
public:
  SecretBlock() = default;
  explicit SecretBlock(std::size_t size);  // zeroed
  SecretBlock(SecretBlock&& other) noexcept;
  SecretBlock& operator=(SecretBlock&& other) noexcept;
  ~SecretBlock();
  std::span<std::uint8_t> bytes() const;  // aborts when moved from
  std::size_t size() const { return size_; }

private:
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

void fill_secret(std::span<std::uint8_t> out);                  // from the private generator
void copy_secret(std::span<std::uint8_t> out, BytesView from);  // aborts when the lengths differ

}  // namespace detail

struct Untagged;  // a secret whose use is not yet decided, such as the output of HKDF

template <std::size_t N, class Tag = Untagged>
class Secret {
public:
  static constexpr std::size_t kBytes = N;

  static Secret random() {
    Secret out;
    detail::fill_secret(out.block_.bytes());
    return out;
  }
  static Secret zero() { return Secret(); }   // to be filled through expose_mutable()
  static Secret copy_from(BytesView bytes) {  // aborts unless N bytes are given
    Secret out;
    detail::copy_secret(out.block_.bytes(), bytes);
    return out;
  }

  // Decides what an untagged secret is for; takes it over without a copy.
  explicit Secret(Secret<N, Untagged>&& from) noexcept requires(!std::is_same_v<Tag, Untagged>)
      : block_(std::move(from.block_)) {}

  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;

  std::span<const std::uint8_t, N> expose() const { return block_.bytes().template first<N>(); }
  std::span<std::uint8_t, N> expose_mutable() { return block_.bytes().template first<N>(); }

  friend bool operator==(const Secret& a, const Secret& b) { return equal_in_constant_time(a.expose(), b.expose()); }
  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

private:
  template <std::size_t, class>
  friend class Secret;
  Secret() : block_(N) {}
  detail::SecretBlock block_;
};

// Passphrases and other secret text of any length; the length itself is not hidden.
class SecretText {
public:
  static SecretText copy_from(std::string_view text);
  SecretText(SecretText&&) noexcept = default;
  SecretText& operator=(SecretText&&) noexcept = default;

  std::string_view expose() const;
  bool empty() const { return size_ == 0; }
  friend bool operator==(const SecretText& a, const SecretText& b) {
    return equal_in_constant_time(as_bytes(a.expose()), as_bytes(b.expose()));
  }
  friend std::ostream& operator<<(std::ostream&, const SecretText&) = delete;

private:
  SecretText() = default;
  detail::SecretBlock block_;  // at least one byte, so that an empty text is not a moved-from one
  std::size_t size_ = 0;
};

// Keys: each use is a type of its own, so that none is passed where another is meant.
template <class Tag>
using Key = Secret<32, Tag>;

using MasterKey = Key<struct MasterKeyTag>;            // wraps the keys below it
using PersonKey = Key<struct PersonKeyTag>;            // one per person; wraps flik keys
using FlikKey = Key<struct FlikKeyTag>;                // one per flik; wraps document keys
using DocumentKey = Key<struct DocumentKeyTag>;        // one per document
using DatabaseKey = Key<struct DatabaseKeyTag>;        // SQLCipher's raw key
using BlindIndexKey = Key<struct BlindIndexKeyTag>;    // finds a person by number
using ForbundLogKey = Key<struct ForbundLogKeyTag>;    // the act part of log entries
using PersonLogKey = Key<struct PersonLogKeyTag>;      // the person part of log entries
using StateKey = Key<struct StateKeyTag>;              // state rows that concern no person
using PersonStateKey = Key<struct PersonStateKeyTag>;  // state rows of one person; derived from the PersonKey
using HandleSeed = Key<struct HandleSeedTag>;          // what is wrapped; the HandleKey is derived from it
using HandleKey = Secret<64, struct HandleKeyTag>;     // AES-256-SIV, one per organisation
using SigningSeed = Key<struct SigningSeedTag>;        // Ed25519 private key as RFC 8032 section 5.1.5 has it

}  // namespace flikvakt::crypto
