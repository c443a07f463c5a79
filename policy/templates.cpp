#include "policy/templates.h"

#include <algorithm>

#include "policy/membership.h"

namespace flikvakt::policy {
namespace {

bool are_terms_of(const FullmaktTemplate& one, const FullmaktTerms& terms) {
  return terms.disclosers == one.disclosers && terms.recipients == one.recipients && terms.flikar == one.flikar &&
         terms.documents.empty() && terms.purpose == one.purpose && terms.rights == one.rights &&
         terms.secrecy_consent == one.secrecy_consent && terms.legal_ground == one.legal_ground &&
         terms.valid_to - terms.valid_from <= std::chrono::days{one.days};
}

}  // namespace

// SPEC TMPL-3
Reason check_template(const State& state, const std::optional<TemplateId>& id, const FullmaktTerms& terms,
                      const std::string& text) {
  if (!id) return Reason::none;
  const FullmaktTemplate* found = state.find<FullmaktTemplate>(*id);
  const bool counts = found && found->standing == Standing::active && is_current(state, found->epoch);
  if (!counts || !are_terms_of(*found, terms)) return Reason::terms_invalid;
  const auto shown = std::ranges::find(found->texts, terms.language, &TemplateText::language);
  return shown != found->texts.end() && shown->text == text ? Reason::none : Reason::other_text;
}

}  // namespace flikvakt::policy
