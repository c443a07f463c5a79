// Swedish identity numbers: personnummer and samordningsnummer (day + 60), 10 or 12 digits, with the check digit of
// Skatteverket's SKV 704 (Luhn). Pure.
#pragma once

#include "base/result.h"
#include "base/time.h"

namespace flikvakt::policy {

// Twelve digits, whatever form it came in. `today` decides the century of a ten-digit number; `+` means that its holder
// is 100 or older. malformed: not such a number (the message does not repeat it).
Result<std::string> parse_personnummer(std::string_view text, Date today);

}  // namespace flikvakt::policy
