#include "connector/transport.h"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/characters.h"
#include "base/files.h"
#include "base/time.h"
#include "base/web_address.h"
#include "connector/proxy_login.h"

namespace flikvakt::connector {
namespace {

constexpr std::size_t kMostAnswerBytes = 8 * 1024 * 1024;
constexpr long kConnectSeconds = 5;
constexpr std::chrono::seconds kMostWaitForLeave{3};
constexpr std::chrono::milliseconds kAskAgain{20};

void initialise() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl does not start");
  });
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* to) {
  auto& answer = *static_cast<HttpAnswer*>(to);
  const std::size_t bytes = size * count;
  if (answer.body.size() + bytes > kMostAnswerBytes) return 0;
  answer.body.insert(answer.body.end(), data, data + bytes);
  return bytes;
}

// What is heard on the way, beside the answer's body.
struct Heard {
  CURL* curl;
  HttpAnswer& answer;
  const std::atomic<bool>* cancelled;
  ShownPassword* password = nullptr;  // that would be shown to the proxy, when it is asked for leave
  std::optional<ShownPassword::Leave> leave{};
  std::optional<ShownPassword::NotNow> no_leave{};
  std::vector<std::string> logins{};  // that the proxy offers
  std::string no_ticket{};            // why Kerberos gave none
  bool is_ntlm1_asked = false;        // and was not answered
  unsigned refusals = 0;              // 407 on this line
  bool is_refused_again = false;      // after all that a login takes

  Heard(CURL* handle, HttpAnswer& into, const std::atomic<bool>* cancelling)
      : curl(handle), answer(into), cancelled(cancelling) {}
  Heard(const Heard&) = delete;
  Heard& operator=(const Heard&) = delete;
  ~Heard() { give_up_leave(); }
  void note_taken() {
    if (leave) password->note_taken(*std::exchange(leave, std::nullopt));
  }
  void give_up_leave() {
    if (leave) password->note_unheard(*std::exchange(leave, std::nullopt));
  }
};

// Asked without a login, its challenge, and no. Whatever goes on is somebody's who would have the password shown for
// ever.
constexpr unsigned kMostRefusals = 3;

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* to) {
  Heard& heard = *static_cast<Heard*>(to);
  HttpAnswer& answer = heard.answer;
  std::string_view line(data, size * count);
  // RFC 9112 section 5.2: the field before goes on, which none of the gateway's does; it begins no field of its own.
  if (line.starts_with(' ') || line.starts_with('\t')) return size * count;
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    answer.headers.clear();  // of the answer itself, not of a proxy's to CONNECT
    if (line.substr(std::min(line.find(' '), line.size())).starts_with(" 407") && ++heard.refusals > kMostRefusals) {
      heard.is_refused_again = true;
      return 0;  // it ends here
    }
  }
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return size * count;
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  std::string name = lowered(line.substr(0, colon));
  if (name == "proxy-authenticate") {
    for (std::string& one : logins_offered(value)) {
      if (std::ranges::find(heard.logins, one) == heard.logins.end()) heard.logins.push_back(std::move(one));
    }
    if (is_ntlm1_challenge(value)) {
      heard.is_ntlm1_asked = true;
      return 0;  // SPEC CONN-77: it ends here
    }
  }
  answer.headers[std::move(name)] = std::string(value);
  return size * count;
}

// Of all that libcurl tells of its work, which has logins in it: why there is no ticket, and nothing else.
int take_word(CURL*, curl_infotype type, char* data, std::size_t size, void* to) {
  constexpr std::string_view kNoTicket = "gss_init_sec_context() failed: ";
  const std::string_view said(data, size);
  if (type != CURLINFO_TEXT || !said.starts_with(kNoTicket)) return 0;
  static_cast<Heard*>(to)->no_ticket = told_of_ticket(said.substr(kNoTicket.size()));
  return 0;
}

