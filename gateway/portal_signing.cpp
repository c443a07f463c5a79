#include "gateway/portal_signing.h"

#include <spdlog/spdlog.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "gateway/await_callback.h"
#include "gateway/portal_log.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_staff.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

constexpr std::uint32_t kChangesShown = 10;
constexpr std::size_t kMostToRead = 48 * 1024;  // bytes on one page

// Turned back, too old, of another tab, or by another key: nothing was signed now, and what was filled in stays.
Response not_signed(PortalContext& context, Exchange& exchange, const Error& error, const Form& form) {
  exchange.set_cause(error.message);
  return not_signed_page(context.site, browser_of(exchange).visit(), form,
                         error.code == ErrorCode::unavailable ? WhyNotSigned::unavailable : WhyNotSigned::over);
}

// What became of it meanwhile, and what was filled in, to be looked at and signed anew.
Awaitable<Response> changed_meanwhile(PortalContext& context, Exchange& exchange, const Form& form) {
  const BrowserIdentity& who = browser_of(exchange);
  service::LogQuery query;
  query.limit = kChangesShown;
  query.below = std::numeric_limits<std::int64_t>::max();
  query.filter.group = service::ActGroup::consent;
  if (const auto seen = parse_rfc3339(form.text("seen_at"))) query.filter.from = *seen;
  Awaitable<LogPage> reading = read_own_log(context, who.person(), std::move(query));
  const LogPage log = co_await std::move(reading);
  const PortalNames names(context.site, who.visit().language);
  web::Data data;
  if (*log) {
    for (const json::value& entry : (*log)->entries) {
      put_entry(names, context.site.words().is_swedish(who.visit().language), entry.as_object(), data.add("entry"));
    }
  }
  put_form_anew(who.visit(), form, data);
  PortalSite::Options options;
  options.status = 409;
  co_return context.site.page(who.visit(), "changed", std::move(data), options);
}

// Where to go when it is done, and what to say.
std::string_view words_of(const policy::Act& act) {
  if (holds_alternative<policy::SignFullmakt>(act)) return "signed.fullmakt";
  if (holds_alternative<policy::SignKomplettering>(act)) return "signed.komplettering";
  if (holds_alternative<policy::ResumeFullmakt>(act)) return "signed.resumed";
  if (holds_alternative<policy::LiftSparr>(act)) return "signed.lifted";
  if (holds_alternative<policy::SignKontrakt>(act)) return "signed.kontrakt";
  if (holds_alternative<policy::SignHandOver>(act)) return "signed.hand_over";
  if (holds_alternative<policy::SignReferral>(act)) return "signed.referral";
  if (holds_alternative<policy::Reconfirm>(act)) return "signed.reconfirmed";
  return "signed.other";
}

Awaitable<Response> finish(PortalContext& context, Exchange& exchange, const Form& form, service::Command command) {
  const policy::Act act = command.act;
  const bool waits = context.core().directory().waits_for_second(command.actor, act);
  Awaitable<ResultOrPage> carrying = carry_out(context, exchange, std::move(command));
  ResultOrPage carried = co_await std::move(carrying);
  if (Response* instead = std::get_if<Response>(&carried)) co_return std::move(*instead);
  const auto& result = std::get<service::CommandResult>(carried);
  if (result.decision.reason == policy::Reason::state_changed && !result.decision.is_permitted()) {
    Awaitable<Response> changed = changed_meanwhile(context, exchange, form);
    co_return co_await std::move(changed);
  }
  if (!result.decision.is_permitted()) co_return act_refused_page(context, exchange, result);
  const Visit& visit = browser_of(exchange).visit();
  const PortalNames names(context.site, visit.language);
  web::Data data;
  const std::string words = waits ? "signed.waits" : std::string(words_of(act));
  data.set("text", names.text(words + ".text")).set("when", names.time(result.time)).set("number", result.entry);
  PortalSite::Options options;
  options.title = names.text(words + ".title");
  Response response = context.site.page(visit, "signed", std::move(data), options);
  drop_cookie(response, kCeremonyCookie);
  co_return response;
}

// INVARIANT (what you see is what you sign): the act of the ceremony is the one that this page showed, not that of
// another tab.
bool is_the_one_shown(const Form& form, const service::Command& command) {
  return command.evidence && command.evidence->id.text() == form.text("act");
}

