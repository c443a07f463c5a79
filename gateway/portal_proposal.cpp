#include "gateway/portal_proposal.h"

#include "base/overloaded.h"
#include "gateway/portal_text.h"

namespace flikvakt::gateway {
namespace {

using policy::RegisterRepresentative;

// A registrar is told no titles: single documents go by their numbers.
policy::Overview named_by_number(const std::set<DocumentId>& documents) {
  policy::Overview out;
  for (const DocumentId& id : documents) {
    policy::Document one;
    one.id = id;
    one.facts.title = id.text();
    out.documents.push_back(std::move(one));
  }
  return out;
}

std::string scan_text(const PortalNames& names, const policy::Fingerprint& scan) {
  return names.text("second.scan", {{"hash", to_hex(scan)}});
}

ProposalWords said(const PortalNames& names, const policy::PaperFullmakt& act) {
  const policy::FullmaktTerms& terms = act.terms;
  return {{fullmakt_text(names, named_by_number(terms.documents), terms),
           names.text("second.grounds", {{"secrecy", terms.secrecy_consent}, {"legal", terms.legal_ground}}),
           scan_text(names, act.scan_sha256)},
          act.text};
}

ProposalWords said(const PortalNames& names, const policy::PaperKomplettering& act) {
  return {{names.text("second.adds", {{"id", act.fullmakt.text()}}),
           delta_text(names, named_by_number(act.delta.documents), act.delta), scan_text(names, act.scan_sha256)},
          act.text};
}

ProposalWords said(const PortalNames& names, const policy::PaperKontrakt& act) {
  ProposalWords out;
  out.paragraphs.push_back(
      names.text("second.kontrakt", {{"id", act.id.text()}, {"version", std::to_string(act.version)}}));
  for (std::string& text : plan_paragraphs(names, act.plan)) out.paragraphs.push_back(std::move(text));
  out.paragraphs.push_back(scan_text(names, act.scan_sha256));
  return out;
}

ProposalWords said(const PortalNames& names, const policy::PaperLiftSparr& act) {
  return {{names.text("second.lift", {{"id", act.id.text()}}), scan_text(names, act.scan_sha256)}};
}

ProposalWords said(const PortalNames& names, const policy::PaperHandOver& act) {
  const std::string to = names.team(act.team);
  return {{names.text("second.hand_over", {{"id", act.id.text()}, {"to", to}}), scan_text(names, act.scan_sha256)}};
}

ProposalWords said(const PortalNames& names, const RegisterRepresentative& act) {
  const std::string kind = names.text("representative." + std::string(to_json(act.representative_kind).as_string()));
  ProposalWords out{
      {names.text("second.acts_as", {{"kind", kind}}), powers_text(names, act.powers),
       names.text("second.period", {{"from", names.day(act.valid_from)}, {"to", names.last_day(act.valid_to)}})}};
  if (act.jointly.value_or(false)) out.paragraphs.push_back(names.text("representatives.jointly"));
  return out;
}

}  // namespace

ProposalWords words_of_proposal(const PortalNames& names, const policy::Act& act) {
  return visit(
      Overloaded{[&](const policy::PaperFullmakt& one) { return said(names, one); },
                 [&](const policy::PaperKomplettering& one) { return said(names, one); },
                 [&](const policy::PaperKontrakt& one) { return said(names, one); },
                 [&](const policy::PaperLiftSparr& one) { return said(names, one); },
                 [&](const policy::PaperHandOver& one) { return said(names, one); },
                 [&](const RegisterRepresentative& one) { return said(names, one); },
                 [&](const policy::PaperReconfirm&) { return ProposalWords{{names.text("second.reconfirm")}}; },
                 [&](const policy::CorrectDeath&) { return ProposalWords{{names.text("second.correct_death")}}; },
                 [&](const policy::EndProtection&) { return ProposalWords{{names.text("second.end_protection")}}; },
                 [&](const policy::RecordMasking& one) {
                   return ProposalWords{{names.text("second.masking", {{"id", one.document.text()}})}};
                 },
                 [](const auto&) { return ProposalWords(); }},
      act);
}

}  // namespace flikvakt::gateway