// SPEC CONN-79: who opens a line to a proxy shows the password on it, and asks for leave. A line that was kept shows
// nothing.
curl_socket_t open_line(void* to, curlsocktype, curl_sockaddr* address) {
  Heard& heard = *static_cast<Heard*>(to);
  heard.refusals = 0;
  const auto until = std::chrono::steady_clock::now() + kMostWaitForLeave;
  while (heard.password != nullptr && !heard.leave) {
    const auto now = std::chrono::steady_clock::now();
    const auto answer = heard.password->ask(now);
    if (const auto* leave = std::get_if<ShownPassword::Leave>(&answer)) {
      heard.leave = *leave;
      break;
    }
    const auto why = std::get<ShownPassword::NotNow>(answer);
    const bool is_over = heard.cancelled != nullptr && heard.cancelled->load();
    if (why == ShownPassword::NotNow::refused_lately || now >= until || is_over) {
      heard.no_leave = why;
      return CURL_SOCKET_BAD;
    }
    std::this_thread::sleep_for(kAskAgain);
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

// The line stands, and the question is about to go.
int take_line(void* to, char*, char*, int, int) {
  Heard& heard = *static_cast<Heard*>(to);
  long connect_code = 0;
  curl_easy_getinfo(heard.curl, CURLINFO_HTTP_CONNECTCODE, &connect_code);
  if (connect_code == 200)
    heard.note_taken();
  else
    heard.give_up_leave();  // no proxy was asked
  return CURL_PREREQFUNC_OK;
}

int is_over(void* cancelled, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* flag = static_cast<const std::atomic<bool>*>(cancelled);
  return flag != nullptr && flag->load() ? 1 : 0;
}

unsigned long proxy_auth(const std::string& name) {
  if (name == "basic") return CURLAUTH_BASIC;
  if (name == "ntlm") return CURLAUTH_NTLM;
  if (name == "negotiate") return CURLAUTH_NEGOTIATE;
  // SPEC CONN-77: one with a password. libcurl would take Negotiate before them wherever a proxy offers it, as those of
  // a domain do, and without a ticket go no further.
  return CURLAUTH_BASIC | CURLAUTH_DIGEST | CURLAUTH_NTLM;
}

curl_blob blob_of(const std::string& text) { return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_COPY}; }

// Of those that are offered one could be by the password.
bool is_shown_to(const std::vector<std::string>& offered, const std::string& auth) {
  return offered.empty() || std::ranges::any_of(offered, [&](const std::string& one) {
           return one != "Negotiate" && (auth == "any" || lowered(one) == auth);
         });
}

TransportFailure unshown(const ProxyInUse& proxy, std::string why) {
  TransportFailure out;
  out.layer = Layer::proxy_login;
  out.message = std::move(why);
  out.proxy = proxy.address;
  return out;
}

TransportFailure unshown(const ProxyInUse& proxy, ShownPassword::NotNow why) {
  if (why == ShownPassword::NotNow::refused_lately)
    return unshown(proxy,
                   "so that no account is locked, a password that it has not taken is shown less and less often");
  TransportFailure out = unshown(proxy, "another part of this program has not come through yet");
  out.layer = Layer::proxy;
  return out;
}

// How far a question got.
struct Reached {
  bool has_proxy = false;
  bool has_name = false;          // of the gateway, or of the proxy before it
  bool has_line = false;          // a connection to it stands
  bool is_ready = false;          // for the question itself; so is a connection that was kept
  long connect_code = 0;          // what the proxy answered to CONNECT; 0: nothing
  bool is_refused_login = false;  // a 407 that was more than the question for one
  long is_not_valid = 0;          // X509_V_…, of the server's certificate
};

// INVARIANT (no layer for another): what nobody answered is not called passed. A firewall that drops what it does not
// like looks like silence at the very first step.
Layer last_layer(const Reached& reached) {
  if (reached.is_ready) return Layer::answer;
  if (!reached.has_name) return Layer::name;
  if (reached.has_proxy && reached.connect_code != 200) return Layer::proxy;
  return reached.has_line ? Layer::handshake : Layer::route;
}

Layer layer_of(CURLcode code, const Reached& reached) {
  constexpr long kNotYetValid = 9, kHasExpired = 10;  // X509_V_ERR_CERT_NOT_YET_VALID, …_HAS_EXPIRED
  if (reached.connect_code == 407 && reached.is_refused_login) return Layer::proxy_login;
  if (reached.connect_code != 0 && reached.connect_code != 200) return Layer::proxy;
  const bool is_at_proxy = !reached.is_ready && reached.has_proxy && reached.connect_code != 200;
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Layer::name;
    case CURLE_PROXY:
      return Layer::proxy;
    case CURLE_COULDNT_CONNECT:
      return reached.has_proxy ? Layer::proxy : Layer::route;
    case CURLE_PEER_FAILED_VERIFICATION:
      if (is_at_proxy) return Layer::proxy;  // one that is reached by https
      // The path to our roots and the signatures were verified before the times.
      if (reached.is_not_valid == kNotYetValid || reached.is_not_valid == kHasExpired) return Layer::certificate_time;
      return Layer::tls;
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return is_at_proxy ? Layer::proxy : Layer::tls;
    case CURLE_SSL_CONNECT_ERROR:  // also of a connection that was reset, or ended, within the handshake
      return is_at_proxy ? Layer::proxy : Layer::handshake;
    case CURLE_OPERATION_TIMEDOUT:
      return last_layer(reached);
    default:
      return reached.has_name || reached.is_ready ? last_layer(reached) : Layer::route;
  }
}

