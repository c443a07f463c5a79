// Asks the gateway, in whichever mode is set: over TLS with our certificate, or by messages that are sealed and signed
// end to end. Never one for the other by itself (SPEC E2E-3). One thread at a time; each thread has a link of its own.
#pragma once

#include "connector/identity.h"
#include "connector/transport.h"
#include "crypto/sealed_message.h"

namespace flikvakt::connector {

struct Question {
  std::string method = "GET";
  std::string target;  // "/v1/…"
  std::map<std::string, std::string> headers{};
  Bytes body{};
  std::optional<StaffId> staff{};  // in whose name: with an assertion
  std::chrono::milliseconds patience{30'000};
};

class GatewayLink {
public:
  // `cancelled`: as Transport's.
  GatewayLink(const Config& config, std::shared_ptr<const Identity> identity,
              const std::atomic<bool>* cancelled = nullptr);

  // An answer of the gateway's, whatever it says. A trouble: there was none, and whose fault it is.
  Outcome<HttpAnswer> ask(Question question);

  const Identity& identity() const { return *identity_; }

private:
  Outcome<HttpAnswer> ask_directly(const Question& question);
  Outcome<HttpAnswer> ask_sealed(const Question& question);
  Outcome<crypto::AnswerKey::Answer> exchange(const crypto::SealedHead& head, BytesView body,
                                              std::chrono::milliseconds patience);
  Outcome<void> open_session(std::chrono::milliseconds patience);
  std::string assertion_of(const StaffId& staff);

  const Config& config_;
  const std::shared_ptr<const Identity> identity_;
  std::unique_ptr<Transport> transport_;
  std::string session_;
  std::uint64_t number_ = 0;
  struct Assertion {
    std::string text;
    UtcTime ends;
  };
  std::map<StaffId, Assertion> assertions_;
};

// Enrolment: a sealed message to whoever has the key that the code pins. Saves nothing.
Outcome<IdentityFile> enrol(const Config& config, std::string_view code);

// SPEC CONN-9: another certificate, for a new key.
Outcome<IdentityFile> renew(GatewayLink& link);

json::value body_of(const HttpAnswer& answer);  // null when it is no JSON
Bytes json_bytes(const json::value& value);
std::string text_in(const json::value& value, std::string_view member);  // empty when it is none

// Is our clock the gateway's within what an assertion bears? clock: it is not.
Outcome<void> check_clock(std::string_view gateway_time);

}  // namespace flikvakt::connector
