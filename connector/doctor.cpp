#include "connector/doctor.h"

#include <array>
#include <ctime>

#include "base/files.h"
#include "base/web_address.h"

namespace flikvakt::connector {
namespace {

using namespace std::chrono_literals;
constexpr auto kPatience = 2'000ms;
constexpr auto kMostDifference = 60s;

constexpr std::array<std::string_view, 10> kLayers{"name",       "route", "proxy",     "proxy_login",   "tls",
                                                   "inspection", "clock", "enrolment", "authorisation", "end_to_end"};

// RFC 9110 section 5.6.7
std::optional<UtcTime> http_date(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return std::nullopt;
  return UtcTime(std::chrono::seconds(::timegm(&parts)));
}

class Examination {
public:
  explicit Examination(const Config& config) : config_(config) {
    for (const std::string_view layer : kLayers)
      out_.findings.push_back({std::string(layer), Health::skipped, {}, {}, {}, {}});
  }

  Diagnosis run() {
    const Outcome<Identity> identity = Identity::load(config_.state);
    const bool is_direct = config_.mode == Mode::direct;
    const std::string base = is_direct && identity ? direct_base(identity->file()) : config_.gateway;
    if (!reach(base)) return std::move(out_);
    look_at_certificate(base, identity);
    look_at_clock();
    look_at_enrolment(identity);
    if (identity && !has_failed_) ask(*identity);
    return std::move(out_);
  }

private:
  Finding& at(std::string_view layer) {
    for (Finding& one : out_.findings) {
      if (one.layer == layer) return one;
    }
    return out_.findings.front();
  }
  void well(std::string_view layer, std::string english, std::string swedish) {
    Finding& one = at(layer);
    one.health = Health::well;
    one.english = std::move(english);
    one.swedish = std::move(swedish);
  }
  void failed(ExitCode exit, std::string_view layer, std::string english, std::string swedish, std::string ask_english,
              std::string ask_swedish) {
    Finding& one = at(layer);
    one = {one.layer,          Health::failed,         std::move(english),
           std::move(swedish), std::move(ask_english), std::move(ask_swedish)};
    if (!has_failed_) out_.exit = exit;
    has_failed_ = true;
  }
  void warned(std::string_view layer, std::string english, std::string swedish) {
    Finding& one = at(layer);
    one.health = Health::warned;
    one.english = std::move(english);
    one.swedish = std::move(swedish);
  }

  std::string direct_base(const IdentityFile& file) const {
    if (!config_.direct.empty()) return config_.direct;
    return file.api.empty() ? config_.gateway : file.api;
  }

