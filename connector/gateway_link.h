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
  // `cancelled` and `password`: as Transport's.
  GatewayLink(const Config& config, std::shared_ptr<const Identity> identity,
              const std::atomic<bool>* cancelled = nullptr, ShownPassword* password = nullptr);

  // An answer of the gateway's, whatever it says. A trouble: there was none, and whose fault it is.
  Outcome<HttpAnswer> ask(Question question);

  const Identity& identity() const { return *identity_; }
  bool is_sealed() const { return config_.mode == Mode::end_to_end; }

private:
  Outcome<HttpAnswer> ask_directly(const Question& question);
  Outcome<HttpAnswer> ask_sealed(const Question& question);
  Outcome<crypto::AnswerKey::Answer> exchange(const crypto::SealedHead& head, BytesView body,
                                              std::chrono::milliseconds patience);
  Outcome<void> open_session(std::chrono::milliseconds patience);
  Outcome<json::value> ask_of_session(const json::object& body, std::chrono::milliseconds patience);
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

// Any certificate, or those under the roots of the configuration: what is sent there is sealed.
Trust trust_of_sealed(const Config& config);

// Enrolment: a sealed message to whoever has the key that the code pins. Saves the keys that it makes, before the code
// goes out, and nothing else.
Outcome<IdentityFile> enrol(const Config& config, std::string_view code);
void forget_enrolling(const Config& config);  // once what it gave is durable

// SPEC CONN-53: with the keys with which the log signs now, as the gateway itself says.
Outcome<IdentityFile> with_log_keys_of_now(GatewayLink& link, const IdentityFile& standing);
Trouble not_accepted_any_more();

// SPEC CONN-9: another certificate, for the key `next_tls_key` of `standing`, which is kept already.
Outcome<IdentityFile> renew(GatewayLink& link, const IdentityFile& standing);

json::value body_of(const HttpAnswer& answer);  // null when it is no JSON
Bytes json_bytes(const json::value& value);
std::string text_in(const json::value& value, std::string_view member);  // empty when it is none

// Is our clock the gateway's within what an assertion bears? clock: it is not.
Outcome<void> check_clock(std::string_view gateway_time);

}  // namespace flikvakt::connector
