#include "gateway/portal_plan.h"

#include <algorithm>
#include <condition_variable>

#include "base/json.h"
#include "crypto/random.h"
#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/portal_give_form.h"
#include "gateway/portal_plan_form.h"
#include "gateway/portal_plan_view.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kRulePrefix = "rule:";

// A file's name does not say what of JSON or XML it is.
bool is_one_kind(std::string_view one, std::string_view other) {
  const bool are_json = one.ends_with("json") && other.ends_with("json");
  const bool are_xml = one.ends_with("xml") && other.ends_with("xml");
  return one == other || are_json || are_xml;
}

}  // namespace

// SPEC PORTAL-112: no file stays since nobody sent another.
void PortalPlan::sweep(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    drafts_.sweep(context_.core().clock().steady());
    never.wait_for(lock, stop, std::chrono::seconds(10), [] { return false; });
  }
}

void PortalPlan::add_to(Router& router) {
  const AccessRule staff = AccessRule::staff_page;
  router
      .add(Method::get, "/staff/people/{handle:token}/deposits/{draft:id}", staff, no_body(),
           staff_page(context_, [this](const StaffPage& one) { return show(one); }))
      .add(Method::post, "/staff/people/{handle:token}/deposits/{draft:id}", staff, whole_body(),
           [this](Exchange& e) { return change(e); })
      .add(Method::get, "/staff/people/{handle:token}/deposits/{draft:id}/pictures/{part:number}/{page:number}", staff,
           no_body(), staff_page(context_, [this](const StaffPage& one) { return picture(one); }));
}

Awaitable<PortalPlan::AnswerOrWhy> PortalPlan::plan(Exchange& exchange, Sent sent) {
  const BrowserIdentity& who = browser_of(exchange);
  const PortalNames names(context_.site, who.visit().language);
  auto draft = std::make_shared<Draft>();
  draft->handle = exchange.text("handle");
  draft->file = std::move(sent.file);
  draft->facts = std::move(sent.facts);
  draft->others = std::move(sent.others);
  if (sent.how.starts_with(kRulePrefix)) {
    draft->rule = rule_of(context_.core(), who.staff().organisation, sent.how.substr(kRulePrefix.size()));
    if (!draft->rule) co_return names.text("deposit_plan.no_rule");
    if (!is_one_kind(draft->rule->media_type, draft->facts.media_type)) co_return names.text("deposit_plan.other_kind");
    Result<partition::Order> order = order_by(*draft->rule);
    if (!order) co_return names.text("deposit_plan.no_rule");
    draft->order = std::move(*order);
  } else {
    draft->order = whole_order(draft->facts.media_type, draft->facts.flik);
    if (sent.how == "hand") draft->order.parts.clear();
  }
  Awaitable<AnswerOrWhy> dividing = divide(exchange, std::move(draft));
  co_return co_await std::move(dividing);
}

