// Sends one message of the outbox to the gateway, step by step, each of which may be done again: announced, filled in
// pieces, sealed. spec/connector.md, CONN-30 to CONN-32.
#pragma once

#include "connector/gateway_link.h"
#include "connector/outbox.h"
#include "connector/refusal_words.h"

namespace flikvakt::connector {

class Depositor {
public:
  Depositor(const Config& config, GatewayLink& link, Outbox& outbox) : config_(config), link_(link), outbox_(outbox) {}

  // Until it is done or refused (its state says which; kept durably), or a trouble: then to be tried again. SPEC
  // CONN-27: a trouble says whether it is the line's, or of this message alone (`is_of_message`).
  Outcome<void> send(Message& message);

private:
  struct Progress {
    bool is_sealed = false;
    std::uint64_t received = 0;
  };
  Outcome<void> find_person(Message& message);
  Outcome<void> announce(Message& message);
  Outcome<std::optional<Progress>> progress(Message& message);  // none: the gateway refuses to say
  Outcome<void> fill(Message& message, std::uint64_t from);
  Outcome<HttpAnswer> ask(std::string method, std::string target, Bytes body, std::string_view type);
  Outcome<bool> am_i_accepted();
  Outcome<void> refuse(Message& message, const RefusalWords& why);
  Outcome<void> note_sealed(Message& message, const json::value& body);
  Outcome<void> keep(const Message& message);

  const Config& config_;
  GatewayLink& link_;
  Outbox& outbox_;
};

}  // namespace flikvakt::connector
