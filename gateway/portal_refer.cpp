#include "gateway/portal_refer.h"

#include <algorithm>

#include "gateway/portal_choices.h"

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kFocuses[] = {"unemployment", "illness", "livelihood", "change"};

bool works(const policy::Team& team) { return team.standing == policy::Standing::active && team.accepted_by; }

template <class Row>
void put_rows(const PortalNames& names, const std::vector<Row>& rows, std::string_view what, const Form& typed,
              web::Data& data) {
  std::vector<Choice> all;
  for (const Row& row : rows) all.push_back({row.name, row.id.text(), typed.text(what) == row.id.text()});
  put_choices(names, std::move(all), {}, typed.text(field_of_search(what)), std::string(what) + "_choice", what, data);
}

// Forum and care units belong to these; a provider refers nobody.
bool refers(const policy::Organisation& one) {
  return one.standing == policy::Standing::active && one.kind != policy::OrganisationKind::provider;
}

Response refer_page(PortalContext& context, const OwnPage& page, const Form& typed, const std::string& wrong) {
  const service::Directory& directory = context.core().directory();
  web::Data data;
  put_form(page.visit(), data);
  put_rows(page.names, directory.rows_where<policy::Team>(works), "team", typed, data);
  put_rows(page.names, directory.rows_where<policy::Organisation>(refers), "referrer", typed, data);
  for (const std::string_view focus : kFocuses) {
    web::Data& choice = data.add("focus_choice").set("value", focus);
    choice.set("name", page.names.text("focus." + std::string(focus))).show_if(typed.text("focus") == focus, "chosen");
  }
  data.set("triage", typed.text("triage"));
  if (!wrong.empty()) data.add("wrong").set("text", page.names.text(wrong));
  PortalSite::Options options;
  options.status = wrong.empty() ? 200 : 422;
  return context.site.page(page.visit(), "refer", std::move(data), options);
}

// What is filled in, as an act; what is wrong with it, as a key of words.
struct Referral {
  policy::SignReferral act;
  std::string wrong;
};

Referral read_refer_form(const PortalContext& context, const Form& form) {
  Referral out;
  const Result<TeamId> team = TeamId::parse(form.text("team"));
  const auto row = team ? context.core().directory().row<policy::Team>(*team) : std::nullopt;
  if (!row || !works(*row)) return {{}, "refer.wrong_team"};
  const auto focus = from_json<policy::CaseFocus>(json::value(json::string(form.text("focus"))));
  if (!focus) return {{}, "refer.wrong_focus"};
  out.act.id = CaseId(id_made_by(form));
  out.act.team = *team;
  out.act.focus = *focus;
  if (const Result<OrganisationId> by = OrganisationId::parse(form.text("referrer"))) out.act.referred_by = *by;
  if (form.text("triage").empty()) return out;
  const Result<Date> triage = parse_date(form.text("triage"));
  if (!triage || !triage->ok()) return {{}, "refer.wrong_triage"};
  out.act.triage = *triage;
  return out;
}

Response preview(PortalContext& context, const OwnPage& page, const Form& form) {
  if (is_search(form)) return refer_page(context, page, form, "");
  const Referral filled = read_refer_form(context, form);
  if (!filled.wrong.empty()) return refer_page(context, page, form, filled.wrong);
  const PortalNames& names = page.names;
  ToSign to_sign;
  to_sign.act = policy::act_to_json(policy::Act(filled.act)).as_object();
  to_sign.title = names.text("refer.sign_title", {{"team", names.team(filled.act.team)}});
  to_sign.button = names.text("refer.button");
  to_sign.paragraphs = referral_paragraphs(names, filled.act);
  to_sign.back = "/me/path";
  to_sign.again = "/me/refer";
  to_sign.typed = typed_in(form);
  return sign_page(context, page.visit(), page.overview, to_sign);
}

}  // namespace

std::vector<std::string> referral_paragraphs(const PortalNames& names, const policy::SignReferral& act) {
  const std::string focus = names.text("focus." + std::string(to_json(act.focus).as_string()));
  std::vector<std::string> out{names.text("refer.text", {{"team", names.team(act.team)}, {"focus", focus}})};
  if (act.referred_by) out.push_back(names.text("refer.by", {{"name", names.organisation(*act.referred_by)}}));
  if (act.triage) out.push_back(names.text("refer.triage_on", {{"day", names.day(*act.triage)}}));
  std::vector<std::string> meetings;
  for (const UtcTime time : act.meetings) meetings.push_back(names.time(time));
  if (!meetings.empty()) out.push_back(names.text("refer.meetings", {{"times", names.listed(meetings)}}));
  return out;
}

void add_refer_pages(PortalContext& context, Router& router) {
  router
      .add(Method::get, "/me/refer", AccessRule::person_page, no_body(),
           own_page(context, [&context](const OwnPage& page) { return refer_page(context, page, Form(), ""); }))
      .add(Method::post, "/me/refer", AccessRule::person_page, whole_body(),
           form_page(context,
                     [&context](const OwnPage& page, const Form& form) { return preview(context, page, form); }));
}

}  // namespace flikvakt::gateway
