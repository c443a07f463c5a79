#include "gateway/portal_review_view.h"

#include <algorithm>

#include "gateway/portal_choices.h"
#include "gateway/provider_search.h"
#include "web/dates.h"

namespace flikvakt::gateway {
namespace {

using service::OrganisationAct;
using service::OrganisationLogFilter;

bool is_swedish(const PortalContext& context, const StaffPage& page) {
  return context.site.words().is_swedish(page.visit().language);
}

std::optional<UtcTime> day_in(const Request& request, std::string_view name, std::chrono::days more) {
  const Result<Date> date = parse_date(request.query(name));
  if (!date || !date->ok()) return std::nullopt;
  return web::from_swedish_time(std::chrono::local_days(*date) + more);
}

std::vector<policy::Staff> colleagues(const PortalContext& context, const OrganisationId& organisation,
                                      const std::vector<std::string>& words = {}) {
  return context.core().directory().rows_where<policy::Staff>([&](const policy::Staff& one) {
    return one.organisation == organisation && (words.empty() || has_words(one.name, words));
  });
}

// Who is chosen, or the only one who is looked for by name.
std::optional<StaffId> staff_in(const PortalContext& context, const Request& request,
                                const OrganisationId& organisation) {
  const Result<StaffId> staff = StaffId::parse(request.query("staff"));
  if (staff && !staff->is_none()) return *staff;
  const std::vector<std::string> words = folded_words(request.query(field_of_search("staff")));
  if (words.empty()) return std::nullopt;
  const std::vector<policy::Staff> found = colleagues(context, organisation, words);
  return found.size() == 1 ? std::optional(found.front().id) : std::nullopt;
}

std::string kind_words(const PortalContext& context, const StaffPage& page, audit::ActKind kind) {
  const service::ActWords& words = service::words_of(kind);
  const std::string key = "review_kind." + std::string(audit::name_of(kind));
  if (context.site.words().has(key)) return page.names.text(key);  // where the table speaks to the person
  return std::string(is_swedish(context, page) ? words.sv : words.en);
}

// Kinds that staff can be the actor of.
std::vector<Choice> kinds_of_staff(const PortalContext& context, const StaffPage& page) {
  using enum audit::ActKind;
  constexpr audit::ActKind kKinds[] = {open_reading,
                                       list_documents,
                                       list_cases,
                                       list_fullmakter,
                                       list_requests,
                                       list_notices,
                                       list_erase_orders,
                                       list_people,
                                       list_source_requests,
                                       read_proposals,
                                       plan_deposit,
                                       begin_deposit,
                                       seal_deposit,
                                       record_masking,
                                       record_disclosure,
                                       request_access,
                                       ask_source,
                                       decline_source_request,
                                       withdraw_request,
                                       relinquish_fullmakt,
                                       acknowledge_notice,
                                       attest_erasure,
                                       accept_case,
                                       set_meetings,
                                       propose_hand_over,
                                       close_case,
                                       reach_milestone,
                                       accept_team,
                                       roster_add,
                                       roster_remove,
                                       propose_key,
                                       confirm_key,
                                       paper_fullmakt,
                                       paper_komplettering,
                                       paper_kontrakt,
                                       paper_narrowing,
                                       paper_referral,
                                       paper_reconfirm,
                                       paper_lift_sparr,
                                       set_provider_entry,
                                       set_partition_rule,
                                       paper_hand_over,
                                       register_representative,
                                       end_representative,
                                       record_death,
                                       correct_death,
                                       protect_identity,
                                       end_protection,
                                       reattest_staff,
                                       approve,
                                       withdraw_proposal,
                                       read_organisation_log,
                                       note_review};
  std::vector<Choice> out;
  for (const audit::ActKind kind : kKinds) {
    out.push_back({kind_words(context, page, kind), std::string(audit::name_of(kind))});
  }
  return out;
}

std::string staff_name(const PortalContext& context, const StaffPage& page, const StaffId& id) {
  const auto row = context.core().directory().row<policy::Staff>(id);
  return row && !row->name.empty() ? row->name : page.names.text("name.staff_gone");
}

// What was found of it; a word about what one did oneself is shown as that.
std::optional<policy::Review> review_of(const PortalContext& context, const StaffPage& page, std::uint64_t entry) {
  const service::Directory& directory = context.core().directory();
  auto row = directory.row<policy::Review>({page.staff().organisation, std::to_string(entry)});
  if (row && row->epoch != directory.instance().epoch) row.reset();
  return row;
}

void put_review(const PortalContext& context, const StaffPage& page, const OrganisationAct& act, web::Data& data) {
  const std::optional<policy::Review> review = review_of(context, page, act.entry);
  if (!review) return;
  const bool is_checked = review->finding == policy::ReviewFinding::checked;
  const bool is_own = review->staff == act.staff;  // SPEC PORTAL-63
  web::Data& shown = data.add("review").set("by", staff_name(context, page, review->staff));
  shown.set("finding", page.names.text(is_own ? "review.by_self" : is_checked ? "review.checked" : "review.follow_up"));
  shown.set("tone", is_own ? "tone-off" : is_checked ? "tone-go" : "tone-wait");
  shown.set("noted", page.names.time(review->noted));
  if (!review->note.empty()) shown.add("note").set("text", review->note);
}

}  // namespace

// ---- What is asked for

std::optional<std::uint64_t> review_number_in(const Request& request, std::string_view name) {
  const Result<Form> form = Form::parse("n=" + std::string(request.query(name)));
  return form ? form->number("n") : std::nullopt;
}

OrganisationLogFilter review_filter_of(const PortalContext& context, const Exchange& exchange) {
  const Request& request = exchange.request();
  OrganisationLogFilter out;
  out.from = day_in(request, "from", std::chrono::days(0));
  out.to = day_in(request, "to", std::chrono::days(1));
  out.kind = audit::act_kind_named(request.query("kind"));
  if (request.query("outcome") == "permitted") out.outcome = audit::Outcome::permitted;
  if (request.query("outcome") == "refused") out.outcome = audit::Outcome::refused;
  out.staff = staff_in(context, request, browser_of(exchange).staff().organisation);
  return out;
}

std::string review_address(std::string_view path, const Request& request, const ReviewMembers& more) {
  std::string out(path);
  char before = '?';
  const auto put = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out += before + percent_encoded(name) + "=" + percent_encoded(value);
    before = '&';
  };
  for (const char* name : {"from", "to", "kind", "outcome", "staff", "find_staff"}) put(name, request.query(name));
  for (const auto& [name, value] : more) put(name, value);
  return out;
}

