// Strict JSON and its canonical form. Whatever the strict parser takes, Boost's own takes too and reads the same; the
// canonical text of it parses to the same value and is canonical.
#include <boost/json/parse.hpp>

#include "base/json.h"
#include "crypto/canonical_json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

template <class Parsed>
void check_spelling(const Result<Parsed>& parsed, std::string_view text, auto write) {
  if (parsed) claim(write(*parsed) == text, "a decoder takes one spelling per value");
}

void check_codecs(std::string_view text) {
  check_spelling(from_hex(text), text, [](const Bytes& bytes) { return to_hex(bytes); });
  check_spelling(from_base64(text), text, [](const Bytes& bytes) { return to_base64(bytes); });
  check_spelling(from_base64url(text), text, [](const Bytes& bytes) { return to_base64url(bytes); });
  check_spelling(parse_date(text), text, [](Date date) { return flikvakt::to_text(date); });
  const Result<UtcTime> time = parse_rfc3339(text);
  if (!time) return;
  const Result<UtcTime> again = parse_rfc3339(to_rfc3339(*time));
  claim(again && *again == *time, "a time that was read can be written and read again");
}

}  // namespace

void json(BytesView in) {
  const bool codecs = choose(in, 8) == 0;
  const std::string_view text = as_text(in);
  if (codecs) return check_codecs(text);
  const Result<json::value> value = parse_json(text);
  claim(value || !crypto::is_canonical(text), "what does not parse is not canonical");
  if (!value) return;
  claim(boost::json::parse(boost::json::string_view(text.data(), text.size())) == *value,
        "two parsers read the same value");
  const std::string canonical = crypto::canonical(*value);
  claim(crypto::is_canonical(canonical), "canonical text is canonical");
  claim(*parse_json(canonical) == *value, "the canonical text says the same");
  claim(crypto::canonical(*parse_json(to_text(*value))) == canonical, "written and read again, it is the same");
  claim((canonical == text) == crypto::is_canonical(text), "only the canonical text is canonical");
}

}  // namespace flikvakt::fuzz