std::vector<SeenCertificate> certificates_of(CURL* curl) {
  curl_certinfo* info = nullptr;
  std::vector<SeenCertificate> out;
  if (curl_easy_getinfo(curl, CURLINFO_CERTINFO, &info) != CURLE_OK || info == nullptr) return out;
  for (int i = 0; i < info->num_of_certs; ++i) {
    SeenCertificate one;
    for (const curl_slist* line = info->certinfo[i]; line != nullptr; line = line->next) {
      const std::string_view text(line->data);
      if (text.starts_with("Subject:")) one.subject = text.substr(8);
      if (text.starts_with("Issuer:")) one.issuer = text.substr(7);
    }
    out.push_back(std::move(one));
  }
  return out;
}

std::string of_environment(const char* lower_name, const char* upper_name) {
  for (const char* name : {lower_name, upper_name}) {
    if (const char* const value = std::getenv(name); value != nullptr && *value != '\0') return value;
  }
  return {};
}

// As NO_PROXY has it: names, each with all below it, or "*".
bool is_exempt(std::string_view host, const std::string& list) {
  const std::string name = lowered(host);
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find_first_of(", ", at), list.size());
    std::string one = lowered(std::string_view(list).substr(at, end - at));
    at = end + 1;
    if (one == "*") return true;
    if (one.starts_with('.')) one.erase(0, 1);
    if (!one.empty() && (name == one || name.ends_with("." + one))) return true;
  }
  return false;
}

}  // namespace

ProxyInUse proxy_for(const Config& config, std::string_view host) {
  ProxyInUse out;
  if (config.proxy.address == "none") return out;
  const bool has_own_login = !config.proxy.login_file.empty() || config.proxy.auth == "negotiate";
  if (!config.proxy.address.empty()) {
    out.address = config.proxy.address;
    out.has_login = has_own_login;
    return out;
  }
  std::string address = of_environment("https_proxy", "HTTPS_PROXY");
  if (address.empty()) address = of_environment("all_proxy", "ALL_PROXY");
  if (address.empty() || is_exempt(host, of_environment("no_proxy", "NO_PROXY"))) return out;
  out.is_of_environment = true;
  out.has_login = has_own_login;
  if (const std::size_t login = address.rfind('@'); login != address.npos) {  // never told
    const std::size_t scheme = address.find("://");
    const std::size_t begin = scheme == address.npos || scheme > login ? 0 : scheme + 3;
    address.erase(begin, login + 1 - begin);
    out.has_login = true;
  }
  out.address = std::move(address);
  return out;
}

std::string TransportFailure::said_of_login(std::string_view takes, std::string_view without_ticket) const {
  std::string out;
  for (const std::string& one : logins) out += (out.empty() ? "; " + std::string(takes) + " " : ", ") + one;
  if (!no_ticket.empty()) out += "; " + std::string(without_ticket) + " " + no_ticket;
  return out;
}

void throw_exception_from_error(const TransportFailure& failure, const boost::source_location&) {
  throw std::runtime_error(failure.message);
}

