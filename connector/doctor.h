// What works on the way to the gateway and what does not, layer by layer, and what to ask one's network department for.
// Within five seconds; changes nothing. spec/connector.md, CONN-72.
#pragma once

#include <iosfwd>

#include "connector/gateway_link.h"

namespace flikvakt::connector {

enum class Health { well, warned, failed, skipped };
BOOST_DESCRIBE_ENUM(Health, well, warned, failed, skipped)

struct Finding {
  // name, route, proxy, proxy_login, tls, inspection, clock, enrolment, authorisation, end_to_end, witness
  std::string layer;
  Health health = Health::skipped;
  std::string english;
  std::string swedish;
  std::string ask_english;  // of the network department, or of the gateway's administrators; empty: nothing
  std::string ask_swedish;
};

struct Diagnosis {
  std::vector<Finding> findings;  // one for each layer, in the order in which they are passed
  ExitCode exit = ExitCode::ok;   // of the first that failed
};

Diagnosis diagnose(const Config& config);

enum class Language { swedish, english };
std::string text_of(const Diagnosis& diagnosis, Language language);
json::value json_of(const Diagnosis& diagnosis);

}  // namespace flikvakt::connector