// Looked into, decided and logged, kept; nothing is sealed.
Awaitable<PortalPlan::AnswerOrWhy> PortalPlan::divide(Exchange& exchange, std::shared_ptr<Draft> draft) {
  const BrowserIdentity& who = browser_of(exchange);
  const OrganisationId organisation = who.staff().organisation;
  const std::unique_ptr<SourceLimit::Place> place = running_.enter(organisation.text());
  if (!gate_.can_look() || !place) {
    exchange.set_cause(!gate_.can_look() ? "no program that divides files" : "too many files at once");
    co_return plain_problem(503);
  }
  const Result<policy::BlindIndex> person = person_of_handle(context_, who.staff(), draft->handle);
  if (!person) co_return not_sent(context_, exchange, person.error());
  draft->id = crypto::random_id<ActId>();
  draft->staff = who.staff().staff;
  draft->organisation = organisation;
  draft->order.preview_dpi = has_pages(draft->facts.media_type) ? kPictureDpi : 0;
  using Answer = std::shared_ptr<Result<partition::Run>>;
  Awaitable<Answer> dividing = await_callback<Answer>([this, draft, organisation](std::function<void(Answer)> done) {
    auto run = [this, draft, done] {
      const auto original = draft->rule ? draft->rule->original : std::nullopt;
      done(std::make_shared<Result<partition::Run>>(gate_.divide(draft->order, original, *draft->file)));
    };
    auto not_now = [done] {
      done(std::make_shared<Result<partition::Run>>(
          fail(ErrorCode::unavailable, "too many files of the organisation wait for the gate")));
    };
    if (!gate_.post(organisation, std::move(run), not_now)) not_now();
  });
  const Answer answer = co_await std::move(dividing);
  if (!*answer) {
    exchange.set_cause(answer->error().message);
    co_return plain_problem(503);
  }
  draft->outcome = std::move((**answer).outcome);
  std::optional<policy::PlanRule> rule;
  if (draft->rule) rule = policy::PlanRule{draft->rule->document_type, draft->rule->version};
  const CameIn file{draft->facts.media_type, draft->file->size(), draft->facts.sha256};
  draft->plan = plan_of(file, rule, draft->outcome);
  Awaitable<service::CommandResult> deciding =
      decide(context_.core(), who.staff(), policy::PlanDeposit{*person, draft->plan});
  const service::CommandResult result = co_await std::move(deciding);
  if (!result.decision.is_permitted()) {
    const bool is_refused = draft->plan.refused && result.decision.reason == policy::Reason::file_refused;
    if (!is_refused) co_return read_refused(exchange, result, Tells::nothing);
    exchange.set_cause("the file is refused: " + draft->plan.refused->reason);
    co_return refusal_in_words(PortalNames(context_.site, who.visit().language), *draft->plan.refused);
  }
  draft->rows = rows_of(*draft);
  keep_open(draft->outcome, std::get<policy::OpenFlikar>(result.answer).codes);
  draft->plan = plan_of(file, rule, draft->outcome);
  for (partition::PartBytes& part : draft->outcome.bytes) {
    if (part.previews.size() > kMostPictures) part.previews.resize(kMostPictures);
    draft->ids.push_back({crypto::random_id<DepositId>(), crypto::random_id<ActId>()});
  }
  const std::string path = path_of_plan(*draft);
  if (!drafts_.keep(std::move(draft), context_.core().clock().steady())) {
    exchange.set_cause("too many files wait to be confirmed");
    co_return plain_problem(503);
  }
  Response response = see_other(path);
  response.departure = Departure::on_tick;  // SPEC PART-56
  co_return AnswerOrWhy(std::move(response));
}

std::shared_ptr<const Draft> PortalPlan::draft_of(const StaffPage& one) const {
  auto draft = drafts_.find(one.exchange.id<ActId>("draft"), one.staff().staff, context_.core().clock().steady());
  return draft && draft->handle == one.exchange.text("handle") ? draft : nullptr;
}

Response PortalPlan::gone(const StaffPage& one) const {
  return done_page(context_, one.visit(),
                   {one.names.text("deposit_plan.gone_title"),
                    {one.names.text("deposit_plan.gone_text")},
                    "/staff/people/" + one.exchange.text("handle"),
                    one.names.text("staff.go_on")});
}

Response PortalPlan::show(const StaffPage& one) const {
  const std::shared_ptr<const Draft> draft = draft_of(one);
  return draft ? page(one, *draft, Form(), "") : gone(one);
}

Response PortalPlan::page(const StaffPage& one, const Draft& draft, const Form& typed, const std::string& wrong) const {
  web::Data data;
  put_form(one.visit(), data);
  data.set("handle", draft.handle)
      .set("action", path_of_plan(draft))
      .set("kind", one.names.media_type(draft.facts.media_type));
  data.set("size", one.names.size(draft.facts.size));
  if (draft.rule) data.add("by_rule").set("name", draft.rule->name).set("version", draft.rule->version);
  put_plan(one, draft, data);
  put_plan_rows(one, flikar_in_use(context_.core().directory()), draft, typed, data);
  if (!draft.outcome.bytes.empty()) {
    web::Data& confirm = data.add("confirm");
    put_form(one.visit(), confirm);
    confirm.set("action", path_of_plan(draft));
    confirm.set("button", one.names.count("deposit_plan.confirm", draft.outcome.bytes.size()));
  }
  if (!wrong.empty()) data.add("wrong").set("text", wrong);
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context_.site.page(one.visit(), "deposit_plan", std::move(data), options);
}

