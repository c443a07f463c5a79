#include "gateway/portal_deposit.h"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/characters.h"
#include "gateway/portal_choices.h"
#include "gateway/portal_give_form.h"
#include "gateway/problem.h"
#include "service/handles.h"
#include "service/media_type.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

constexpr std::uint64_t kRoomForFields = 64 * 1024;
constexpr std::size_t kMostOthers = 10;

struct Sealed {
  service::CommandResult result;
  std::optional<Error> trouble;
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), to_lower);
  return out;
}

// What of the form is wrong, as a key of words; else the facts, but for the bytes.
struct FilledIn {
  policy::DocumentFacts facts;
  std::string_view wrong;
};
FilledIn read_facts(const SentForm& sent, Date today) {
  const Form& form = sent.fields;
  FilledIn out;
  out.facts.flik = std::string(form.text("flik"));
  out.facts.title = std::string(trim_blanks(web::plain_text(form.text("title"))));
  out.facts.author = std::string(trim_blanks(web::plain_text(form.text("author"))));
  const Result<Date> date = parse_date(form.text("date"));
  out.facts.media_type = media_type_of(sent.file_name, sent.file);
  if (sent.file.empty()) return {{}, "deposit.wrong_file"};
  if (out.facts.media_type.empty()) return {{}, "deposit.wrong_kind"};
  if (out.facts.flik.empty()) return {{}, "deposit.wrong_flik"};
  if (out.facts.title.empty() || out.facts.title.size() > 200) return {{}, "deposit.wrong_title"};
  if (out.facts.author.empty() || out.facts.author.size() > 200) return {{}, "deposit.wrong_author"};
  const bool has_come = date && date->ok() && std::chrono::sys_days(*date) <= std::chrono::sys_days(today);
  if (!has_come) return {{}, "deposit.wrong_date"};
  out.facts.date = *date;
  return out;
}

std::vector<std::string> split_at_blanks(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    const bool is_between = c == ' ' || c == ',' || c == ';' || c == '\t' || c == '\r' || c == '\n';
    if (!is_between) {
      out.back() += c;
    } else if (!out.back().empty()) {
      out.emplace_back();
    }
  }
  if (out.back().empty()) out.pop_back();
  return out;
}

// Whom else the document is about, as handles of the organisation; or what is wrong, as a key of words.
struct Others {
  json::array handles;
  std::string_view wrong;
};
// SPEC PORTAL-43
Others read_others(const service::Core& core, const OrganisationId& organisation, const Form& form) {
  if (form.text("others") == "no") return {};
  if (form.text("others") != "yes") return {{}, "deposit.wrong_others"};
  const std::vector<std::string> numbers = split_at_blanks(form.text("number"));
  Others out;
  if (numbers.empty() || numbers.size() > kMostOthers) out.wrong = "deposit.wrong_numbers";
  for (const std::string& number : numbers) {
    const Result<std::string> handle = service::handle_for(core.keys(), organisation, number, core.clock());
    if (!handle) out.wrong = "deposit.wrong_numbers";
    if (!out.wrong.empty()) break;
    out.handles.emplace_back(*handle);
  }
  return out;
}

// The whole body.
Awaitable<Result<Bytes>> read_whole(Exchange& exchange) {
  const std::uint64_t whole = exchange.request().content_length;
  Bytes out;
  std::size_t filled = 0;
  while (filled < whole) {
    if (filled == out.size()) out.resize(buffer_for(filled, whole));
    Awaitable<Result<std::size_t>> reading = exchange.read_body(std::span(out).subspan(filled));
    const Result<std::size_t> got = co_await std::move(reading);
    if (!got) co_return got.error();
    if (*got == 0) co_return fail(ErrorCode::io, "the body ended");
    filled += *got;
  }
  co_return out;
}

}  // namespace

