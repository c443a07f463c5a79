#include "gateway/json_views.h"

#include <algorithm>

#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

// Without author and source when the rules hid them (SPEC PROT-3).
json::object document_view(const policy::Document& document) {
  json::object view{{"id", document.id.text()},
                    {"title", document.facts.title},
                    {"date", to_text(document.facts.date)},
                    {"media_type", document.facts.media_type},
                    {"size", document.facts.size},
                    {"sealed_at", to_rfc3339(document.sealed_at)},
                    {"version", document.version}};
  if (!document.facts.author.empty()) view["author"] = document.facts.author;
  if (!document.source.is_none()) view["source"] = document.source.text();
  return view;
}

// A row of the person's own, without the id by which only we know the person.
template <class T>
json::object own_row(const T& row) {
  json::value view = to_json(row);
  view.get_object().erase("person");
  return std::move(view.get_object());
}

template <class T>
json::array own_rows(const std::vector<T>& rows) {
  json::array out;
  for (const T& row : rows) out.push_back(own_row(row));
  return out;
}

// SPEC OVERVIEW-4. SPEC LOGV-12: not who relied on it, since a reading of what is about somebody else with protected
// identity counts too.
json::array fullmakter_of(const policy::Overview& overview) {
  json::array out;
  for (const policy::Fullmakt& one : overview.fullmakter) {
    json::object view = own_row(one);
    view.erase("relied");
    view["in_force"] = overview.in_force.contains(one.id);
    out.push_back(std::move(view));
  }
  return out;
}

// SPEC OVERVIEW-5
json::array sparrar_of(const policy::Overview& overview) {
  json::array out;
  for (const policy::Sparr& one : overview.sparrar) {
    json::object view = own_row(one);
    const auto blocked = overview.versions.find(one.id);
    view["versions"] = blocked == overview.versions.end() ? json::array() : to_json(blocked->second);
    out.push_back(std::move(view));
  }
  return out;
}

// Not who it is: people here are known by number, and a number goes to its own person only.
json::array representatives_view(const std::vector<policy::Representative>& representatives) {
  json::array out;
  for (const policy::Representative& one : representatives) {
    out.push_back(json::object{{"id", one.id.text()},
                               {"kind", to_json(one.kind)},
                               {"powers", to_json(one.powers)},
                               {"valid_from", to_rfc3339(one.valid_from)},
                               {"valid_to", to_rfc3339(one.valid_to)},
                               {"standing", to_json(one.standing)},
                               {"jointly", one.jointly.value_or(false)}});
  }
  return out;
}

// What waits for a second, without the blind indexes of who is named.
json::array waiting_view(const std::vector<policy::Proposal>& proposals) {
  json::array out;
  for (const policy::Proposal& one : proposals) {
    Result<json::value> act = parse_json(one.act);
    if (!act || !act->is_object()) continue;
    act->get_object().erase("person");
    if (one.representative) act->get_object().erase("representative");
    json::object view{{"id", one.id.text()}, {"expires", to_rfc3339(one.expires)}, {"act", std::move(*act)}};
    if (one.role) view["role"] = one.role->text();
    if (one.organisation) view["organisation"] = one.organisation->text();
    out.push_back(std::move(view));
  }
  return out;
}

json::array teams_view(const std::vector<policy::TeamView>& teams) {
  json::array out;
  for (const policy::TeamView& one : teams) {
    out.push_back(json::object{{"id", one.id.text()},
                               {"organisation", one.organisation.text()},
                               {"name", one.name},
                               {"people", one.people},
                               {"sizes", to_json(one.sizes)}});
  }
  return out;
}

json::array keys_view(const std::vector<policy::DeviceKey>& keys) {
  json::array out;
  for (const policy::DeviceKey& key : keys) {
    json::object view{{"thumbprint", to_json(key.thumbprint)},
                      {"kind", to_json(policy::kind_of(key))},
                      {"status", to_json(key.status)}};
    if (!key.proposed_by_organisation.is_none()) {
      view["proposed_by_organisation"] = key.proposed_by_organisation.text();
      view["confirm_before"] = to_rfc3339(key.confirm_before);
    }
    if (key.oidc_issuer) view["issuer"] = *key.oidc_issuer;
    if (key.enrolled_with) view["enrolled_with"] = to_json(*key.enrolled_with);
    out.push_back(std::move(view));
  }
  return out;
}

// SPEC OVERVIEW-6
json::array issuers_view(const std::vector<policy::OidcIssuer>& issuers) {
  json::array out;
  for (const policy::OidcIssuer& one : issuers) {
    out.push_back(json::object{{"code", one.code},
                               {"name", one.name},
                               {"issuer", one.issuer},
                               {"registered", to_rfc3339(one.registered)},
                               {"changed", to_rfc3339(one.changed)},
                               {"standing", to_json(one.standing)}});
  }
  return out;
}

}  // namespace

