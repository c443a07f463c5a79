#include "gateway/portal_fullmakt_view.h"

#include <algorithm>

namespace flikvakt::gateway {
namespace {

std::string_view tone_of(ShownStatus status) {
  switch (status) {
    case ShownStatus::active:
      return "tone-go";
    case ShownStatus::waits:
    case ShownStatus::unconfirmed:
    case ShownStatus::paused:
    case ShownStatus::exhausted:
      return "tone-wait";
    default:
      return "tone-off";
  }
}

std::string name_of(ShownStatus status) { return std::string(to_json(status).as_string()); }

void put_teams(const PortalNames& names, const policy::Fullmakt& fullmakt, const policy::Overview& overview,
               web::Data& data) {
  for (const policy::TeamView& team : overview.teams) {
    if (!receiving(fullmakt).contains({policy::RecipientKind::team, team.id.value()})) continue;
    data.add("team").set("people", names.count("see.people", team.people)).set("name", team.name);
  }
}

void put_actions(const policy::Fullmakt& fullmakt, ShownStatus status, UtcTime now, web::Data& data) {
  if (is_over(fullmakt, now)) return;
  web::Data& can = data.add("can");
  can.show_if(fullmakt.status == policy::FullmaktStatus::active, "pause");
  can.show_if(status == ShownStatus::paused, "resume");
}

constexpr std::size_t kFlikarInShort = 20;  // what is open is told even in short
constexpr std::size_t kSinglesInShort = 8;

std::size_t most_of(Told told, std::size_t in_short = PortalNames::kFewOfThem) {
  return told == Told::whole ? PortalNames::kAllOfThem : in_short;
}

void put_list(std::string_view section, const std::vector<std::string>& items, web::Data& data) {
  for (const std::string& one : items) data.add(section).set("name", one);
}

std::string what_is_blocked(const PortalNames& names, const policy::SparrTerms& terms,
                            const policy::Overview& overview) {
  if (terms.target == policy::SparrTarget::flik && terms.flik) {
    return names.text("sparr.flik", {{"name", names.flik(*terms.flik)}});
  }
  if (terms.target == policy::SparrTarget::document && terms.document) {
    const std::string title = title_of(overview, *terms.document);
    return names.text("sparr.document", {{"name", title.empty() ? names.text("name.document_gone") : title}});
  }
  if (terms.target == policy::SparrTarget::dates) {
    return names.text("sparr.dates", {{"from", terms.from ? names.day(*terms.from) : names.text("sparr.beginning")},
                                      {"to", terms.to ? names.day(*terms.to) : names.text("sparr.today")}});
  }
  return names.text("sparr.everything");
}

std::string who_is_blocked(const PortalNames& names, const policy::SparrTerms& terms, Told told) {
  return terms.everyone ? names.text("sparr.everyone") : names.recipients(terms.recipients, most_of(told));
}

std::string how_long(const PortalNames& names, const policy::SparrTerms& terms) {
  return terms.until ? names.text("sparr.until", {{"day", names.last_day(*terms.until)}})
                     : names.text("sparr.until_lifted");
}

ShownStatus by_itself(const policy::Fullmakt& fullmakt, UtcTime now) {
  using policy::FullmaktStatus;
  switch (fullmakt.status) {
    case FullmaktStatus::revoked:
      return ShownStatus::revoked;
    case FullmaktStatus::relinquished:
      return ShownStatus::relinquished;
    case FullmaktStatus::superseded:
      return ShownStatus::superseded;
    case FullmaktStatus::expired:
      return ShownStatus::expired;
    case FullmaktStatus::active:
    case FullmaktStatus::paused:
    case FullmaktStatus::exhausted:
      break;
  }
  if (fullmakt.terms.valid_to <= now) return ShownStatus::expired;
  if (fullmakt.status == FullmaktStatus::paused) return ShownStatus::paused;
  if (fullmakt.status == FullmaktStatus::exhausted) return ShownStatus::exhausted;
  return fullmakt.terms.valid_from > now ? ShownStatus::waits : ShownStatus::active;
}

}  // namespace

ShownStatus shown_status(const policy::Fullmakt& fullmakt, const policy::Overview& overview, UtcTime now) {
  const ShownStatus status = by_itself(fullmakt, now);
  if (status != ShownStatus::active || overview.in_force.contains(fullmakt.id)) return status;
  return overview.person.died ? ShownStatus::not_now : ShownStatus::unconfirmed;
}

bool is_over(const policy::Fullmakt& fullmakt, UtcTime now) {
  const ShownStatus status = by_itself(fullmakt, now);
  return status != ShownStatus::active && status != ShownStatus::paused && status != ShownStatus::exhausted &&
         status != ShownStatus::waits;
}

std::set<policy::Recipient> receiving(const policy::Fullmakt& fullmakt) {
  std::set<policy::Recipient> out = fullmakt.terms.recipients;
  for (const policy::Recipient& gone : fullmakt.relinquished) out.erase(gone);
  return out.empty() ? fullmakt.terms.recipients : out;
}

std::string title_of(const policy::Overview& overview, const DocumentId& id) {
  const auto found = std::ranges::find(overview.documents, id, &policy::Document::id);
  return found == overview.documents.end() ? std::string() : found->facts.title;
}

void put_fullmakt(const PortalNames& names, const policy::Fullmakt& fullmakt, const policy::Overview& overview,
                  UtcTime now, Told told, web::Data& data) {
  const policy::FullmaktTerms& terms = fullmakt.terms;
  const ShownStatus status = shown_status(fullmakt, overview, now);
  data.set("tone", tone_of(status)).set("status", names.text("status." + name_of(status)));
  data.set("id", fullmakt.id.text()).set("who", names.recipients(receiving(fullmakt), most_of(told)));
  data.set("may", names.rights(terms.rights)).set("purpose", names.purpose_about(terms.purpose));
  data.set("disclosers", names.organisations(terms.disclosers, most_of(told)));
  data.set("from", names.day(terms.valid_from)).set("until", names.last_day(terms.valid_to));
  const auto name_of_flik = [&](const std::string& code) { return names.flik(code); };
  const auto name_of_document = [&](const DocumentId& id) {
    const std::string title = title_of(overview, id);
    return title.empty() ? names.text("name.document_gone") : title;
  };
  put_list("flik", names.some_of(terms.flikar, most_of(told, kFlikarInShort), name_of_flik), data);
  put_list("single", names.some_of(terms.documents, most_of(told, kSinglesInShort), name_of_document), data);
  if (terms.max_readings) {
    const std::uint32_t left = *terms.max_readings - std::min(fullmakt.readings, *terms.max_readings);
    data.add("limit").set("left", names.count("see.readings_left", left));
  }
  data.show_if(terms.kontrakt.has_value(), "needs_kontrakt");
  put_teams(names, fullmakt, overview, data);
  put_actions(fullmakt, status, now, data);
}

void put_sparr(const PortalNames& names, const policy::Sparr& sparr, const policy::Overview& overview, Told told,
               web::Data& data) {
  data.set("id", sparr.id.text()).set("what", what_is_blocked(names, sparr.terms, overview));
  data.set("against", who_is_blocked(names, sparr.terms, told)).set("until", how_long(names, sparr.terms));
}

std::vector<std::string> lift_paragraphs(const PortalNames& names, const policy::Sparr& sparr,
                                         const policy::Overview& overview) {
  return {names.text("lift.what", {{"what", what_is_blocked(names, sparr.terms, overview)}}),
          names.text("lift.against", {{"who", who_is_blocked(names, sparr.terms, Told::whole)},
                                      {"until", how_long(names, sparr.terms)}}),
          names.text("lift.text")};
}

}  // namespace flikvakt::gateway
