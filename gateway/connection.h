// What a handler may know about the connection its request came on, and the way to cut connections from elsewhere.
#pragma once

#include <sys/types.h>

#include <any>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "crypto/x509.h"

namespace flikvakt::gateway {

struct UnixPeer {  // SO_PEERCRED: for the operational log; proves nothing about who the administrator is
  pid_t pid = 0;
  uid_t uid = 0;
  gid_t gid = 0;
};

using ConnectionNumber = std::uint64_t;

// One certificate of a peer's path, named as the CA above it names it in its revocation list.
struct PathLink {
  ByteArray<32> issuer;  // fingerprint of the CA's certificate
  std::string serial;
};

// What others may select connections by.
struct ConnectionFacts {
  ConnectionNumber number = 0;
  std::string listener;  // "api", "portal", "admin"
  std::string remote;    // "192.0.2.7:4711", "unix"
  std::optional<ByteArray<32>> certificate_fingerprint;
  std::vector<PathLink> path;                  // from the leaf to below the root, as set by authentication
  std::optional<OrganisationId> organisation;  // as set by authentication
  std::optional<StaffId> staff;
  std::optional<PersonId> person;
};

// All open connections. Thread-safe; lives longer than every connection.
class ConnectionRegistry {
public:
  // Removes itself; owned by the session.
  class Entry {
  public:
    Entry(ConnectionRegistry& registry, ConnectionNumber number) : registry_(registry), number_(number) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry();
    ConnectionNumber number() const { return number_; }

  private:
    ConnectionRegistry& registry_;
    ConnectionNumber number_;
  };

  // `cut` is called at most once, from any thread, under the registry's lock: it only posts.
  std::unique_ptr<Entry> add(ConnectionFacts facts, std::function<void(ConnectionNumber)> cut);
  void update(ConnectionNumber number, const std::function<void(ConnectionFacts&)>& change);

  // Cuts every connection that matches, running answers included; returns how many. Does not wait for them to be gone:
  // what must not be sent any more is the gate's business. `predicate` must not call back into the registry.
  std::size_t close_matching(const std::function<bool(const ConnectionFacts&)>& predicate);
  std::size_t size() const;

private:
  struct Open {
    ConnectionFacts facts;
    std::function<void(ConnectionNumber)> cut;
  };
  void remove(ConnectionNumber number);

  mutable std::mutex mutex_;
  std::map<ConnectionNumber, Open> open_;
  ConnectionNumber last_number_ = 0;
};

// Owned by the session, used on its thread only.
class ConnectionContext {
public:
  ConnectionContext(ConnectionRegistry& registry, ConnectionNumber number) : registry_(registry), number_(number) {}

  ConnectionNumber number() const { return number_; }
  std::string listener;
  std::string remote;
  std::string source;                                    // as in source_of(); "unix"
  std::optional<ByteArray<32>> certificate_fingerprint;  // of the client certificate
  // Leaf first, as sent; empty without a client certificate. The handshake checked a path to a trusted root, no list.
  // Made from what OpenSSL keeps, once a connection: what it proved is then in cached_authentication.
  std::function<std::vector<crypto::Certificate>()> peer_chain = [] { return std::vector<crypto::Certificate>(); };
  Bytes channel_binding;              // RFC 9266 tls-exporter, 32 bytes; empty without TLS
  std::optional<UnixPeer> unix_peer;  // admin socket only
  std::any cached_authentication;     // what authentication keeps for the next request on this connection

  // Make the connection findable for close_matching.
  void note_path(std::vector<PathLink> path);
  void identify(std::optional<OrganisationId> organisation, std::optional<StaffId> staff,
                std::optional<PersonId> person);

private:
  ConnectionRegistry& registry_;
  ConnectionNumber number_;
};

}  // namespace flikvakt::gateway
