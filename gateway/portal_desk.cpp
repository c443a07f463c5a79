#include "gateway/portal_desk.h"

#include <algorithm>

#include "crypto/random.h"
#include "gateway/json_views.h"
#include "gateway/portal_choices.h"
#include "gateway/portal_keys.h"
#include "gateway/portal_paper.h"
#include "gateway/portal_proposal.h"
#include "gateway/problem.h"
#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

using policy::Proposal;

constexpr std::size_t kMostColleagues = 30;          // to whom somebody can turn
constexpr std::size_t kLongestRepeated = 32 * 1024;  // bytes of what waits: the form of its page repeats it
constexpr std::size_t kLongestShown = 80 * 1024;     // and with its words

// The handle of the number in a form; a number stands in no address.
Result<std::string> handle_in(PortalContext& context, const StaffPage& page, const Form& form) {
  return service::handle_for(context.core().keys(), page.staff().organisation, std::string(form.text("number")),
                             context.core().clock());
}

// A kind of proposal in the words of the person's own list; where these speak to the person there are others for staff.
std::string what_waits(const PortalContext& context, const StaffPage& page, const std::string& key) {
  for (const std::string& known : {"staff." + key, key}) {
    if (context.site.words().has(known)) return page.names.text(known);
  }
  return page.names.text("staff.proposal.other");
}

// To whom somebody who is none can turn: those of their own organisation.
std::vector<std::string> registrars_beside(const service::Directory& directory, const OrganisationId& organisation) {
  const auto is_one = [&](const policy::Staff& one) {
    return one.organisation == organisation && one.standing == policy::Standing::active &&
           one.roles.contains(policy::StaffRole::registrar) && !one.name.empty();
  };
  std::vector<std::string> out;
  for (const policy::Staff& one : directory.rows_where<policy::Staff>(is_one)) out.push_back(one.name);
  std::ranges::sort(out);
  return out;
}

bool works(const policy::Team& team) { return team.standing == policy::Standing::active && team.accepted_by; }

// What was typed stays, but for the number: that stands in no answer (SPEC PORTAL-40).
void put_typed(PortalContext& context, const StaffPage& page, const Form& typed, web::Data& data) {
  std::vector<Choice> teams;
  for (const policy::Team& team : context.core().directory().rows<policy::Team>()) {
    if (works(team)) teams.push_back({team.name, team.id.text(), typed.text("team") == team.id.text()});
  }
  put_choices(page.names, std::move(teams), {}, typed.text(field_of_search("team")), "team_choice", "team", data);
  for (const char* focus : {"unemployment", "illness", "livelihood", "change"}) {
    web::Data& choice = data.add("focus_choice").set("value", focus);
    choice.set("name", page.names.text("focus." + std::string(focus))).show_if(typed.text("focus") == focus, "chosen");
  }
  data.set("triage", typed.text("triage")).set("thumbprint", typed.text("thumbprint"));
  data.set("proposal", typed.text("proposal"));
}

// What is wrong with which form, as keys of words. Both empty: nothing is.
struct WrongForm {
  std::string_view heading = {};
  std::string_view what = {};
};

// Registrars have the forms; everybody else at the desk what they can do without being one (SPEC PORTAL-76).
Response desk(PortalContext& context, const StaffPage& page, const Form& typed, WrongForm wrong = {}) {
  const service::Directory& directory = context.core().directory();
  web::Data data;
  put_form(page.visit(), data);
  data.set("new_id", crypto::random_id<CaseId>().text());
  data.choose(is_registrar(directory, page.staff().staff), "registrar", "helper");
  put_typed(context, page, typed, data);
  put_templates_to_print(context, page, data);
  std::vector<std::string> registrars = registrars_beside(directory, page.staff().organisation);
  registrars.resize(std::min(registrars.size(), kMostColleagues));
  for (const std::string& name : registrars) data.add("colleague").set("name", name);
  if (!wrong.what.empty()) {
    data.add("wrong").set("heading", page.names.text(wrong.heading)).set("text", page.names.text(wrong.what));
  }
  PortalSite::Options options;
  options.status = wrong.what.empty() ? 200 : 422;
  return context.site.page(page.visit(), "desk", std::move(data), options);
}

// A form with a number and more: its heading, the act that it becomes, and what is wrong with the rest of it, as a key
// of words; empty: nothing.
struct NumberForm {
  std::string_view heading;
  StaffAct (*act)(const StaffPage&, const Form&, const std::string& handle);
  std::string_view (*wrong)(const service::Directory&, const Form&);
};

