#include "gateway/page_response.h"

#include <algorithm>

#include "base/characters.h"
#include "gateway/form.h"

namespace flikvakt::gateway {
namespace {

std::string policy_of(PageScript script, PageFrame frame) {
  std::string out =
      "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
      "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
  if (script == PageScript::passkey) out += "; script-src 'self'";
  if (frame == PageFrame::document) out += "; frame-src 'self'";
  return out;
}

// RFC 6266, RFC 8187: the plain form for old browsers, the encoded one with everything.
std::string disposition(std::string_view kind, std::string_view file_name) {
  std::string plain;
  for (const char c : file_name) {
    const bool is_safe = is_unreserved(c) || c == ' ';
    if (is_safe) plain += c;
  }
  if (plain.empty() || plain.front() == '.') plain = "dokument";
  return std::string(kind) + "; filename=\"" + plain + "\"; filename*=UTF-8''" + percent_encoded(file_name);
}

}  // namespace

// SPEC PORTAL-3
void add_security_fields(Response& response) {
  response.headers.emplace_back("Strict-Transport-Security", "max-age=63072000; includeSubDomains");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

// SPEC PORTAL-1, PORTAL-2
Response page_response(unsigned status, std::string html, PageScript script, PageFrame frame) {
  Response response = bytes_response(status, "text/html; charset=utf-8", to_bytes(as_bytes(html)));
  response.headers.emplace_back("Content-Security-Policy", policy_of(script, frame));
  response.headers.emplace_back("X-Frame-Options", "DENY");
  response.headers.emplace_back(
      "Permissions-Policy",
      "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), "
      "publickey-credentials-create=(self)");
  add_security_fields(response);
  return response;
}

Response page_in_frame(unsigned status, std::string html) {
  Response response = bytes_response(status, "text/html; charset=utf-8", to_bytes(as_bytes(html)));
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; "
                                "frame-ancestors 'self'");
  add_security_fields(response);
  return response;
}

Response see_other(std::string_view to) {
  Response response = page_response(303, {});
  response.headers.emplace_back("Location", to);
  return response;
}

void set_cookie(Response& response, std::string_view name, std::string_view value,
                std::optional<std::chrono::seconds> life) {
  std::string field(name);
  field += "=" + std::string(value) + "; Path=/; Secure; HttpOnly; SameSite=Lax";
  if (life) field += "; Max-Age=" + std::to_string(life->count());
  response.headers.emplace_back("Set-Cookie", std::move(field));
}

void drop_cookie(Response& response, std::string_view name) { set_cookie(response, name, "", std::chrono::seconds(0)); }

// SPEC PORTAL-12
void clear_site_data(Response& response) { response.headers.emplace_back("Clear-Site-Data", "\"cache\", \"storage\""); }

bool may_be_shown(std::string_view media_type) {
  constexpr std::string_view kShown[] = {"application/pdf", "application/json", "application/fhir+json",
                                         "application/xml", "text/xml",         "application/fhir+xml",
                                         "text/plain",      "image/png",        "image/jpeg"};
  return std::ranges::find(kShown, media_type) != std::end(kShown);
}

// SPEC PORTAL-5, PORTAL-6. The media type is what the depositor said, and its leading bytes are of that kind (API-71);
// text of machines is shown as text.
Response for_browser(Response document, std::string_view media_type, std::string_view file_name, DocumentUse use) {
  const bool is_shown = use == DocumentUse::shown && may_be_shown(media_type);
  const bool is_as_it_is = media_type == "application/pdf" || media_type.starts_with("image/");
  Response out;
  out.status = document.status;
  out.body = std::move(document.body);
  out.departure = document.departure;
  out.headers.emplace_back("Content-Type", !is_shown || is_as_it_is ? media_type : "text/plain; charset=utf-8");
  out.headers.emplace_back("Content-Disposition", disposition(is_shown ? "inline" : "attachment", file_name));
  out.headers.emplace_back("Content-Security-Policy",
                           "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; "
                           "form-action 'none'; frame-ancestors 'self'; sandbox");
  add_security_fields(out);
  return out;
}

}  // namespace flikvakt::gateway