json::value listing_view(const policy::Listing& listing) {
  std::map<std::string, json::array> flikar;
  for (const policy::DocumentView& one : listing.documents) {
    flikar[one.document.facts.flik].push_back(document_view(one.document));
  }
  json::array out;
  for (auto& [flik, found] : flikar) out.push_back(json::object{{"flik", flik}, {"documents", std::move(found)}});
  json::object view{{"flikar", std::move(out)}};
  if (listing.more_blocked) view["more_blocked"] = true;
  if (listing.alias) view["alias"] = *listing.alias;
  return view;
}

json::value cases_view(service::Core& core, const std::vector<policy::CaseView>& cases, const OrganisationId& asks) {
  json::array out;
  for (const auto& [one, alias] : cases) {
    const Result<std::string> handle = service::handle_of(core, asks, one.person);
    if (!handle) continue;  // erased meanwhile
    out.push_back(json::object{{"id", one.id.text()},
                               {"person", *handle},
                               {"team", one.team.text()},
                               {"focus", to_json(one.focus)},
                               {"meetings", to_json(one.meetings)},
                               {"opened", to_rfc3339(one.opened)},
                               {"status", to_json(one.status)},
                               {"waiting_since", to_rfc3339(one.waiting_since)}});
    json::object& view = out.back().get_object();
    if (alias) view["alias"] = *alias;
    if (one.referred_by) view["referred_by"] = one.referred_by->text();
    if (one.triage) view["triage"] = to_text(*one.triage);
    if (one.hand_over) view["hand_over"] = one.hand_over->text();
  }
  return json::object{{"cases", std::move(out)}};
}

json::value fullmakter_view(const std::vector<policy::Fullmakt>& fullmakter) {
  json::array out;
  for (const policy::Fullmakt& one : fullmakter) {
    json::object view{{"id", one.id.text()},
                      {"status", to_json(one.status)},
                      {"revision", one.revision},
                      {"signed_sha256", to_json(one.signed_sha256)},
                      {"purpose", one.terms.purpose},
                      {"rights", to_json(one.terms.rights)},
                      {"disclosers", to_json(one.terms.disclosers)},
                      {"flikar", to_json(one.terms.flikar)},
                      {"documents", to_json(one.terms.documents)},
                      {"valid_from", to_rfc3339(one.terms.valid_from)},
                      {"valid_to", to_rfc3339(one.terms.valid_to)}};
    if (one.terms.kontrakt) view["kontrakt"] = one.terms.kontrakt->text();
    if (one.terms.case_id) view["case_id"] = one.terms.case_id->text();
    if (one.terms.max_readings)
      view["readings_left"] = *one.terms.max_readings - std::min(one.readings, *one.terms.max_readings);
    out.push_back(std::move(view));
  }
  return json::object{{"fullmakter", std::move(out)}};
}

json::value requests_view(service::Core&, const std::vector<policy::AccessRequest>& requests, const OrganisationId&) {
  json::array out;
  for (const policy::AccessRequest& one : requests) {
    json::object view{{"id", one.id.text()},           {"staff", one.staff.text()},
                      {"terms", to_json(one.terms)},   {"asked", to_rfc3339(one.asked)},
                      {"status", to_json(one.status)}, {"expires", to_rfc3339(one.expires)}};
    if (one.fullmakt) view["fullmakt"] = one.fullmakt->text();
    out.push_back(std::move(view));
  }
  return json::object{{"requests", std::move(out)}};
}

// SPEC CONN-42: to whoever asked, one word for what waits and what is open.
std::string told_status(const policy::SourceRequest& request, const OrganisationId& asks) {
  const bool is_asked = request.organisation == asks && request.status == policy::SourceRequestStatus::waiting;
  return is_asked ? "asked" : std::string(to_json(request.status).as_string());
}

// SPEC CONN-44
json::value source_requests_view(service::Core& core, const std::vector<policy::SourceRequest>& requests,
                                 const OrganisationId& asks) {
  json::array out;
  for (const policy::SourceRequest& one : requests) {
    json::object view{{"id", one.id.text()},
                      {"organisation", one.organisation.text()},
                      {"source", one.source.text()},
                      {"flik", one.flik},
                      {"purpose", one.purpose},
                      {"message", one.message},
                      {"asked", to_rfc3339(one.asked)},
                      {"status", told_status(one, asks)},
                      {"expires", to_rfc3339(one.expires)}};
    if (one.organisation == asks) view["staff"] = one.staff.text();
    if (one.opened) view["opened"] = to_rfc3339(*one.opened);
    if (one.ended) view["ended"] = to_rfc3339(*one.ended);
    if (!one.person.is_none()) {
      const Result<std::string> handle = service::handle_of(core, asks, one.person);
      if (!handle) continue;  // erased meanwhile
      view["person"] = *handle;
    }
    out.push_back(std::move(view));
  }
  return json::object{{"source_requests", std::move(out)}};
}

