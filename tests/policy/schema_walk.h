// Holds a JSON Schema to the structs that the parser and the writer go by (base/json.h): the same members, required
// unless std::optional, of the same shape, enums with the same values. Says of each difference what is where.
#pragma once

#include <algorithm>
#include <regex>

#include "base/files.h"
#include "base/json.h"

namespace flikvakt::test {

using Complaints = std::vector<std::string>;
using Names = std::set<std::string>;

inline json::value read_json_file(const std::string& path_in_tree) {
  return parse_json(as_text(read_file(FLIKVAKT_SOURCE_DIR "/" + path_in_tree, 4u << 20).value())).value();
}

inline Names names_in(const json::object& schema, std::string_view member) {
  Names out;
  const json::value* found = schema.if_contains(member);
  if (!found) return out;
  if (const json::object* object = found->if_object()) {
    for (const auto& one : *object) out.insert(std::string(one.key()));
  } else {
    for (const json::value& one : found->as_array()) out.insert(std::string(one.as_string()));
  }
  return out;
}

namespace schema_detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_set = false;
template <class T>
inline constexpr bool is_set<std::set<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <>
inline constexpr bool is_vector<Bytes> = false;

// How a value is written, by the name of the definition that says it.
template <class Tag>
std::string format_of(std::type_identity<Id<Tag>>, const std::string&) {
  return "Id";
}
// A blind index inside is a handle outside.
inline std::string format_of(std::type_identity<ByteArray<32>>, const std::string& where) {
  const std::string member = where.substr(where.rfind('/') + 1);
  const bool is_person = member == "person" || member == "representative" || member == "other_subjects[]";
  return is_person ? "Handle" : "Fingerprint";
}
inline std::string format_of(std::type_identity<ByteArray<16>>, const std::string&) { return "RecipientId"; }
inline std::string format_of(std::type_identity<Bytes>, const std::string&) { return "Base64url"; }
inline std::string format_of(std::type_identity<UtcTime>, const std::string&) { return "Time"; }
inline std::string format_of(std::type_identity<Date>, const std::string&) { return "Date"; }
inline std::string format_of(std::type_identity<json::value>, const std::string& where) {
  return where.ends_with("/act") ? "ActOfTwo" : "Jwk";
}

}  // namespace schema_detail

class SchemaWalk {
public:
  // `definitions`: what "$ref": "`prefix`Name" leads to. `bounded`: numbers say how small and how large they may be.
  enum class Numbers { bounded, any };
  SchemaWalk(const json::object& definitions, std::string prefix, Numbers numbers)
      : definitions_(definitions), prefix_(std::move(prefix)), numbers_(numbers) {}

  const Complaints& complaints() const { return complaints_; }
  const Names& reached() const { return reached_; }

  // The definition `name` says what the struct T says, but for members `besides` that the schema has and T has not, and
  // `without` that T has and the schema has not.
  template <class T>
  void hold(const std::string& name, const Names& besides = {}, const Names& without = {}) {
    const json::value* found = definitions_.if_contains(name);
    if (!found) return complain(prefix_ + name, "is not there, and the code has such a struct: add a definition of it");
    reached_.insert(name);
    hold_struct<T>(found->as_object(), prefix_ + name, besides, without);
  }

  void complain(const std::string& where, const std::string& what) { complaints_.push_back(where + " " + what); }

  // The definition that a schema refers to, by name; empty when it refers to none.
  std::string name_of(const json::object& schema) {
    const json::value* to = schema.if_contains("$ref");
    if (!to || !to->as_string().starts_with(prefix_)) return {};
    std::string name(to->as_string().subview(prefix_.size()));
    reached_.insert(name);
    return name;
  }

  const json::object& follow(const json::object& schema) {
    const std::string name = name_of(schema);
    const json::value* found = name.empty() ? nullptr : definitions_.if_contains(name);
    return found ? follow(found->as_object()) : schema;
  }

private:
  template <class T>
  void hold_struct(const json::object& schema, const std::string& where, const Names& besides, const Names& without) {
    expect_type(schema, "object", where);
    const json::value* closed = schema.if_contains("additionalProperties");
    if (!closed || *closed != json::value(false)) complain(where, "lacks \"additionalProperties\": false");
    Names members = besides, required = besides;
    boost::mp11::mp_for_each<typename json_detail::Codec<T>::Members>([&](auto member) {
      if (without.contains(member.name)) return;
      using Field = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
      members.insert(member.name);
      if (!schema_detail::is_optional<Field>) required.insert(member.name);
      hold_member<Field>(schema, member.name, where);
    });
    for (const std::string& name : names_in(schema, "properties")) {
      if (!members.contains(name)) complain(where, "has the member `" + name + "`, the struct has not: take it out");
    }
    compare_required(required, names_in(schema, "required"), where);
    compare_order<T>(schema, where);
  }