// ---- What is shown

void put_review_choices(std::string_view section, std::vector<Choice> choices, std::string_view chosen,
                        web::Data& data) {
  std::ranges::sort(choices);
  for (const Choice& one : choices) {
    data.add(section).set("value", one.value).set("name", one.name).show_if(one.value == chosen, "chosen");
  }
}

void put_review_filters(const PortalContext& context, const StaffPage& page, web::Data& data) {
  const Request& request = page.exchange.request();
  put_review_choices("kind", kinds_of_staff(context, page), request.query("kind"), data);
  const std::optional<StaffId> chosen = staff_in(context, request, page.staff().organisation);
  std::vector<Choice> staff;
  for (const policy::Staff& one : colleagues(context, page.staff().organisation)) {
    staff.push_back({one.name, one.id.text(), one.id == chosen});
  }
  put_choices(page.names, std::move(staff), {}, request.query(field_of_search("staff")), "staff", "staff", data);
  put_review_choices(
      "outcome", {{page.names.text("review.permitted"), "permitted"}, {page.names.text("review.refused"), "refused"}},
      request.query("outcome"), data);
  data.set("from", request.query("from")).set("to", request.query("to"));
}

void put_reviewed_act(const PortalContext& context, const StaffPage& page, const OrganisationAct& act,
                      web::Data& data) {
  data.set("entry", act.entry).set("what", kind_words(context, page, act.kind));
  data.set("who", staff_name(context, page, act.staff)).set("clock", page.names.clock(act.time));
  const bool is_refused = act.outcome == audit::Outcome::refused;
  data.set("outcome", page.names.text(!act.outcome ? "review.sent"
                                      : is_refused ? "review.refused"
                                                   : "review.permitted"));
  data.set("tone", is_refused ? "tone-stop" : "");
  put_review(context, page, act, data);
}

void put_reviewed_days(const PortalContext& context, const StaffPage& page, const std::vector<OrganisationAct>& acts,
                       web::Data& data) {
  std::string last;
  web::Data* day = nullptr;
  for (const OrganisationAct& act : acts) {
    if (const std::string text = page.names.day(act.time); text != last) {
      day = &data.add("day").set("day", text);
      last = text;
    }
    put_reviewed_act(context, page, act, day->add("act"));
  }
}

}  // namespace flikvakt::gateway
