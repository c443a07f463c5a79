#include "gateway/portal_mine.h"

#include <algorithm>

#include "gateway/portal_paging.h"
#include "gateway/problem.h"
#include "service/handles.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

using policy::Kontrakt;
using policy::PeopleList;
using policy::PersonView;

constexpr std::size_t kEndingsOnAPage = 60;
constexpr std::chrono::days kSoon{30};  // from when on it is said that something ends soon
constexpr std::size_t kMilestonesOnAPage = 30;
constexpr std::size_t kGoals = 600;  // characters of the goals of a kontrakt
constexpr std::size_t kMostGoals = 5;

// ---- Everybody, by what ends first

void put_ending(const StaffPage& page, const Ending& ending, const std::string& handle,
                const std::optional<std::string>& alias, web::Data& data) {
  const bool is_soon = ending.at < page.now + kSoon;
  data.set("handle", handle).set("short_handle", handle.substr(0, 6)).set("what", ending.what);
  data.set("day", page.names.last_day(ending.at)).set("tone", is_soon ? "tone-wait" : "tone-go");
  data.show_if(is_soon, "soon");
  if (alias) data.add("alias").set("alias_name", *alias);
}

Response mine(PortalContext& context, const StaffPage& page, const PeopleList& list) {
  std::vector<std::string> handles;
  for (const PersonView& one : list.people) {
    const Result<std::string> handle = service::handle_of(context.core(), page.staff().organisation, one.person);
    handles.push_back(handle ? *handle : std::string());
  }
  std::vector<Ending> endings = endings_of(page.names, list, page.now);
  std::erase_if(endings, [&](const Ending& one) { return handles[one.place].empty(); });  // erased meanwhile
  web::Data data;
  data.show_if(endings.empty(), "none");
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, endings.size(), kEndingsOnAPage);
  web::Data* rows = endings.empty() ? nullptr : &data.add("list");
  for (const Ending& one : in_piece(endings, piece)) {
    put_ending(page, one, handles[one.place], list.people[one.place].alias, rows->add("ending"));
  }
  put_pages(page.names, request, piece, data);
  if (!list.people.empty()) data.add("count").set("text", page.names.count("mine.count", list.people.size()));
  data.show_if(list.more, "more");
  return context.site.page(page.visit(), "mine", std::move(data));
}

// ---- The path of one of them

std::string path_of_person(const std::string& handle) { return "/staff/people/" + handle + "/path"; }

std::vector<PathStep> ends_of(const PortalNames& names, const PersonView& view) {
  std::vector<PathStep> out;
  for (const policy::Fullmakt& one : view.fullmakter) {
    out.push_back({PathStep::State::next, one.terms.valid_to,
                   names.text("mine.ends_fullmakt", {{"purpose", names.purpose(one.terms.purpose)}}),
                   names.text("mine.last_day", {{"day", names.last_day(one.terms.valid_to)}})});
  }
  return out;
}

// One that may be marked, and where it is in the plan: the number counts from 0 (SPEC PROV-7).
struct ToReach {
  const Kontrakt* kontrakt = nullptr;
  std::size_t number = 0;
  const policy::Milestone& milestone() const { return kontrakt->milestones[number]; }
};

std::vector<ToReach> to_reach(const PersonView& view) {
  std::vector<ToReach> out;
  for (const Kontrakt& one : view.kontrakt) {
    if (!view.can_reach.contains(one.id)) continue;
    for (std::size_t i = 0; i < one.milestones.size(); ++i) {
      if (!one.milestones[i].reached) out.push_back({&one, i});
    }
  }
  return out;
}

// In which piece the one is that was chosen in a form with something wrong in it.
std::size_t piece_with(const std::vector<ToReach>& all, const Request& request, const Form& typed) {
  const std::string_view kontrakt = request.target.segments.back();
  const auto found = std::ranges::find_if(all, [&](const ToReach& one) {
    return one.kontrakt->id.text() == kontrakt && std::to_string(one.number) == typed.text("milestone");
  });
  return found == all.end() ? 1 : static_cast<std::size_t>(found - all.begin()) / kMilestonesOnAPage + 1;
}

void put_milestones(const StaffPage& page, const PersonView& view, const std::string& handle, const Form& typed,
                    web::Data& data) {
  const std::vector<ToReach> all = to_reach(view);
  if (all.empty()) return;
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, all.size(), kMilestonesOnAPage, "milestones", piece_with(all, request, typed));
  web::Data& plans = data.add("plans");
  web::Data* plan = nullptr;
  const Kontrakt* last = nullptr;
  for (const ToReach& one : in_piece(all, piece)) {
    if (one.kontrakt != last) {
      plan = &plans.add("plan").set("kontrakt", one.kontrakt->id.text()).set("handle", handle);
      put_form(page.visit(), *plan);
      plan->set("reached",
                typed.fields().empty() ? to_text(web::swedish_date(page.now)) : std::string(typed.text("reached")));
      last = one.kontrakt;
    }
    const std::string number = std::to_string(one.number);
    web::Data& choice = plan->add("milestone").set("number", number).set("text", one.milestone().text);
    choice.set("due", page.names.day(one.milestone().due));
    choice.show_if(typed.text("milestone") == number, "chosen");
  }
  put_pages(page.names, request, piece, plans, "milestones", path_of_person(handle));
}

