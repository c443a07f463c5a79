#include "connector/proxy_login.h"

#include <algorithm>

#include "base/characters.h"
#include "base/files.h"
#include "crypto/secret.h"

namespace flikvakt::connector {
namespace {

constexpr std::size_t kMostLoginBytes = 4096;
constexpr std::size_t kMostToldBytes = 200;

constexpr std::string_view kSpace = " \t\r\n\v\f";  // all that libcurl takes for such

std::string_view first_word(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_first_of(kSpace));
}

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

// Of what stands behind NTLM and its white space.
bool is_without_target_info(std::string_view challenge) {
  constexpr std::size_t kFlags = 20, kTargetInfoLength = 40, kHeader = 48;
  constexpr std::uint8_t kHasTargetInfo = 0x80;  // of the third byte: NTLMSSP_NEGOTIATE_TARGET_INFO, 0x00800000
  const Result<Bytes> message = from_base64(challenge);
  if (!message || message->size() < kHeader) return true;  // whatever libcurl makes of it
  const std::size_t length = (*message)[kTargetInfoLength] + 256u * (*message)[kTargetInfoLength + 1];
  return ((*message)[kFlags + 2] & kHasTargetInfo) == 0 || length == 0;
}

}  // namespace

std::vector<std::string> logins_offered(std::string_view value) {
  std::vector<std::string> out;
  while (!value.empty()) {  // a comma within a realm begins no word that we know, or adds one of four
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view scheme = first_word(value.substr(0, comma));
    value.remove_prefix(std::min(comma + 1, value.size()));
    for (const char* known : {"Negotiate", "NTLM", "Digest", "Basic"}) {
      if (equal_ignoring_case(scheme, known) && std::ranges::find(out, known) == out.end()) out.emplace_back(known);
    }
  }
  return out;
}

bool is_ntlm1_challenge(std::string_view value) {
  constexpr std::string_view kScheme = "NTLM";
  for (std::size_t at = 0; at + kScheme.size() < value.size(); ++at) {  // as libcurl does, in a list too
    const bool is_begin = at == 0 || value[at - 1] == ',' || kSpace.find(value[at - 1]) != kSpace.npos;
    if (!is_begin || !equal_ignoring_case(value.substr(at, kScheme.size()), kScheme)) continue;
    std::string_view rest = value.substr(at + kScheme.size());
    if (kSpace.find(rest.front()) == kSpace.npos) continue;  // another word, or the end of an offer
    rest.remove_prefix(std::min(rest.find_first_not_of(kSpace), rest.size()));
    rest = rest.substr(0, rest.find_last_not_of(kSpace) + 1);
    if (!rest.empty() && is_without_target_info(rest)) return true;
  }
  return false;
}

std::string told_of_ticket(std::string_view words) {
  std::string out(words.substr(0, kMostToldBytes));
  while (!out.empty() && (!is_printable(out.back()) || out.ends_with(' ') || out.ends_with('.'))) out.pop_back();
  std::ranges::replace_if(
      out, [](char c) { return !is_printable(c); }, '?');
  return out;
}

void ProxyLogin::scrub() {
  text.resize(text.capacity());  // a short one that was moved from is still there
  crypto::scrub({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  text.clear();
}

Result<ProxyLogin> login_for(const ProxyConfig& proxy) {
  if (proxy.login_file.empty()) return ProxyLogin(proxy.auth == "negotiate" ? ":" : "");
  TRY_VOID(require_private(proxy.login_file));
  Bytes bytes = TRY(read_file(proxy.login_file, kMostLoginBytes));
  ProxyLogin out{std::string(as_text(bytes))};
  crypto::scrub(bytes);
  while (out.text.ends_with('\n') || out.text.ends_with('\r')) out.text.pop_back();
  // SPEC CONN-78: a domain counts the wrong ones.
  if (proxy.auth == "ntlm" && !std::ranges::all_of(out.text, is_printable))
    return fail(ErrorCode::invalid, "NTLM takes user and password in ASCII alone");
  return out;
}

}  // namespace flikvakt::connector
