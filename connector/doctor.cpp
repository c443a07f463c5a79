#include "connector/doctor.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "base/files.h"
#include "base/web_address.h"
#include "connector/witness_duty.h"

namespace flikvakt::connector {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;
constexpr auto kPatience = 2'000ms;
constexpr auto kAllTogether = 4'500ms;  // SPEC CONN-72: 5 s, with the start of the program
constexpr auto kLeast = 50ms;
constexpr auto kMostDifference = 60s;

constexpr std::array<std::string_view, 11> kLayers{"name",          "route",      "proxy",  "proxy_login",
                                                   "tls",           "inspection", "clock",  "enrolment",
                                                   "authorisation", "end_to_end", "witness"};

// RFC 9110 section 5.6.7
std::optional<UtcTime> http_date(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return std::nullopt;
  return UtcTime(std::chrono::seconds(::timegm(&parts)));
}

// What ends a question, in Swedish; curl's words stay its own.
std::string in_swedish(const Trouble& why) {
  switch (why.exit) {
    case ExitCode::name_unknown:
      return "namnet hittas inte";
    case ExitCode::no_route:
      return "ingen svarar där";
    case ExitCode::proxy_refuses:
      return "proxyn släpper inte igenom oss";
    case ExitCode::proxy_login:
      return "proxyn vill ha en inloggning, eller en annan";
    case ExitCode::not_the_gateway:
      return "det som svarar är inte gatewayen, eller så öppnas TLS på vägen";
    case ExitCode::clock:
      return "klockan här går inte som gatewayens";
    case ExitCode::not_enrolled:
      return "inte ansluten än";
    case ExitCode::certificate_expired:
      return "certifikatet har gått ut";
    case ExitCode::not_accepted:
      return "anslutningen är borttagen, stängd eller spärrad";
    case ExitCode::end_to_end_off:
      return "\"förseglat hela vägen\" är inte valt hos gatewayen";
    case ExitCode::log_forked:
      return "loggen har delat sig: behåll mappen `state`, och säg det till loggens andra vittnen";
    case ExitCode::disk:
      return "disken är full, eller mappen går inte att läsa";
    case ExitCode::captive:
      return "något på vägen svarar i gatewayens ställe";
    case ExitCode::unavailable:
      return "inget svar kom i tid, eller så kan gatewayen inte svara nu";
    default:
      return "fel i det som ligger här";
  }
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
    if (identity && !config_.witness.empty()) look_at_duty(*identity);
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

  // What is left of the time for all.
  std::chrono::milliseconds left() const {
    const auto time = std::chrono::floor<std::chrono::milliseconds>(end_ - Steady::now());
    return std::clamp<std::chrono::milliseconds>(time, kLeast, kPatience);
  }

  // Name, route, proxy and its login, without asking who answers.
  bool reach(const std::string& base) {
    const Result<WebAddress> address = WebAddress::parse(base);
    const std::string host = address ? address->bare_host() : base;
    const std::string port = address ? std::to_string(address->port) : "443";
    const ProxyInUse proxy = proxy_for(config_, host);
    const bool has_proxy = !proxy.address.empty();
    Transport transport(config_, Trust::of_sealed());  // who answers is asked below
    const auto answer = transport.send({"GET", base + "/v1/health", {}, {}, left()});
    seen_ = transport.seen();
    // What asks for a client certificate in the handshake lets nobody in without: that is as far as this question goes.
    const bool is_past_tls = answer.has_value() || !seen_.empty() || answer.error().layer == Layer::answer;
    if (answer) date_ = answer->headers.contains("date") ? answer->headers.at("date") : "";
    if (!is_past_tls) {
      tell_of_the_way(answer.error(), host, port, proxy);
      return false;
    }
    tell_of_name(host, proxy);
    tell_of_route(host, port, proxy);
    tell_of_proxy(proxy);
    if (has_proxy && proxy.has_login) well("proxy_login", "the proxy takes the login", "proxyn godtar inloggningen");
    well("tls", "the TLS handshake succeeds", "TLS-handskakningen lyckas");
    return true;
  }

  // Through a proxy nobody here asks for the gateway's name, and what stands is the line to the proxy.
  void tell_of_name(const std::string& host, const ProxyInUse& proxy) {
    if (proxy.address.empty()) return well("name", host + " is found", host + " hittas");
    well("name", "the proxy is found; it looks for " + host + " itself",
         "proxyn hittas; den letar själv efter " + host);
  }
  void tell_of_route(const std::string& host, const std::string& port, const ProxyInUse& proxy) {
    if (proxy.address.empty()) return well("route", host + ":" + port + " answers", host + ":" + port + " svarar");
    well("route", host + ":" + port + " is reached through the proxy", host + ":" + port + " nås genom proxyn");
  }
  void tell_of_proxy(const ProxyInUse& proxy) {
    if (proxy.address.empty())
      return well("proxy", "none is used: neither the configuration nor the environment names one for this address",
                  "ingen används: varken konfigurationen eller miljön anger någon för adressen");
    well("proxy", "through " + proxy.address + (proxy.is_of_environment ? ", as the environment says" : ""),
         "genom " + proxy.address + (proxy.is_of_environment ? ", som miljön anger" : ""));
  }

  // How far it got, and what ended it there.
  void tell_of_the_way(const TransportFailure& why, const std::string& host, const std::string& port,
                       const ProxyInUse& proxy) {
    const std::string said = " (" + why.message + ")";
    const std::string place = host + ":" + port;
    const std::string by = proxy.address + (proxy.is_of_environment ? " (HTTPS_PROXY)" : "");
    switch (why.layer) {
      case Layer::name:
        if (why.is_proxys_name)
          return failed(ExitCode::name_unknown, "name", "the proxy's name is not found: " + by + said,
                        "proxyns namn hittas inte: " + by + said, "ask for the right address of the proxy",
                        "be om proxyns rätta adress");
        return failed(ExitCode::name_unknown, "name", "the name " + host + " is not found" + said,
                      "namnet " + host + " hittas inte" + said,
                      "ask for " + host + " to be resolved, or for the proxy to use",
                      "be om att " + host + " slås upp i DNS, eller om vilken proxy som ska användas");
      case Layer::proxy:
        return failed(
            ExitCode::proxy_refuses, "proxy", "the proxy " + by + " does not let us through" + said,
            "proxyn " + by + " släpper inte igenom oss" + said,
            "ask for CONNECT to " + place + " to be allowed for this machine, and whether the proxy is right",
            "be om att CONNECT till " + place + " tillåts för den här datorn, och fråga om det är rätt proxy");
      case Layer::proxy_login:
        return tell_of_login(why, by, proxy);
      case Layer::tls:
      case Layer::certificate_time:
      case Layer::handshake:
        tell_of_name(host, proxy);
        tell_of_route(host, port, proxy);
        tell_of_proxy(proxy);
        return failed(ExitCode::unavailable, "tls", "the TLS handshake failed" + said,
                      "TLS-handskakningen misslyckades" + said, "ask whether TLS 1.3 to " + place + " is let through",
                      "fråga om TLS 1.3 till " + place + " släpps igenom");
      default:
        tell_of_name(host, proxy);
        return failed(ExitCode::no_route, "route", "nobody answers at " + place + said,
                      "ingen svarar på " + place + said,
                      "ask for outbound HTTPS to " + place + ", or for the proxy to use",
                      "be om utgående HTTPS till " + place + ", eller om vilken proxy som ska användas");
    }
  }

  // SPEC CONN-78: a ticket and a password are asked for at different places.
  void tell_of_login(const TransportFailure& why, const std::string& by, const ProxyInUse& proxy) {
    const std::string said = by + " (" + why.message;
    const auto tell = [&](const std::string& english, const std::string& swedish, const std::string& ask_english,
                          const std::string& ask_swedish) {
      failed(ExitCode::proxy_login, "proxy_login",
             english + said + why.said_of_login("it takes", "no Kerberos ticket for it:") + ")",
             swedish + said + why.said_of_login("den tar", "ingen Kerberosbiljett för den:") + ")", ask_english,
             ask_swedish);
    };
    const bool is_of_environment = proxy.is_of_environment && config_.proxy.login_file.empty();
    const std::string place = is_of_environment ? "`HTTPS_PROXY`" : "`proxy.login_file`";
    if (why.is_ntlm1_asked)
      return tell("the proxy asks for NTLMv1, which gives the password away, and was not answered: ",
                  "proxyn ber om NTLMv1, som röjer lösenordet, och fick inget svar: ",
                  "ask for NTLMv2 or Kerberos at the proxy", "be om NTLMv2 eller Kerberos i proxyn");
    if (why.connect_code != 407)  // nobody was asked
      return tell("the login for the proxy cannot be used: ", "inloggningen till proxyn går inte att använda: ",
                  "mend " + place + " here", "rätta till " + place + " här");
    const bool is_ticket_set = config_.proxy.auth == "negotiate";
    const bool takes_ticket = std::ranges::find(why.logins, "Negotiate") != why.logins.end();
    if (is_ticket_set && !takes_ticket && !why.logins.empty())
      return tell("the proxy takes no Kerberos: ", "proxyn tar inte Kerberos: ",
                  "set `proxy.auth = \"any\"`, ask for a service account at the proxy, and write it to "
                  "`proxy.login_file`",
                  "sätt `proxy.auth = \"any\"`, be om ett tjänstekonto i proxyn, och skriv det i `proxy.login_file`");
    if (is_ticket_set || (takes_ticket && why.logins.size() == 1))
      return tell("the proxy lets nobody in without a Kerberos ticket: ",
                  "proxyn släpper inte in någon utan en Kerberosbiljett: ",
                  std::string(is_ticket_set ? "" : "set `proxy.auth = \"negotiate\"` and no `login_file`; ") +
                      "ask for an account in the domain for this program, with a keytab (`KRB5_CLIENT_KTNAME` names "
                      "it), and set `proxy.address` to the proxy's own host name, not a number or an alias: the ticket "
                      "is for HTTP/ and that name",
                  std::string(is_ticket_set ? "" : "sätt `proxy.auth = \"negotiate\"` och ingen `login_file`; ") +
                      "be om ett konto i domänen för programmet, med en keytab (`KRB5_CLIENT_KTNAME` anger den), och "
                      "sätt `proxy.address` till proxyns eget datornamn, inte ett nummer eller alias: biljetten gäller "
                      "HTTP/ och det namnet");
    if (proxy.has_login)
      return tell("the proxy does not take the login that is set: ", "proxyn godtar inte inloggningen som är angiven: ",
                  "ask whether the account may use the proxy, has this password (" + place +
                      ") and is not locked, and which login the proxy wants (`proxy.auth`)",
                  "fråga om kontot får använda proxyn, har det här lösenordet (" + place +
                      ") och inte är låst, och vilken inloggning proxyn vill ha (`proxy.auth`)");
    tell("the proxy wants a login: ", "proxyn vill ha en inloggning: ",
         "ask for a service account at the proxy, and write it to `proxy.login_file`",
         "be om ett tjänstekonto i proxyn, och skriv det i `proxy.login_file`");
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
    const auto answer = transport.send({"GET", base + "/v1/health", {}, {}, left()});
    // Nothing is said of a certificate that did not come.
    const bool is_verified = answer.has_value() || (answer.error().layer == Layer::answer && !transport.seen().empty());
    if (is_verified) {
      if (answer && answer->headers.contains("date")) date_ = answer->headers.at("date");
      return well("inspection", "the certificate is the gateway's own: nobody opens TLS on the way",
                  "certifikatet är gatewayens eget: ingen öppnar TLS på vägen");
    }
    if (answer.error().layer == Layer::certificate_time) return tell_of_certificate_time(answer.error());
    if (answer.error().layer != Layer::tls)
      return warned("inspection", "who signed the certificate could not be seen (" + answer.error().message + ")",
                    "vem som utfärdat certifikatet gick inte att se (" + answer.error().message + ")");
    is_opened_on_the_way_ = true;
    const std::string english =
        "TLS is opened on the way: the certificate is signed by " + issuer + ", not by the gateway's CA";
    const std::string swedish =
        "TLS öppnas på vägen: certifikatet är utfärdat av " + issuer + ", inte av gatewayens utfärdare";
    if (config_.mode == Mode::end_to_end)
      return warned("inspection", english + ". In end-to-end mode that sees sealed messages only",
                    swedish + ". När det är förseglat hela vägen syns bara förseglade meddelanden");
    failed(ExitCode::not_the_gateway, "inspection", english, swedish,
           "ask for an exception from TLS inspection for this address; or ask the gateway's administrators for a code "
           "with end-to-end mode, and set `mode = \"end-to-end\"`",
           "be om undantag från TLS-inspektion för adressen; eller be gatewayens administratörer om en kod för "
           "\"förseglat hela vägen\", och sätt `mode = \"end-to-end\"`");
  }

  // SPEC CONN-74: the path to the gateway's roots was verified. Nobody opens TLS: a clock is wrong, here or there.
  void tell_of_certificate_time(const TransportFailure& why) {
    const std::string now = to_rfc3339(SystemClock().wall());
    const std::string english =
        "the certificate is signed by the gateway's CA, and not valid at this machine's time, " + now + " (" +
        why.message + ")";
    const std::string swedish =
        "certifikatet är utfärdat av gatewayens utfärdare, men gäller inte vid den här datorns tid, " + now + " (" +
        why.message + ")";
    if (config_.mode == Mode::end_to_end) return warned("inspection", english, swedish);
    failed(
        ExitCode::clock, "inspection", english, swedish,
        "ask for NTP on this machine; if its clock is right, tell the gateway's administrators that their certificate "
        "has ended",
        "be om NTP på den här datorn; går klockan rätt, säg till gatewayens administratörer att deras certifikat har "
        "gått ut");
  }

  void look_at_clock() {
    const std::optional<UtcTime> theirs = http_date(date_);
    if (!theirs)
      return warned("clock", "the gateway has not said what time it is", "gatewayen har inte sagt vad klockan är");
    const auto off = std::chrono::duration_cast<std::chrono::seconds>(SystemClock().wall() - *theirs);
    if (off <= kMostDifference && off >= -kMostDifference)
      return well("clock", "the clock is right within a minute", "klockan går rätt på en minut när");
    const std::string seconds = std::to_string(off.count() < 0 ? -off.count() : off.count());
    if (is_opened_on_the_way_)
      return warned("clock", "this machine's clock is " + seconds + " seconds off that of what opens TLS on the way",
                    "den här datorns klocka går " + seconds + " sekunder annorlunda än den hos det som öppnar TLS");
    failed(ExitCode::clock, "clock", "this machine's clock is " + seconds + " seconds off that of what answers",
           "den här datorns klocka går " + seconds + " sekunder fel mot den hos det som svarar",
           "ask for NTP on this machine", "be om NTP på den här datorn");
  }

  void look_at_enrolment(const Outcome<Identity>& identity) {
    if (!identity) {
      failed(identity.error().exit, "enrolment", identity.error().message, in_swedish(identity.error()),
             "ask the gateway's administrators for an enrolment code",
             "be gatewayens administratörer om en anslutningskod");
      return;
    }
    const UtcTime now = SystemClock().wall();
    if (now >= identity->valid_to()) {
      failed(ExitCode::certificate_expired, "enrolment",
             "the certificate expired on " + to_rfc3339(identity->valid_to()),
             "certifikatet gick ut " + to_rfc3339(identity->valid_to()),
             "ask the gateway's administrators for a new enrolment code",
             "be gatewayens administratörer om en ny anslutningskod");
      return;
    }
    well("enrolment", "enrolled as " + identity->file().name + ", until " + to_rfc3339(identity->valid_to()),
         "ansluten som " + identity->file().name + ", till " + to_rfc3339(identity->valid_to()));
  }

  void ask(const Identity& identity) {
    if (config_.mode == Mode::end_to_end && !identity.file().end_to_end) {
      failed(ExitCode::end_to_end_off, "end_to_end", "end-to-end mode is set here, not at the gateway",
             "\"förseglat hela vägen\" är valt här, men inte hos gatewayen",
             "ask the gateway's administrators for a code with it", "be gatewayens administratörer om en kod för det");
      return;
    }
    GatewayLink link(config_, std::make_shared<const Identity>(identity));
    // Not for work: a connector may be running here, and what is told and given in answer to that is its own.
    Question question;
    question.target = "/v1/source-requests";  // which any staff in place may
    question.staff = identity.file().staff;
    question.patience = left();
    const Outcome<HttpAnswer> answer = link.ask(std::move(question));
    if (answer && answer->status == 200) {
      well("authorisation", "the gateway accepts this connector", "gatewayen godtar anslutningsprogrammet");
      if (config_.mode == Mode::end_to_end)
        well("end_to_end", "messages are sealed end to end", "meddelanden förseglas hela vägen");
      return;
    }
    tell_of_refusal(answer ? trouble_of_status(answer->status) : answer.error());
  }

  static Trouble trouble_of_status(unsigned status) {
    const bool is_refusal = status == 403 || status == 401;
    return trouble(is_refusal ? ExitCode::not_accepted : ExitCode::unavailable, "status " + std::to_string(status));
  }

  void tell_of_refusal(const Trouble& why) {
    const std::string& english = why.message;
    const std::string swedish = in_swedish(why);
    switch (why.exit) {
      case ExitCode::end_to_end_off:
        return failed(why.exit, "end_to_end", english, swedish,
                      "ask the gateway's administrators for a code with end-to-end mode",
                      "be gatewayens administratörer om en kod för \"förseglat hela vägen\"");
      case ExitCode::clock:
        return failed(why.exit, "clock", english, swedish, "ask for NTP on this machine",
                      "be om NTP på den här datorn");
      case ExitCode::captive:
        return failed(why.exit, "authorisation", "something on the way answers in the gateway's place: " + english,
                      swedish, "ask for this address to be let through without a page to log in or to warn",
                      "be om att adressen släpps igenom utan inloggnings- eller varningssida");
      case ExitCode::not_accepted:
        return failed(why.exit, "authorisation", "the gateway does not accept this connector: " + english,
                      "gatewayen godtar inte anslutningsprogrammet: " + swedish,
                      "ask the gateway's administrators whether the connector was removed or suspended",
                      "fråga gatewayens administratörer om anslutningen har tagits bort eller stängts av");
      default:  // the way got worse meanwhile, or the gateway is busy
        return failed(why.exit, "authorisation", "the gateway cannot answer now: " + english,
                      "gatewayen kan inte svara nu: " + swedish, "try again in a while", "försök igen om en stund");
    }
  }

  // SPEC CONN-54
  void look_at_duty(const Identity& identity) {
    const Outcome<void> duty = WitnessDuty::look(config_, identity);
    if (duty) return well("witness", "the gateway's log can be cosigned", "gatewayens logg kan bekräftas härifrån");
    if (duty.error().exit == ExitCode::log_forked)
      return failed(duty.error().exit, "witness", duty.error().message, in_swedish(duty.error()),
                    "keep the state folder, and call the gateway's administrators and the log's other witnesses",
                    "behåll mappen `state`, och ring gatewayens administratörer och loggens andra vittnen");
    warned("witness", "the log is NOT cosigned, all else goes on: " + duty.error().message,
           "loggen bekräftas INTE härifrån, allt annat fortsätter: det som vittnet har sett går inte att läsa, eller "
           "hör till en annan logg");
  }

  const Config& config_;
  Diagnosis out_;
  bool has_failed_ = false;
  std::vector<SeenCertificate> seen_;
  std::string date_;                   // as whoever answered said it
  bool is_opened_on_the_way_ = false;  // then that is not the gateway
  const Steady::time_point end_ = Steady::now() + kAllTogether;
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
      {"end_to_end", {"förseglat hela vägen", "end-to-end mode"}},
      {"witness", {"vittne", "witness"}}};
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