json::value notices_view(service::Core& core, const std::vector<policy::Notice>& notices, const OrganisationId& asks) {
  json::array out;
  for (const policy::Notice& one : notices) {
    const Result<std::string> handle = service::handle_of(core, asks, one.person);
    if (!handle) continue;  // erased meanwhile
    out.push_back(json::object{{"fullmakt", one.fullmakt.text()},
                               {"person", *handle},
                               {"status", to_json(one.status)},
                               {"revision", one.revision},
                               {"changed", to_rfc3339(one.changed)},
                               {"due", to_rfc3339(one.due)}});
  }
  return json::object{{"notices", std::move(out)}};
}

json::value erase_orders_view(service::Core& core, const std::vector<policy::EraseOrder>& orders,
                              const OrganisationId& asks) {
  json::array out;
  for (const policy::EraseOrder& one : orders) {
    const Result<std::string> handle = service::handle_of(core, asks, one.person);
    if (!handle) continue;  // erased meanwhile
    out.push_back(json::object{{"kontrakt", one.kontrakt.text()},
                               {"person", *handle},
                               {"ordered", to_rfc3339(one.ordered)},
                               {"due", to_rfc3339(one.due)}});
  }
  return json::object{{"erase_orders", std::move(out)}};
}

json::value overdue_view(const std::vector<policy::OverdueCount>& counts) {
  json::array out;
  for (const policy::OverdueCount& one : counts) {
    out.push_back(json::object{{"organisation", one.organisation.text()},
                               {"notices", one.notices},
                               {"erase_orders", one.erase_orders},
                               {"oldest", to_rfc3339(one.oldest)}});
  }
  return json::object{{"overdue", std::move(out)}};
}

json::value proposals_view(service::Core& core, const std::vector<policy::Proposal>& proposals,
                           const OrganisationId& asks) {
  json::array out;
  for (const policy::Proposal& one : proposals) {
    Result<json::value> act = parse_json(one.act);
    if (!act || !act->is_object()) continue;
    const json::value* named = act->get_object().if_contains("person");
    if (one.person && named && !named->is_null()) {
      const Result<std::string> handle = service::handle_of(core, asks, *one.person);
      if (!handle) continue;  // erased meanwhile
      act->get_object()["person"] = *handle;
    }
    if (one.representative) {
      const Result<std::string> handle = service::handle_of(core, asks, *one.representative);
      if (!handle) continue;
      act->get_object()["representative"] = *handle;
    }
    json::object view{{"id", one.id.text()}, {"expires", to_rfc3339(one.expires)}, {"act", std::move(*act)}};
    if (one.administrator) view["administrator"] = one.administrator->text();
    if (one.staff) view["staff"] = one.staff->text();
    if (one.organisation) view["organisation"] = one.organisation->text();
    out.push_back(std::move(view));
  }
  return json::object{{"proposals", std::move(out)}};
}

// SPEC PORTAL-52: what an act says of a person stays out; the command shows it to whoever approves.
json::array proposals_of_nobody(service::Core& core, const std::vector<policy::Proposal>& proposals) {
  json::value view = proposals_view(core, proposals, OrganisationId());
  json::array out = std::move(view.get_object().at("proposals").as_array());
  for (json::value& one : out) {
    json::object& act = one.get_object().at("act").as_object();
    json::value* const scope = act.if_contains("scope");
    if (!act.contains("person") && !scope) continue;
    json::object shown{{"kind", act.at("kind")}};
    if (scope) shown["scope"] = *scope;
    act = std::move(shown);
    one.get_object()["about_person"] = true;
  }
  return out;
}

json::value overview_view(const policy::Overview& overview) {
  json::array documents;
  for (const policy::Document& document : overview.documents) {
    json::object view = document_view(document);
    view["flik"] = document.facts.flik;
    documents.push_back(std::move(view));
  }
  json::object view{{"numbers", to_json(overview.person.numbers)},
                    {"consent_version", overview.person.consent_version},
                    {"fullmakter", fullmakter_of(overview)},
                    {"sparrar", sparrar_of(overview)},
                    {"keys", keys_view(overview.keys)},
                    {"cases", own_rows(overview.cases)},
                    {"kontrakt", own_rows(overview.kontrakt)},
                    {"documents", std::move(documents)},
                    {"requests", own_rows(overview.requests)},
                    {"teams", teams_view(overview.teams)},
                    {"representatives", representatives_view(overview.representatives)},
                    {"represents", representatives_view(overview.represents)},
                    {"proposals", waiting_view(overview.proposals)},
                    {"issuers", issuers_view(overview.issuers)}};
  if (overview.person.alias) view["alias"] = *overview.person.alias;
  return view;
}

}  // namespace flikvakt::gateway