Response path_page(PortalContext& context, const StaffPage& page, const std::string& handle, const PeopleList& list,
                   const Form& typed, const std::string& wrong) {
  web::Data data;
  data.set("handle", handle).set("short_handle", handle.substr(0, 6));
  const PersonView view = list.people.empty() ? PersonView() : list.people.front();
  const std::vector<PathStep> steps =
      steps_of(page.names, view.cases, view.kontrakt, page.now, PathVoice::staff, ends_of(page.names, view));
  if (!steps.empty()) put_path(page.names, page.exchange.request(), steps, path_of_person(handle), data);
  data.show_if(steps.empty(), "nothing_open");
  if (view.alias) data.add("alias").set("alias_name", *view.alias);
  for (const Kontrakt& one : std::span(view.kontrakt).first(std::min(view.kontrakt.size(), kMostGoals))) {
    if (!one.goals.empty()) data.add("goals").set("text", shortened(one.goals, kGoals));
  }
  put_milestones(page, view, handle, typed, data);
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  Response response = context.site.page(page.visit(), "staff_path", std::move(data), options);
  response.departure = Departure::on_tick;  // SPEC PORTAL-40
  return response;
}

Awaitable<Response> show_path(PortalContext& context, Exchange& exchange, Form typed, std::string wrong) {
  const std::string handle = exchange.text("handle");
  const Result<policy::BlindIndex> index = person_of_handle(context, browser_of(exchange).staff(), handle);
  if (!index) co_return refusal();
  Awaitable<AnswerOrPage> asking = ask_as_staff(context, exchange, policy::ListPeople{*index});
  AnswerOrPage answer = co_await std::move(asking);
  if (Response* instead = std::get_if<Response>(&answer)) co_return std::move(*instead);
  const auto& list = std::get<PeopleList>(std::get<policy::Answer>(answer));
  co_return path_page(context, staff_page_of(context, exchange), handle, list, typed, wrong);
}

Awaitable<Response> reach(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const Result<Date> reached = parse_date(form.text("reached"));
  const auto milestone = form.number("milestone");
  const Date today = web::swedish_date(context.core().clock().wall());
  const bool is_day = reached && reached->ok() && std::chrono::sys_days(*reached) <= std::chrono::sys_days(today);
  if (!is_day || !milestone) {
    Awaitable<Response> again =
        show_path(context, exchange, form, is_day ? "mine.wrong_milestone" : "mine.wrong_reached");
    co_return co_await std::move(again);
  }
  StaffAct act;
  act.act = json::object{{"kind", "reach_milestone"},
                         {"kontrakt", exchange.text("kontrakt")},
                         {"milestone", to_json(*milestone)},
                         {"reached", to_text(*reached)}};
  act.done = "mine.reached";
  act.next = "/staff/people/" + exchange.text("handle") + "/path";
  Awaitable<Response> sending = send_as_staff(context, exchange, form, std::move(act));
  co_return co_await std::move(sending);
}

}  // namespace

std::vector<Ending> endings_of(const PortalNames& names, const PeopleList& list, UtcTime now) {
  std::vector<Ending> out;
  for (std::size_t place = 0; place < list.people.size(); ++place) {
    for (const policy::Fullmakt& one : list.people[place].fullmakter) {
      const std::string purpose = names.purpose(one.terms.purpose);
      out.push_back({one.terms.valid_to, names.text("mine.ends_fullmakt", {{"purpose", purpose}}), place});
    }
    for (const Kontrakt& one : list.people[place].kontrakt) {
      for (const policy::KontraktPart& part : one.parts) {
        if (part.valid_to <= now) continue;
        out.push_back({part.valid_to, names.text("mine.ends_part", {{"insats", part.insats}}), place});
      }
    }
  }
  std::ranges::stable_sort(out, {}, &Ending::at);
  return out;
}

void add_mine_pages(PortalContext& context, Router& router) {
  router
      .add(Method::get, "/staff/mine", AccessRule::staff_page, no_body(),
           staff_list<PeopleList>(
               context, [](const Exchange&) { return policy::Act(policy::ListPeople{}); },
               [&context](const StaffPage& page, const PeopleList& list) { return mine(context, page, list); }))
      .add(Method::get, "/staff/people/{handle:token}/path", AccessRule::staff_page, no_body(),
           [&context](Exchange& e) { return show_path(context, e, Form(), ""); })
      .add(Method::post, "/staff/people/{handle:token}/milestones/{kontrakt:id}", AccessRule::staff_page, whole_body(),
           [&context](Exchange& e) { return reach(context, e); });
}

}  // namespace flikvakt::gateway
