// The organisation's own entries of the log, as a stream to its SIEM: lines of JSON in a file, or syslog over TLS (RFC
// 5424, 5425). Each act once, in the order of the log: up to where it was told lies in the state folder, for each of
// the two, after each page. spec/connector.md, CONN-60.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "connector/gateway_link.h"

namespace flikvakt::connector {

// The entry of the last whole line of the file that is of the log `origin` (empty: of whichever); none: there is none.
// What was appended before the machine stopped is known so, though it was not noted.
std::optional<std::uint64_t> last_entry_in(const std::filesystem::path& file, std::string_view origin = {});

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
  struct Sink {
    const char* cursor;  // file of the state folder
    Outcome<void> (SiemStream::*deliver)(const std::vector<json::object>& acts) const;
    std::filesystem::path lines;  // that it appends to; empty: none
    std::string origin;           // of the log that was told; empty: the gateway has not said
    std::uint64_t told = 0;       // up to this entry
    bool is_down = false;
  };
  struct Page {
    std::vector<json::object> acts;  // the oldest first
    std::uint64_t end = 0;           // up to this entry there are no others
    bool is_last = false;
    std::string origin;      // of the log; empty: the gateway does not say
    bool is_beyond = false;  // the log has no entry so high: this is its beginning
  };
  void run();
  std::vector<Sink> sinks() const;
  Outcome<Page> page_after(GatewayLink& link, std::uint64_t above);
  static bool begin_other_log(std::vector<Sink>& all, const Page& page);
  Outcome<void> tell_sink(Sink& sink, const Page& page) const;
  Outcome<void> append_lines(const std::vector<json::object>& acts) const;
  Outcome<void> send_syslog(const std::vector<json::object>& acts) const;
  bool wait_for(std::chrono::milliseconds time);  // false: it stops

  const Config& config_;
  const NewLink new_link_;
  std::string organisation_;  // whose log it is; of tell()
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace flikvakt::connector