// What came is let go as soon as it was taken apart. Who may not send a file now is told before any of it is read.
Awaitable<std::variant<FormWithFile, Response>> read_form_with_file(PortalContext& context, Exchange& exchange) {
  auto place = context.uploads.enter(rate_key_of(browser_of(exchange)));
  if (!place) co_return too_many_requests();
  if (std::optional<Response> too_often = too_many_pages(context, exchange)) co_return std::move(*too_often);
  const Visit& visit = browser_of(exchange).visit();
  Awaitable<Result<Bytes>> receiving = read_whole(exchange);
  const Result<Bytes> body = co_await std::move(receiving);
  if (!body) co_return plain_problem(400);  // the peer is gone, or too slow: it is cut
  Result<SentForm> sent = parse_multipart(exchange.request().header("content-type"), *body);
  if (!sent) co_return form_refused(exchange, context.site, visit, sent.error());
  const Result<void> is_ours = context.access.check_token(exchange, visit, sent->fields);
  if (!is_ours) co_return form_refused(exchange, context.site, visit, sent->fields, is_ours.error());
  co_return FormWithFile{std::move(place), std::move(*sent)};
}

std::string media_type_of(std::string_view file_name, BytesView file) {
  constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
      {".pdf", "application/pdf"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".txt", "text/plain"},
      {".json", "application/json"},
      {".xml", "application/xml"},
      {".odt", "application/vnd.oasis.opendocument.text"},
      {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}};
  const std::string name = lower(file_name);
  const BytesView leading = file.first(std::min(file.size(), service::kLeadingBytes));
  for (const auto& [ending, type] : kKinds) {
    if (name.ends_with(ending) && service::begins_like(type, leading)) return std::string(type);
  }
  return {};
}

void PortalDeposit::add_to(Router& router) {
  router
      .add(Method::get, "/staff/people/{handle:token}/deposit", AccessRule::staff_page, no_body(),
           staff_page(context_, [this](const StaffPage& one) { return page(one, Form(), ""); }))
      .add(Method::post, "/staff/people/{handle:token}/deposit", AccessRule::staff_page,
           streamed_body(kLargestFile + kRoomForFields), [this](Exchange& e) { return deposit(e); });
}