  // Name, route, proxy and its login, without asking who answers.
  bool reach(const std::string& base) {
    const Result<WebAddress> address = WebAddress::parse(base);
    const std::string host = address ? address->bare_host() : base;
    const std::string port = address ? std::to_string(address->port) : "443";
    Transport transport(config_, Trust::of_sealed());  // who answers is asked below
    const auto answer = transport.send({"GET", base + "/v1/health", {}, {}, kPatience});
    seen_ = transport.seen();
    const bool has_proxy = !config_.proxy.address.empty() && config_.proxy.address != "none";
    if (answer) {
      date_ = answer->headers.contains("date") ? answer->headers.at("date") : "";
    } else {
      const TransportFailure& why = answer.error();
      const std::string said = " (" + why.message + ")";
      // What asks for a client certificate in the handshake lets nobody in without: that is as far as this question
      // goes.
      const bool is_past_tls = !seen_.empty() || why.layer == Layer::answer;
      if (!is_past_tls) {
        switch (why.layer) {
          case Layer::name:
            failed(ExitCode::name_unknown, "name", "the name " + host + " is not found" + said,
                   "namnet " + host + " hittas inte" + said,
                   "ask for " + host + " to be resolved, or for the proxy to use",
                   "be om att " + host + " slås upp i DNS, eller om vilken proxy som ska användas");
            return false;
          case Layer::proxy:
            failed(why.message.find("resolve proxy") == std::string::npos ? ExitCode::proxy_refuses
                                                                          : ExitCode::name_unknown,
                   "proxy", "the proxy does not let us through" + said, "proxyn släpper inte igenom oss" + said,
                   "ask for CONNECT to " + host + ":" + port + " to be allowed for this machine",
                   "be om att CONNECT till " + host + ":" + port + " tillåts för den här datorn");
            return false;
          case Layer::proxy_login:
            failed(ExitCode::proxy_login, "proxy_login", "the proxy wants a login, or another one" + said,
                   "proxyn vill ha en inloggning, eller en annan" + said,
                   "ask for a service account at the proxy, and write it to `proxy.login_file`",
                   "be om ett tjänstekonto i proxyn, och skriv det i `proxy.login_file`");
            return false;
          case Layer::tls:
          case Layer::handshake:
            failed(ExitCode::not_the_gateway, "tls", "no TLS comes about" + said, "TLS kommer inte till stånd" + said,
                   "ask whether TLS 1.3 to " + host + " is let through",
                   "fråga om TLS 1.3 till " + host + " släpps igenom");
            return false;
          default:
            failed(ExitCode::no_route, "route", "nobody answers at " + host + ":" + port + said,
                   "ingen svarar på " + host + ":" + port + said,
                   "ask for outbound HTTPS to " + host + ":" + port + ", or for the proxy to use",
                   "be om utgående HTTPS till " + host + ":" + port + ", eller om vilken proxy som ska användas");
            return false;
        }
      }
    }
    well("name", host + " is found", host + " hittas");
    well("route", host + ":" + port + " answers", host + ":" + port + " svarar");
    if (has_proxy) {
      well("proxy", "through " + config_.proxy.address, "genom " + config_.proxy.address);
      if (!config_.proxy.login_file.empty())
        well("proxy_login", "the proxy takes the login", "proxyn godtar inloggningen");
    } else {
      well("proxy", "none is set, or as the environment says", "ingen är vald, eller den som miljön säger");
    }
    well("tls", "TLS comes about", "TLS kommer till stånd");
    return true;
  }

  // SPEC CONN-73: is it the gateway's certificate that comes, or one that somebody on the way made?
  void look_at_certificate(const std::string& base, const Outcome<Identity>& identity) {
    const std::string issuer = seen_.empty() ? std::string("?") : seen_.front().issuer;
    if (!identity) {
      warned(
          "inspection",
          "the certificate is signed by: " + issuer + ". Without an enrolment it is not known who should have",
          "certifikatet är utfärdat av: " + issuer + ". Före anslutningen är det inte känt vem som borde ha gjort det");
      return;
    }
    const IdentityFile& file = identity->file();
    Transport transport(config_, Trust::of_roots(file.trust).value().with_identity(file.certificate, file.tls_key));
    const auto answer = transport.send({"GET", base + "/v1/health", {}, {}, kPatience});
    if (!answer && answer.error().layer != Layer::tls && answer.error().layer != Layer::answer)
      return warned("inspection", "who signed the certificate could not be seen (" + answer.error().message + ")",
                    "vem som utfärdat certifikatet gick inte att se (" + answer.error().message + ")");
    if (answer || answer.error().layer == Layer::answer) {
      if (answer && answer->headers.contains("date")) date_ = answer->headers.at("date");
      well("inspection", "the certificate is the gateway's own: nobody opens TLS on the way",
           "certifikatet är grindens eget: ingen öppnar TLS på vägen");
      return;
    }
    const std::string english =
        "TLS is opened on the way: the certificate is signed by " + issuer + ", not by the gateway's CA";
    const std::string swedish =
        "TLS öppnas på vägen: certifikatet är utfärdat av " + issuer + ", inte av grindens utfärdare";
    if (config_.mode == Mode::end_to_end)
      return warned("inspection", english + ". In end-to-end mode that sees sealed messages only",
                    swedish + ". I läget end-to-end ser den bara förseglade meddelanden");
    failed(ExitCode::not_the_gateway, "inspection", english, swedish,
           "ask for an exception from TLS inspection for this address; or ask the gateway's administrators for a code "
           "with "
           "end-to-end mode, and set `mode = \"end-to-end\"`",
           "be om undantag från TLS-inspektion för adressen; eller be grindens administratörer om en kod för "
           "end-to-end-läge, och sätt `mode = \"end-to-end\"`");
  }

