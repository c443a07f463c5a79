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

namespace flikvakt::connector {

enum class Layer { none, name, route, proxy, proxy_login, tls, answer };

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
};

class Transport {
public:
  struct Trust {
    // Roots (PEM) that the server's certificate must be under, by the name in the address. Empty: anything is taken,
    // since what is sent there is sealed.
    std::string roots_pem;
    std::string certificate_pem;  // ours, when asked for
    std::string key_pem;
  };
  // `cancelled`: what is waited for ends within a second once it is set. Outlives the transport; null: never.
  Transport(const Config& config, Trust trust, const std::atomic<bool>* cancelled = nullptr);
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
};

[[noreturn]] void throw_exception_from_error(const TransportFailure& failure, const boost::source_location& where);

// As an exit code and a line for the log.
Trouble trouble_of(const TransportFailure& failure);

}  // namespace flikvakt::connector
