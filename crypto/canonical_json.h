// Canonical JSON: one text per value, so that a value can be hashed and signed. Source: RFC 8785 (JCS), restricted to
// integers of at most 53 bits as everywhere in Flikvakt (base/json.h); our words: spec/canonical-json.md. Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace boost::json {
class value;
}

namespace flikvakt::crypto {

// Throws std::invalid_argument for what no Flikvakt format can hold: a number that is no integer or is over 53 bits,
// and text that is not UTF-8. parse_json returns no such value, so this is a fault of the program.
std::string canonical(const boost::json::value& value);

// True when `text` parses strictly and is, byte for byte, what canonical() makes of its value.
[[nodiscard]] bool is_canonical(std::string_view text);

}  // namespace flikvakt::crypto