  void look_at_clock() {
    const std::optional<UtcTime> theirs = http_date(date_);
    if (!theirs)
      return warned("clock", "the gateway has not said what time it is", "grinden har inte sagt vad klockan är");
    const auto off = std::chrono::duration_cast<std::chrono::seconds>(SystemClock().wall() - *theirs);
    if (off <= kMostDifference && off >= -kMostDifference)
      return well("clock", "the clock is right within a minute", "klockan går rätt på en minut när");
    const std::string seconds = std::to_string(off.count() < 0 ? -off.count() : off.count());
    failed(ExitCode::clock, "clock", "this machine's clock is " + seconds + " seconds off",
           "den här datorns klocka går " + seconds + " sekunder fel", "ask for NTP on this machine",
           "be om NTP på den här datorn");
  }

  void look_at_enrolment(const Outcome<Identity>& identity) {
    if (!identity) {
      failed(identity.error().exit, "enrolment", identity.error().message, "inte ansluten: " + identity.error().message,
             "ask the gateway's administrators for an enrolment code",
             "be grindens administratörer om en anslutningskod");
      return;
    }
    const UtcTime now = SystemClock().wall();
    if (now >= identity->valid_to()) {
      failed(ExitCode::certificate_expired, "enrolment",
             "the certificate expired on " + to_rfc3339(identity->valid_to()),
             "certifikatet gick ut " + to_rfc3339(identity->valid_to()),
             "ask the gateway's administrators for a new enrolment code",
             "be grindens administratörer om en ny anslutningskod");
      return;
    }
    well("enrolment", "enrolled as " + identity->file().name + ", until " + to_rfc3339(identity->valid_to()),
         "ansluten som " + identity->file().name + ", till " + to_rfc3339(identity->valid_to()));
  }

  void ask(const Identity& identity) {
    if (config_.mode == Mode::end_to_end && !identity.file().end_to_end) {
      failed(ExitCode::end_to_end_off, "end_to_end", "end-to-end mode is set here, not at the gateway",
             "end-to-end-läget är satt här, men inte hos grinden",
             "ask the gateway's administrators for a code with it", "be grindens administratörer om en kod för det");
      return;
    }
    GatewayLink link(config_, std::make_shared<const Identity>(identity));
    // Not for work: a connector may be running here, and what is told and given in answer to that is its own.
    Question question;
    question.target = "/v1/source-requests";  // which any staff in place may
    question.staff = identity.file().staff;
    question.patience = kPatience;
    const Outcome<HttpAnswer> answer = link.ask(std::move(question));
    const auto exit_of = [](unsigned status) {
      if (status == 200) return ExitCode::ok;
      return status == 403 || status == 401 ? ExitCode::not_accepted : ExitCode::unavailable;
    };
    const ExitCode why = answer ? exit_of(answer->status) : answer.error().exit;
    if (why == ExitCode::ok) {
      well("authorisation", "the gateway accepts this connector", "grinden godtar anslutningsprogrammet");
      if (config_.mode == Mode::end_to_end)
        well("end_to_end", "messages are sealed end to end", "meddelanden förseglas hela vägen");
      return;
    }
    const std::string said = answer ? "status " + std::to_string(answer->status) : answer.error().message;
    if (why == ExitCode::end_to_end_off)
      return failed(why, "end_to_end", said, "end-to-end-läget är inte satt hos grinden",
                    "ask the gateway's administrators for a code with end-to-end mode",
                    "be grindens administratörer om en kod för end-to-end-läge");
    if (why == ExitCode::unavailable)
      return failed(why, "authorisation", "the gateway cannot answer now: " + said,
                    "grinden kan inte svara nu: " + said, "try again in a while", "försök igen om en stund");
    const bool is_page = why == ExitCode::captive;
    failed(why, "authorisation",
           is_page ? "something on the way answers in the gateway's place: " + said
                   : "the gateway does not accept this connector: " + said,
           is_page ? "något på vägen svarar i grindens ställe: " + said
                   : "grinden godtar inte anslutningsprogrammet: " + said,
           is_page ? "ask for this address to be let through without a page to log in or to warn"
                   : "ask the gateway's administrators whether the connector was removed or suspended",
           is_page ? "be om att adressen släpps igenom utan inloggnings- eller varningssida"
                   : "fråga grindens administratörer om anslutningen har tagits bort eller stängts av");
  }

