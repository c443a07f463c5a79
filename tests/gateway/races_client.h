// A client that never waits: one connection, one exchange at a time, and the truth to compare a document's bytes with.
#pragma once

#include <optional>
#include <string>

#include "crypto/tls_client.h"
#include "tests/gateway/races_trace.h"

namespace flikvakt::gateway::test {

class RaceClient {
public:
  enum class State { idle, waiting, whole, ended };  // ended: the connection did, before the answer was whole

  RaceClient(std::uint16_t port, const std::string& ca_pem, const std::optional<crypto::ClientIdentity>& identity);
  RaceClient(const std::string& unix_socket, std::size_t number);  // the number: see sends_to_unix_client
  ~RaceClient();
  RaceClient(const RaceClient&) = delete;
  RaceClient& operator=(const RaceClient&) = delete;

  // A 200 or 206 must have the bytes of `truth` from `offset` on.
  void ask(const std::string& request, BytesView truth = {}, std::size_t offset = 0);
  // What is there by now, up to about so many bytes. False: nothing was.
  bool read(std::size_t most);

  bool has_more() const { return has_more_; }  // perhaps: it did not come to the end of what was there

  State state() const { return state_; }
  bool is_over() const { return state_ == State::whole || state_ == State::ended; }
  unsigned status() const { return status_; }  // 0: no whole head came
  bool is_served() const { return status_ == 200 || status_ == 206; }
  std::string field(std::string_view name) const;
  std::size_t body_bytes() const { return body_bytes_; }
  std::size_t body_length() const { return body_length_; }
  const std::string& text() const { return text_; }  // the body, when no truth was given
  bool is_true() const { return is_true_; }          // all bytes so far were the document's
  bool is_dead() const;                              // the server has closed it, or sent what nobody asked for

  int descriptor() const;
  ServerSends& sends() const { return *sends_; }

private:
  enum class Got { bytes, nothing, end };
  Got receive(std::span<std::uint8_t> into, std::size_t& count);
  void take(BytesView bytes);
  void take_head();

  std::optional<crypto::TlsClient> tls_;
  int unix_ = -1;
  ServerSends* sends_ = nullptr;
  State state_ = State::idle;
  std::string head_;
  std::string text_;
  BytesView truth_;
  std::size_t offset_ = 0;
  unsigned status_ = 0;
  std::size_t body_length_ = 0;
  std::size_t body_bytes_ = 0;
  bool is_true_ = true;
  bool has_more_ = false;
};

}  // namespace flikvakt::gateway::test
