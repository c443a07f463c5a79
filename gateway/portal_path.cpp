#include "gateway/portal_path.h"

#include <algorithm>

#include "base/utf8.h"

namespace flikvakt::gateway {
namespace {

using State = PathStep::State;

constexpr std::size_t kLetters = 30;  // in a line of the picture
constexpr std::uint64_t kLine = 22;   // heights in the picture's own units
constexpr std::uint64_t kBetween = 26;
constexpr std::uint64_t kTop = 24;

UtcTime begins(Date date) { return UtcTime(std::chrono::sys_days(date)); }

State past_or_next(UtcTime when, UtcTime now) { return when <= now ? State::done : State::next; }

void add_case(const PortalNames& names, const policy::Case& one, UtcTime now, PathVoice voice,
              std::vector<PathStep>& out) {
  const std::string of_whom = voice == PathVoice::own ? "" : "_of";
  const bool is_closed = one.status == policy::CaseStatus::closed;
  const std::string by = one.referred_by
                             ? names.text("path.referred_by", {{"name", names.organisation(*one.referred_by)}})
                             : std::string();
  out.push_back({State::done, one.opened, names.text("path.referral", {{"team", names.team(one.team)}}),
                 by.empty() ? names.day(one.opened) : names.day(one.opened) + ", " + by});
  if (one.triage) {
    const UtcTime when = begins(*one.triage);
    out.push_back({past_or_next(when, now), when, names.text("path.triage"), names.day(*one.triage)});
  }
  if (one.status == policy::CaseStatus::waiting) {
    out.push_back({State::now, now, names.text("path.case_waiting" + of_whom, {{"team", names.team(one.team)}}),
                   names.text("path.since", {{"day", names.day(one.waiting_since)}})});
  }
  for (const UtcTime meeting : one.meetings) {
    if (is_closed && meeting > now) continue;  // it does not take place
    out.push_back({past_or_next(meeting, now), meeting, names.text("path.meeting", {{"team", names.team(one.team)}}),
                   names.time(meeting)});
  }
  const bool has_more = std::ranges::any_of(one.meetings, [&](UtcTime time) { return time > now; });
  if (one.status == policy::CaseStatus::open && !has_more) {
    out.push_back({State::now, now, names.text("path.case_open" + of_whom, {{"team", names.team(one.team)}}), ""});
  }
  if (is_closed)
    out.push_back({State::done, one.opened, names.text("path.case_closed", {{"team", names.team(one.team)}}), ""});
}

void add_kontrakt(const PortalNames& names, const policy::Kontrakt& one, UtcTime now, std::vector<PathStep>& out) {
  const bool counts = one.standing == policy::Standing::active;
  for (const policy::KontraktPart& part : one.parts) {
    const State state = !counts || part.valid_to <= now ? State::done
                        : part.valid_from <= now        ? State::now
                                                        : State::next;
    std::string detail =
        names.organisation(part.provider) + ", " +
        names.text("path.period", {{"from", names.day(part.valid_from)}, {"to", names.last_day(part.valid_to)}});
    out.push_back({state, part.valid_from, part.insats, std::move(detail)});
    if (!part.goals.empty()) out.push_back({State::goal, part.valid_to, names.text("path.goal"), part.goals});
  }
  for (const policy::Milestone& one_goal : one.milestones) {
    const bool is_reached = one_goal.reached.has_value();
    const Date date = is_reached ? *one_goal.reached : one_goal.due;
    out.push_back({is_reached ? State::done : State::goal, begins(date), one_goal.text,
                   names.text(is_reached ? "path.reached" : "path.due", {{"day", names.day(date)}})});
  }
}

std::string_view name_of(State state) {
  switch (state) {
    case State::done:
      return "done";
    case State::now:
      return "now";
    case State::next:
      return "next";
    case State::goal:
      return "goal";
  }
  return "";
}

void put_kontrakt(const OwnPage& page, const policy::Kontrakt& one, web::Data& data) {
  data.set("id", one.id.text()).set("goals", one.goals).set("version", std::uint64_t{one.version});
  data.show_if(!one.goals.empty(), "has_goals");
  data.show_if(one.standing != policy::Standing::active, "ended");
  for (const policy::KontraktPart& part : one.parts) {
    data.add("part")
        .set("insats", part.insats)
        .set("provider", page.names.organisation(part.provider))
        .set("goals", part.goals)
        .set("period", page.names.text("path.period", {{"from", page.names.day(part.valid_from)},
                                                       {"to", page.names.last_day(part.valid_to)}}));
  }
  if (one.proposed) data.add("proposed").set("next", std::uint64_t{one.version} + 1);
}

Response path(const PortalSite& site, const OwnPage& page) {
  web::Data data;
  const std::vector<PathStep> steps = steps_of(page.names, page.overview.cases, page.overview.kontrakt, page.now);
  if (!steps.empty()) put_path(page.names, steps, data);
  data.show_if(steps.empty(), "none");
  for (const policy::Kontrakt& one : page.overview.kontrakt) put_kontrakt(page, one, data.add("kontrakt"));
  for (const policy::Case& one : page.overview.cases) {
    if (one.status == policy::CaseStatus::closed) continue;
    web::Data& shown = data.add("case").set("id", one.id.text()).set("team", page.names.team(one.team));
    shown.set("status", page.names.text(one.status == policy::CaseStatus::open ? "case.open" : "case.waiting"));
    shown.set("focus", page.names.text("focus." + std::string(to_json(one.focus).as_string())));
    if (one.hand_over) shown.add("hand_over").set("to", page.names.team(*one.hand_over));
  }
  return site.page(page.visit(), "path", std::move(data));
}

}  // namespace

std::vector<PathStep> steps_of(const PortalNames& names, const std::vector<policy::Case>& cases,
                               const std::vector<policy::Kontrakt>& kontrakt, UtcTime now, PathVoice voice,
                               std::vector<PathStep> more) {
  std::vector<PathStep> out = std::move(more);
  for (const policy::Case& one : cases) add_case(names, one, now, voice, out);
  for (const policy::Kontrakt& one : kontrakt) add_kontrakt(names, one, now, out);
  // What is done, what is now, what comes: each by its time.
  const auto rank = [](const PathStep& one) {
    return std::pair(one.state == State::done ? 0 : one.state == State::now ? 1 : 2, one.when);
  };
  std::ranges::stable_sort(out, {}, rank);
  return out;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t most) {
  std::vector<std::string> out(1);
  std::size_t in_line = 0;
  std::size_t space = std::string::npos;  // in the last line
  while (!text.empty()) {
    const std::optional<Character> next = first_character(text);
    const std::size_t bytes = next ? next->bytes : 1;
    const std::string_view letter = text.substr(0, bytes);
    text.remove_prefix(bytes);
    if (letter == " " || letter == "\n") {
      if (out.back().empty()) continue;
      space = out.back().size();
    }
    out.back() += letter == "\n" ? " " : letter;
    if (++in_line <= most) continue;
    const std::size_t cut = space == std::string::npos ? out.back().size() - bytes : space;
    std::string rest = out.back().substr(cut + (space == std::string::npos ? 0 : 1));
    out.back().resize(cut);
    in_line = static_cast<std::size_t>(
        std::ranges::count_if(rest, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
    out.push_back(std::move(rest));
    space = std::string::npos;
  }
  if (out.size() > 1 && out.back().empty()) out.pop_back();
  return out;
}

void put_path(const PortalNames& names, const std::vector<PathStep>& steps, web::Data& data) {
  web::Data& path = data.add("path");
  std::uint64_t y = kTop;
  std::uint64_t last = y;
  for (const PathStep& step : steps) {
    web::Data& station = path.add("station").set("y", y);
    station.add(name_of(step.state));
    last = y;
    std::uint64_t line = y + 5;
    for (const std::string& text : wrapped(step.title, kLetters)) {
      station.add("line").set("y", line).set("text", text);
      line += kLine;
    }
    for (const std::string& text :
         step.detail.empty() ? std::vector<std::string>() : wrapped(step.detail, kLetters + 4)) {
      station.add("detail").set("y", line).set("text", text);
      line += kLine - 2;
    }
    y = line - 5 + kBetween;
    path.add("item")
        .set("title", step.title)
        .set("detail", step.detail)
        .set("state", names.text("path.state_" + std::string(name_of(step.state))))
        .show_if(!step.detail.empty(), "has_detail");
  }
  path.set("height", y).set("top", kTop).set("bottom", last);
}

void add_path_pages(PortalContext& context, Router& router) {
  const PortalSite& site = context.site;
  router.add(Method::get, "/me/path", AccessRule::person_page, no_body(),
             own_page(context, [&site](const OwnPage& page) { return path(site, page); }));
}

}  // namespace flikvakt::gateway