// SPEC PORTAL-111: of the parts that would be sealed, painted in the child.
Response PortalPlan::picture(const StaffPage& one) const {
  const std::shared_ptr<const Draft> draft = draft_of(one);
  const std::uint64_t part = one.exchange.number("part"), page = one.exchange.number("page");
  const bool is_there =
      draft && part < draft->outcome.bytes.size() && page < draft->outcome.bytes[part].previews.size();
  if (!is_there) return refusal();
  Response response = bytes_response(200, "image/png", draft->outcome.bytes[part].previews[page]);
  add_security_fields(response);
  return response;
}

Awaitable<Response> PortalPlan::change(Exchange& exchange) {
  if (std::optional<Response> too_often = too_many_pages(context_, exchange)) co_return std::move(*too_often);
  FormOrPage read = form_or_page(context_, exchange);
  if (Response* instead = std::get_if<Response>(&read)) co_return std::move(*instead);
  Form form = std::get<Form>(std::move(read));
  const StaffPage one = staff_page_of(context_, exchange);
  std::shared_ptr<const Draft> draft = draft_of(one);
  const bool is_confirmed = form.text("what") == "confirm";
  if (!draft) co_return is_confirmed ? confirmed_or_gone(one) : gone(one);
  Awaitable<Response> changing =
      is_confirmed ? confirm(exchange, std::move(draft)) : correct(exchange, std::move(form), std::move(draft));
  co_return co_await std::move(changing);
}

// The same file, divided anew as the form says: by hand from now on.
Awaitable<Response> PortalPlan::correct(Exchange& exchange, Form form, std::shared_ptr<const Draft> draft) {
  const StaffPage one = staff_page_of(context_, exchange);
  ReadRows rows = read_rows(form, draft->facts.media_type);
  auto next = std::make_shared<Draft>();
  next->handle = draft->handle;
  next->file = draft->file;
  next->facts = draft->facts;
  next->others = draft->others;
  next->order = whole_order(draft->facts.media_type, "");
  next->order.parts = std::move(rows.parts);
  next->order.policy = draft->order.policy;
  const std::vector<std::string> whole = whole_beside_others(next->order);  // SPEC PART-63
  const bool is_apart = std::ranges::all_of(whole, [this](const std::string& flik) {
    const auto type = context_.core().directory().row<policy::FlikType>(flik);
    return type && type->only_person.value_or(false);
  });
  if (rows.wrong.empty() && !is_apart) rows.wrong = "deposit_plan.wrong_whole";
  if (rows.wrong.empty() && !partition::check_order(next->order)) rows.wrong = "deposit_plan.wrong_empty";
  if (!rows.wrong.empty()) co_return page(one, *draft, form, one.names.text(rows.wrong));
  Awaitable<AnswerOrWhy> dividing = divide(exchange, std::move(next));
  AnswerOrWhy divided = co_await std::move(dividing);
  if (const std::string* why = std::get_if<std::string>(&divided)) co_return page(one, *draft, form, *why);
  co_return std::get<Response>(std::move(divided));
}

// Each part is a deposit of its own: begun, filled, sealed, and decided each time.
Awaitable<Response> PortalPlan::confirm(Exchange& exchange, std::shared_ptr<const Draft> draft) {
  const StaffPage one = staff_page_of(context_, exchange);
  if (draft->outcome.bytes.empty()) co_return page(one, *draft, Form(), one.names.text("deposit_plan.wrong_empty"));
  draft = drafts_.take(draft->id, draft->staff, context_.core().clock().steady());
  if (!draft) co_return confirmed_or_gone(one);  // sent twice
  std::vector<std::string> sealed, not_taken;
  bool is_trouble = false, is_full = false;
  for (std::size_t part = 0; part < draft->outcome.bytes.size(); ++part) {
    Awaitable<PartEnd> depositing = deposit_part(exchange, draft, part);
    const PartEnd end = co_await std::move(depositing);
    const std::string& flik = draft->outcome.report.parts[part].name;
    (end == PartEnd::sealed ? sealed : not_taken).push_back(flik);
    is_trouble = is_trouble || end == PartEnd::trouble;
    is_full = is_full || end == PartEnd::no_space;
  }
  if (sealed.empty() && (is_full || is_trouble)) co_return plain_problem(is_full ? 507 : 503);  // SPEC PORTAL-101
  if (sealed.empty()) co_return refusal();
  const ConfirmedDraft end{draft->staff, draft->handle, std::move(sealed), std::move(not_taken),
                           !draft->others.empty()};
  drafts_.keep_confirmed(draft->id, end, context_.core().clock().steady());
  co_return confirmed(one, end);
}

