#include "gateway/portal_path.h"

#include <algorithm>

#include "base/utf8.h"
#include "gateway/portal_paging.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

using State = PathStep::State;

constexpr std::size_t kLetters = 30;  // in a line of the picture
constexpr std::uint64_t kLine = 22;   // heights in the picture's own units
constexpr std::uint64_t kBetween = 26;
constexpr std::uint64_t kTop = 24;
constexpr std::size_t kTitle = 120, kDetail = 180;                  // characters of a step
constexpr std::size_t kWeightOfAStep = 500, kHeaviest = 48 * 1024;  // bytes of a page, about: words stand there twice
constexpr std::size_t kKontraktOnAPage = 4, kCasesOnAPage = 10;
constexpr std::size_t kPartsInAList = 6;                 // of one kontrakt; its own page has the rest
constexpr std::size_t kGoals = 600, kGoalsOfPart = 300;  // characters, the same
constexpr std::size_t kPartsOnAPage = 8, kMilestonesOnAPage = 40;

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

PathStep in_short(const PathStep& step) {
  return {step.state, step.when, shortened(step.title, kTitle), shortened(step.detail, kDetail)};
}

void put_part(const OwnPage& page, const policy::KontraktPart& part, const std::string& goals, web::Data& data) {
  data.set("insats", part.insats).set("provider", page.names.organisation(part.provider)).set("goals", goals);
  data.set("period", page.names.text("path.period", {{"from", page.names.day(part.valid_from)},
                                                     {"to", page.names.last_day(part.valid_to)}}));
}

void put_standing(const policy::Kontrakt& one, web::Data& data) {
  data.set("id", one.id.text()).set("version", std::uint64_t{one.version});
  data.show_if(!one.goals.empty(), "has_goals");
  data.show_if(one.standing != policy::Standing::active, "ended");
  if (one.proposed) data.add("proposed").set("next", std::uint64_t{one.version} + 1);
}

void put_kontrakt(const OwnPage& page, const policy::Kontrakt& one, web::Data& data) {
  put_standing(one, data);
  const std::string goals = shortened(one.goals, kGoals);
  std::vector<const policy::KontraktPart*> parts;
  for (const policy::KontraktPart& part : one.parts) parts.push_back(&part);
  bool is_cut = goals != one.goals || parts.size() > kPartsInAList;
  if (parts.size() > kPartsInAList) {  // what is over gives way to what is not
    std::ranges::stable_sort(parts, {}, [&](const auto* part) { return part->valid_to <= page.now; });
    parts.resize(kPartsInAList);
  }
  data.set("goals", goals);
  for (const policy::KontraktPart* part : parts) {
    const std::string of_part = shortened(part->goals, kGoalsOfPart);
    is_cut = is_cut || of_part != part->goals;
    put_part(page, *part, of_part, data.add("part"));
  }
  data.show_if(is_cut, "cut");
}

// Those that count first.
std::vector<const policy::Kontrakt*> standing_first(const std::vector<policy::Kontrakt>& all) {
  std::vector<const policy::Kontrakt*> out;
  for (const policy::Kontrakt& one : all) out.push_back(&one);
  std::ranges::stable_sort(out, {}, [](const auto* one) { return one->standing != policy::Standing::active; });
  return out;
}

void put_cases(const OwnPage& page, web::Data& data) {
  std::vector<const policy::Case*> going_on;
  for (const policy::Case& one : page.overview.cases) {
    if (one.status != policy::CaseStatus::closed) going_on.push_back(&one);
  }
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, going_on.size(), kCasesOnAPage, "cases");
  for (const policy::Case* one : in_piece(going_on, piece)) {
    web::Data& shown = data.add("case").set("id", one->id.text()).set("team", page.names.team(one->team));
    shown.set("status", page.names.text(one->status == policy::CaseStatus::open ? "case.open" : "case.waiting"));
    shown.set("focus", page.names.text("focus." + std::string(to_json(one->focus).as_string())));
    if (one->hand_over) shown.add("hand_over").set("to", page.names.team(*one->hand_over));
  }
  put_pages(page.names, request, piece, data, "cases");
}

