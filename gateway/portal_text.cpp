#include "gateway/portal_text.h"

#include "crypto/hash.h"
#include "gateway/portal_fullmakt_view.h"
#include "web/data.h"

namespace flikvakt::gateway {
namespace {

void add(std::string& text, std::string paragraph) {
  if (!text.empty()) text += "\n\n";
  text += paragraph;
}

std::string what_of(const PortalNames& names, const policy::Overview& overview, const std::set<std::string>& flikar,
                    const std::set<DocumentId>& documents) {
  std::vector<std::string> out;
  for (const std::string& code : flikar) out.push_back(names.flik(code));
  for (const DocumentId& id : documents)
    out.push_back(names.text("text.document", {{"title", title_of(overview, id)}}));
  return names.listed(out);
}

std::string may_of(const std::set<policy::Right>& rights) {
  const bool reads = rights.contains(policy::Right::read);
  const bool deposits = rights.contains(policy::Right::deposit);
  return reads && deposits ? "text.may_both" : deposits ? "text.may_deposit" : "text.may_read";
}

}  // namespace

std::string fullmakt_text(const PortalNames& names, const policy::Overview& overview,
                          const policy::FullmaktTerms& terms) {
  std::string out;
  const std::string what = what_of(names, overview, terms.flikar, terms.documents);
  add(out, names.text(may_of(terms.rights), {{"who", names.recipients(terms.recipients)}, {"what", what}}));
  add(out, names.text("text.disclosers", {{"who", names.organisations(terms.disclosers)}}));
  add(out, names.text("text.purpose", {{"purpose", names.purpose_about(terms.purpose)}}));
  add(out, names.text("text.period", {{"from", names.day(terms.valid_from)}, {"to", names.last_day(terms.valid_to)}}));
  if (terms.max_readings) add(out, names.count("text.readings", *terms.max_readings));
  if (terms.kontrakt) add(out, names.text("text.kontrakt"));
  if (terms.supersedes) add(out, names.text("text.supersedes", {{"id", terms.supersedes->text()}}));
  add(out, names.text("text.revocable"));
  return web::plain_text(out);  // SPEC PORTAL-21: what is signed is what is shown, whatever a name has in it
}

std::string komplettering_text(const PortalNames& names, const policy::Overview& overview,
                               const policy::Fullmakt& fullmakt, const policy::FullmaktDelta& delta) {
  return web::plain_text(names.text("text.adds", {{"who", names.recipients(fullmakt.terms.recipients)},
                                                  {"day", names.day(fullmakt.terms.valid_from)}})) +
         "\n\n" + delta_text(names, overview, delta);
}

std::string delta_text(const PortalNames& names, const policy::Overview& overview, const policy::FullmaktDelta& delta) {
  std::string out;
  if (!delta.recipients.empty())
    add(out, names.text("text.adds_recipients", {{"who", names.recipients(delta.recipients)}}));
  if (!delta.flikar.empty() || !delta.documents.empty()) {
    add(out, names.text("text.adds_flikar", {{"what", what_of(names, overview, delta.flikar, delta.documents)}}));
  }
  if (!delta.disclosers.empty())
    add(out, names.text("text.disclosers", {{"who", names.organisations(delta.disclosers)}}));
  if (!delta.rights.empty()) {
    add(out, names.text(delta.rights.contains(policy::Right::deposit) ? "text.adds_deposit" : "text.adds_read"));
  }
  if (delta.valid_to) add(out, names.text("text.adds_until", {{"to", names.last_day(*delta.valid_to)}}));
  if (delta.max_readings) add(out, names.count("text.readings", *delta.max_readings));
  add(out, names.text("text.rest_stands"));
  return web::plain_text(out);
}

std::string powers_text(const PortalNames& names, const std::set<policy::RepresentativePower>& powers) {
  const bool sees = powers.contains(policy::RepresentativePower::see);
  const bool consents = powers.contains(policy::RepresentativePower::consent);
  return names.text(sees && consents ? "representative.both"
                    : consents       ? "representative.consent"
                    : sees           ? "representative.see"
                                     : "representative.narrow");
}

std::vector<std::string> plan_paragraphs(const PortalNames& names, const policy::KontraktPlan& plan) {
  std::vector<std::string> out;
  if (!plan.goals.empty()) out.push_back(plan.goals);
  for (const policy::KontraktPart& part : plan.parts) {
    std::string text =
        part.insats + ": " + names.organisation(part.provider) + ", " +
        names.text("path.period", {{"from", names.day(part.valid_from)}, {"to", names.last_day(part.valid_to)}}) + ".";
    if (part.ceiling) text += " " + names.text("plan.ceiling", {{"kronor", std::to_string(*part.ceiling)}});
    if (!part.goals.empty()) text += " " + part.goals;
    out.push_back(std::move(text));
  }
  for (const policy::Milestone& one : plan.milestones) {
    out.push_back(one.text + " (" + names.text("path.due", {{"day", names.day(one.due)}}) + ")");
  }
  return out;
}

policy::Fingerprint text_hash(std::string_view text) { return crypto::sha256(as_bytes(text)); }

}  // namespace flikvakt::gateway
