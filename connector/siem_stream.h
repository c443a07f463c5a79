// The organisation's own entries of the log, as a stream to its SIEM: lines of JSON in a file, or syslog over TLS (RFC
// 5424, 5425). Each act once, in the order of the log: up to where it was told lies in the state folder.
// spec/connector.md, CONN-60.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "connector/gateway_link.h"

namespace flikvakt::connector {

// One act as RFC 5424 has it, framed by its length (RFC 5425 section 4.3).
std::string syslog_frame(const json::object& act, const std::string& host, const std::string& organisation);

class SiemStream {
public:
  using NewLink = std::function<std::unique_ptr<GatewayLink>()>;
  SiemStream(const Config& config, NewLink new_link) : config_(config), new_link_(std::move(new_link)) {}
  ~SiemStream() { stop(); }
  void start();
  void stop();

  // Once; the number of acts that were told. For the thread, and for tests.
  Outcome<std::size_t> tell(GatewayLink& link);

private:
  void run();
  Outcome<std::vector<json::object>> new_acts(GatewayLink& link, std::optional<std::uint64_t> told) const;
  Outcome<void> deliver(const std::vector<json::object>& acts) const;

  const Config& config_;
  const NewLink new_link_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace flikvakt::connector
