#include "gateway/json_views.h"

#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

json::object document_view(const policy::Document& document) {
  return {{"id", document.id.text()},
          {"title", document.facts.title},
          {"author", document.facts.author},
          {"date", to_text(document.facts.date)},
          {"media_type", document.facts.media_type},
          {"size", document.facts.size},
          {"source", document.source.text()},
          {"sealed_at", to_rfc3339(document.sealed_at)},
          {"version", document.version}};
}

// A row of the person's own, without the id by which only we know the person.
template <class T>
json::array own_rows(const std::vector<T>& rows) {
  json::array out;
  for (const T& row : rows) {
    json::value view = to_json(row);
    view.get_object().erase("person");
    out.push_back(std::move(view));
  }
  return out;
}

json::array keys_view(const std::vector<policy::DeviceKey>& keys) {
  json::array out;
  for (const policy::DeviceKey& key : keys) {
    out.push_back(json::object{{"thumbprint", to_json(key.thumbprint)},
                               {"status", to_json(key.status)},
                               {"proposed_by_organisation", key.proposed_by_organisation.text()},
                               {"confirm_before", to_rfc3339(key.confirm_before)}});
  }
  return out;
}

}  // namespace

json::value listing_view(const std::vector<policy::DocumentView>& documents) {
  std::map<std::string, json::array> flikar;
  for (const policy::DocumentView& one : documents) {
    flikar[one.document.facts.flik].push_back(document_view(one.document));
  }
  json::array out;
  for (auto& [flik, found] : flikar) out.push_back(json::object{{"flik", flik}, {"documents", std::move(found)}});
  return json::object{{"flikar", std::move(out)}};
}

json::value cases_view(service::Core& core, const std::vector<policy::Case>& cases, const OrganisationId& asks) {
  json::array out;
  for (const policy::Case& one : cases) {
    const Result<std::string> handle = service::handle_of(core, asks, one.person);
    if (!handle) continue;  // erased meanwhile
    out.push_back(json::object{{"id", one.id.text()},
                               {"person", *handle},
                               {"team", one.team.text()},
                               {"focus", to_json(one.focus)},
                               {"meetings", to_json(one.meetings)},
                               {"opened", to_rfc3339(one.opened)}});
  }
  return json::object{{"cases", std::move(out)}};
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
    json::object view{{"id", one.id.text()}, {"expires", to_rfc3339(one.expires)}, {"act", std::move(*act)}};
    if (one.administrator) view["administrator"] = one.administrator->text();
    if (one.staff) view["staff"] = one.staff->text();
    if (one.organisation) view["organisation"] = one.organisation->text();
    out.push_back(std::move(view));
  }
  return json::object{{"proposals", std::move(out)}};
}

json::value overview_view(const policy::Overview& overview) {
  json::array documents;
  for (const policy::Document& document : overview.documents) {
    json::object view = document_view(document);
    view["flik"] = document.facts.flik;
    documents.push_back(std::move(view));
  }
  return json::object{{"numbers", to_json(overview.person.numbers)},
                      {"consent_version", overview.person.consent_version},
                      {"fullmakter", own_rows(overview.fullmakter)},
                      {"sparrar", own_rows(overview.sparrar)},
                      {"keys", keys_view(overview.keys)},
                      {"cases", own_rows(overview.cases)},
                      {"kontrakt", own_rows(overview.kontrakt)},
                      {"documents", std::move(documents)}};
}

}  // namespace flikvakt::gateway
