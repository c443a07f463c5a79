#include "dissect/exact_json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "dissect/job.h"

namespace flikvakt::dissect {

const Json* Json::find(std::string_view name) const {
  const Object* members = object();
  if (!members) return nullptr;
  const auto found = std::ranges::find(*members, name, &std::pair<std::string, Json>::first);
  return found == members->end() ? nullptr : &found->second;
}

std::string_view Json::text_of(std::string_view name) const {
  const Json* member = find(name);
  return member && member->text() ? std::string_view(*member->text()) : std::string_view();
}

void Json::set(std::string_view name, Json value) {
  if (Json* member = find(name)) {
    *member = std::move(value);
  } else {
    object()->emplace_back(std::string(name), std::move(value));
  }
}

void Json::erase(std::string_view name) {
  if (Object* members = object()) std::erase_if(*members, [name](const auto& member) { return member.first == name; });
}

namespace {

void write_text(std::string& out, const std::string& text) {
  out += boost::json::serialize(boost::json::string_view(text));
}

}  // namespace

void Json::write(std::string& out) const {
  if (const auto* number = std::get_if<JsonNumber>(&value_)) {
    out += number->spelled;
  } else if (const auto* truth = std::get_if<bool>(&value_)) {
    out += *truth ? "true" : "false";
  } else if (text()) {
    write_text(out, *text());
  } else if (array()) {
    out += '[';
    for (const Json& element : *array()) {
      if (&element != &array()->front()) out += ',';
      element.write(out);
    }
    out += ']';
  } else if (object()) {
    out += '{';
    for (const auto& member : *object()) {
      if (&member != &object()->front()) out += ',';
      write_text(out, member.first);
      out += ':';
      member.second.write(out);
    }
    out += '}';
  } else {
    out += "null";
  }
}

namespace {

namespace json = boost::json;

// What the parser calls. Names that repeat are found when the object closes.
struct Builder {
  static constexpr std::size_t max_object_size = 1u << 16;
  static constexpr std::size_t max_array_size = 1u << 20;
  static constexpr std::size_t max_key_size = 1u << 12;
  static constexpr std::size_t max_string_size = partition::kMostInputBytes;

  struct Open {
    Json value;
    std::string name;
  };
  std::vector<Open> open;
  std::string buffer;
  Json result;

  bool add(Json value) {
    if (open.empty()) {
      result = std::move(value);
    } else if (Json::Array* array = open.back().value.array()) {
      array->push_back(std::move(value));
    } else {
      open.back().value.object()->emplace_back(std::move(open.back().name), std::move(value));
    }
    return true;
  }
  bool close() {
    Json value = std::move(open.back().value);
    open.pop_back();
    return add(std::move(value));
  }
  bool add_number(json::string_view part) {
    buffer.append(part);
    return add(JsonNumber{std::exchange(buffer, {})});
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return open.push_back({Json::Object(), {}}), true; }
  bool on_array_begin(json::error_code&) { return open.push_back({Json::Array(), {}}), true; }
  bool on_object_end(std::size_t, json::error_code& ec) {
    std::set<std::string_view> names;
    for (const auto& [name, value] : *open.back().value.object()) {
      if (!names.insert(name).second) {
        ec = json::error::syntax;
        return false;
      }
    }
    return close();
  }
  bool on_array_end(std::size_t, json::error_code&) { return close(); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return buffer.append(part), true; }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    buffer.append(part);
    open.back().name = std::exchange(buffer, {});
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return buffer.append(part), true; }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    buffer.append(part);
    return add(std::exchange(buffer, {}));
  }
  bool on_number_part(json::string_view part, json::error_code&) { return buffer.append(part), true; }
  bool on_int64(std::int64_t, json::string_view part, json::error_code&) { return add_number(part); }
  bool on_uint64(std::uint64_t, json::string_view part, json::error_code&) { return add_number(part); }
  bool on_double(double, json::string_view part, json::error_code&) { return add_number(part); }
  bool on_bool(bool value, json::error_code&) { return add(value); }
  bool on_null(json::error_code&) { return add(Json()); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

}  // namespace

Json parse_exact_json(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  json::parse_options options;
  options.max_depth = partition::kMostJsonDepth;
  json::basic_parser<Builder> parser(options);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (ec == json::error::too_deep) throw Refused(RefusalReason::too_deep);
  if (ec == json::error::array_too_large || ec == json::error::object_too_large) {
    throw Refused(RefusalReason::too_many, "entries");
  }
  if (ec || text.substr(used).find_first_not_of(" \t\r\n") != text.npos) throw Refused(RefusalReason::damaged);
  return std::move(parser.handler().result);
}

}  // namespace flikvakt::dissect
