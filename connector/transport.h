// One way out: HTTPS requests over libcurl, which knows proxies of every kind. What fails says at which layer. One
// thread at a time; the connection is kept from one request to the next.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "connector/config.h"
#include "connector/shown_password.h"

namespace flikvakt::connector {

// tls: a certificate came that is not the one to come. certificate_time: it is that one, and not valid at this
// machine's time. handshake: it was cut, or is of another kind: so is every connection that breaks there, and that
// proves nothing.
enum class Layer { none, name, route, proxy, proxy_login, tls, certificate_time, handshake, answer };

struct HttpAnswer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // lower-case names
  Bytes body;
};

// What was seen of the server's certificate, leaf first; for the doctor.
struct SeenCertificate {
  std::string subject;
  std::string issuer;
};

struct TransportFailure {
  Layer layer = Layer::none;
  std::string message;    // curl's words, and ours
  std::string proxy;      // that was used
  long connect_code = 0;  // what the proxy answered to CONNECT
  bool is_timeout = false;
  bool is_proxys_name = false;  // of Layer::name: it is the proxy's that is not found
  // Of Layer::proxy_login: what the proxy offers, of those that are known here; why Kerberos gave no ticket; whether it
  // asked for what is answered to nobody.
  std::vector<std::string> logins = {};
  std::string no_ticket = {};
  bool is_ntlm1_asked = false;
  std::string said_of_login(std::string_view takes, std::string_view without_ticket) const;
};

// The proxy that stands between this machine and a host, by the configuration, else by the environment as libcurl reads
// it (networks in NO_PROXY aside): to be told, libcurl itself decides. An empty address: none.
struct ProxyInUse {
  std::string address;  // without a login
  bool is_of_environment = false;
  bool has_login = false;  // a password, or (negotiate) a ticket
};
ProxyInUse proxy_for(const Config& config, std::string_view host);

// Whom the server's certificate must come from. INVARIANT (no empty trust): roots that are missing are an error where
// they are made, never the same as none that are asked for.
class Trust {
public:
  // Any certificate is taken: only for messages that are sealed for the gateway's key, and for what tells nothing.
  static Trust of_sealed() { return Trust(std::nullopt); }
  // The server's certificate must be under one of these (PEM), by the name in the address, and under no other: the
  // system's count neither. invalid: there is none in it.
  static Result<Trust> of_roots(std::string pem);
  // TLS 1.2 will do: what passes is sealed, and many a proxy that opens TLS has no newer one.
  Trust with_older_tls() &&;
  // Shown to the server when it asks.
  Trust with_identity(std::string certificate_pem, std::string key_pem) &&;

  const std::optional<std::string>& roots() const { return roots_; }  // none: of_sealed()
  bool takes_older_tls() const { return takes_older_tls_; }
  const std::string& certificate() const { return certificate_; }
  const std::string& key() const { return key_; }

private:
  explicit Trust(std::optional<std::string> roots) : roots_(std::move(roots)), takes_older_tls_(!roots_) {}
  std::optional<std::string> roots_;
  bool takes_older_tls_;
  std::string certificate_;
  std::string key_;
};

class Transport {
public:
  // `cancelled`: what is waited for ends within a second once it is set; null: never. `password`: by which the one that
  // a proxy does not take is shown less and less often (SPEC CONN-79); null: each time. Both outlive the transport.
  Transport(const Config& config, Trust trust, const std::atomic<bool>* cancelled = nullptr,
            ShownPassword* password = nullptr);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  struct Request {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    Bytes body;
    std::chrono::milliseconds patience{30'000};  // of the whole
  };
  boost::system::result<HttpAnswer, TransportFailure> send(const Request& request);

  const std::vector<SeenCertificate>& seen() const { return seen_; }  // of the last handshake

private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
  const Config& config_;
  const Trust trust_;
  std::vector<SeenCertificate> seen_;
  const std::atomic<bool>* const cancelled_;
  ShownPassword* const password_;
};

[[noreturn]] void throw_exception_from_error(const TransportFailure& failure, const boost::source_location& where);

// As an exit code and a line for the log.
Trouble trouble_of(const TransportFailure& failure);

}  // namespace flikvakt::connector
