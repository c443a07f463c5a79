#include "base/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>  // Boost.JSON is compiled here, once

namespace flikvakt {
namespace {

constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;

// Builds a value and refuses what json::parse would quietly accept: repeated names and inexact numbers.
struct StrictHandler {
  static constexpr std::size_t max_object_size = 1u << 16;
  static constexpr std::size_t max_array_size = 1u << 17;  // an issuer's row may hold 100,000 serials (ACT-52)
  static constexpr std::size_t max_key_size = 1u << 12;
  static constexpr std::size_t max_string_size = 1u << 22;

  struct Open {
    json::value value;
    std::string name;
  };
  std::vector<Open> open;
  std::string buffer;
  json::value result;
  std::string_view reason;

  bool refuse(std::string_view why, json::error_code& ec) {
    reason = why;
    ec = json::error::syntax;
    return false;
  }
  bool add(json::value value, json::error_code& ec) {
    if (open.empty()) {
      result = std::move(value);
      return true;
    }
    Open& top = open.back();
    if (json::array* array = top.value.if_array()) {
      array->push_back(std::move(value));
      return true;
    }
    if (!top.value.get_object().emplace(top.name, std::move(value)).second) return refuse("repeats a name", ec);
    return true;
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return open.push_back({json::object(), {}}), true; }
  bool on_array_begin(json::error_code&) { return open.push_back({json::array(), {}}), true; }
  bool close(json::error_code& ec) {
    json::value value = std::move(open.back().value);
    open.pop_back();
    return add(std::move(value), ec);
  }
  bool on_object_end(std::size_t, json::error_code& ec) { return close(ec); }
  bool on_array_end(std::size_t, json::error_code& ec) { return close(ec); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return buffer.append(part), true; }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    buffer.append(part);
    open.back().name = std::exchange(buffer, {});
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return buffer.append(part), true; }
  bool on_string(json::string_view part, std::size_t, json::error_code& ec) {
    buffer.append(part);
    return add(json::string(std::exchange(buffer, {})), ec);
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code& ec) {
    if (number > kMaxInteger || number < -kMaxInteger) return refuse("has a number over 53 bits", ec);
    return add(number, ec);
  }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& ec) {
    return refuse("has a number over 53 bits", ec);
  }
  bool on_double(double, json::string_view, json::error_code& ec) {
    return refuse("has a number that is no integer", ec);
  }
  bool on_bool(bool value, json::error_code& ec) { return add(value, ec); }
  bool on_null(json::error_code& ec) { return add(nullptr, ec); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }
};

}  // namespace

Result<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = 32;
  json::basic_parser<StrictHandler> parser(options);
  json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  const StrictHandler& handler = parser.handler();
  if (!handler.reason.empty()) return fail(ErrorCode::malformed, "the JSON " + std::string(handler.reason));
  if (ec) return fail(ErrorCode::malformed, "not JSON: " + ec.message());
  if (used != text.size()) return fail(ErrorCode::malformed, "not JSON: text after the end");
  return parser.handler().result;
}

namespace json_detail {
namespace {

Error at(std::string_view name, Error error) {
  error.message = "`" + std::string(name) + "`: " + error.message;
  return error;
}

}  // namespace

json::value members_to_json(const void* owner, std::span<const MemberCodec> members) {
  json::object out;
  for (const MemberCodec& one : members) {
    const void* field = one.of(const_cast<void*>(owner));               // its address, no more
    if (one.field->is_absent && one.field->is_absent(field)) continue;  // an absent optional is an absent member
    out.emplace(one.name, one.field->to(field));
  }
  return out;
}

std::optional<Error> members_from_json(void* owner, const json::value& value, std::span<const MemberCodec> members) {
  const json::object* object = value.if_object();
  if (!object) return expected("an object");
  std::size_t used = 0;
  for (const MemberCodec& one : members) {
    const json::value* found = object->if_contains(one.name);
    if (!found && one.field->is_absent) continue;
    if (!found) return fail(ErrorCode::malformed, "`" + std::string(one.name) + "` is missing");
    ++used;
    if (std::optional<Error> error = one.field->from(one.of(owner), *found)) return at(one.name, std::move(*error));
  }
  if (used != object->size()) return fail(ErrorCode::malformed, "has a member that is not known here");
  return std::nullopt;
}

json::value enumerator_to_json(std::int64_t value, std::span<const Enumerator> all) {
  const auto found = std::ranges::find(all, value, &Enumerator::value);
  return found == all.end() ? json::value() : json::value(json::string(found->name));
}

Result<std::int64_t> enumerator_from_json(const json::value& value, std::span<const Enumerator> all) {
  if (!value.is_string()) return expected("a string");
  const auto found = std::ranges::find(all, std::string_view(value.get_string()), &Enumerator::name);
  if (found != all.end()) return found->value;
  std::string known;
  for (const Enumerator& one : all) known += (known.empty() ? "" : ", ") + std::string(one.name);
  return expected("one of " + known);
}

json::value with_kind(json::value members, std::string_view kind) {
  members.get_object().emplace("kind", json::string(kind));
  return members;
}

Result<OfAlternative> alternative_of(const json::value& value, std::span<const AlternativeCodec> all) {
  const json::object* object = value.if_object();
  const json::value* kind = object ? object->if_contains("kind") : nullptr;
  if (!kind || !kind->is_string()) return expected("an object with a `kind`");
  const auto found = std::ranges::find(all, std::string_view(kind->get_string()), &AlternativeCodec::kind);
  if (found == all.end()) return fail(ErrorCode::malformed, "`kind` is not known here");
  json::object rest = *object;
  rest.erase("kind");
  return OfAlternative{&*found, std::move(rest)};
}

}  // namespace json_detail

}  // namespace flikvakt
