#include "gateway/portal_asking.h"

#include <algorithm>

#include "crypto/random.h"
#include "gateway/portal_choices.h"
#include "gateway/portal_give_form.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_sparr.h"
#include "gateway/problem.h"
#include "policy/terms.h"
#include "service/handles.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

using policy::AccessRequest;
using policy::Recipient;
using policy::RecipientKind;

constexpr std::size_t kRequestsOnAPage = 40;
constexpr std::size_t kSourceRequestsOnAPage = 10;  // their messages may be long

bool is_in_place(const policy::Team& team, const policy::RosterEntry& entry) {
  return team.standing == policy::Standing::active && team.accepted_by && entry.is_complete();
}

// For whom one may ask: the own organisation, oneself, the own unit, the teams that one is in. Whether that counts is
// decided (REQ-1).
std::vector<std::pair<std::string, std::string>> for_whom(PortalContext& context, const StaffPage& page) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto put = [&](RecipientKind kind, const ByteArray<16>& id) {
    const Recipient one{kind, id};
    out.emplace_back(page.names.recipient(one), to_choice(one));
  };
  put(RecipientKind::organisation, page.staff().organisation.value());
  put(RecipientKind::staff, page.staff().staff.value());
  const service::Directory& directory = context.core().directory();
  const auto staff = directory.row<policy::Staff>(page.staff().staff);
  if (staff && staff->unit) put(RecipientKind::unit, staff->unit->value());
  const auto is_own = [&](const policy::RosterEntry& one) { return one.staff == page.staff().staff; };
  for (const policy::RosterEntry& entry : directory.rows_where<policy::RosterEntry>(is_own)) {
    const auto team = directory.row<policy::Team>(entry.team);
    if (team && is_in_place(*team, entry)) put(RecipientKind::team, team->id.value());
  }
  return out;
}

Response ask_page(PortalContext& context, const StaffPage& page, const Form& typed, const std::string& wrong) {
  web::Data data;
  put_form(page.visit(), data);
  data.set("new_id", crypto::random_id<RequestId>().text()).set("handle", page.exchange.text("handle"));
  for (const auto& [name, value] : for_whom(context, page)) {
    data.add("recipient_choice")
        .set("name", name)
        .set("value", value)
        .show_if(typed.text("recipient") == value, "chosen");
  }
  const service::Directory& directory = context.core().directory();
  put_flikar(page.names, flikar_in_use(directory), ticked(typed, "flik"), typed, data);
  put_disclosers(page.names, organisations_in_use(directory), ticked(typed, "discloser"), {}, typed, data);
  for (const std::string_view code : kPurposes) {
    web::Data& choice = data.add("purpose_choice").set("value", code);
    choice.set("name", page.names.purpose(std::string(code))).show_if(typed.text("purpose") == code, "chosen");
  }
  data.show_if(typed.has("right", "deposit"), "deposits").show_if(typed.has("direct", "yes"), "direct");
  data.set("until", typed.text("until")).set("message", typed.text("write_message"));
  data.set("fullmakt", typed.text("fullmakt"));
  data.show_if(!typed.text("fullmakt").empty(), "adds");
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context.site.page(page.visit(), "ask", std::move(data), options);
}

// What a fullmakt says already, as if it had been filled in: more in it can be asked for the same recipient and purpose
// alone (SPEC REQ-7).
Form as_filled(const policy::Fullmakt& one, const std::vector<std::pair<std::string, std::string>>& recipients) {
  std::map<std::string, std::string> out{
      {"fullmakt", one.id.text()},
      {"purpose", one.terms.purpose},
      {"until", to_text(web::swedish_date(one.terms.valid_to - std::chrono::milliseconds(1)))}};
  for (const auto& [name, choice] : recipients) {
    const Result<Recipient> recipient = recipient_of(choice);
    if (recipient && one.terms.recipients.contains(*recipient)) out["recipient"] = choice;
  }
  return Form::of(out);
}

Awaitable<Response> begin_asking(PortalContext& context, Exchange& exchange) {
  const Result<FullmaktId> adds = FullmaktId::parse(exchange.request().query("fullmakt"));
  if (!adds) {
    co_return page_again(context, exchange, [&](const StaffPage& page) { return ask_page(context, page, Form(), ""); });
  }
  const auto index = person_of_handle(context, browser_of(exchange).staff(), exchange.text("handle"));
  if (!index) co_return refusal();
  Awaitable<AnswerOrPage> asking = ask_as_staff(context, exchange, policy::ListFullmakter{*index});
  AnswerOrPage answer = co_await std::move(asking);
  if (Response* instead = std::get_if<Response>(&answer)) co_return std::move(*instead);
  const StaffPage page = staff_page_of(context, exchange);
  const policy::Fullmakt* one =
      find_among(std::get<std::vector<policy::Fullmakt>>(std::get<policy::Answer>(answer)), *adds);
  Response response = ask_page(context, page, one ? as_filled(*one, for_whom(context, page)) : Form(), "");
  response.departure = Departure::on_tick;  // SPEC PORTAL-40
  co_return response;
}

