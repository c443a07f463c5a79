#include "admin/act_members.h"

#include "base/files.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "policy/person.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kLargestScan = 64u << 20;

Outcome<UtcTime> time_or_day(const std::string& of, const std::string& text, std::chrono::days after) {
  if (const Result<UtcTime> time = parse_rfc3339(text)) return *time;
  const Result<Date> day = parse_date(text);
  if (!day) return usage_failure(of + ": expected a time like 2026-12-01T09:00:00Z, or a day like 2026-12-01");
  return UtcTime(std::chrono::sys_days(*day) + after);
}

}  // namespace

Outcome<std::string> time_of(const std::string& of, const std::string& text) {
  return to_rfc3339(TRY(time_or_day(of, text, std::chrono::days(0))));
}

Outcome<std::string> end_of(const std::string& of, const std::string& text) {
  return to_rfc3339(TRY(time_or_day(of, text, std::chrono::days(1))));
}

Outcome<std::string> moment_of(const std::string& of, const std::string& text) {
  const Result<UtcTime> time = parse_rfc3339(text);
  if (!time) return usage_failure(of + ": expected a time like 2026-12-01T09:00:00Z, not only a day");
  return to_rfc3339(*time);
}

Outcome<json::array> moments_of(const Arguments& arguments, const std::string& option) {
  json::array out;
  for (const std::string& text : arguments.all(option)) out.emplace_back(TRY(moment_of(option, text)));
  return out;
}

Outcome<std::string> day_of(const std::string& of, const std::string& text) {
  if (!parse_date(text)) return usage_failure(of + ": expected a day like 2026-11-22");
  return text;
}

Outcome<json::object> recipient_of(const std::string& of, const std::string& text) {
  const std::size_t at = text.find('=');
  const std::string kind = text.substr(0, at);
  const Result<ActId> id = ActId::parse(at == text.npos ? "" : text.substr(at + 1));
  if (!id || !from_json<policy::RecipientKind>(json::value(json::string(kind))))
    return usage_failure(of + ": expected organisation=ID, unit=ID, team=ID or staff=ID, with an id of 32 hex digits");
  return json::object{{"kind", kind}, {"id", to_base64url(TRY(from_hex(id->text())))}};
}

json::array array_of(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

Outcome<json::array> ids_of(const Arguments& arguments, const std::string& option) {
  json::array out;
  for (const std::string& text : arguments.all(option)) {
    if (!ActId::parse(text)) return usage_failure(option + ": expected an id of 32 lower-case hex digits");
    out.emplace_back(text);
  }
  return out;
}

Option id_option() { return optional_option("--id", "ID", "32 hex digits; made when not given"); }

Outcome<std::string> id_for(const Arguments& arguments) {
  if (!arguments.has("--id")) return crypto::random_id<ActId>().text();
  return TRY(arguments.id<ActId>("--id")).text();
}

Option scan_option() { return required_option("--scan", "FILE", "the scan of the paper; it stays with you"); }

Outcome<std::string> scan_of(const Arguments& arguments) {
  const Result<Bytes> scan = read_file(arguments.text("--scan"), kLargestScan);
  if (!scan) return usage_failure("--scan: " + scan.error().message);
  if (scan->empty()) return usage_failure("--scan: `" + arguments.text("--scan") + "` is empty");
  return to_base64url(crypto::sha256(*scan));
}

}  // namespace flikvakt::admin
