#include "gateway/portal_cases.h"

#include <algorithm>
#include <charconv>

#include "gateway/portal_choices.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_teams.h"
#include "gateway/problem.h"
#include "service/handles.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

using policy::CaseView;
using Cases = std::vector<CaseView>;

constexpr std::size_t kCasesOnAPage = 20;
constexpr std::size_t kMeetingsOnACard = 5;

std::string word_of(const json::value& name) { return std::string(name.as_string()); }

void put_case(PortalContext& context, const StaffPage& page, const CaseView& view, web::Data& data) {
  const policy::Case& one = view.row;
  const PortalNames& names = page.names;
  data.set("id", one.id.text()).set("label", case_label(one.id)).set("team", names.team(one.team));
  data.set("focus", names.text("focus." + word_of(to_json(one.focus))));
  const bool waits = one.status == policy::CaseStatus::waiting;
  data.set("tone", waits ? "tone-wait" : "tone-go").set("status", names.text(waits ? "cases.waiting" : "cases.open"));
  if (waits) data.add("waiting").set("since", names.day(one.waiting_since));
  if (view.alias) data.add("alias").set("name", *view.alias);
  if (one.referred_by) data.add("referred").set("by", names.organisation(*one.referred_by));
  if (one.triage) data.add("triage").set("day", names.day(*one.triage));
  std::size_t meetings = 0;
  for (const UtcTime time : one.meetings) {
    if (time < page.now - std::chrono::days(1) || meetings++ == kMeetingsOnACard) continue;
    data.add("meeting").set("time", names.time(time));
  }
  if (one.hand_over) data.add("hand_over").set("to", names.team(*one.hand_over));
  const Result<std::string> handle = service::handle_of(context.core(), page.staff().organisation, one.person);
  if (handle) data.add("person").set("handle", *handle);
}

Response cases(PortalContext& context, const StaffPage& page, const Cases& found) {
  web::Data data;
  web::Data* waiting = nullptr;
  web::Data* open = nullptr;
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, found.size(), kCasesOnAPage);
  put_pages(page.names, request, piece, data);
  for (const CaseView& one : in_piece(found, piece)) {
    const bool waits = one.row.status == policy::CaseStatus::waiting;
    web::Data*& list = waits ? waiting : open;
    if (!list) list = &data.add(waits ? "waiting_list" : "open_list");
    put_case(context, page, one, list->add("case"));
  }
  data.show_if(found.empty(), "none");
  const auto staff = context.core().directory().row<policy::Staff>(page.staff().staff);
  data.show_if(staff && staff->roles.contains(policy::StaffRole::log_reviewer), "reviews");
  return context.site.page(page.visit(), "cases", std::move(data));
}

std::string local_time_text(UtcTime time) {
  const auto local = web::swedish_time(time);
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const auto minutes = std::chrono::floor<std::chrono::minutes>(local - day);
  char clock[8];
  const int hours = static_cast<int>(minutes.count() / 60), rest = static_cast<int>(minutes.count() % 60);
  std::snprintf(clock, sizeof clock, "T%02d:%02d", hours, rest);
  return to_text(Date(std::chrono::year_month_day(day))) + clock;
}

constexpr std::size_t kMostMeetings = 50;  // SPEC CASE-4
constexpr std::size_t kLeastSlots = 3;     // in the form; one more than there are meetings

std::vector<std::string> slots_of(const policy::Case& one, const Form& typed) {
  std::vector<std::string> out;
  for (const UtcTime time : one.meetings) out.push_back(local_time_text(time));
  if (typed.has("meeting")) {
    const std::vector<std::string_view> values = typed.all("meeting");
    out.assign(values.begin(), values.end());
  }
  out.resize(std::min(kMostMeetings, std::max(kLeastSlots, out.size() + 1)));
  return out;
}

void put_forms(PortalContext& context, const StaffPage& page, const policy::Case& one, const Form& typed,
               web::Data& data) {
  put_form(page.visit(), data);
  data.set("id", one.id.text()).show_if(one.status == policy::CaseStatus::waiting, "can_accept");
  std::uint64_t number = 0;
  for (const std::string& slot : slots_of(one, typed)) data.add("slot").set("number", ++number).set("value", slot);
  std::vector<Choice> teams;
  for (const policy::Team& team : context.core().directory().rows<policy::Team>()) {
    const bool is_other = team.id != one.team && team.standing == policy::Standing::active && team.accepted_by;
    if (is_other) teams.push_back({team.name, team.id.text(), typed.text("team") == team.id.text()});
  }
  put_choices(page.names, std::move(teams), {}, typed.text(field_of_search("team")), "team_choice", "team", data);
}