struct Asked {
  policy::RequestTerms terms;
  std::string wrong;
};

Asked read_ask_form(const Form& form, UtcTime now) {
  Asked out;
  const Result<Recipient> recipient = recipient_of(form.text("recipient"));
  if (!recipient) return {{}, "give.wrong_recipient"};
  out.terms.recipient = *recipient;
  out.terms.flikar = ticked(form, "flik");
  if (out.terms.flikar.empty()) return {{}, "give.wrong_flikar"};
  out.terms.disclosers = ticked_organisations(form, "discloser");
  if (out.terms.disclosers.empty() || out.terms.disclosers.size() > 20) return {{}, "give.wrong_disclosers"};
  out.terms.purpose = std::string(form.text("purpose"));
  if (std::ranges::find(kPurposes, out.terms.purpose) == std::end(kPurposes)) return {{}, "give.wrong_purpose"};
  out.terms.rights = {policy::Right::read};
  if (form.has("right", "deposit")) out.terms.rights.insert(policy::Right::deposit);
  const std::optional<UtcTime> until = end_of_day(form, "until");
  if (!until || *until <= now || *until > now + std::chrono::days(1830)) return {{}, "give.wrong_until"};
  out.terms.valid_to = *until;
  out.terms.message = std::string(form.text("write_message"));
  if (out.terms.message.size() > 2000) return {{}, "ask.wrong_message"};
  if (!policy::is_text(out.terms.message, 2000)) return {{}, "providers.wrong_signs"};
  if (const Result<FullmaktId> adds = FullmaktId::parse(form.text("fullmakt"))) out.terms.fullmakt = *adds;
  return out;
}

Awaitable<Response> send_request(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const auto again = [&](const std::string& wrong) {
    return page_again(context, exchange, [&](const StaffPage& page) { return ask_page(context, page, form, wrong); });
  };
  if (is_search(form)) co_return again("");
  const Asked asked = read_ask_form(form, context.core().clock().wall());
  const Result<RequestId> id = RequestId::parse(form.text("new_id"));
  if (!asked.wrong.empty() || !id) co_return again(asked.wrong.empty() ? "sparr.wrong_form" : asked.wrong);
  // SPEC CONN-40
  const bool is_direct = form.has("direct", "yes");
  const bool is_one = asked.terms.flikar.size() == 1 && asked.terms.disclosers.size() == 1 &&
                      asked.terms.rights.size() == 1 && asked.terms.message.size() <= 2000;
  if (is_direct && !is_one) co_return again("ask.wrong_direct");
  StaffAct act;
  act.act = json::object{{"kind", is_direct ? "ask_source" : "request_access"},
                         {"id", id->text()},
                         {"person", exchange.text("handle")},
                         {"terms", to_json(asked.terms)}};
  act.done = is_direct ? "ask.direct_done" : "ask.done";
  act.next = is_direct ? "/staff/source-requests" : "/staff/requests";
  Awaitable<Response> sending = send_as_staff(context, exchange, form, std::move(act));
  co_return co_await std::move(sending);
}

Response requests(PortalContext& context, const StaffPage& page, const std::vector<AccessRequest>& found) {
  web::Data data;
  put_form(page.visit(), data);
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, found.size(), kRequestsOnAPage);
  put_pages(page.names, request, piece, data);
  for (const AccessRequest& one : in_piece(found, piece)) {
    web::Data& shown = data.add("request").set("id", one.id.text()).set("label", case_label(CaseId(one.id.value())));
    shown.set("who", page.names.recipient(one.terms.recipient));
    shown.set("flikar", page.names.flikar(one.terms.flikar, PortalNames::kFewOfThem));
    shown.set("by", page.names.staff(one.staff)).set("asked", page.names.day(one.asked));
    const bool waits = one.status == policy::RequestStatus::open && one.expires > page.now;
    shown.set("tone", waits ? "tone-wait" : "tone-off");
    shown.set("status", page.names.text("asked." + std::string(to_json(one.status).as_string())));
    if (waits) shown.add("can_withdraw").set("expires", page.names.day(one.expires));
  }
  data.show_if(found.empty(), "none");
  Response response = context.site.page(page.visit(), "staff_requests", std::move(data));
  response.departure = Departure::on_tick;  // SPEC API-100
  return response;
}

