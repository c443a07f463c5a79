#include "gateway/portal_plan.h"
#include "gateway/portal_choices.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>

#include "base/json.h"
#include "crypto/random.h"
#include "gateway/api_answers.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/characters.h"
#include "gateway/portal_give_form.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kMostShown = 60;  // findings, things left out, bookmarks, each
constexpr std::string_view kRulePrefix = "rule:";

bool has_pages(std::string_view media_type) { return media_type == "application/pdf"; }
bool has_codes(std::string_view media_type) { return media_type.ends_with("json") || media_type.ends_with("xml"); }

// A file's name does not say what of JSON or XML it is.
bool is_one_kind(std::string_view one, std::string_view other) {
  const bool are_json = one.ends_with("json") && other.ends_with("json");
  const bool are_xml = one.ends_with("xml") && other.ends_with("xml");
  return one == other || are_json || are_xml;
}

std::string path_of(const Draft& draft) { return "/staff/people/" + draft.handle + "/deposits/" + draft.id.text(); }

std::string row_name(std::string_view what, std::size_t row) { return std::string(what) + "_" + std::to_string(row); }

std::vector<std::string_view> between_commas(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = trim_blanks(text.substr(0, comma));
    if (!one.empty()) out.push_back(one);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

std::optional<std::int64_t> page_number(std::string_view text) {
  text = trim_blanks(text);
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool is_page = error == std::errc() && end == text.data() + text.size() && out > 0;
  return is_page ? std::optional(out) : std::nullopt;
}

// "3" or "1-8".
std::optional<partition::Take> pages_take(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::int64_t> from = page_number(text.substr(0, dash));
  const std::optional<std::int64_t> to = dash == std::string_view::npos ? from : page_number(text.substr(dash + 1));
  if (!from || !to || *to < *from) return std::nullopt;
  return partition::TakePages{*from, *to};
}

// "8716-3" is a section's code, "Observation" or "Observation:laboratory" are resources, numbers and stops a template.
std::optional<partition::Take> code_take(std::string_view text) {
  const bool is_resource = text.front() >= 'A' && text.front() <= 'Z';
  if (text.size() > 200) return std::nullopt;
  if (is_resource) {
    const std::size_t colon = text.find(':');
    partition::TakeResources out{std::string(text.substr(0, colon)), {}};
    if (colon != std::string_view::npos) out.category = std::string(text.substr(colon + 1));
    return out;
  }
  if (text.find('.') != std::string_view::npos) return partition::TakeTemplate{std::string(text)};
  return partition::TakeSection{std::string(text)};
}

// A take as the form has it; empty: the form has no word for it.
std::string text_of(const partition::Take& take) {
  if (const auto* section = std::get_if<partition::TakeSection>(&take)) return section->code;
  if (const auto* of_template = std::get_if<partition::TakeTemplate>(&take)) return of_template->root;
  const auto* resources = std::get_if<partition::TakeResources>(&take);
  if (!resources) return {};
  return resources->type + (resources->category ? ":" + *resources->category : "");
}

// Before what is not open was taken out of the report, so that the row of it can be corrected too.
std::vector<std::pair<std::string, std::string>> rows_of(const Draft& draft) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const partition::Part& part : draft.outcome.report.parts) {
    if (has_pages(draft.facts.media_type)) {
      out.emplace_back(part.name, pages_text(part.pages));
      continue;
    }
    std::string codes;
    const auto rule = std::ranges::find(draft.order.parts, part.name, &partition::PartRule::name);
    if (rule != draft.order.parts.end()) {
      for (const partition::Take& take : rule->takes) codes += (codes.empty() ? "" : ", ") + text_of(take);
    }
    out.emplace_back(part.name, codes);
  }
  return out;
}

std::string in_words(const PortalNames& names, const std::string& where) {
  constexpr std::string_view kPage = "page ", kPages = "pages ";
  if (where.starts_with(kPages))
    return names.text("deposit_plan.where_pages", {{"pages", where.substr(kPages.size())}});
  if (where.starts_with(kPage)) return names.text("deposit_plan.where_page", {{"page", where.substr(kPage.size())}});
  return where;
}

std::string refusal_in_words(const PortalNames& names, const policy::PlanRefusal& refusal) {
  std::string out = names.text("file_refused." + refusal.reason);
  if (refusal.finding) out += " " + names.text("finding." + *refusal.finding) + ".";
  if (!refusal.where.empty()) out += " (" + in_words(names, refusal.where) + ")";
  return out;
}