Awaitable<Response> with_number(PortalContext& context, Exchange& exchange, NumberForm of) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const StaffPage page = staff_page_of(context, exchange);
  const auto again = [&](WrongForm wrong) {
    return page_again(context, exchange, [&](const StaffPage& one) { return desk(context, one, form, wrong); });
  };
  if (is_search(form)) co_return again({});
  const Result<std::string> handle = handle_in(context, page, form);
  const std::string_view wrong = handle ? of.wrong(context.core().directory(), form) : "people.wrong";
  if (!wrong.empty()) co_return again({of.heading, wrong});
  Awaitable<Response> sending = send_as_staff(context, exchange, form, of.act(page, form, *handle));
  co_return co_await std::move(sending);
}

Handler number_form(PortalContext& context, NumberForm of) {
  return [&context, of](Exchange& exchange) { return with_number(context, exchange, of); };
}

std::string_view wrong_in_confirmation(const service::Directory&, const Form& form) {
  const Result<Bytes> key = from_base64url(form.text("thumbprint"));
  return key && key->size() == policy::Fingerprint().size() ? "" : "desk.wrong_key";
}

StaffAct confirm_act(const StaffPage& page, const Form& form, const std::string& handle) {
  return {{{"kind", "confirm_key"}, {"person", handle}, {"thumbprint", form.text("thumbprint")}},
          page.names.text("desk.confirm_title"),
          page.names.text("desk.confirm"),
          {page.names.text("desk.confirm_text", {{"key", std::string(form.text("thumbprint"))}})},
          "desk.confirmed",
          "/staff/desk"};
}

// SPEC PORTAL-78
std::string_view wrong_in_referral(const service::Directory& directory, const Form& form) {
  const Result<TeamId> team = TeamId::parse(form.text("team"));
  const auto row = team ? directory.row<policy::Team>(*team) : std::nullopt;
  if (!row || !works(*row)) return "refer.wrong_team";
  if (!from_json<policy::CaseFocus>(json::value(json::string(form.text("focus"))))) return "refer.wrong_focus";
  if (form.text("triage").empty()) return {};
  const Result<Date> triage = parse_date(form.text("triage"));
  return triage && triage->ok() ? "" : "refer.wrong_triage";
}

// Of a form that has nothing wrong.
StaffAct referral_act(const StaffPage& page, const Form& form, const std::string& handle) {
  json::object act{{"kind", "paper_referral"},  {"id", form.text("new_id")},   {"person", handle},
                   {"team", form.text("team")}, {"focus", form.text("focus")}, {"meetings", json::array()}};
  const std::string team = page.names.team(TeamId::parse(form.text("team")).value());
  const std::string focus = page.names.text("focus." + std::string(form.text("focus")));
  std::vector<std::string> paragraphs{page.names.text("desk.referral_text"),
                                      page.names.text("desk.referral_says", {{"team", team}, {"focus", focus}})};
  if (!form.text("triage").empty()) {
    act["triage"] = form.text("triage");
    const Date triage = parse_date(form.text("triage")).value();
    paragraphs.push_back(page.names.text("refer.triage_on", {{"day", page.names.day(triage)}}));
  }
  return {std::move(act),
          page.names.text("desk.referral_title"),
          page.names.text("desk.refer"),
          std::move(paragraphs),
          "desk.referred",
          "/staff/desk"};
}

// ---- Joining: the person makes a passkey here, on a key of their own

Awaitable<Response> begin_joining(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  if (std::optional<Response> too_often = too_many_pages(context, exchange)) co_return std::move(*too_often);
  const StaffPage page = staff_page_of(context, exchange);
  const Result<std::string> handle = handle_in(context, page, std::get<Form>(read));
  if (!handle) co_return desk(context, page, Form(), {"desk.join", "people.wrong"});
  web::Data data;
  data.set("handle", *handle);
  co_return passkey_page(context, page.visit(), "join", std::move(data), page.names.text("add_passkey.name"), {});
}

Awaitable<Response> finish_joining(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const StaffPage page = staff_page_of(context, exchange);
  const Result<json::object> made = made_passkey(context, exchange, form);
  if (!made) {
    exchange.set_cause(made.error().message);
    co_return not_signed_page(context.site, page.visit());
  }
  StaffAct act;
  act.act = *made;
  act.act["kind"] = "propose_key";
  act.act["person"] = exchange.text("handle");
  act.title = page.names.text("desk.join_title");
  act.button = page.names.text("desk.propose");
  const std::string thumbprint(act.act.at("thumbprint").as_string());
  act.paragraphs = {page.names.text("desk.join_text"), page.names.text("desk.key_number", {{"key", thumbprint}})};
  act.done = "desk.joined";
  act.next = "/staff/desk";
  Awaitable<Response> sending = send_as_staff(context, exchange, form, std::move(act));
  co_return co_await std::move(sending);
}