Awaitable<Response> by_passkey(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const Result<service::PasskeyAnswer> answer = service::parse_passkey_answer(form.text("answer"));
  if (!answer) co_return not_signed(context, exchange, answer.error(), form);
  Result<service::Command> command = or_signed_before(
      context, exchange, form,
      context.sessions().finish_signing(browser_of(exchange).cookie(), ceremony_of(exchange), *answer));
  if (!command) co_return not_signed(context, exchange, command.error(), form);
  if (!is_the_one_shown(form, *command)) {
    co_return not_signed(context, exchange, fail(ErrorCode::conflict, "the ceremony of another page"), form);
  }
  Awaitable<Response> finishing = finish(context, exchange, form, std::move(*command));
  co_return co_await std::move(finishing);
}

Awaitable<Response> in_demo(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  Result<service::Command> command =
      or_signed_before(context, exchange, form,
                       context.sessions().finish_signing_in_demo(browser_of(exchange).cookie(), ceremony_of(exchange)));
  if (!command) co_return not_signed(context, exchange, command.error(), form);
  if (!is_the_one_shown(form, *command)) {
    co_return not_signed(context, exchange, fail(ErrorCode::conflict, "the ceremony of another page"), form);
  }
  Awaitable<Response> finishing = finish(context, exchange, form, std::move(*command));
  co_return co_await std::move(finishing);
}

constexpr std::string_view kWholeOf = "of";  // in the address of a part: the hash of all that is signed

std::string hash_of(const ToSign& to_sign) {
  constexpr std::size_t kBytes = 16;
  return to_hex(BytesView(crypto::sha256(as_bytes(json::serialize(to_sign.act)))).first(kBytes));
}

// Whoever comes without the hash, or with that of what has changed meanwhile, begins with the first part.
Request from_the_beginning(Request request, const std::string& whole) {
  request.target.query.clear();
  request.target.query.emplace(kWholeOf, whole);
  return request;
}

}  // namespace

