#include "gateway/portal_sparr.h"

#include <algorithm>

#include "crypto/random.h"
#include "gateway/portal_choices.h"
#include "gateway/portal_fullmakt_view.h"
#include "gateway/problem.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

using policy::SparrTarget;
using policy::SparrTerms;

std::optional<Date> date_in(const Form& form, std::string_view name) {
  const Result<Date> date = parse_date(form.text(name));
  return date && date->ok() ? std::optional(*date) : std::nullopt;
}

std::set<policy::Recipient> receiving_now(const OwnPage& page) {
  std::set<policy::Recipient> out;
  for (const policy::Fullmakt& one : page.overview.fullmakter) {
    if (!is_over(one, page.now)) out.insert(one.terms.recipients.begin(), one.terms.recipients.end());
  }
  return out;
}

// Whom a Sparr can be against: who receives something now, and every organisation.
std::vector<Choice> possible_recipients(const PortalContext& context, const OwnPage& page, const Form& typed) {
  std::set<policy::Recipient> known = receiving_now(page);
  for (const auto& one : context.core().directory().rows<policy::Organisation>()) {
    if (one.standing == policy::Standing::active) {
      known.insert({policy::RecipientKind::organisation, one.id.value()});
    }
  }
  std::vector<Choice> out;
  for (const policy::Recipient& one : known) {
    const std::string value = to_choice(one);
    out.push_back({page.names.recipient(one), value, typed.has("recipient", value)});
  }
  return out;
}

void put_all_choices(const PortalContext& context, const OwnPage& page, const Form& typed, web::Data& data) {
  std::vector<Choice> flikar;
  for (const policy::FlikType& one : context.core().directory().rows<policy::FlikType>()) {
    if (one.standing != policy::Standing::active) continue;
    flikar.push_back({page.names.flik(one.code), one.code, one.code == typed.text("flik")});
  }
  put_choices(page.names, std::move(flikar), {}, typed.text(field_of_search("flik")), "flik_choice", "flik", data);
  std::vector<Choice> documents;
  for (const policy::Document& one : page.overview.documents) {
    documents.push_back({one.facts.title, one.id.text(), one.id.text() == typed.text("document")});
  }
  put_choices(page.names, std::move(documents), {}, typed.text(field_of_search("document")), "document_choice",
              "document", data);
  std::set<std::string> likely;
  for (const policy::Recipient& one : receiving_now(page)) likely.insert(to_choice(one));
  put_choices(page.names, possible_recipients(context, page, typed), likely, typed.text(field_of_search("recipient")),
              "recipient_choice", "recipient", data);
}

// With what was typed before, when something of it was wrong.
Response sparr_page(PortalContext& context, const OwnPage& page, const Form& typed, const std::string& wrong) {
  web::Data data;
  put_form(page.visit(), data);
  data.set("new_id", crypto::random_id<SparrId>().text());
  put_all_choices(context, page, typed, data);
  const std::string_view target = typed.text("target").empty() ? "everything" : typed.text("target");
  for (const std::string_view one : {"everything", "flik", "document", "dates"}) {
    data.show_if(one == target, "target_" + std::string(one));
  }
  data.show_if(typed.text("against") != "some", "against_everyone");
  data.show_if(typed.text("against") == "some", "against_some");
  data.set("from", typed.text("from")).set("to", typed.text("to")).set("until", typed.text("until"));
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context.site.page(page.visit(), "sparr", std::move(data), options);
}

// From a link of a document or flik: what it is about is chosen already.
Form form_of_query(const Request& request) {
  std::string text;
  for (const std::string_view name : {"document", "flik"}) {
    if (request.query(name).empty()) continue;
    text = "target=" + std::string(name) + "&" + std::string(name) + "=" + percent_encoded(request.query(name));
  }
  return Form::parse(text).value();
}

