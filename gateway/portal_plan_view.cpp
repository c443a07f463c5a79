#include "gateway/portal_plan_view.h"

#include <algorithm>

#include "gateway/portal_choices.h"
#include "gateway/portal_plan_form.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kMostShown = 60;  // findings, things left out, bookmarks, each

std::string in_words(const PortalNames& names, const std::string& where) {
  constexpr std::string_view kPage = "page ", kPages = "pages ";
  if (where.starts_with(kPages))
    return names.text("deposit_plan.where_pages", {{"pages", where.substr(kPages.size())}});
  if (where.starts_with(kPage)) return names.text("deposit_plan.where_page", {{"page", where.substr(kPage.size())}});
  return where;
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
          .set("src", path_of_plan(draft) + "/pictures/" + std::to_string(i) + "/" + std::to_string(page))
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

}  // namespace

std::string path_of_plan(const Draft& draft) {
  return "/staff/people/" + draft.handle + "/deposits/" + draft.id.text();
}

std::string refusal_in_words(const PortalNames& names, const policy::PlanRefusal& refusal) {
  std::string out = names.text("file_refused." + refusal.reason);
  if (refusal.finding) out += " " + names.text("finding." + *refusal.finding) + ".";
  if (!refusal.where.empty()) out += " (" + in_words(names, refusal.where) + ")";
  return out;
}

void put_plan(const StaffPage& one, const Draft& draft, web::Data& data) {
  put_parts(one, draft, data);
  put_findings(one, draft, data);
  put_left_out(one, draft, data);
  put_contents(one, draft, data);
}

void put_plan_rows(const StaffPage& one, const std::set<std::string>& flikar, const Draft& draft, const Form& typed,
                   web::Data& data) {
  const bool is_new = typed.fields().empty();
  // Each part has its row: one that had none would be left out by correcting another.
  const std::size_t rows = std::min(kMostRows, std::max<std::size_t>(draft.rows.size() + 2, 3));
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

}  // namespace flikvakt::gateway
