#include "base/web_address.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace flikvakt {
namespace {

constexpr std::string_view kHttps = "https://";
constexpr std::string_view kHttp = "http://";

bool is_visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 32 && c < 127; });
}

std::optional<std::uint16_t> port_in(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

std::string WebAddress::bare_host() const { return host.starts_with('[') ? host.substr(1, host.size() - 2) : host; }

Result<WebAddress> WebAddress::parse(std::string_view url) {
  const Error bad = fail(ErrorCode::malformed, "expected a URL like \"https://host.example/path\"");
  WebAddress out;
  out.has_tls = url.starts_with(kHttps);
  if ((!out.has_tls && !url.starts_with(kHttp)) || !is_visible_ascii(url) || url.find('#') != url.npos) return bad;
  url.remove_prefix(out.has_tls ? kHttps.size() : kHttp.size());
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  out.authority = url.substr(0, end);
  out.target = url.substr(end);
  const std::size_t colon = out.authority.rfind(':');
  const bool has_port = colon != std::string::npos && out.authority.find(']', colon) == std::string::npos;
  out.host = out.authority.substr(0, has_port ? colon : out.authority.size());
  const std::optional<std::uint16_t> port = has_port ? port_in(std::string_view(out.authority).substr(colon + 1))
                                                     : std::optional<std::uint16_t>(out.has_tls ? 443 : 80);
  const bool is_bracketed = out.host.size() > 2 && out.host.front() == '[' && out.host.back() == ']';
  const bool has_bracket = out.host.find_first_of("[]") != std::string::npos;
  if (!port || out.host.empty() || out.host.find('@') != std::string::npos || has_bracket != is_bracketed) return bad;
  out.port = *port;
  return out;
}

}  // namespace flikvakt