// ---- The second of two

// With whom its handles mean, as the rules have it.
Result<policy::Act> act_waiting(PortalContext& context, const StaffPage& page, json::object act) {
  for (const std::string_view member : kPeopleInActs) {
    json::value* const named = act.if_contains(member);
    if (!named || named->is_null()) continue;
    if (!named->is_string()) return fail(ErrorCode::malformed, "a proposal about nobody's handle");
    const std::string handle(named->get_string());
    *named = to_json(TRY(service::resolve_handle(context.core().keys(), page.staff().organisation, handle)));
  }
  return policy::parse_act(act);
}

// Whom it names: the members, with their handles.
std::vector<std::pair<std::string_view, std::string>> people_in(const json::object& act) {
  std::vector<std::pair<std::string_view, std::string>> out;
  for (const std::string_view member : kPeopleInActs) {
    const json::value* named = act.if_contains(member);
    if (named && named->is_string()) out.emplace_back(member, std::string(named->get_string()));
  }
  return out;
}

Response proposal_page(PortalContext& context, const StaffPage& page, const std::vector<Proposal>& found,
                       std::string_view wrong = "") {
  const json::value view = proposals_view(context.core(), found, page.staff().organisation);
  const json::array& proposals = view.at("proposals").as_array();
  if (proposals.empty()) return refusal();
  const json::object& one = proposals.front().as_object();
  const json::object& act = one.at("act").as_object();
  const std::string key = "proposal." + std::string(act.at("kind").as_string());
  const Result<policy::Act> meant = act_waiting(context, page, act);
  const ProposalWords words = meant ? words_of_proposal(page.names, *meant) : ProposalWords();
  web::Data data;
  const std::string id(one.at("id").as_string()), waiting = json::serialize(act);
  std::size_t shown_bytes = waiting.size() + words.on_paper.size();
  for (const std::string& text : words.paragraphs) shown_bytes += text.size();
  const bool is_short = waiting.size() <= kLongestRepeated && shown_bytes <= kLongestShown;
  const bool can_be_approved = is_short && !words.is_empty();
  web::Data& second = data.add(can_be_approved ? "can_approve" : "by_command").set("id", id);
  if (can_be_approved) {
    put_form(page.visit(), second.set("waiting", waiting));
    for (const auto& [member, handle] : people_in(act)) {
      const std::string label = page.names.text("second.number_" + std::string(member));
      second.add("whom").set("field_id", "number-" + std::string(member)).set("label", label);
    }
  } else {
    second.show_if(!is_short, "too_long").show_if(is_short, "no_words");
  }
  data.set("what", what_waits(context, page, key));
  if (const json::value* organisation = one.if_contains("organisation")) {
    data.set("by", page.names.organisation(OrganisationId::parse(organisation->as_string()).value()));
  }
  data.set("expires", page.names.time(parse_rfc3339(one.at("expires").as_string()).value()));
  if (is_short) {
    for (const std::string& text : words.paragraphs) data.add("paragraph").set("text", text);
    if (!words.on_paper.empty()) data.add("on_paper").set("text", words.on_paper);
  }
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context.site.page(page.visit(), "second", std::move(data), options);
}

// SPEC PORTAL-90: whom it is about is said by the number on the second registrar's own paper, and by nothing that came
// from here. What is wrong with the numbers, as a key of words.
std::string_view wrong_number(PortalContext& context, const StaffPage& page, const Form& form,
                              const json::object& act) {
  const auto proposed = people_in(act);
  const std::vector<std::string_view> numbers = form.all("number");
  if (numbers.size() != proposed.size()) return "people.wrong";
  for (std::size_t i = 0; i < proposed.size(); ++i) {
    const Result<std::string> named = service::handle_for(context.core().keys(), page.staff().organisation,
                                                          std::string(numbers[i]), context.core().clock());
    if (!named) return "people.wrong";
    if (*named != proposed[i].second) return "second.wrong_person";
  }
  return {};
}