// The forms of a team's lead or deputy are shown to them alone (SPEC PORTAL-97); whoever is neither gets the refusal
// when they try.
Response lead(PortalContext& context, const StaffPage& page, const Cases& found, const Form& typed,
              std::string_view wrong) {
  const auto id = page.exchange.id<CaseId>("case");
  const auto view = std::ranges::find(found, id, [](const CaseView& one) { return one.row.id; });
  if (view == found.end()) return refusal();
  web::Data data;
  put_case(context, page, *view, data);
  const bool leads = leads_team(context.core().directory(), view->row.team, page.staff().staff);
  web::Data& forms = data.add(leads ? "leads" : "leads_not");
  if (leads) put_forms(context, page, view->row, typed, forms);
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.title = page.names.text("case.title", {{"label", case_label(id)}});
  options.status = wrong.empty() ? 200 : 422;
  return context.site.page(page.visit(), "case", std::move(data), options);
}

// malformed: one of them is no day and time. None may be left out unseen.
Result<json::array> meetings_in(const Form& form) {
  json::array out;
  for (const std::string_view text : form.all("meeting")) {
    if (text.empty()) continue;
    const UtcTime time = TRY(meeting_time(text));
    out.push_back(json::string(to_rfc3339(time)));
  }
  return out;
}

json::object act_in(const Form& form, const json::array& meetings, const std::string& id) {
  const std::string_view what = form.text("what");
  if (what == "accept") return {{"kind", "accept_case"}, {"id", id}, {"meetings", meetings}};
  if (what == "meetings") return {{"kind", "set_meetings"}, {"id", id}, {"meetings", meetings}};
  if (what == "hand_over") return {{"kind", "propose_hand_over"}, {"id", id}, {"team", form.text("team")}};
  return {{"kind", "close_case"}, {"id", id}};
}

// The page again, with what was typed and what is wrong with it.
Awaitable<Response> lead_again(PortalContext& context, Exchange& exchange, Form typed, std::string wrong) {
  Awaitable<AnswerOrPage> asking = ask_as_staff(context, exchange, policy::ListCases{});
  AnswerOrPage answer = co_await std::move(asking);
  if (Response* instead = std::get_if<Response>(&answer)) co_return std::move(*instead);
  const auto& found = std::get<Cases>(std::get<policy::Answer>(answer));
  co_return lead(context, staff_page_of(context, exchange), found, typed, wrong);
}

Awaitable<Response> act_on_case(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  if (is_search(form)) {
    Awaitable<Response> again = lead_again(context, exchange, form, "");
    co_return co_await std::move(again);
  }
  const Result<json::array> meetings = meetings_in(form);
  if (!meetings) {
    Awaitable<Response> again = lead_again(context, exchange, form, "case.wrong_meeting");
    co_return co_await std::move(again);
  }
  // What cannot be opened again is closed only by who said so beside the button.
  const bool is_sure = form.text("what") != "close" || form.has("sure");
  if (!is_sure) {
    Awaitable<Response> again = lead_again(context, exchange, form, "case.wrong_sure");
    co_return co_await std::move(again);
  }
  StaffAct act;
  act.act = act_in(form, *meetings, exchange.text("case"));
  act.done = "case.done";
  act.next = "/staff";
  Awaitable<Response> sending = send_as_staff(context, exchange, form, std::move(act));
  co_return co_await std::move(sending);
}

}  // namespace

Result<UtcTime> meeting_time(std::string_view text) {
  if (text.size() != 16 || text[10] != 'T' || text[13] != ':') return fail(ErrorCode::malformed, "no day and time");
  const Date date = TRY(parse_date(text.substr(0, 10)));
  unsigned hours = 99, minutes = 99;
  std::from_chars(text.data() + 11, text.data() + 13, hours);
  std::from_chars(text.data() + 14, text.data() + 16, minutes);
  if (!date.ok() || hours > 23 || minutes > 59) return fail(ErrorCode::malformed, "no day and time");
  return web::from_swedish_time(std::chrono::local_days(date) + std::chrono::hours(hours) +
                                std::chrono::minutes(minutes));
}

void add_case_pages(PortalContext& context, Router& router) {
  const auto ask = [](const Exchange&) { return policy::Act(policy::ListCases{}); };
  router
      .add(Method::get, "/staff", AccessRule::staff_page, no_body(),
           staff_list<Cases>(
               context, ask,
               [&context](const StaffPage& page, const Cases& found) { return cases(context, page, found); }))
      .add(Method::get, "/staff/cases/{case:id}", AccessRule::staff_page, no_body(),
           staff_list<Cases>(context, ask,
                             [&context](const StaffPage& page, const Cases& found) {
                               return lead(context, page, found, Form(), "");
                             }))
      .add(Method::post, "/staff/cases/{case:id}", AccessRule::staff_page, whole_body(),
           [&context](Exchange& e) { return act_on_case(context, e); });
}

}  // namespace flikvakt::gateway