Awaitable<Response> set_sparr(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const SparrForm wanted = read_sparr_form(form);
  const Result<SparrId> id = SparrId::parse(form.text("new_id"));
  if (!wanted.wrong.empty() || !id || is_search(form)) {
    const std::string wrong = is_search(form) ? "" : wanted.wrong.empty() ? "sparr.wrong_form" : wanted.wrong;
    Handler again = own_page(
        context, [&context, form, wrong](const OwnPage& page) { return sparr_page(context, page, form, wrong); });
    Awaitable<Response> showing = again(exchange);
    co_return co_await std::move(showing);
  }
  const json::object act{{"kind", "set_sparr"}, {"id", id->text()}, {"terms", to_json(wanted.terms)}};
  Awaitable<ResultOrPage> sending = send_act(context, exchange, form, act);
  ResultOrPage sent = co_await std::move(sending);
  if (Response* instead = std::get_if<Response>(&sent)) co_return std::move(*instead);
  const auto& result = std::get<service::CommandResult>(sent);
  if (!result.decision.is_permitted()) co_return act_refused_page(context, exchange, result);
  const Visit& visit = browser_of(exchange).visit();
  const PortalNames names(context.site, visit.language);
  co_return done_page(
      context, visit,
      {names.text("sparr.done_title"),
       {names.text("sparr.done_text", {{"time", names.time(result.time)}}), names.text("sparr.done_lift")},
       "/me",
       names.text("menu.overview")});
}

}  // namespace

std::string to_choice(const policy::Recipient& recipient) {
  return std::string(to_json(recipient.kind).as_string()) + ":" + to_hex(recipient.id);
}

Result<policy::Recipient> recipient_of(std::string_view choice) {
  const std::size_t colon = choice.find(':');
  if (colon == std::string_view::npos) return fail(ErrorCode::malformed, "no recipient");
  const auto kind = TRY(from_json<policy::RecipientKind>(json::value(json::string(choice.substr(0, colon)))));
  return policy::Recipient{kind, TRY(to_array<16>(TRY(from_hex(choice.substr(colon + 1)))))};
}

SparrForm read_sparr_form(const Form& form) {
  SparrForm out;
  const auto target = from_json<SparrTarget>(json::value(json::string(form.text("target"))));
  if (!target) return {{}, "sparr.wrong_target"};
  out.terms.target = *target;
  if (*target == SparrTarget::flik) out.terms.flik = std::string(form.text("flik"));
  if (*target == SparrTarget::document) {
    const Result<DocumentId> document = DocumentId::parse(form.text("document"));
    if (!document) return {{}, "sparr.wrong_document"};
    out.terms.document = *document;
  }
  if (*target == SparrTarget::dates) {
    out.terms.from = date_in(form, "from");
    out.terms.to = date_in(form, "to");
    const bool is_read = out.terms.from.has_value() != form.text("from").empty() &&
                         out.terms.to.has_value() != form.text("to").empty();  // SPEC PORTAL-78
    const bool is_ordered = !out.terms.from || !out.terms.to || *out.terms.from <= *out.terms.to;
    if ((!out.terms.from && !out.terms.to) || !is_read || !is_ordered) return {{}, "sparr.wrong_dates"};
  }
  out.terms.everyone = form.text("against") != "some";
  for (const std::string_view choice : form.all("recipient")) {
    const Result<policy::Recipient> recipient = recipient_of(choice);
    if (recipient && !out.terms.everyone) out.terms.recipients.insert(*recipient);
  }
  if (!out.terms.everyone && out.terms.recipients.empty()) return {{}, "sparr.wrong_recipients"};
  if (!form.text("until").empty()) {
    const std::optional<Date> until = date_in(form, "until");
    if (!until) return {{}, "sparr.wrong_until"};
    out.terms.until = web::from_swedish_time(std::chrono::local_days(*until) + std::chrono::days(1));
  }
  return out;
}

void add_sparr_pages(PortalContext& context, Router& router) {
  router
      .add(Method::get, "/me/sparr", AccessRule::person_page, no_body(),
           own_page(context,
                    [&context](const OwnPage& page) {
                      return sparr_page(context, page, form_of_query(page.exchange.request()), "");
                    }))
      .add(Method::post, "/me/sparr", AccessRule::person_page, whole_body(),
           [&context](Exchange& e) { return set_sparr(context, e); });
}

}  // namespace flikvakt::gateway