// SPEC CONN-44: what the own organisation asked names nobody; what it is asked leads to the person.
Response source_requests(PortalContext& context, const StaffPage& page,
                         const std::vector<policy::SourceRequest>& found) {
  web::Data data;
  put_form(page.visit(), data);
  const OrganisationId own = page.staff().organisation;
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, found.size(), kSourceRequestsOnAPage);
  put_pages(page.names, request, piece, data);
  for (const policy::SourceRequest& one : in_piece(found, piece)) {
    const bool is_ours = one.organisation == own;
    const bool is_open = one.status == policy::SourceRequestStatus::open;
    const bool is_asked = one.status == policy::SourceRequestStatus::waiting;  // by us: that is all that we are told
    web::Data& shown = data.add("request").set("id", one.id.text()).set("label", case_label(CaseId(one.id.value())));
    shown.set("flik", page.names.flik(one.flik)).set("message", one.message).set("asked", page.names.time(one.asked));
    shown.set("tone", is_open || is_asked ? "tone-wait" : "tone-off");
    std::string status = is_asked ? "asked" : std::string(to_json(one.status).as_string());
    if (!is_ours && one.status == policy::SourceRequestStatus::declined) status = "declined_by_us";
    shown.set("status", page.names.text("source_request." + status));
    shown.add(is_ours ? "ours" : "theirs")
        .set("other", page.names.organisation(is_ours ? one.source : one.organisation));
    shown.show_if(is_ours && is_asked, "can_withdraw");
    if (is_ours || !is_open) continue;
    const Result<std::string> handle = service::handle_of(context.core(), own, one.person);
    if (handle) shown.add("can_answer").set("handle", *handle);
  }
  data.show_if(found.empty(), "none");
  Response response = context.site.page(page.visit(), "source_requests", std::move(data));
  response.departure = Departure::on_tick;
  return response;
}

// ---- On the person's word: any staff member, one answer whatever stood (PAPER-5)

constexpr std::string_view kWordsOfThePerson[] = {"revoke_one", "revoke_all", "block_all", "block_flik",
                                                  "end_representatives"};

// From a link beside a fullmakt: which one is filled in already.
Form word_of_query(const Request& request) {
  const Result<FullmaktId> one = FullmaktId::parse(request.query("fullmakt"));
  return one ? Form::of({{"what", "revoke_one"}, {"fullmakt", one->text()}}) : Form();
}

Response word_page(PortalContext& context, const StaffPage& page, const Form& typed, std::string_view wrong) {
  web::Data data;
  put_form(page.visit(), data);
  data.set("new_id", crypto::random_id<SparrId>().text()).set("handle", page.exchange.text("handle"));
  for (const std::string_view what : kWordsOfThePerson) {
    data.show_if(typed.has("what", what), "wants_" + std::string(what));
  }
  data.set("fullmakt", typed.text("fullmakt"));
  put_flikar(page.names, flikar_in_use(context.core().directory()), ticked(typed, "flik"), typed, data);
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context.site.page(page.visit(), "on_word", std::move(data), options);
}

json::object word_act(const Form& form, const std::string& handle) {
  json::object act{{"kind", "paper_narrowing"},
                   {"person", handle},
                   {"revoke", json::array()},
                   {"revoke_all", form.has("what", "revoke_all")}};
  if (form.has("what", "revoke_one")) act["revoke"] = json::array{json::string(form.text("fullmakt"))};
  const bool blocks_all = form.has("what", "block_all");
  const bool blocks_flik = form.has("what", "block_flik");
  if (blocks_all || blocks_flik) {
    policy::SparrTerms terms;
    if (!blocks_all) {
      terms.target = policy::SparrTarget::flik;
      terms.flik = std::string(form.text("flik"));
    }
    act["sparr"] = form.text("new_id");
    act["sparr_terms"] = to_json(terms);
  }
  if (form.has("what", "end_representatives")) act["end_representatives"] = true;
  return act;
}

