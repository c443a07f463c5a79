#include "gateway/portal_deposit.h"

#include <algorithm>

#include "base/characters.h"
#include "base/media_types.h"
#include "crypto/hash.h"
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

// How the file may become parts: whole, by one of the organisation's rules, by hand.
void put_ways(PortalContext& context, const StaffPage& one, const Form& typed, web::Data& data) {
  const std::string chosen(typed.text("how"));
  const auto put = [&](const std::string& value, const std::string& name) {
    data.add("way").set("value", value).set("name", name).show_if(value == chosen, "chosen");
  };
  put("whole", one.names.text("deposit.whole"));
  for (const policy::PartitionRule& rule : rules_of(context.core(), one.staff().organisation)) {
    put("rule:" + rule.document_type, one.names.text("deposit.by_rule", {{"name", rule.name}}));
  }
  put("hand", one.names.text("deposit.by_hand"));
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
  const std::string_view type = media_type_of_name(file_name);
  const BytesView leading = file.first(std::min(file.size(), service::kLeadingBytes));
  return std::string(service::begins_like(type, leading) ? type : std::string_view());
}

void PortalDeposit::add_to(Router& router) {
  router
      .add(Method::get, "/staff/people/{handle:token}/deposit", AccessRule::staff_page, no_body(),
           staff_page(context_, [this](const StaffPage& one) { return page(one, Form(), ""); }))
      .add(Method::post, "/staff/people/{handle:token}/deposit", AccessRule::staff_page,
           streamed_body(kLargestFile + kRoomForFields), [this](Exchange& e) { return deposit(e); });
  plan_.add_to(router);
}

Response PortalDeposit::page(const StaffPage& one, const Form& typed, const std::string& wrong) const {
  const bool is_new = typed.fields().empty();
  web::Data data;
  put_form(one.visit(), data);
  data.set("handle", one.exchange.text("handle"));
  put_ways(context_, one, typed, data);
  const std::string flik(is_new ? one.exchange.request().query("flik") : typed.text("flik"));
  put_flikar(one.names, flikar_in_use(context_.core().directory()), {flik}, typed, data);
  const auto staff = context_.core().directory().row<policy::Staff>(one.staff().staff);
  data.set("title_typed", typed.text("title"));
  data.set("author", is_new ? std::string_view(staff ? staff->name : std::string()) : typed.text("author"));
  data.set("date", is_new ? to_text(web::swedish_date(one.now)) : std::string(typed.text("date")));
  data.show_if(typed.has("others", "no"), "others_no").show_if(typed.has("others", "yes"), "others_yes");
  if (!wrong.empty()) data.add("wrong").set("text", wrong);
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context_.site.page(one.visit(), "deposit", std::move(data), options);
}

Response PortalDeposit::wrong_page(Exchange& exchange, const Form& form, std::string_view wrong) const {
  const StaffPage one = staff_page_of(context_, exchange);
  return page(one, form, wrong.empty() ? std::string() : one.names.text(wrong));
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
  std::shared_ptr<const Bytes> bytes = scrubbed_file(std::move(sent->file));
  PortalPlan::Sent to_plan{std::string(sent->fields.text("how")), std::move(filled.facts), std::move(others.handles),
                           std::move(bytes)};
  Awaitable<PortalPlan::AnswerOrWhy> planning = plan_.plan(exchange, std::move(to_plan));
  PortalPlan::AnswerOrWhy planned = co_await std::move(planning);
  if (const std::string* why = std::get_if<std::string>(&planned)) {
    co_return page(staff_page_of(context_, exchange), sent->fields, *why);
  }
  co_return std::get<Response>(std::move(planned));
}

}  // namespace flikvakt::gateway