  const Config& config_;
  Diagnosis out_;
  bool has_failed_ = false;
  std::vector<SeenCertificate> seen_;
  std::string date_;
};

std::string mark(Health health, Language language) {
  const bool is_swedish = language == Language::swedish;
  switch (health) {
    case Health::well:
      return is_swedish ? "fungerar " : "works    ";
    case Health::warned:
      return is_swedish ? "obs      " : "note     ";
    case Health::failed:
      return is_swedish ? "FEL      " : "FAILED   ";
    case Health::skipped:
      break;
  }
  return is_swedish ? "ej prövat" : "not tried";
}

std::string name_of(const std::string& layer, Language language) {
  static const std::map<std::string, std::pair<const char*, const char*>> kNames{
      {"name", {"namn", "name"}},
      {"route", {"väg", "route"}},
      {"proxy", {"proxy", "proxy"}},
      {"proxy_login", {"proxyinloggning", "proxy login"}},
      {"tls", {"TLS", "TLS"}},
      {"inspection", {"vem certifikatet är från", "who signed the certificate"}},
      {"clock", {"klocka", "clock"}},
      {"enrolment", {"anslutning", "enrolment"}},
      {"authorisation", {"behörighet", "authorisation"}},
      {"end_to_end", {"end-to-end-läge", "end-to-end mode"}}};
  const auto found = kNames.find(layer);
  if (found == kNames.end()) return layer;
  return language == Language::swedish ? found->second.first : found->second.second;
}

}  // namespace

Diagnosis diagnose(const Config& config) { return Examination(config).run(); }

std::string text_of(const Diagnosis& diagnosis, Language language) {
  const bool is_swedish = language == Language::swedish;
  std::string out;
  for (const Finding& one : diagnosis.findings) {
    const std::string& says = is_swedish ? one.swedish : one.english;
    const std::string& ask = is_swedish ? one.ask_swedish : one.ask_english;
    out += mark(one.health, language) + "  " + name_of(one.layer, language) + (says.empty() ? "" : ": " + says) + "\n";
    if (!ask.empty())
      out += std::string(is_swedish ? "           gör så här: " : "           what to do: ") + ask + "\n";
  }
  return out;
}

json::value json_of(const Diagnosis& diagnosis) {
  json::array findings;
  for (const Finding& one : diagnosis.findings) {
    json::object view{{"layer", one.layer}, {"health", to_json(one.health)}};
    if (!one.english.empty()) view["english"] = one.english;
    if (!one.swedish.empty()) view["swedish"] = one.swedish;
    if (!one.ask_english.empty()) view["ask_english"] = one.ask_english;
    if (!one.ask_swedish.empty()) view["ask_swedish"] = one.ask_swedish;
    findings.push_back(std::move(view));
  }
  return json::object{{"findings", std::move(findings)}, {"exit", static_cast<std::int64_t>(diagnosis.exit)}};
}

}  // namespace flikvakt::connector
