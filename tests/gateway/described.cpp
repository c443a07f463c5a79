#include "tests/gateway/described.h"

#include <regex>

#include "base/files.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

const json::value& follow(const json::value& node) {
  const json::object* object = node.if_object();
  if (!object || !object->contains("$ref")) return node;
  const std::string pointer = std::string(object->at("$ref").as_string()).substr(1);
  const json::value* found = nullptr;
  for (std::size_t at = 1; at < pointer.size();) {
    const std::size_t end = std::min(pointer.find('/', at), pointer.size());
    const json::object& within = found ? found->as_object() : openapi();
    found = &within.at(pointer.substr(at, end - at));
    at = end + 1;
  }
  return follow(*found);
}

using Complaints = std::vector<std::string>;
Complaints check(const json::value& schema, const json::value& value, const std::string& where);

bool has_type(std::string_view type, const json::value& value) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_int64() || value.is_uint64();
  return type == "boolean" && value.is_bool();
}

void add(Complaints& to, Complaints more) { to.insert(to.end(), more.begin(), more.end()); }

Complaints check_object(const json::object& schema, const json::object& value, const std::string& where) {
  Complaints out;
  const json::value* required = schema.if_contains("required");
  for (const json::value& name : required ? required->as_array() : json::array()) {
    if (!value.contains(name.as_string())) out.push_back(where + " lacks " + std::string(name.as_string()));
  }
  const json::value* properties = schema.if_contains("properties");
  if (!properties) return out;
  const json::value* additional = schema.if_contains("additionalProperties");
  for (const auto& member : value) {
    const std::string inner = where + "/" + std::string(member.key());
    if (const json::value* known = properties->as_object().if_contains(member.key())) {
      add(out, check(*known, member.value(), inner));
    } else if (additional && additional->is_bool() && !additional->get_bool()) {
      out.push_back(inner + " is not declared");
    }
  }
  return out;
}

Complaints check_string(const json::object& schema, const std::string& value, const std::string& where) {
  const json::value* pattern = schema.if_contains("pattern");
  if (!pattern || std::regex_match(value, std::regex(std::string(pattern->as_string())))) return {};
  return {where + " does not match its pattern"};
}

Complaints check_any(const json::array& schemas, const json::value& value, const std::string& where) {
  Complaints last;
  for (const json::value& one : schemas) {
    last = check(one, value, where);
    if (last.empty()) return {};
  }
  return last;
}

Complaints check(const json::value& described, const json::value& value, const std::string& where) {
  const json::object& schema = follow(described).as_object();
  if (const json::value* any = schema.if_contains("anyOf")) return check_any(any->as_array(), value, where);
  if (const json::value* type = schema.if_contains("type"); type && !has_type(type->as_string(), value)) {
    return {where + " is no " + std::string(type->as_string())};
  }
  if (const json::value* one = schema.if_contains("const"); one && *one != value) return {where + " is another value"};
  if (const json::value* some = schema.if_contains("enum")) {
    const json::array& known = some->as_array();
    if (std::find(known.begin(), known.end(), value) == known.end()) return {where + " is none of the values"};
  }
  if (value.is_object()) return check_object(schema, value.get_object(), where);
  if (value.is_string()) return check_string(schema, std::string(value.get_string()), where);
  Complaints out;
  const json::value* items = schema.if_contains("items");
  if (!value.is_array() || !items) return out;
  for (const json::value& one : value.get_array()) add(out, check(*items, one, where + "[]"));
  return out;
}

const json::object* find_operation(const std::string& method, std::string_view target) {
  const std::string path(target.substr(0, target.find('?')));
  std::string verb = method;
  for (char& c : verb) c = static_cast<char>(std::tolower(c));
  const json::object* found = nullptr;
  for (const auto& [pattern, operations] : openapi().at("paths").as_object()) {
    std::string expression =
        std::regex_replace(std::string(pattern), std::regex(R"(\{tile\})"), ".+");  // many segments
    expression = std::regex_replace(expression, std::regex(R"(\{[a-z]+\})"), "[^/]+");
    if (!std::regex_match(path, std::regex(expression))) continue;
    if (const json::value* operation = operations.as_object().if_contains(verb)) found = &operation->as_object();
  }
  return found;
}

}  // namespace

const json::object& openapi() {
  static const json::value document =
      parse_json(as_text(read_file(FLIKVAKT_SOURCE_DIR "/gateway/openapi.json", 1 << 20).value())).value();
  return document.as_object();
}

Complaints find_undescribed(const std::string& method, std::string_view target, const ApiReply& reply) {
  if (reply.status == 0 || reply.status == 404 || reply.status == 405) return {};
  if (!target.starts_with("/v1/")) return {};                 // a page
  if (reply.status == 414 || reply.status == 431) return {};  // before it was known what was asked for: spec/http.md
  const json::object* operation = find_operation(method, target);
  if (!operation) return {"no such operation"};
  const json::value* response = operation->at("responses").as_object().if_contains(std::to_string(reply.status));
  if (!response) return {"the status is not declared"};
  const json::value* content = follow(*response).as_object().if_contains("content");
  if (!content) return {};
  const json::value* body = content->as_object().if_contains(reply.field("Content-Type"));
  if (!body && content->as_object().contains("*/*")) return {};
  if (!body && reply.field("Content-Type").starts_with("text/plain;"))
    body = content->as_object().if_contains("text/plain");
  if (!body) return {"the Content-Type is not declared"};
  if (!body->as_object().contains("schema") || reply.json().is_null()) return {};
  return check(body->at("schema"), reply.json(), "");
}

}  // namespace flikvakt::gateway::test
