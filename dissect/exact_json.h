// JSON as a tree that keeps numbers as they are spelled: to FHIR, 5.10 is not 5.1. Strict: no repeated names, bounded
// depth, UTF-8.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace flikvakt::dissect {

struct JsonNumber {
  std::string spelled;
};

class Json {
public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;  // in the order of the file

  Json() = default;  // null
  Json(std::string text) : value_(std::move(text)) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(bool value) : value_(value) {}
  Json(JsonNumber number) : value_(std::move(number)) {}
  Json(Array array) : value_(std::move(array)) {}
  Json(Object object) : value_(std::move(object)) {}

  const std::string* text() const { return std::get_if<std::string>(&value_); }
  std::string* text() { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  Array* array() { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  Object* object() { return std::get_if<Object>(&value_); }

  // Of an object: nullptr when it has no such member, or is no object.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name) { return const_cast<Json*>(std::as_const(*this).find(name)); }
  std::string_view text_of(std::string_view name) const;  // empty when there is no such text
  void set(std::string_view name, Json value);
  void erase(std::string_view name);

  void write(std::string& out) const;

private:
  std::variant<std::monostate, bool, JsonNumber, std::string, Array, Object> value_;
};

// Throws Refused: damaged, too_deep, too_many.
Json parse_exact_json(std::string_view text);

}  // namespace flikvakt::dissect
