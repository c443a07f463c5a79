#include "admin/written_file.h"

#include "admin/act_file.h"
#include "admin/act_members.h"
#include "admin/json_text.h"
#include "admin/toml_file.h"
#include "base/files.h"
#include "policy/person.h"

namespace flikvakt::admin {
namespace {

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

// What a part need not say.
Outcome<void> complete_part(json::object& part, const std::filesystem::path& file) {
  part.emplace("goals", "");
  return complete_period(part, file);
}

}  // namespace

Outcome<void> complete_period(json::object& written, const std::filesystem::path& file) {
  for (const std::string name : {"valid_from", "valid_to"}) {
    const auto text = text_member(written, name);
    if (!text) continue;
    const std::string of = "`" + file.string() + "`: `" + name + "`";
    written[name] = TRY(name == "valid_to" ? end_of(of, *text) : time_of(of, *text));
  }
  return {};
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