void put_parts(const StaffPage& one, const Draft& draft, web::Data& data) {
  const std::vector<partition::Part>& parts = draft.outcome.report.parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const partition::Part& part = parts[i];
    web::Data& shown = data.add("part");
    shown.set("flik", one.names.flik(part.name)).set("type", one.names.media_type(part.media_type));
    shown.set("size", one.names.size(draft.outcome.bytes[i].document.size()));
    if (!part.pages.empty()) shown.add("pages").set("text", pages_text(part.pages));
    const std::size_t pictures = draft.outcome.bytes[i].previews.size();
    for (std::size_t page = 0; page < pictures; ++page) {
      const std::string number = std::to_string(page < part.pages.size() ? part.pages[page] : 0);
      shown.add("picture")
          .set("src", path_of(draft) + "/pictures/" + std::to_string(i) + "/" + std::to_string(page))
          .set("text", one.names.text("deposit_plan.picture", {{"page", number}, {"flik", one.names.flik(part.name)}}));
    }
    if (pictures > 0 && pictures < part.pages.size()) {
      shown.add("more_pictures").set("text", one.names.count("deposit_plan.more_pages", part.pages.size() - pictures));
    }
  }
  data.show_if(parts.empty(), "no_parts");
}

void put_findings(const StaffPage& one, const Draft& draft, web::Data& data) {
  data.show_if(draft.plan.findings.empty(), "no_findings");
  for (const policy::PlanFinding& finding : draft.plan.findings) {
    web::Data& shown = data.add("finding");
    shown.set("what", one.names.text("finding." + finding.kind)).set("count", finding.count);
    shown.set("done", one.names.text("finding_action." + finding.action));
    if (!finding.where.empty()) shown.add("place").set("text", in_words(one.names, finding.where));
  }
}

void put_left_out(const StaffPage& one, const Draft& draft, web::Data& data) {
  if (draft.plan.left_out.empty()) return;
  web::Data& list = data.add("left_out");
  std::size_t shown = 0;
  for (const policy::PlanLeftOut& left : draft.plan.left_out) {
    if (++shown > kMostShown) break;
    const bool is_flik = left.reason == "not_open";
    list.add("line")
        .set("what", is_flik ? one.names.flik(left.what) : in_words(one.names, left.what))
        .set("why", one.names.text("left_out." + left.reason));
  }
  const std::uint64_t all = draft.plan.left_out.size() + draft.plan.more_left_out;
  if (all > kMostShown) list.add("more").set("text", one.names.count("list.more", all - kMostShown));
}

// What the file has that a depositor can point at.
void put_contents(const StaffPage& one, const Draft& draft, web::Data& data) {
  if (draft.outcome.report.contents.empty()) return;
  web::Data& list = data.add("contents");
  std::size_t shown = 0;
  for (const partition::Content& content : draft.outcome.report.contents) {
    if (++shown > kMostShown) break;
    web::Data& line = list.add("line");
    line.set("name", content.name);
    if (!content.words.empty()) line.add("words").set("text", content.words);
    if (has_pages(draft.facts.media_type) && content.count > 0) {
      line.add("at").set("text", one.names.text("deposit_plan.where_page", {{"page", std::to_string(content.count)}}));
    }
  }
  const std::size_t all = draft.outcome.report.contents.size();
  if (all > kMostShown) list.add("more").set("text", one.names.count("list.more", all - kMostShown));
}

void put_rows(const StaffPage& one, const std::set<std::string>& flikar, const Draft& draft, const Form& typed,
              web::Data& data) {
  const bool is_new = typed.fields().empty();
  // Each part has its row: one that had none would be left out by correcting another.
  const std::size_t rows = std::min(PortalPlan::kMostRows, std::max<std::size_t>(draft.rows.size() + 2, 3));
  std::vector<Choice> all;
  for (const std::string& code : flikar) all.push_back({one.names.flik(code), code, false});
  std::ranges::sort(all);
  for (std::size_t row = 0; row < rows; ++row) {
    const bool is_known = row < draft.rows.size();
    std::string flik = is_known ? draft.rows[row].first : "", takes = is_known ? draft.rows[row].second : "";
    if (!is_new) {
      flik = typed.text(row_name("flik", row));
      takes = typed.text(row_name("takes", row));
    }
    web::Data& shown = data.add("row");
    shown.set("number", row).set("shown_number", row + 1).set("takes", takes);
    for (const Choice& choice : all) {
      shown.add("choice").set("value", choice.value).set("name", choice.name).show_if(choice.value == flik, "chosen");
    }
    if (has_pages(draft.facts.media_type)) shown.add("by_pages").set("id", row);
    if (has_codes(draft.facts.media_type)) shown.add("by_codes").set("id", row);
  }
}

}  // namespace