Result<Trust> Trust::of_roots(std::string pem) {
  if (pem.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
    return fail(ErrorCode::invalid, "no certificate is among the roots to be trusted");
  return Trust(std::move(pem));
}

Trust Trust::with_older_tls() && {
  takes_older_tls_ = true;
  return std::move(*this);
}

Trust Trust::with_identity(std::string certificate_pem, std::string key_pem) && {
  certificate_ = std::move(certificate_pem);
  key_ = std::move(key_pem);
  return std::move(*this);
}

struct Transport::Handle {
  CURL* curl = nullptr;
  Handle() {
    initialise();
    curl = curl_easy_init();
    if (curl == nullptr) throw std::runtime_error("libcurl gives no handle");
  }
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

Transport::Transport(const Config& config, Trust trust, const std::atomic<bool>* cancelled, ShownPassword* password)
    : handle_(std::make_unique<Handle>()),
      config_(config),
      trust_(std::move(trust)),
      cancelled_(cancelled),
      password_(password) {}
Transport::~Transport() = default;

boost::system::result<HttpAnswer, TransportFailure> Transport::send(const Request& request) {
  CURL* const curl = handle_->curl;
  curl_easy_reset(curl);  // options alone: the connection stays
  HttpAnswer answer;
  const Result<WebAddress> address = WebAddress::parse(request.url);
  const ProxyInUse proxy = proxy_for(config_, address ? address->bare_host() : std::string());
  Result<ProxyLogin> login = login_for(config_.proxy);
  if (!login) return unshown(proxy, "proxy login: " + login.error().message);
  Heard heard(curl, answer, cancelled_);
  if (proxy.has_login && config_.proxy.auth != "negotiate") heard.password = password_;
  char words[CURL_ERROR_SIZE] = {};
  const auto set = [curl](CURLoption option, auto value) {
    const CURLcode done = curl_easy_setopt(curl, option, value);
    if (done != CURLE_OK) throw std::runtime_error(std::string("libcurl: ") + curl_easy_strerror(done));
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_SSLVERSION,
      static_cast<long>(trust_.takes_older_tls() ? CURL_SSLVERSION_TLSv1_2 : CURL_SSLVERSION_TLSv1_3));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ERRORBUFFER, words);
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(CURLOPT_WRITEFUNCTION, &take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&answer));
  set(CURLOPT_HEADERFUNCTION, &take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&heard));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &is_over);
  set(CURLOPT_XFERINFODATA, const_cast<void*>(static_cast<const void*>(cancelled_)));
  set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  set(CURLOPT_QUICK_EXIT, 1L);  // who asks does not wait for a name server that is silent: patience is of the whole
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.patience.count()));
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_CERTINFO, 1L);
  set(CURLOPT_USERAGENT, "flikvakt-connector/" FLIKVAKT_VERSION);
  if (request.method != "GET") {
    set(CURLOPT_POSTFIELDS, request.body.empty() ? "" : reinterpret_cast<const char*>(request.body.data()));
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }

  // SPEC CONN-2: the proxy that is written here, else the one of the environment (which libcurl reads).
  if (config_.proxy.address == "none")
    set(CURLOPT_PROXY, "");
  else if (!config_.proxy.address.empty()) {
    set(CURLOPT_PROXY, config_.proxy.address.c_str());
    set(CURLOPT_NOPROXY, "");  // what the environment exempts is said of its own proxy
  }
  set(CURLOPT_PROXYAUTH, static_cast<long>(proxy_auth(config_.proxy.auth)));
  set(CURLOPT_OPENSOCKETFUNCTION, &open_line);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(&heard));
  set(CURLOPT_PREREQFUNCTION, &take_line);
  set(CURLOPT_PREREQDATA, static_cast<void*>(&heard));
  if (config_.proxy.auth == "negotiate") {
    set(CURLOPT_DEBUGFUNCTION, &take_word);
    set(CURLOPT_DEBUGDATA, static_cast<void*>(&heard));
    set(CURLOPT_VERBOSE, 1L);
  }
  if (!login->text.empty()) set(CURLOPT_PROXYUSERPWD, login->text.c_str());
  curl_blob bundle = blob_of(config_.ca_bundle_pem);  // of a proxy that is itself reached by https
  if (!config_.ca_bundle_pem.empty()) set(CURLOPT_PROXY_CAINFO_BLOB, &bundle);

  // SPEC CONN-3: in direct mode under the gateway's own roots, and nobody else's.
  curl_blob own = blob_of(trust_.certificate()), key = blob_of(trust_.key());
  if (trust_.roots()) {
    curl_blob roots = blob_of(*trust_.roots());
    set(CURLOPT_CAINFO_BLOB, &roots);
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  } else {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  }
  if (!trust_.certificate().empty()) {
    set(CURLOPT_SSLCERT_BLOB, &own);
    set(CURLOPT_SSLCERTTYPE, "PEM");
    set(CURLOPT_SSLKEY_BLOB, &key);
    set(CURLOPT_SSLKEYTYPE, "PEM");
  }
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : request.headers) {
    std::string line = name;
    line.append(": ").append(value);
    list = curl_slist_append(list, line.c_str());
  }
  if (request.method != "GET" && request.body.empty()) list = curl_slist_append(list, "Content-Type:");
  set(CURLOPT_HTTPHEADER, list);

  const CURLcode code = curl_easy_perform(curl);
  curl_slist_free_all(list);
  set(CURLOPT_VERBOSE, 0L);  // `heard` ends here, the handle does not
  if (auto seen = certificates_of(curl); !seen.empty()) seen_ = std::move(seen);
  long status = 0, connects = 0;
  double looked_up = 0, connected = 0, ready = 0;
  Reached reached;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &reached.connect_code);
  curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);  // counted once it stands
  curl_easy_getinfo(curl, CURLINFO_NAMELOOKUP_TIME, &looked_up);
  curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME, &connected);
  curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME, &ready);
  curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT, &reached.is_not_valid);
  if (reached.connect_code == 200) heard.note_taken();  // whatever came then
  if (code == CURLE_OK) {
    answer.status = static_cast<unsigned>(status);
    return answer;
  }
  if (heard.no_leave) return unshown(proxy, *heard.no_leave);
  const bool is_refused = heard.is_refused_again || std::string_view(words).starts_with("CONNECT tunnel failed");
  reached.is_refused_login = is_refused || heard.is_ntlm1_asked || !heard.no_ticket.empty();
  reached.has_proxy = !proxy.address.empty() || reached.connect_code != 0;
  reached.has_name = looked_up > 0;
  reached.has_line = connects > 0 || connected > 0;
  reached.is_ready = ready > 0;
  TransportFailure failure;
  failure.layer = layer_of(code, reached);
  failure.message = words[0] != '\0' ? std::string(words) : std::string(curl_easy_strerror(code));
  if (failure.layer == Layer::proxy_login) {
    if (heard.leave && is_refused && is_shown_to(heard.logins, config_.proxy.auth))
      password_->note_refused(*std::exchange(heard.leave, std::nullopt), std::chrono::steady_clock::now());
    if (heard.is_refused_again) failure.message = "it asks for the login again and again";
    if (heard.is_ntlm1_asked) failure.message = "it asks for NTLMv1, to which nothing was shown";
    failure.logins = std::move(heard.logins);
    failure.no_ticket = std::move(heard.no_ticket);
    failure.is_ntlm1_asked = heard.is_ntlm1_asked;
  }
  failure.proxy = proxy.address;
  failure.connect_code = reached.connect_code;
  failure.is_timeout = code == CURLE_OPERATION_TIMEDOUT;
  failure.is_proxys_name = failure.layer == Layer::name && reached.has_proxy;
  return failure;
}

