// Asks a witness to cosign checkpoints of our log (C2SP tlog-witness, spec/witness.md). Used by one thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audit/cosignature.h"
#include "base/cancellation.h"
#include "base/web_address.h"

namespace flikvakt::admin {

class HttpClient;

// Where a witness is, and who it must be.
struct WitnessAddress : WebAddress {
  std::string prefix;  // before `/add-checkpoint`: empty, or `/` and more
  // "https://witness.example/prefix", "http://127.0.0.1:8480" (without TLS on loopback only). malformed.
  static Result<WitnessAddress> parse(std::string_view url);
};

class WitnessClient {
public:
  // A proof that the log of the second size begins with that of the first.
  using Prove = std::function<Result<std::vector<crypto::MerkleHash>>(std::uint64_t, std::uint64_t)>;
  struct Parts {
    WitnessAddress address;
    audit::CosignatureVerifier key;
    std::string trusted_ca_pem;  // of its TLS
    Prove prove;
    std::chrono::milliseconds timeout{10'000};  // of connecting, and of each read and write
    std::function<void(const std::string&)> show = [](const std::string&) {};  // a note that came with a refusal
    // Instead of HTTP: it is a connector, which is asked where it waits. Gets the body of `add-checkpoint`.
    std::function<Result<std::pair<unsigned, std::string>>(const std::string&)> ask = nullptr;
  };
  explicit WitnessClient(Parts parts);
  ~WitnessClient();

  // The signature of this witness over the checkpoint. io, expired: not reached; denied: it refuses, the message says
  // with what; conflict: it has seen a larger log than ours, so ours was rolled back, or somebody signs with its key;
  // invalid: what it answered is no cosignature of this checkpoint by that key at about `now`.
  Result<audit::NoteSignature> cosign(const std::string& note, std::uint64_t size, UtcTime now);
  const std::string& name() const { return parts_.key.name(); }
  // From any thread, and for good: what it waits for ends at once.
  void cancel() { cancellation_.cancel(); }

private:
  struct Reply {
    unsigned status;
    std::string body;
  };
  Result<void> connect();
  Result<Reply> post(const std::string& body);
  void show_notes_of(const Reply& reply) const;
  Error other_size(std::uint64_t seen, std::uint64_t size) const;
  Result<Reply> add_checkpoint(const std::string& note, std::uint64_t size);

  const Parts parts_;
  Cancellation cancellation_;  // outlives http_
  std::chrono::steady_clock::time_point deadline_;
  std::unique_ptr<HttpClient> http_;  // reads deadline_
  std::uint64_t known_size_ = 0;      // of the checkpoint that it cosigned last, as far as we know
};

}  // namespace flikvakt::admin