std::string typed_in(const Form& form, std::string_view without) {
  std::string out;
  for (const auto& [name, value] : form.fields()) {
    if (name == "token" || name == "act" || (!without.empty() && name == without)) continue;
    out += (out.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
  }
  return out;
}

// SPEC PORTAL-80, PORTAL-95: all of it is shown before it can be signed, and it is the same in all parts.
std::optional<Response> part_to_read_first(PortalContext& context, const OwnPage& page, ToSign& to_sign) {
  std::vector<std::size_t> weights;
  for (const std::string& text : to_sign.paragraphs) weights.push_back(text.size());
  const std::string whole = hash_of(to_sign);
  const std::string_view begun = page.exchange.request().query(kWholeOf);
  const bool goes_on = begun == whole;
  const Request request = goes_on ? page.exchange.request() : from_the_beginning(page.exchange.request(), whole);
  const Piece piece = piece_by_weight(request, weights, kMostToRead, "part");
  if (piece.pieces == 1) return std::nullopt;
  const web::Values which{{"n", std::to_string(piece.number)}, {"all", std::to_string(piece.pieces)}};
  const std::span<const std::string> part = in_piece(to_sign.paragraphs, piece);
  if (piece.number == piece.pieces) {
    std::vector<std::string> last(part.begin(), part.end());
    last.insert(last.begin(), page.names.text("sign.last_part", which));
    to_sign.paragraphs = std::move(last);
    to_sign.earlier = page.visit().path.substr(0, page.visit().path.find('?')) + "?" + std::string(kWholeOf) + "=" +
                      whole + "&part=" + std::to_string(piece.number - 1);
    return std::nullopt;
  }
  web::Data data;
  data.set("back", to_sign.back).set("which", page.names.text("sign.part", which));
  data.show_if(!goes_on && !begun.empty(), "changed");
  for (const std::string& text : part) data.add("paragraph").set("text", text);
  put_pages(page.names, request, piece, data, "part");
  PortalSite::Options options;
  options.title = to_sign.title;
  return context.site.page(page.visit(), "sign_part", std::move(data), options);
}

ByteArray<16> id_made_by(const Form& form) {
  const std::string_view act = form.text("act");
  if (!ActId::parse(act)) return crypto::random_bytes<16>();
  const crypto::Hash256 hash =
      crypto::sha256(as_bytes("flikvakt/v1/made-by-form\n"), as_bytes(act), as_bytes("\n"), as_bytes(typed_in(form)));
  return to_array<16>(BytesView(hash).first(16)).value();
}

Response sign_page(PortalContext& context, const Visit& visit, const policy::Overview& overview,
                   const ToSign& to_sign) {
  const auto id = crypto::random_id<ActId>();
  const service::WantedAct wanted{id, to_sign.act, overview.person.consent_version, visit.as};
  const Result<service::SigningCeremony> ceremony =
      context.sessions().begin_signing(*visit.cookie, wanted, context.site.words().tag(visit.language));
  if (!ceremony) {
    spdlog::info("an act is not shown to be signed: {}", ceremony.error().message);
    const bool is_form = ceremony.error().code == ErrorCode::invalid || ceremony.error().code == ErrorCode::malformed;
    return context.site.problem_page(visit, is_form ? 422 : 403, is_form ? "form" : "session",
                                     instance_of(plain_problem(400)));
  }
  web::Data data;
  data.set("token", form_token_of(visit)).set("act", id.text()).set("button", to_sign.button);
  data.set("back", to_sign.back).set("again", to_sign.again).set("typed", to_sign.typed);
  data.set("seen_at", to_rfc3339(context.core().clock().wall()));
  if (visit.as) data.add("for_other").set("ends", visit.number_ends);
  if (!to_sign.text.empty()) data.add("exact").set("text", to_sign.text);
  for (const std::string& text : to_sign.paragraphs) data.add("paragraph").set("text", text);
  if (!to_sign.earlier.empty()) data.add("earlier").set("href", to_sign.earlier);
  if (ceremony->passkey_options) data.add("passkey").set("options", json::serialize(*ceremony->passkey_options));
  if (ceremony->url) {
    data.add("e_id").set("url", *ceremony->url);
    const KeptForms::Fields known{{"act", id.text()},
                                  {"again", to_sign.again},
                                  {"typed", to_sign.typed},
                                  {"seen_at", to_rfc3339(context.core().clock().wall())}};
    const auto now = context.core().clock().steady();
    context.kept.keep(id, visit.session->id, known, now, now + service::kCeremonyLife);
  }
  data.show_if(ceremony->is_demo, "in_demo");
  PortalSite::Options options;
  options.title = to_sign.title;
  options.script = PageScript::passkey;
  Response response = context.site.page(visit, "sign", std::move(data), options);
  set_cookie(response, kCeremonyCookie, ceremony->cookie.value, service::kCeremonyLife);
  return response;
}

Awaitable<Response> finish_by_issuer(PortalContext& context, Exchange& exchange, service::IssuerReturn answer) {
  const BrowserIdentity& who = browser_of(exchange);
  // The page from which they were sent there. Nothing: it is long ago.
  const std::optional<ActId> act = context.sessions().act_at_issuer(who.cookie(), answer.state);
  const Form form = act ? Form::of(context.kept.find(*act, context.core().clock().steady())) : Form();
  using Commanded = std::shared_ptr<Result<service::Command>>;
  Awaitable<Commanded> asking =
      await_callback<Commanded>([&context, &who, answer](std::function<void(Commanded)> done) {
        context.sessions().finish_signing_by_issuer(who.cookie(), answer, [done](Result<service::Command> command) {
          done(std::make_shared<Result<service::Command>>(std::move(command)));
        });
      });
  const Commanded command = co_await std::move(asking);
  *command = or_signed_before(context, exchange, form, std::move(*command));
  if (!*command) co_return not_signed(context, exchange, command->error(), form);
  Awaitable<Response> finishing = who.visit().is_staff()
                                      ? finish_staff_signing(context, exchange, form, std::move(**command))
                                      : finish(context, exchange, form, std::move(**command));
  co_return co_await std::move(finishing);
}

void add_signing_pages(PortalContext& context, Router& router) {
  router
      .add(Method::post, "/me/sign/passkey", AccessRule::person_page, whole_body(256 * 1024),
           [&context](Exchange& e) { return by_passkey(context, e); })
      .add(Method::post, "/me/sign/demo", AccessRule::person_page, whole_body(256 * 1024),
           [&context](Exchange& e) { return in_demo(context, e); });
}

}  // namespace flikvakt::gateway
