// From a form to an act and back: what every page that changes something does alike. The form carries the id of its
// act, so that the same form sent twice is done once, and the answer to it is the same. Thread-safe: nothing is kept
// here.
#pragma once

#include "gateway/portal_own.h"

namespace flikvakt::gateway {

// The hidden fields of a form: the session's token, and the id of the act that it will send.
void put_form(const Visit& visit, web::Data& data);

// A form of this session, or the page that says why not.
using FormOrPage = std::variant<Form, Response>;
FormOrPage form_or_page(PortalContext& context, Exchange& exchange);

// A page that a form leads to: the overview is asked for, then the form is read.
Handler form_page(PortalContext& context, std::function<Response(const OwnPage&, const Form&)> show);

// Sends the act that needs no more than the session. What was decided, permitted or not, or the page that says why it
// could not be.
using ResultOrPage = std::variant<service::CommandResult, Response>;
Awaitable<ResultOrPage> send_act(PortalContext& context, Exchange& exchange, const Form& form, json::value act);

// A command that was proven in some way: within its rate, decided.
Awaitable<ResultOrPage> carry_out(PortalContext& context, Exchange& exchange, service::Command command);

// What was filled in on the page before, to be sent there anew: `form` has its path ("again") and its fields ("typed"),
// of a page where something is signed. Nothing, when it has not.
void put_form_anew(const Visit& visit, const Form& form, web::Data& data);

// over: turned back, too old, of another tab, by another key; nothing was signed now. unavailable: who would know does
// not answer. `form` as above.
enum class WhyNotSigned { over, unavailable };
Response not_signed_page(const PortalSite& site, const Visit& visit, const Form& form = {},
                         WhyNotSigned why = WhyNotSigned::over);
// SPEC BS-16: what this form signed in this session already, when it cannot now: it came twice.
Result<service::Command> or_signed_before(PortalContext& context, const Exchange& exchange, const Form& form,
                                          Result<service::Command> command);
// Why a command could not be made (service/browser_session.h).
Response not_sent(PortalContext& context, Exchange& exchange, const Error& error);
// The reason of a "no", which a person may know, and the way on.
Response act_refused_page(PortalContext& context, Exchange& exchange, const service::CommandResult& result);

// Ask before it is done, and say what was done: two templates for all simple acts.
struct Question {
  std::string title;
  std::vector<std::string> texts;
  std::string button;
  bool is_taking_away = true;
  std::string back;        // a path
  std::string back_label;  // what is there
};
Response question_page(PortalContext& context, const Visit& visit, const Question& question);
struct Done {
  std::string title;
  std::vector<std::string> texts;
  std::string next;  // a path
  std::string next_label;
};
Response done_page(PortalContext& context, const Visit& visit, const Done& done);

}  // namespace flikvakt::gateway