Response path(const PortalSite& site, const OwnPage& page) {
  web::Data data;
  const Request& request = page.exchange.request();
  const std::vector<PathStep> steps = steps_of(page.names, page.overview.cases, page.overview.kontrakt, page.now);
  if (!steps.empty()) put_path(page.names, request, steps, "/me/path", data);
  data.show_if(steps.empty(), "none");
  put_cases(page, data.add("cases"));
  const std::vector<const policy::Kontrakt*> all = standing_first(page.overview.kontrakt);
  const Piece piece = piece_of(request, all.size(), kKontraktOnAPage, "kontrakt");
  web::Data& list = data.add("all_kontrakt");
  for (const policy::Kontrakt* one : in_piece(all, piece)) put_kontrakt(page, *one, list.add("kontrakt"));
  put_pages(page.names, request, piece, list, "kontrakt");
  return site.page(page.visit(), "path", std::move(data));
}

// One kontrakt in its whole words: SPEC PORTAL-80.
Response kontrakt(const PortalSite& site, const OwnPage& page) {
  const policy::Kontrakt* one = find_among(page.overview.kontrakt, page.exchange.id<KontraktId>("kontrakt"));
  if (!one) return refusal();
  const Request& request = page.exchange.request();
  web::Data data;
  put_standing(*one, data);
  data.set("goals", one->goals);
  const Piece parts = piece_of(request, one->parts.size(), kPartsOnAPage, "parts");
  web::Data& in_parts = data.add("parts");
  for (const policy::KontraktPart& part : in_piece(one->parts, parts)) {
    put_part(page, part, part.goals, in_parts.add("part"));
  }
  put_pages(page.names, request, parts, in_parts, "parts");
  const Piece milestones = piece_of(request, one->milestones.size(), kMilestonesOnAPage, "milestones");
  if (one->milestones.empty()) return site.page(page.visit(), "kontrakt", std::move(data));
  web::Data& in_milestones = data.add("milestones");
  for (const policy::Milestone& goal : in_piece(one->milestones, milestones)) {
    const bool is_reached = goal.reached.has_value();
    const std::string day = page.names.day(is_reached ? *goal.reached : goal.due);
    in_milestones.add("milestone")
        .set("text", goal.text)
        .set("when", page.names.text(is_reached ? "path.reached" : "path.due", {{"day", day}}));
  }
  put_pages(page.names, request, milestones, in_milestones, "milestones");
  return site.page(page.visit(), "kontrakt", std::move(data));
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

void put_path(const PortalNames& names, const Request& request, const std::vector<PathStep>& steps,
              const std::string& address, web::Data& data) {
  const auto ahead = std::ranges::find_if(steps, [](const PathStep& one) { return one.state != State::done; });
  const std::size_t now = std::min<std::size_t>(static_cast<std::size_t>(ahead - steps.begin()), steps.size() - 1);
  const bool is_whole = request.query("words") == "whole";
  std::vector<PathStep> told;
  std::vector<std::size_t> weights;
  bool is_cut = false;
  for (const PathStep& one : steps) {
    told.push_back(is_whole ? one : in_short(one));
    weights.push_back(kWeightOfAStep + 4 * (told.back().title.size() + told.back().detail.size()));
  }
  const Piece piece = piece_by_weight(request, weights, kHeaviest, "step", now);
  web::Data& path = data.add("path");
  put_pages(names, request, piece, path, "step", address);
  for (std::size_t i = piece.from; i < piece.to; ++i) {
    is_cut = is_cut || told[i].title != steps[i].title || told[i].detail != steps[i].detail;
  }
  if (is_cut) path.add("shortened").set("href", address + "?words=whole");
  std::uint64_t y = kTop;
  std::uint64_t last = y;
  for (const PathStep& step : in_piece(told, piece)) {
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
  router
      .add(Method::get, "/me/path", AccessRule::person_page, no_body(),
           own_page(context, [&site](const OwnPage& page) { return path(site, page); }))
      .add(Method::get, "/me/kontrakt/{kontrakt:id}", AccessRule::person_page, no_body(),
           own_page(context, [&site](const OwnPage& page) { return kontrakt(site, page); }));
}

}  // namespace flikvakt::gateway