Response PortalDeposit::page(const StaffPage& one, const Form& typed, std::string_view wrong) const {
  const bool is_new = typed.fields().empty();
  web::Data data;
  put_form(one.visit(), data);
  data.set("new_id", crypto::random_id<DepositId>().text()).set("handle", one.exchange.text("handle"));
  const std::string flik(is_new ? one.exchange.request().query("flik") : typed.text("flik"));
  put_flikar(one.names, flikar_in_use(context_.core().directory()), {flik}, typed, data);
  const auto staff = context_.core().directory().row<policy::Staff>(one.staff().staff);
  data.set("title_typed", typed.text("title"));
  data.set("author", is_new ? std::string_view(staff ? staff->name : std::string()) : typed.text("author"));
  data.set("date", is_new ? to_text(web::swedish_date(one.now)) : std::string(typed.text("date")));
  data.show_if(typed.has("others", "no"), "others_no").show_if(typed.has("others", "yes"), "others_yes");
  if (!wrong.empty()) data.add("wrong").set("text", one.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context_.site.page(one.visit(), "deposit", std::move(data), options);
}

Response PortalDeposit::wrong_page(Exchange& exchange, const Form& form, std::string_view wrong) const {
  return page(staff_page_of(context_, exchange), form, wrong);
}

// SPEC PORTAL-101: only what is the file's own fault is said of the file.
Response PortalDeposit::not_taken(Exchange& exchange, const Form& form, const Error& error) const {
  exchange.set_cause(error.message);
  if (error.code == ErrorCode::invalid) return wrong_page(exchange, form, "deposit.wrong_kind");
  return plain_problem(error.code == ErrorCode::out_of_space ? 507 : 503);
}

Awaitable<Response> PortalDeposit::deposit(Exchange& exchange) {
  using Read = std::variant<FormWithFile, Response>;
  Awaitable<Read> reading = read_form_with_file(context_, exchange);
  Read read = co_await std::move(reading);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  SentForm* const sent = &std::get<FormWithFile>(read).sent;
  if (is_search(sent->fields)) co_return wrong_page(exchange, sent->fields, "");
  FilledIn filled = read_facts(*sent, web::swedish_date(context_.core().clock().wall()));
  if (!filled.wrong.empty()) co_return wrong_page(exchange, sent->fields, filled.wrong);
  Others others = read_others(context_.core(), browser_of(exchange).staff().organisation, sent->fields);
  if (!others.wrong.empty()) co_return wrong_page(exchange, sent->fields, others.wrong);
  filled.facts.size = sent->file.size();
  filled.facts.sha256 = crypto::sha256(sent->file);
  auto bytes = std::make_shared<const Bytes>(std::move(sent->file));
  Awaitable<Response> beginning =
      begin(exchange, std::move(sent->fields), std::move(filled.facts), std::move(others.handles), std::move(bytes));
  co_return co_await std::move(beginning);
}

Response PortalDeposit::deposited(Exchange& exchange, const Form& form) const {
  const Visit& visit = browser_of(exchange).visit();
  const PortalNames names(context_.site, visit.language);
  Done done{names.text("deposit.done_title"),
            {names.text("deposit.done_text")},
            "/staff/people/" + exchange.text("handle"),
            names.text("staff.go_on")};
  if (form.text("others") == "yes") done.texts.push_back(names.text("deposit.done_others"));
  return done_page(context_, visit, done);
}

// Decided and logged, as any deposit's beginning; a "no" is the refusal.
Awaitable<Response> PortalDeposit::begin(Exchange& exchange, Form form, policy::DocumentFacts facts, json::array others,
                                         std::shared_ptr<const Bytes> bytes) {
  const BrowserIdentity& who = browser_of(exchange);
  const Result<DepositId> id = DepositId::parse(form.text("new_id"));
  const Result<ActId> act = ActId::parse(form.text("act"));
  if (!id || !act) co_return not_sent(context_, exchange, fail(ErrorCode::malformed, "a form without its ids"));
  const json::object wanted{{"kind", "begin_deposit"},
                            {"id", id->text()},
                            {"person", exchange.text("handle")},
                            {"facts", to_json(facts)},
                            {"other_subjects", std::move(others)}};
  Result<service::Command> command = context_.sessions().command(who.cookie(), {*act, wanted, {}, {}});
  if (!command) co_return not_sent(context_, exchange, command.error());
  Awaitable<ResultOrPage> carrying = carry_out(context_, exchange, std::move(*command));
  ResultOrPage carried = co_await std::move(carrying);
  if (Response* instead = std::get_if<Response>(&carried)) co_return std::move(*instead);
  const auto& result = std::get<service::CommandResult>(carried);
  if (!result.decision.is_permitted()) {
    exchange.set_cause(cause_of(result));
    co_return refusal();
  }
  const std::optional<policy::Deposit> begun = service::find_deposit(context_.core(), who.staff(), *id);
  if (!begun) {  // the same form again: it was sealed by the first
    co_return deposited(exchange, form);
  }
  Awaitable<Response> filling = fill(exchange, std::move(form), *begun, std::move(bytes));
  co_return co_await std::move(filling);
}

Awaitable<Response> PortalDeposit::fill(Exchange& exchange, Form form, policy::Deposit deposit,
                                        std::shared_ptr<const Bytes> bytes) {
  const BrowserIdentity& who = browser_of(exchange);
  Result<service::Upload> upload = service::receive(context_.core(), who.staff(), deposit, keep_free_);
  if (!upload) co_return not_taken(exchange, form, upload.error());
  const Result<void> pushed = upload->push(*bytes);
  if (!pushed) co_return not_taken(exchange, form, pushed.error());
  auto owned = std::make_shared<service::Upload>(std::move(*upload));
  using Outcome = std::shared_ptr<Sealed>;
  // Making it durable may take long: not on a thread that serves others.
  Awaitable<Outcome> sealing = await_callback<Outcome>([this, owned](std::function<void(Outcome)> done) {
    boost::asio::post(waiting_, [this, owned, done] {
      auto decided = [done](service::CommandResult result, DocumentId) {
        done(std::make_shared<Sealed>(Sealed{std::move(result), {}}));
      };
      const Result<void> begun = std::move(*owned).seal(context_.core(), std::move(decided));
      if (!begun) done(std::make_shared<Sealed>(Sealed{{}, begun.error()}));
    });
  });
  const Outcome sealed = co_await std::move(sealing);
  if (sealed->trouble) co_return not_taken(exchange, form, *sealed->trouble);
  if (!sealed->result.decision.is_permitted()) {
    exchange.set_cause(cause_of(sealed->result));
    co_return refusal();
  }
  co_return deposited(exchange, form);
}

}  // namespace flikvakt::gateway
