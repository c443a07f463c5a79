// The request methods the guard lets through. HEAD and OPTIONS are known only to be answered 405.
#pragma once

#include <optional>
#include <string_view>

namespace flikvakt::gateway {

enum class Method { get, post, put, delete_, head, options };

std::string_view to_string(Method method);
std::optional<Method> parse_method(std::string_view text);  // case-sensitive (RFC 9110 section 9.1)

}  // namespace flikvakt::gateway
