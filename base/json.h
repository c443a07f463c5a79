// JSON in and out, strictly. Parsing refuses duplicate names, depth over 32, numbers that are not integers of at most
// 53 bits, and invalid UTF-8. to_json/from_json map a struct that BOOST_DESCRIBE_STRUCT describes to an object with the
// same names, and a described enum to its name: unknown, missing and mistyped members are errors that name the path.
#pragma once

#include <boost/describe.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace flikvakt {

namespace json = boost::json;

Result<json::value> parse_json(std::string_view text);
inline std::string to_text(const json::value& value) { return json::serialize(value); }

template <class T>
json::value to_json(const T& value);
template <class T>
Result<T> from_json(const json::value& value);

namespace json_detail {

template <class T>
concept Described = boost::describe::has_describe_members<T>::value && !std::is_union_v<T>;
template <class T>
concept DescribedEnum = boost::describe::has_describe_enumerators<T>::value;

inline Error at(std::string_view name, Error error) {
  error.message = "`" + std::string(name) + "`: " + error.message;
  return error;
}
inline Error expected(std::string_view what) { return fail(ErrorCode::malformed, "expected " + std::string(what)); }

template <class T>
struct Codec;

template <Described T>
struct Codec<T> {
  using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

  static json::value to(const T& value) {
    json::object out;
    boost::mp11::mp_for_each<Members>([&](auto member) {
      const auto& field = value.*member.pointer;
      if constexpr (requires {
                      field.has_value();
                      field.value();
                    }) {
        if (!field.has_value()) return;  // an absent optional is an absent member
      }
      out.emplace(member.name, to_json(field));
    });
    return out;
  }

  static Result<T> from(const json::value& value) {
    const json::object* object = value.if_object();
    if (!object) return expected("an object");
    T out;
    std::optional<Error> error;
    std::size_t used = 0;
    boost::mp11::mp_for_each<Members>([&](auto member) {
      if (error) return;
      auto& field = out.*member.pointer;
      using Field = std::remove_reference_t<decltype(field)>;
      const json::value* found = object->if_contains(member.name);
      if (!found) {
        if constexpr (requires {
                        field.has_value();
                        field.value();
                      })
          return;
        error = fail(ErrorCode::malformed, "`" + std::string(member.name) + "` is missing");
        return;
      }
      ++used;
      Result<Field> parsed = from_json<Field>(*found);
      if (parsed)
        field = std::move(*parsed);
      else
        error = at(member.name, parsed.error());
    });
    if (error) return *error;
    if (used != object->size()) return fail(ErrorCode::malformed, "has a member that is not known here");
    return out;
  }
};

template <DescribedEnum T>
struct Codec<T> {
  static json::value to(T value) {
    json::value out;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto e) {
      if (e.value == value) out = json::string(e.name);
    });
    return out;
  }
  static Result<T> from(const json::value& value) {
    if (!value.is_string()) return expected("a string");
    std::optional<T> out;
    std::string known;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto e) {
      if (value.get_string() == e.name) out = e.value;
      known += (known.empty() ? "" : ", ") + std::string(e.name);
    });
    if (!out) return expected("one of " + known);
    return *out;
  }
};

template <class Tag>
struct Codec<Id<Tag>> {
  static json::value to(const Id<Tag>& id) { return json::string(id.text()); }
  static Result<Id<Tag>> from(const json::value& value) {
    if (!value.is_string()) return expected("an id of 32 hex digits");
    Result<Id<Tag>> id = Id<Tag>::parse(value.get_string());
    if (!id) return expected("an id of 32 lower-case hex digits");
    return id;
  }
};

template <>
struct Codec<std::string> {
  static json::value to(const std::string& text) { return json::string(text); }
  static Result<std::string> from(const json::value& value) {
    if (!value.is_string()) return expected("a string");
    return std::string(value.get_string());
  }
};

template <>
struct Codec<bool> {
  static json::value to(bool value) { return value; }
  static Result<bool> from(const json::value& value) {
    if (!value.is_bool()) return expected("true or false");
    return value.get_bool();
  }
};

template <class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) struct Codec<T> {
  static json::value to(T value) { return static_cast<std::int64_t>(value); }
  static Result<T> from(const json::value& value) {
    const std::int64_t* number = value.if_int64();
    if (!number || !std::in_range<T>(*number)) return expected("a whole number in range");
    return static_cast<T>(*number);
  }
};

