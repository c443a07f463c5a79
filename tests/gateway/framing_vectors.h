// Our own vectors for the framing guard; the classes follow RFC 9112 section 11.2 and published request smuggling
// cases.
#pragma once

#include <string>
#include <vector>

#include "gateway/framing_guard.h"

namespace flikvakt::gateway {

struct FramingVector {
  std::string name;  // CamelCase, a part of the test's name
  std::string head;
  unsigned status = 0;  // 0: accepted
  GuardReason reason = GuardReason::none;
};

std::vector<FramingVector> framing_vectors();

}  // namespace flikvakt::gateway
