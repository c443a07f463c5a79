#include "gateway/portal_cases.h"

#include <algorithm>
#include <charconv>

#include "gateway/problem.h"
#include "service/handles.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

using policy::CaseView;
using Cases = std::vector<CaseView>;

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
  for (const UtcTime time : one.meetings) {
    if (time >= page.now - std::chrono::days(1)) data.add("meeting").set("time", names.time(time));
  }
  if (one.hand_over) data.add("hand_over").set("to", names.team(*one.hand_over));
  const Result<std::string> handle = service::handle_of(context.core(), page.staff().organisation, one.person);
  if (handle) data.add("person").set("handle", *handle);
}

Response cases(PortalContext& context, const StaffPage& page, const Cases& found) {
  web::Data data;
  web::Data* waiting = nullptr;
  web::Data* open = nullptr;
  for (const CaseView& one : found) {
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

// What a team's lead or deputy can do; whoever is neither gets the refusal when they try.
Response lead(PortalContext& context, const StaffPage& page, const Cases& found) {
  const auto id = page.exchange.id<CaseId>("case");
  const auto view = std::ranges::find(found, id, [](const CaseView& one) { return one.row.id; });
  if (view == found.end()) return refusal();
  web::Data data;
  put_case(context, page, *view, data);
  put_form(page.visit(), data);
  data.show_if(view->row.status == policy::CaseStatus::waiting, "can_accept");
  for (std::size_t i = 0; i < 3; ++i) {
    const bool is_set = i < view->row.meetings.size();
    data.add("slot")
        .set("number", std::uint64_t{i} + 1)
        .set("value", is_set ? local_time_text(view->row.meetings[i]) : "");
  }
  for (const policy::Team& team : context.core().directory().rows<policy::Team>()) {
    const bool is_other = team.id != view->row.team && team.standing == policy::Standing::active && team.accepted_by;
    if (is_other) data.add("team_choice").set("value", team.id.text()).set("name", team.name);
  }
  PortalSite::Options options;
  options.title = page.names.text("case.title", {{"label", case_label(id)}});
  return context.site.page(page.visit(), "case", std::move(data), options);
}

json::array meetings_in(const Form& form) {
  json::array out;
  for (const std::string_view text : form.all("meeting")) {
    if (const Result<UtcTime> time = meeting_time(text)) out.push_back(json::string(to_rfc3339(*time)));
  }
  return out;
}

json::object act_in(const Form& form, const std::string& id) {
  const std::string_view what = form.text("what");
  if (what == "accept") return {{"kind", "accept_case"}, {"id", id}, {"meetings", meetings_in(form)}};
  if (what == "meetings") return {{"kind", "set_meetings"}, {"id", id}, {"meetings", meetings_in(form)}};
  if (what == "hand_over") return {{"kind", "propose_hand_over"}, {"id", id}, {"team", form.text("team")}};
  return {{"kind", "close_case"}, {"id", id}};
}

Awaitable<Response> act_on_case(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  StaffAct act;
  act.act = act_in(form, exchange.text("case"));
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
           staff_list<Cases>(
               context, ask,
               [&context](const StaffPage& page, const Cases& found) { return lead(context, page, found); }))
      .add(Method::post, "/staff/cases/{case:id}", AccessRule::staff_page, whole_body(),
           [&context](Exchange& e) { return act_on_case(context, e); });
}

}  // namespace flikvakt::gateway
