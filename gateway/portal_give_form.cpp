#include "gateway/portal_give_form.h"

#include <algorithm>

#include "gateway/portal_choices.h"
#include "gateway/portal_paging.h"
#include "gateway/portal_sparr.h"
#include "web/dates.h"

namespace flikvakt::gateway {

using policy::FullmaktTerms;
using policy::Recipient;
using policy::RecipientKind;

std::set<std::string> ticked(const Form& form, std::string_view name) {
  std::set<std::string> out;
  for (const std::string_view value : form.all(name)) out.emplace(value);
  return out;
}

std::set<OrganisationId> ticked_organisations(const Form& form, std::string_view name) {
  std::set<OrganisationId> out;
  for (const std::string_view value : form.all(name)) {
    if (const Result<OrganisationId> id = OrganisationId::parse(value)) out.insert(*id);
  }
  return out;
}

std::optional<UtcTime> end_of_day(const Form& form, std::string_view name) {
  const Result<Date> date = parse_date(form.text(name));
  if (!date || !date->ok()) return std::nullopt;
  return web::from_swedish_time(std::chrono::local_days(*date) + std::chrono::days(1));
}

std::set<OrganisationId> organisations_in_use(const service::Directory& directory) {
  std::set<OrganisationId> out;
  for (const auto& one : directory.rows<policy::Organisation>()) {
    if (one.standing == policy::Standing::active) out.insert(one.id);
  }
  return out;
}

std::set<std::string> likely_disclosers(const policy::Overview& overview) {
  std::set<std::string> out;
  for (const policy::Document& one : overview.documents) out.insert(one.source.text());
  return out;
}

std::set<std::string> flikar_in_use(const service::Directory& directory) {
  std::set<std::string> out;
  for (const auto& one : directory.rows<policy::FlikType>()) {
    if (one.standing == policy::Standing::active) out.insert(one.code);
  }
  return out;
}

void put_disclosers(const PortalNames& names, const std::set<OrganisationId>& among,
                    const std::set<std::string>& ticked, const std::set<std::string>& likely, const Form& typed,
                    web::Data& data) {
  std::vector<Choice> all;
  for (const OrganisationId& id : among) {
    const std::string value = id.text();
    all.push_back({names.organisation(id), value, ticked.contains(value)});
  }
  put_choices(names, std::move(all), likely, typed.text(field_of_search("discloser")), "discloser_choice", "discloser",
              data);
}

void put_flikar(const PortalNames& names, const std::set<std::string>& among, const std::set<std::string>& ticked,
                const Form& typed, web::Data& data) {
  constexpr std::size_t kLettersOfAbout = 120;
  const std::string_view words = typed.text(field_of_search("flik"));
  std::vector<Choice> all;
  for (const std::string& code : among) all.push_back({names.flik(code), code, ticked.contains(code)});
  const ShownChoices choices = choose_among(std::move(all), {}, words);
  for (const Choice& one : choices.shown) {
    web::Data& choice = data.add("flik_choice").set("name", one.name).set("value", one.value);
    choice.set("about", shortened(names.flik_about(one.value), kLettersOfAbout)).show_if(one.is_chosen, "chosen");
  }
  if (choices.left > 0) put_search(names, "flik", words, choices, "", data);
}

namespace {

// The provider whose staff would receive by it; a team's people are of many organisations.
std::optional<OrganisationId> provider_of(const service::Directory& directory, const Recipient& recipient) {
  std::optional<OrganisationId> out;
  if (recipient.kind == RecipientKind::organisation) out = OrganisationId(recipient.id);
  if (recipient.kind == RecipientKind::unit) {
    if (const auto unit = directory.row<policy::Unit>(UnitId(recipient.id))) out = unit->organisation;
  }
  if (recipient.kind == RecipientKind::staff) {
    if (const auto staff = directory.row<policy::Staff>(StaffId(recipient.id))) out = staff->organisation;
  }
  const auto row = out ? directory.row<policy::Organisation>(*out) : std::nullopt;
  return row && row->kind == policy::OrganisationKind::provider ? out : std::nullopt;
}

bool has_part(const policy::Kontrakt& kontrakt, const OrganisationId& provider, UtcTime now) {
  const auto is_theirs = [&](const policy::KontraktPart& part) {
    return part.provider == provider && part.valid_to > now;
  };
  return kontrakt.standing == policy::Standing::active && std::ranges::any_of(kontrakt.parts, is_theirs);
}

}  // namespace

std::optional<KontraktId> kontrakt_for(const service::Directory& directory, const policy::Overview& overview,
                                       const std::set<Recipient>& recipients, UtcTime now) {
  for (const Recipient& recipient : recipients) {
    const std::optional<OrganisationId> provider = provider_of(directory, recipient);
    if (!provider) continue;
    for (const policy::Kontrakt& one : overview.kontrakt) {
      if (has_part(one, *provider, now)) return one.id;
    }
  }
  return std::nullopt;
}

std::set<Recipient> without_kontrakt(const service::Directory& directory, const std::vector<policy::Kontrakt>& among,
                                     const FullmaktTerms& terms, UtcTime now) {
  std::set<Recipient> out;
  for (const Recipient& recipient : terms.recipients) {
    const std::optional<OrganisationId> provider = provider_of(directory, recipient);
    const auto is_of_it = [&](const policy::Kontrakt& one) {
      return terms.kontrakt == one.id && has_part(one, *provider, now);
    };
    if (provider && std::ranges::none_of(among, is_of_it)) out.insert(recipient);
  }
  return out;
}

std::vector<std::string> effect_paragraphs(const PortalContext& context, const OwnPage& page,
                                           const FullmaktTerms& terms) {
  const std::set<Recipient> closed =
      without_kontrakt(context.core().directory(), page.overview.kontrakt, terms, page.now);
  std::vector<std::string> out;
  if (!closed.empty()) out.push_back(page.names.text("give.no_kontrakt", {{"who", page.names.recipients(closed)}}));
  if (closed.size() < terms.recipients.size()) out.push_back(page.names.text("give.effect"));
  return out;
}

GiveForm read_give_form(const Form& form, const policy::Overview& overview, UtcTime now) {
  GiveForm out;
  FullmaktTerms& terms = out.terms;
  const Result<Recipient> recipient = recipient_of(form.text("recipient"));
  if (!recipient) return {{}, "give.wrong_recipient"};
  terms.recipients.insert(*recipient);
  terms.flikar = ticked(form, "flik");
  for (const std::string_view value : form.all("document")) {
    const Result<DocumentId> id = DocumentId::parse(value);
    if (id && find_among(overview.documents, *id)) terms.documents.insert(*id);
  }
  if (terms.flikar.empty() && terms.documents.empty()) return {{}, "give.wrong_what"};
  terms.disclosers = ticked_organisations(form, "discloser");
  if (terms.disclosers.empty()) return {{}, "give.wrong_disclosers"};
  terms.purpose = std::string(form.text("purpose"));
  if (std::ranges::find(kPurposes, terms.purpose) == std::end(kPurposes)) return {{}, "give.wrong_purpose"};
  if (form.has("right", "read")) terms.rights.insert(policy::Right::read);
  if (form.has("right", "deposit")) terms.rights.insert(policy::Right::deposit);
  if (terms.rights.empty()) return {{}, "give.wrong_rights"};
  const bool deposits_nowhere = terms.rights.contains(policy::Right::deposit) && terms.flikar.empty();
  if (deposits_nowhere) return {{}, "give.wrong_deposit"};
  const std::optional<UtcTime> until = end_of_day(form, "until");
  if (!until || *until <= now || *until > now + kLongestGiven) return {{}, "give.wrong_until"};
  terms.valid_from = now;
  terms.valid_to = *until;
  if (!form.text("readings").empty()) {
    const auto readings = form.number("readings");
    if (!readings || *readings == 0 || *readings > kMostReadings) return {{}, "give.wrong_readings"};
    terms.max_readings = static_cast<std::uint32_t>(*readings);
  }
  terms.secrecy_consent = kSecrecyConsent;
  terms.legal_ground = kLegalGround;
  return out;
}

}  // namespace flikvakt::gateway
