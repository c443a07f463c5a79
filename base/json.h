// JSON in and out, strictly. Parsing refuses duplicate names, depth over 32, numbers that are not integers of at most
// 53 bits, and invalid UTF-8. to_json/from_json map a struct that BOOST_DESCRIBE_STRUCT describes to an object with the
// same names, and a described enum to its name: unknown, missing and mistyped members are errors that name the path.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11.hpp>
#include <boost/variant2/variant.hpp>
#include <map>
#include <optional>
#include <set>
#include <span>
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

inline Error expected(std::string_view what) { return fail(ErrorCode::malformed, "expected " + std::string(what)); }

template <class T>
struct Codec;

// How a type of member is read and written, without the type: so the walk over a struct's members is compiled once, and
// what a member's type becomes once for all structs that have one.
struct FieldCodec {
  bool (*is_absent)(const void* field);  // null: it must be there
  json::value (*to)(const void* field);
  std::optional<Error> (*from)(void* field, const json::value& value);
};
struct MemberCodec {
  std::string_view name;
  void* (*of)(void* owner);
  const FieldCodec* field;
};
json::value members_to_json(const void* owner, std::span<const MemberCodec> members);
std::optional<Error> members_from_json(void* owner, const json::value& value, std::span<const MemberCodec> members);

template <class T>
std::optional<Error> read_into(T& out, const json::value& value);

template <class Field>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

template <class Field>
struct ErasedField {
  static bool is_absent(const void* field) {
    if constexpr (kIsOptional<Field>) return !static_cast<const Field*>(field)->has_value();
    return false;
  }
  static json::value to(const void* field) { return to_json(*static_cast<const Field*>(field)); }
  static std::optional<Error> from(void* field, const json::value& value) {
    return read_into(*static_cast<Field*>(field), value);
  }
  static constexpr FieldCodec codec{kIsOptional<Field> ? &is_absent : nullptr, &to, &from};
};

template <Described T>
struct Codec<T> {
  using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

  static json::value to(const T& value) { return members_to_json(&value, table(Members())); }
  static std::optional<Error> into(T& out, const json::value& value) {
    return members_from_json(&out, value, table(Members()));
  }
  static Result<T> from(const json::value& value) {
    T out;
    if (std::optional<Error> error = into(out, value)) return *error;
    return out;
  }

private:
  template <class Member>
  static void* of(void* owner) {
    return &(static_cast<T*>(owner)->*Member::pointer);
  }
  template <class Member>
  using Field = std::remove_reference_t<decltype(std::declval<T&>().*Member::pointer)>;

  template <template <class...> class List, class... Member>
  static std::span<const MemberCodec> table(List<Member...>) {
    static constexpr std::array<MemberCodec, sizeof...(Member)> kTable{
        MemberCodec{Member::name, &of<Member>, &ErasedField<Field<Member>>::codec}...};
    return kTable;
  }
};

struct Enumerator {
  std::int64_t value;
  std::string_view name;
};
json::value enumerator_to_json(std::int64_t value, std::span<const Enumerator> all);
Result<std::int64_t> enumerator_from_json(const json::value& value, std::span<const Enumerator> all);

template <DescribedEnum T>
struct Codec<T> {
  static json::value to(T value) { return enumerator_to_json(static_cast<std::int64_t>(value), table(All())); }
  static Result<T> from(const json::value& value) {
    return static_cast<T>(TRY(enumerator_from_json(value, table(All()))));
  }

private:
  using All = boost::describe::describe_enumerators<T>;
  template <template <class...> class List, class... E>
  static std::span<const Enumerator> table(List<E...>) {
    static constexpr std::array<Enumerator, sizeof...(E)> kTable{
        Enumerator{static_cast<std::int64_t>(E::value), E::name}...};
    return kTable;
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
    for (const json::value& element : value.get_array()) {
      if constexpr (Described<T>) {
        if (std::optional<Error> error = read_into(out.emplace_back(), element)) return *error;
      } else {
        out.push_back(TRY(from_json<T>(element)));
      }
    }
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
struct AlternativeCodec {
  std::string_view kind;
  std::optional<Error> (*from)(void* variant, const json::value& rest);
};
// Without `kind`, which of the alternatives it names.
struct OfAlternative {
  const AlternativeCodec* alternative;
  json::value rest;
};
json::value with_kind(json::value members, std::string_view kind);
Result<OfAlternative> alternative_of(const json::value& value, std::span<const AlternativeCodec> all);

template <template <class...> class Variant, class... T>
struct VariantCodec {
  using Either = Variant<T...>;
  static json::value to(const Either& value) {
    return visit([]<class One>(const One& one) { return with_kind(to_json(one), One::kKind); }, value);
  }
  static Result<Either> from(const json::value& value) {
    static constexpr std::array<AlternativeCodec, sizeof...(T)> kTable{AlternativeCodec{T::kKind, &from_one<T>}...};
    OfAlternative found = TRY(alternative_of(value, kTable));
    Either out;
    if (std::optional<Error> error = found.alternative->from(&out, found.rest)) return *error;
    return out;
  }

private:
  template <class One>
  static std::optional<Error> from_one(void* variant, const json::value& rest) {
    return read_into(static_cast<Either*>(variant)->template emplace<One>(), rest);
  }
};
template <class... T>
struct Codec<std::variant<T...>> : VariantCodec<std::variant, T...> {};
template <class... T>
struct Codec<boost::variant2::variant<T...>> : VariantCodec<boost::variant2::variant, T...> {};

template <class T>
std::optional<Error> read_into(T& out, const json::value& value) {
  if constexpr (Described<T>) {
    return Codec<T>::into(out, value);
  } else {
    Result<T> read = Codec<T>::from(value);
    if (!read) return read.error();
    out = std::move(*read);
    return std::nullopt;
  }
}

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
