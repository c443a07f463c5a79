#include "admin/act_members.h"

#include "admin/act_file.h"
#include "admin/toml_file.h"
#include "base/files.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "policy/person.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kLargestScan = 64u << 20;
constexpr std::size_t kLargestText = 64u << 10;
constexpr std::size_t kLargestFile = 1u << 20;

Failure in_file(const std::filesystem::path& file, const std::string& what) {
  return usage_failure("`" + file.string() + "`: " + what);
}

Outcome<std::string> read_text(const std::filesystem::path& file, std::size_t max_bytes) {
  const Result<Bytes> bytes = read_file(file, max_bytes);
  if (!bytes) return usage_failure(bytes.error().message);
  return std::string(as_text(*bytes));
}

Outcome<json::value> parse_written(const std::filesystem::path& file) {
  if (file.extension() == ".toml") return json::value(TRY(read_toml_as_json(file)));
  const Result<json::value> parsed = parse_json(TRY(read_text(file, kLargestFile)));
  if (!parsed) return in_file(file, "expected JSON (" + parsed.error().message + ")");
  return *parsed;
}

// What stands for something else: symbols, "team=ID" among recipients, the name of a file for a text.
class Completer {
public:
  Completer(const std::filesystem::path& file, json::object ids) : file_(file), ids_(std::move(ids)) {}

  Outcome<void> complete(json::value& value) const {
    if (value.is_string()) return complete_symbol(value);
    if (value.is_array()) {
      for (json::value& element : value.get_array()) TRY_VOID(complete(element));
    }
    return value.is_object() ? complete_object(value.get_object()) : Outcome<void>();
  }

private:
  Outcome<void> complete_symbol(json::value& value) const {
    const std::string symbol(value.get_string());
    if (!is_symbol(symbol)) return {};
    const json::value* id = ids_.if_contains(symbol);
    if (!id) return in_file(file_, "`" + symbol + "` is not in the file of --ids");
    value = *id;
    return {};
  }

  Outcome<void> complete_object(json::object& object) const {
    object.erase("comment");
    if (json::value* recipients = object.if_contains("recipients"); recipients && recipients->is_array()) {
      for (json::value& one : recipients->get_array()) TRY_VOID(complete_recipient(one));
    }
    for (auto& member : object) TRY_VOID(complete(member.value()));
    const json::value* name = object.if_contains("text_file");
    if (!name || !name->is_string()) return {};
    const std::string text =
        TRY(read_text(file_.parent_path() / std::string(std::string_view(name->get_string())), kLargestText));
    object.erase("text_file");
    object["text"] = text;
    return {};
  }

  Outcome<void> complete_recipient(json::value& one) const {
    if (!one.is_string()) return {};
    const std::string written(one.get_string());
    const std::size_t at = written.find('=');
    json::value id(json::string(at == written.npos ? "" : written.substr(at + 1)));
    TRY_VOID(complete_symbol(id));
    one = TRY(recipient_of("`" + file_.string() + "`: `recipients`",
                           written.substr(0, at) + "=" + std::string(std::string_view(id.get_string()))));
    return {};
  }

  const std::filesystem::path& file_;
  json::object ids_;
};

// What a part need not say, and days in place of times.
Outcome<void> complete_part(json::object& part, const std::filesystem::path& file) {
  part.emplace("goals", "");
  for (const std::string name : {"valid_from", "valid_to"}) {
    json::value* time = part.if_contains(name);
    if (!time || !time->is_string()) continue;
    *time = json::string(
        TRY(time_of("`" + file.string() + "`: `" + name + "`", std::string(std::string_view(time->get_string())))));
  }
  return {};
}

}  // namespace

Outcome<std::string> time_of(const std::string& of, const std::string& text) {
  if (const Result<UtcTime> time = parse_rfc3339(text)) return to_rfc3339(*time);
  const Result<Date> day = parse_date(text);
  if (!day) return usage_failure(of + ": expected a time like 2026-12-01T09:00:00Z, or a day like 2026-12-01");
  return to_rfc3339(UtcTime(std::chrono::sys_days(*day)));
}

Outcome<json::array> times_of(const Arguments& arguments, const std::string& option) {
  json::array out;
  for (const std::string& text : arguments.all(option)) out.emplace_back(TRY(time_of(option, text)));
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

Option ids_option() { return optional_option("--ids", "FILE", "ids of symbols like \"$region\", of `apply`"); }

Outcome<json::value> read_written(const std::filesystem::path& file, const Arguments& arguments) {
  json::value written = TRY(parse_written(file));
  const Symbols symbols = TRY(Symbols::read(arguments.text("--ids")));
  TRY_VOID(Completer(file, symbols.to_json()).complete(written));
  return written;
}

Outcome<json::object> read_plan(const std::filesystem::path& file, const Arguments& arguments) {
  json::value written = TRY(read_written(file, arguments));
  if (written.is_array()) written = json::object{{"parts", written.get_array()}};
  if (!written.is_object()) return in_file(file, "expected a plan: an object, or an array of parts");
  json::object& plan = written.get_object();
  plan.emplace("goals", "");
  plan.emplace("milestones", json::array());
  if (json::value* parts = plan.if_contains("parts"); parts && parts->is_array()) {
    for (json::value& part : parts->get_array()) {
      if (part.is_object()) TRY_VOID(complete_part(part.get_object(), file));
    }
  }
  const Result<policy::KontraktPlan> checked = from_json<policy::KontraktPlan>(written);
  if (!checked) return in_file(file, checked.error().message);
  if (checked->parts.empty()) return in_file(file, "`parts`: expected at least one");
  return plan;
}

}  // namespace flikvakt::admin
