// Fullmakter prepared by the förbund, so that a meeting takes one signature.
#include <algorithm>

#include "policy/effects.h"
#include "policy/terms.h"
#include "policy/who.h"

namespace flikvakt::policy {
namespace {

constexpr std::size_t kMostTexts = 10;

bool is_valid(const TemplateText& one) {
  return is_language(one.language) && is_name(one.name) && is_text(one.name, 200) && !one.text.empty() &&
         is_text(one.text, kLongestText);
}

bool are_valid(const std::vector<TemplateText>& texts) {
  std::set<std::string> languages;
  for (const TemplateText& one : texts) languages.insert(one.language);
  return !texts.empty() && texts.size() <= kMostTexts && languages.size() == texts.size() &&
         std::ranges::all_of(texts, is_valid);
}

// SPEC TMPL-2: terms that a person could sign as they stand now, for the longest period and in the first language.
Reason check_signable(const Context& context, const RegisterTemplate& act) {
  FullmaktTerms terms;
  terms.disclosers = act.disclosers;
  terms.recipients = act.recipients;
  terms.flikar = act.flikar;
  terms.purpose = act.purpose;
  terms.rights = act.rights;
  terms.valid_from = context.now();
  terms.valid_to = context.now() + std::chrono::days{act.days};
  terms.secrecy_consent = act.secrecy_consent;
  terms.legal_ground = act.legal_ground;
  terms.language = act.texts.front().language;
  return is_within_bounds(terms) ? check_terms(context.state, {}, terms, context.now()) : Reason::terms_invalid;
}

}  // namespace

Outcome apply(const Context& context, const RegisterTemplate& act) {
  const Reason who = must_be_administrator(context);
  if (who != Reason::none) return refused(who);
  if (context.state.find<FullmaktTemplate>(act.id)) return refused(Reason::already_exists);
  const bool has_period = act.days >= 1 && std::chrono::days{act.days} <= kLongestFullmakt;
  if (act.id.is_none() || !has_period || !are_valid(act.texts)) return refused(Reason::terms_invalid);
  const Reason why = check_signable(context, act);
  if (why != Reason::none) return refused(why);
  Effects effects(context);
  effects.put(FullmaktTemplate{act.id, act.disclosers, act.recipients, act.flikar, act.purpose, act.rights, act.days,
                               act.secrecy_consent, act.legal_ground, act.texts, Standing::active, context.epoch()});
  return std::move(effects).permit();
}

}  // namespace flikvakt::policy
