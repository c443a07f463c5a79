// What the pages of staff have in common. Each list is an act, decided and logged; every "no" is the one refusal (P6).
// People are named by the organisation's handle; a number comes in by a form and goes out nowhere.
#pragma once

#include "gateway/portal_acts.h"

namespace flikvakt::gateway {

// One page of a staff member, while it is made.
struct StaffPage {
  const BrowserIdentity& who;
  const Exchange& exchange;
  const PortalNames names;
  const UtcTime now;

  const Visit& visit() const { return who.visit(); }
  const policy::StaffActor& staff() const { return who.staff(); }
};
StaffPage staff_page_of(PortalContext& context, Exchange& exchange);

// Asks for one list; or the page that says why there is none.
using AnswerOrPage = std::variant<policy::Answer, Response>;
Awaitable<AnswerOrPage> ask_as_staff(PortalContext& context, Exchange& exchange, policy::Act act);

// A page that asks for nothing.
Handler staff_page(PortalContext& context, std::function<Response(const StaffPage&)> show);
// A page that asks for one list and shows it. Where an empty list must say nothing by its time, `show` lets the answer
// leave on the tick.
template <class List>
Handler staff_list(PortalContext& context, std::function<policy::Act(const Exchange&)> act,
                   std::function<Response(const StaffPage&, const List&)> show);

// The page of a form once more: something is wrong with it, or a search was pressed.
Response page_again(PortalContext& context, Exchange& exchange, const std::function<Response(const StaffPage&)>& show);

// The same act from a form: the session is proof enough, or it is signed first; then `done`.
struct StaffAct {
  json::object act;
  std::string title;  // of the page where it is signed
  std::string button;
  std::vector<std::string> paragraphs;  // what is signed, in words
  std::string done;                     // key of words: `<done>.title`, `<done>.text`
  std::string next;                     // a path
  std::string again = {};               // the path of the form that it came from, and what was filled in there: what
  std::string typed = {};               // send_as_staff was given, unless the act says so itself
};
Awaitable<Response> send_as_staff(PortalContext& context, Exchange& exchange, const Form& form, StaffAct act);

// A form with one button: the act is in the path, and in the form.
Handler one_button(PortalContext& context, std::function<StaffAct(const Exchange&, const Form&)> act);

void add_staff_signing_pages(PortalContext& context, Router& router);
// What was signed at the organisation's own issuer: `form` has the page that was kept meanwhile.
Awaitable<Response> finish_staff_signing(PortalContext& context, Exchange& exchange, Form form,
                                         service::Command command);

// A short name for a case: nothing of the person is in it.
std::string case_label(const CaseId& id);
// Whom a handle of this organisation means. malformed: it is no handle.
Result<policy::BlindIndex> person_of_handle(PortalContext& context, const policy::StaffActor& staff,
                                            std::string_view handle);

template <class List>
Awaitable<Response> show_staff_list(
    PortalContext& context, Exchange& exchange, std::shared_ptr<const std::function<policy::Act(const Exchange&)>> act,
    std::shared_ptr<const std::function<Response(const StaffPage&, const List&)>> show) {
  Awaitable<AnswerOrPage> asking = ask_as_staff(context, exchange, (*act)(exchange));
  AnswerOrPage answer = co_await std::move(asking);
  if (Response* instead = std::get_if<Response>(&answer)) co_return std::move(*instead);
  co_return (*show)(staff_page_of(context, exchange), std::get<List>(std::get<policy::Answer>(answer)));
}

template <class List>
Handler staff_list(PortalContext& context, std::function<policy::Act(const Exchange&)> act,
                   std::function<Response(const StaffPage&, const List&)> show) {
  auto kept_act = std::make_shared<const std::function<policy::Act(const Exchange&)>>(std::move(act));
  auto kept_show = std::make_shared<const std::function<Response(const StaffPage&, const List&)>>(std::move(show));
  return [&context, kept_act, kept_show](Exchange& exchange) {
    return show_staff_list<List>(context, exchange, kept_act, kept_show);
  };
}

}  // namespace flikvakt::gateway