template <>
struct Codec<UtcTime> {
  static json::value to(UtcTime time) { return json::string(to_rfc3339(time)); }
  static Result<UtcTime> from(const json::value& value) {
    if (!value.is_string()) return expected("an RFC 3339 time");
    return parse_rfc3339(value.get_string());
  }
};

template <>
struct Codec<Date> {
  static json::value to(Date date) { return json::string(to_text(date)); }
  static Result<Date> from(const json::value& value) {
    if (!value.is_string()) return expected("a date like 2026-11-22");
    return parse_date(value.get_string());
  }
};

template <>
struct Codec<Bytes> {  // base64url
  static json::value to(const Bytes& bytes) { return json::string(to_base64url(bytes)); }
  static Result<Bytes> from(const json::value& value) {
    if (!value.is_string()) return expected("base64url text");
    return from_base64url(value.get_string());
  }
};

template <std::size_t N>
struct Codec<ByteArray<N>> {  // base64url
  static json::value to(const ByteArray<N>& bytes) { return json::string(to_base64url(bytes)); }
  static Result<ByteArray<N>> from(const json::value& value) {
    if (!value.is_string()) return expected("base64url text");
    Bytes bytes = TRY(from_base64url(value.get_string()));
    if (bytes.size() != N) return expected("base64url of " + std::to_string(N) + " bytes");
    return to_array<N>(bytes);
  }
};

template <>
struct Codec<json::value> {
  static json::value to(const json::value& value) { return value; }
  static Result<json::value> from(const json::value& value) { return value; }
};

template <class T>
struct Codec<std::optional<T>> {
  static json::value to(const std::optional<T>& value) { return value ? to_json(*value) : json::value(nullptr); }
  static Result<std::optional<T>> from(const json::value& value) { return std::optional<T>(TRY(from_json<T>(value))); }
};

template <class Range, class T>
json::value range_to(const Range& values) {
  json::array out;
  for (const T& value : values) out.push_back(to_json(value));
  return out;
}

template <class T>
struct Codec<std::vector<T>> {
  static json::value to(const std::vector<T>& values) { return range_to<std::vector<T>, T>(values); }
  static Result<std::vector<T>> from(const json::value& value) {
    if (!value.is_array()) return expected("an array");
    std::vector<T> out;
    for (const json::value& element : value.get_array()) out.push_back(TRY(from_json<T>(element)));
    return out;
  }
};

template <class T>
struct Codec<std::set<T>> {  // an array without repeats; written in ascending order
  static json::value to(const std::set<T>& values) { return range_to<std::set<T>, T>(values); }
  static Result<std::set<T>> from(const json::value& value) {
    if (!value.is_array()) return expected("an array");
    std::set<T> out;
    for (const json::value& element : value.get_array()) {
      if (!out.insert(TRY(from_json<T>(element))).second) return fail(ErrorCode::malformed, "repeats an element");
    }
    return out;
  }
};

// A variant of described structs, each with `static constexpr std::string_view kKind`: {"kind": …, other members}.
template <class... T>
struct Codec<std::variant<T...>> {
  static json::value to(const std::variant<T...>& value) {
    return std::visit(
        [](const auto& chosen) {
          json::value out = to_json(chosen);
          out.get_object().emplace("kind", json::string(std::remove_cvref_t<decltype(chosen)>::kKind));
          return out;
        },
        value);
  }
  static Result<std::variant<T...>> from(const json::value& value) {
    const json::object* object = value.if_object();
    const json::value* kind = object ? object->if_contains("kind") : nullptr;
    if (!kind || !kind->is_string()) return expected("an object with a `kind`");
    json::object rest = *object;
    rest.erase("kind");
    std::optional<Result<std::variant<T...>>> out;
    (
        [&] {
          if (out || kind->get_string() != T::kKind) return;
          Result<T> parsed = from_json<T>(json::value(rest));
          if (parsed)
            out.emplace(std::variant<T...>(std::move(*parsed)));
          else
            out.emplace(parsed.error());
        }(),
        ...);
    if (!out) return fail(ErrorCode::malformed, "`kind` is not known here");
    return std::move(*out);
  }
};

}  // namespace json_detail

template <class T>
json::value to_json(const T& value) {
  return json_detail::Codec<T>::to(value);
}
template <class T>
Result<T> from_json(const json::value& value) {
  return json_detail::Codec<T>::from(value);
}

// Text straight to a value.
template <class T>
Result<T> parse_as(std::string_view text) {
  json::value value = TRY(parse_json(text));
  return from_json<T>(value);
}

}  // namespace flikvakt