  // The text of a waiting act has its members in this order.
  template <class T>
  void compare_order(const json::object& schema, const std::string& where) {
    const json::value* properties = schema.if_contains("properties");
    if (!properties || numbers_ == Numbers::any) return;
    std::vector<std::string> in_struct, in_schema;
    boost::mp11::mp_for_each<typename json_detail::Codec<T>::Members>([&](auto member) {
      if (properties->as_object().contains(member.name)) in_struct.emplace_back(member.name);
    });
    for (const auto& one : properties->as_object()) {
      if (std::ranges::count(in_struct, std::string(one.key())) != 0) in_schema.emplace_back(one.key());
    }
    if (in_struct != in_schema) complain(where, "has its `properties` in another order than the struct");
  }

  template <class Field>
  void hold_member(const json::object& schema, const std::string& name, const std::string& where) {
    const json::value* properties = schema.if_contains("properties");
    const json::value* found = properties ? properties->as_object().if_contains(name) : nullptr;
    if (!found) {
      complain(where, "lacks the member `" + name + "` of the struct: add it to `properties`" +
                          (schema_detail::is_optional<Field> ? "" : " and to `required`"));
    } else {
      hold_value<Field>(found->as_object(), where + "/" + name);
    }
  }

  void compare_required(const Names& expected, const Names& found, const std::string& where) {
    for (const std::string& name : expected) {
      if (!found.contains(name)) complain(where, "`" + name + "` is no std::optional: add it to `required`");
    }
    for (const std::string& name : found) {
      if (!expected.contains(name)) complain(where, "`" + name + "` may be absent: take it out of `required`");
    }
  }

  template <class T>
  void hold_value(const json::object& schema, const std::string& where) {
    if constexpr (schema_detail::is_optional<T>) {
      hold_value<typename T::value_type>(schema, where);
    } else if constexpr (json_detail::DescribedEnum<T>) {
      hold_enum<T>(follow(schema), where);
    } else if constexpr (json_detail::Described<T>) {
      hold_struct<T>(follow(schema), where, {}, {});
    } else if constexpr (schema_detail::is_set<T>) {
      expect_repeats(schema, false, where);
      hold_items<typename T::value_type>(schema, where);
    } else if constexpr (schema_detail::is_vector<T>) {
      expect_repeats(schema, true, where);
      hold_items<typename T::value_type>(schema, where);
    } else if constexpr (std::is_same_v<T, bool>) {
      expect_type(follow(schema), "boolean", where);
    } else if constexpr (std::is_integral_v<T>) {
      hold_number<T>(follow(schema), where);
    } else if constexpr (std::is_same_v<T, std::string>) {
      expect_type(follow(schema), "string", where);
    } else {
      expect_format(schema, schema_detail::format_of(std::type_identity<T>{}, where), where);
    }
  }

  template <class T>
  void hold_enum(const json::object& schema, const std::string& where) {
    Names expected;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto one) { expected.insert(one.name); });
    const Names found = names_in(schema, "enum");
    for (const std::string& name : expected) {
      if (!found.contains(name)) complain(where, "lacks the value `" + name + "` of the enum");
    }
    for (const std::string& name : found) {
      if (!expected.contains(name)) complain(where, "has the value `" + name + "`, the enum has not");
    }
  }

  template <class T>
  void hold_items(const json::object& schema, const std::string& where) {
    expect_type(schema, "array", where);
    const json::value* items = schema.if_contains("items");
    if (!items) return complain(where, "does not say what its `items` are");
    hold_value<T>(items->as_object(), where + "[]");
  }

  void expect_repeats(const json::object& schema, bool may_repeat, const std::string& where) {
    const json::value* unique = schema.if_contains("uniqueItems");
    const bool is_set = unique && *unique == json::value(true);
    if (numbers_ == Numbers::any || is_set != may_repeat) return;
    complain(where, may_repeat ? "may repeat an element: no `uniqueItems`" : "is a set: needs \"uniqueItems\": true");
  }

  template <class T>
  void hold_number(const json::object& schema, const std::string& where) {
    expect_type(schema, "integer", where);
    if (numbers_ == Numbers::any) return;
    const json::value* least = schema.if_contains("minimum");
    const json::value* most = schema.if_contains("maximum");
    const bool fits = least && most && std::in_range<T>(least->as_int64()) && std::in_range<T>(most->as_int64()) &&
                      most->as_int64() < std::int64_t{1} << 53;
    if (!fits) complain(where, "needs a `minimum` and a `maximum` that the struct's number holds");
  }

  void expect_type(const json::object& schema, std::string_view type, const std::string& where) {
    const json::value* found = schema.if_contains("type");
    if (!found || *found != json::value(json::string(type))) complain(where, "needs type " + std::string(type));
  }

  void expect_format(const json::object& schema, const std::string& format, const std::string& where) {
    if (name_of(schema) != format) complain(where, "must refer to " + format);
  }

  const json::object& definitions_;
  const std::string prefix_;
  const Numbers numbers_;
  Complaints complaints_;
  Names reached_;
};

}  // namespace flikvakt::test