std::string pages_text(const std::vector<std::int64_t>& pages) {
  std::string out;
  for (std::size_t i = 0; i < pages.size();) {
    std::size_t end = i + 1;
    while (end < pages.size() && pages[end] == pages[end - 1] + 1) ++end;
    if (!out.empty()) out += ", ";
    out += std::to_string(pages[i]);
    if (end - i > 1) out += "-" + std::to_string(pages[end - 1]);
    i = end;
  }
  return out;
}

ReadRows read_rows(const Form& form, std::string_view media_type) {
  ReadRows out;
  for (std::size_t row = 0; row < PortalPlan::kMostRows; ++row) {
    const std::string flik(form.text(row_name("flik", row)));
    const std::vector<std::string_view> words = between_commas(form.text(row_name("takes", row)));
    if (flik.empty()) {
      if (!words.empty()) return {{}, "deposit_plan.wrong_flik"};
      continue;
    }
    std::vector<partition::Take> takes;
    for (const std::string_view word : words) {
      const auto take = has_pages(media_type)   ? pages_take(word)
                        : has_codes(media_type) ? code_take(word)
                                                : std::nullopt;
      if (!take) return {{}, has_pages(media_type) ? "deposit_plan.wrong_pages" : "deposit_plan.wrong_codes"};
      takes.push_back(*take);
    }
    if (takes.empty() && has_pages(media_type)) return {{}, "deposit_plan.wrong_pages"};
    if (takes.empty()) takes.emplace_back(partition::TakeWhole{});
    const auto same = std::ranges::find(out.parts, flik, &partition::PartRule::name);
    if (same == out.parts.end())
      out.parts.push_back({flik, std::move(takes)});
    else
      same->takes.insert(same->takes.end(), takes.begin(), takes.end());
  }
  if (out.parts.empty()) return {{}, "deposit_plan.wrong_empty"};
  return out;
}

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
  const std::string path = path_of(*draft);
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
      .set("action", path_of(draft))
      .set("kind", one.names.media_type(draft.facts.media_type));
  data.set("size", one.names.size(draft.facts.size));
  if (draft.rule) data.add("by_rule").set("name", draft.rule->name).set("version", draft.rule->version);
  put_parts(one, draft, data);
  put_findings(one, draft, data);
  put_left_out(one, draft, data);
  put_contents(one, draft, data);
  put_rows(one, flikar_in_use(context_.core().directory()), draft, typed, data);
  if (!draft.outcome.bytes.empty()) {
    web::Data& confirm = data.add("confirm");
    put_form(one.visit(), confirm);
    confirm.set("action", path_of(draft));
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
  if (!draft) co_return gone(one);
  const bool is_confirmed = form.text("what") == "confirm";
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
  const BrowserIdentity& who = browser_of(exchange);
  const StaffPage one = staff_page_of(context_, exchange);
  if (draft->outcome.bytes.empty()) co_return page(one, *draft, Form(), one.names.text("deposit_plan.wrong_empty"));
  draft = drafts_.take(draft->id, draft->staff, context_.core().clock().steady());
  if (!draft) co_return gone(one);  // sent twice
  std::vector<std::string> sealed, not_taken;
  bool is_trouble = false, is_full = false;
  for (std::size_t part = 0; part < draft->outcome.bytes.size(); ++part) {
    Awaitable<PartEnd> depositing = deposit_part(exchange, draft, part);
    const PartEnd end = co_await std::move(depositing);
    const std::string flik = one.names.flik(draft->outcome.report.parts[part].name);
    (end == PartEnd::sealed ? sealed : not_taken).push_back(flik);
    is_trouble = is_trouble || end == PartEnd::trouble;
    is_full = is_full || end == PartEnd::no_space;
  }
  if (sealed.empty() && (is_full || is_trouble)) co_return plain_problem(is_full ? 507 : 503);  // SPEC PORTAL-101
  if (sealed.empty()) co_return refusal();
  Done done{one.names.count("deposit_plan.done", sealed.size()),
            {one.names.text("deposit_plan.done_in", {{"flikar", one.names.listed(sealed)}})},
            "/staff/people/" + draft->handle,
            one.names.text("staff.go_on")};
  if (!draft->others.empty()) done.texts.push_back(one.names.text("deposit.done_others"));
  if (!not_taken.empty()) {
    done.texts.push_back(one.names.text("deposit_plan.not_taken", {{"flikar", one.names.listed(not_taken)}}));
  }
  co_return done_page(context_, who.visit(), done);
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