Awaitable<Response> enter_word(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const auto again = [&](std::string_view wrong) {
    return page_again(context, exchange, [&](const StaffPage& page) { return word_page(context, page, form, wrong); });
  };
  if (is_search(form)) co_return again("");
  if (!form.has("what")) co_return again("on_word.wrong_what");
  const bool names_none = form.has("what", "revoke_one") && !FullmaktId::parse(form.text("fullmakt"));
  if (names_none) co_return again("on_word.wrong_fullmakt");
  StaffAct act;
  act.act = word_act(form, exchange.text("handle"));
  act.done = "on_word.done";
  act.next = "/staff/people/" + exchange.text("handle");
  Awaitable<Response> sending = send_as_staff(context, exchange, form, std::move(act));
  co_return co_await std::move(sending);
}

Response relinquish_page(PortalContext& context, const StaffPage& page) {
  return question_page(context, page.visit(),
                       {page.names.text("relinquish.title"),
                        {page.names.text("relinquish.text")},
                        page.names.text("relinquish.button"),
                        true,
                        "/staff/people/" + page.exchange.text("handle"),
                        page.names.text("person.title")});
}

}  // namespace

std::set<Recipient> receives_as(PortalContext& context, const StaffPage& page) {
  std::set<Recipient> out;
  for (const auto& [name, choice] : for_whom(context, page)) {
    if (const Result<Recipient> one = recipient_of(choice)) out.insert(*one);
  }
  return out;
}

bool receives_by(const std::set<Recipient>& mine, const policy::Fullmakt& fullmakt) {
  const auto gave_up = [&](const Recipient& one) { return std::ranges::binary_search(fullmakt.relinquished, one); };
  return std::ranges::any_of(fullmakt.terms.recipients,
                             [&](const Recipient& one) { return mine.contains(one) && !gave_up(one); });
}

void add_asking_pages(PortalContext& context, Router& router) {
  const AccessRule staff = AccessRule::staff_page;
  router
      .add(Method::get, "/staff/people/{handle:token}/ask", staff, no_body(),
           [&context](Exchange& e) { return begin_asking(context, e); })
      .add(Method::post, "/staff/people/{handle:token}/ask", staff, whole_body(),
           [&context](Exchange& e) { return send_request(context, e); })
      .add(Method::get, "/staff/requests", staff, no_body(),
           staff_list<std::vector<AccessRequest>>(
               context, [](const Exchange&) { return policy::Act(policy::ListRequests{}); },
               [&context](const StaffPage& page, const std::vector<AccessRequest>& found) {
                 return requests(context, page, found);
               }))
      .add(Method::get, "/staff/source-requests", staff, no_body(),
           staff_list<std::vector<policy::SourceRequest>>(
               context, [](const Exchange&) { return policy::Act(policy::ListSourceRequests{}); },
               [&context](const StaffPage& page, const std::vector<policy::SourceRequest>& found) {
                 return source_requests(context, page, found);
               }))
      .add(Method::post, "/staff/source-requests/{request:id}/decline", staff, whole_body(),
           one_button(context,
                      [](const Exchange& e, const Form&) {
                        return StaffAct{{{"kind", "decline_source_request"}, {"id", e.text("request")}},
                                        "",
                                        "",
                                        {},
                                        "source_requests.declined",
                                        "/staff/source-requests"};
                      }))
      .add(Method::post, "/staff/requests/{request:id}/withdraw", staff, whole_body(),
           one_button(context,
                      [](const Exchange& e, const Form&) {
                        return StaffAct{{{"kind", "withdraw_request"}, {"id", e.text("request")}},
                                        "",
                                        "",
                                        {},
                                        "ask.withdrawn",
                                        "/staff/requests"};
                      }))
      .add(Method::get, "/staff/people/{handle:token}/on-word", staff, no_body(),
           staff_page(context,
                      [&context](const StaffPage& page) {
                        return word_page(context, page, word_of_query(page.exchange.request()), "");
                      }))
      .add(Method::post, "/staff/people/{handle:token}/on-word", staff, whole_body(),
           [&context](Exchange& e) { return enter_word(context, e); })
      .add(Method::get, "/staff/people/{handle:token}/fullmakter/{fullmakt:id}/relinquish", staff, no_body(),
           staff_page(context, [&context](const StaffPage& page) { return relinquish_page(context, page); }))
      .add(Method::post, "/staff/people/{handle:token}/fullmakter/{fullmakt:id}/relinquish", staff, whole_body(),
           one_button(context, [](const Exchange& e, const Form&) {
             return StaffAct{{{"kind", "relinquish_fullmakt"}, {"id", e.text("fullmakt")}},
                             "",
                             "",
                             {},
                             "relinquish.done",
                             "/staff/people/" + e.text("handle")};
           }));
}

}  // namespace flikvakt::gateway