Response PortalPlan::confirmed(const StaffPage& one, const ConfirmedDraft& end) const {
  const auto listed = [&](const std::vector<std::string>& codes) {
    std::vector<std::string> names;
    for (const std::string& code : codes) names.push_back(one.names.flik(code));
    return one.names.listed(names);
  };
  Done done{one.names.count("deposit_plan.done", end.sealed.size()),
            {one.names.text("deposit_plan.done_in", {{"flikar", listed(end.sealed)}})},
            "/staff/people/" + end.handle,
            one.names.text("staff.go_on")};
  if (end.is_of_others) done.texts.push_back(one.names.text("deposit.done_others"));
  if (!end.not_taken.empty()) {
    done.texts.push_back(one.names.text("deposit_plan.not_taken", {{"flikar", listed(end.not_taken)}}));
  }
  return done_page(context_, one.visit(), done);
}

// A form that is sent again, by a trembling finger or the browser, gets the same answer again.
Response PortalPlan::confirmed_or_gone(const StaffPage& one) const {
  const std::optional<ConfirmedDraft> end =
      drafts_.confirmed(one.exchange.id<ActId>("draft"), one.staff().staff, context_.core().clock().steady());
  return end && end->handle == one.exchange.text("handle") ? confirmed(one, *end) : gone(one);
}

Awaitable<PortalPlan::PartEnd> PortalPlan::deposit_part(Exchange& exchange, std::shared_ptr<const Draft> draft,
                                                        std::size_t part) {
  const BrowserIdentity& who = browser_of(exchange);
  const policy::PlannedPart& planned = draft->plan.parts[part];
  const Draft::Ids& ids = draft->ids[part];
  policy::DocumentFacts facts = draft->facts;
  facts.flik = planned.flik;
  facts.media_type = planned.media_type;
  facts.size = planned.size;
  facts.sha256 = planned.sha256;
  const json::object wanted{{"kind", "begin_deposit"},
                            {"id", ids.deposit.text()},
                            {"person", draft->handle},
                            {"facts", to_json(facts)},
                            {"other_subjects", draft->others}};
  Result<service::Command> command = context_.sessions().command(who.cookie(), {ids.act, wanted, {}, {}});
  if (!command) {
    exchange.set_cause(command.error().message);
    co_return PartEnd::trouble;
  }
  Awaitable<service::CommandResult> beginning = decide(context_.core(), std::move(*command));
  const service::CommandResult begun = co_await std::move(beginning);
  if (!begun.decision.is_permitted()) {
    exchange.set_cause(cause_of(begun));
    co_return PartEnd::refused;
  }
  const std::optional<policy::Deposit> deposit = service::find_deposit(context_.core(), who.staff(), ids.deposit);
  if (!deposit) co_return PartEnd::trouble;
  Result<service::Upload> upload = service::receive(context_.core(), who.staff(), *deposit, keep_free_);
  const Result<void> pushed = upload ? upload->push(draft->outcome.bytes[part].document) : Result<void>(upload.error());
  if (!pushed) {
    exchange.set_cause(pushed.error().message);
    co_return pushed.error().code == ErrorCode::out_of_space ? PartEnd::no_space : PartEnd::trouble;
  }
  auto owned = std::make_shared<service::Upload>(std::move(*upload));
  using Ended = std::shared_ptr<std::optional<service::SealOutcome>>;
  // Making it durable may take long: not on a thread that serves others. By the plan that was confirmed.
  Awaitable<Ended> sealing = await_callback<Ended>([this, owned, draft](std::function<void(Ended)> done) {
    gate_.post_sealing_of(draft->plan, [this, owned, done](const service::ContentGate& gate) {
      auto decided = [done](service::SealOutcome outcome) {
        done(std::make_shared<std::optional<service::SealOutcome>>(std::move(outcome)));
      };
      const Result<void> begun_sealing = std::move(*owned).seal(context_.core(), gate, std::move(decided));
      if (!begun_sealing) done(std::make_shared<std::optional<service::SealOutcome>>());
    });
  });
  const Ended ended = co_await std::move(sealing);
  if (!ended->has_value()) co_return PartEnd::trouble;
  co_return (*ended)->result.decision.is_permitted() ? PartEnd::sealed : PartEnd::refused;
}

}  // namespace flikvakt::gateway