Trouble trouble_of(const TransportFailure& failure) {
  switch (failure.layer) {
    case Layer::name:
      return trouble(ExitCode::name_unknown, (failure.is_proxys_name ? "the proxy's name is not found: "
                                                                     : "the gateway's name is not found: ") +
                                                 failure.message);
    case Layer::proxy:
      return trouble(ExitCode::proxy_refuses, "the proxy does not let us through: " + failure.message);
    case Layer::proxy_login:
      return trouble(ExitCode::proxy_login, "the proxy wants a login, or another one: " + failure.message +
                                                failure.said_of_login("it takes", "no Kerberos ticket for it:"));
    case Layer::tls:
      return trouble(ExitCode::not_the_gateway,
                     "what answers is not the gateway, or TLS is opened on the way: " + failure.message);
    case Layer::certificate_time:  // SPEC CONN-74
      return trouble(ExitCode::clock,
                     "the gateway's certificate is not valid at this machine's time (" +
                         to_rfc3339(SystemClock().wall()) +
                         "): this machine's clock is wrong, or that certificate has ended: " + failure.message);
    case Layer::handshake:
      return trouble(ExitCode::unavailable, "the line was cut in the TLS handshake: " + failure.message);
    case Layer::route:
      return trouble(ExitCode::no_route, "nobody answers there: " + failure.message);
    case Layer::answer:
    case Layer::none:
      break;
  }
  return trouble(ExitCode::unavailable, "the line was cut: " + failure.message);
}

}  // namespace flikvakt::connector