// The same page again, with what is wrong; the numbers stand in no answer.
Awaitable<Response> proposal_again(PortalContext& context, Exchange& exchange, std::string_view wrong) {
  const policy::Act act = policy::ReadProposals{exchange.id<ProposalId>("proposal")};
  Awaitable<AnswerOrPage> asking = ask_as_staff(context, exchange, act);
  AnswerOrPage answer = co_await std::move(asking);
  if (Response* instead = std::get_if<Response>(&answer)) co_return std::move(*instead);
  const auto& found = std::get<std::vector<Proposal>>(std::get<policy::Answer>(answer));
  co_return proposal_page(context, staff_page_of(context, exchange), found, wrong);
}

// What waits is repeated word for word; that it is what was shown is for the rules (ACT-47).
Awaitable<Response> approve(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const StaffPage page = staff_page_of(context, exchange);
  const Result<json::value> waiting = parse_json(form.text("waiting"));
  if (!waiting || !waiting->is_object()) {
    co_return not_sent(context, exchange, fail(ErrorCode::malformed, "a form without what waits"));
  }
  const json::object& act = waiting->get_object();
  if (const std::string_view wrong = wrong_number(context, page, form, act); !wrong.empty()) {
    Awaitable<Response> again = proposal_again(context, exchange, wrong);
    co_return co_await std::move(again);
  }
  const Result<policy::Act> meant = act_waiting(context, page, act);
  const ProposalWords words = meant ? words_of_proposal(page.names, *meant) : ProposalWords();
  if (words.is_empty()) {
    exchange.set_cause("what waits cannot be said in words");
    co_return refusal();
  }
  StaffAct out;
  out.act = {{"kind", "approve"}, {"proposal", exchange.text("proposal")}, {"act", *waiting}};
  out.title = page.names.text("desk.approve_title");
  out.button = page.names.text("desk.approve");
  out.paragraphs = words.paragraphs;
  if (!words.on_paper.empty()) {
    out.paragraphs.push_back(page.names.text("desk.text_on_paper", {{"text", words.on_paper}}));
  }
  out.paragraphs.push_back(page.names.text("desk.approve_text"));
  out.done = "desk.approved";
  out.next = "/staff/desk";
  out.again = "/staff/desk/proposals";  // what waits is looked at anew
  out.typed = "proposal=" + exchange.text("proposal");
  Awaitable<Response> sending = send_as_staff(context, exchange, form, std::move(out));
  co_return co_await std::move(sending);
}

Awaitable<Response> find_proposal(PortalContext& context, Exchange& exchange) {
  FormOrPage read = form_or_page(context, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  const Form form = std::get<Form>(std::move(read));
  const Result<ProposalId> id = ProposalId::parse(form.text("proposal"));
  if (!id) {
    const WrongForm wrong{"desk.second", "desk.wrong_proposal"};
    co_return page_again(context, exchange, [&](const StaffPage& one) { return desk(context, one, form, wrong); });
  }
  co_return see_other("/staff/desk/proposals/" + id->text());
}

}  // namespace

void add_desk_pages(PortalContext& context, Router& router) {
  const AccessRule staff = AccessRule::staff_page;
  router
      .add(Method::get, "/staff/desk", staff, no_body(),
           staff_page(context, [&context](const StaffPage& page) { return desk(context, page, Form()); }))
      .add(Method::post, "/staff/desk/join", staff, whole_body(),
           [&context](Exchange& e) { return begin_joining(context, e); })
      .add(Method::post, "/staff/desk/join/{handle:token}", staff, whole_body(256 * 1024),
           [&context](Exchange& e) { return finish_joining(context, e); })
      .add(Method::post, "/staff/desk/confirm", staff, whole_body(),
           number_form(context, {"desk.confirm_heading", confirm_act, wrong_in_confirmation}))
      .add(Method::post, "/staff/desk/refer", staff, whole_body(),
           number_form(context, {"desk.referral", referral_act, wrong_in_referral}))
      .add(Method::post, "/staff/desk/proposals", staff, whole_body(),
           [&context](Exchange& e) { return find_proposal(context, e); })
      .add(Method::get, "/staff/desk/proposals/{proposal:id}", staff, no_body(),
           staff_list<std::vector<Proposal>>(
               context,
               [](const Exchange& e) { return policy::Act(policy::ReadProposals{e.id<ProposalId>("proposal")}); },
               [&context](const StaffPage& page, const std::vector<Proposal>& found) {
                 return proposal_page(context, page, found);
               }))
      .add(Method::post, "/staff/desk/proposals/{proposal:id}", staff, whole_body(),
           [&context](Exchange& e) { return approve(context, e); });
}

}  // namespace flikvakt::gateway
