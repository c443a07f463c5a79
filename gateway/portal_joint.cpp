#include "gateway/portal_joint.h"

#include "base/overloaded.h"
#include "gateway/portal_fullmakt_view.h"
#include "gateway/portal_refer.h"
#include "gateway/portal_text.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

// What is approved, in words. Both empty: it cannot be said, so it cannot be signed here.
struct Said {
  std::string exact = {};
  std::vector<std::string> paragraphs = {};
};

Said resumed(const OwnPage& page, const FullmaktId& id) {
  const policy::Fullmakt* one = find_among(page.overview.fullmakter, id);
  if (!one) return {};
  return {{},
          {page.names.text("resume.title", {{"who", page.names.recipients(receiving(*one))}}),
           page.names.text("resume.text", {{"flikar", page.names.flikar(one->terms.flikar)},
                                           {"to", page.names.last_day(one->terms.valid_to)}})}};
}

Said lifted(const OwnPage& page, const SparrId& id) {
  const policy::Sparr* one = find_among(page.overview.sparrar, id);
  return one ? Said{{}, lift_paragraphs(page.names, *one, page.overview)} : Said();
}

// The text is the first one's; what it is worth is said by the terms (SPEC PORTAL-91).
Said given(const OwnPage& page, const policy::SignFullmakt& act) {
  return {act.text, {page.names.text("joint.terms"), fullmakt_text(page.names, page.overview, act.terms)}};
}

Said added(const OwnPage& page, const policy::SignKomplettering& act) {
  const policy::Fullmakt* one = find_among(page.overview.fullmakter, act.fullmakt);
  if (!one) return {};
  return {act.text, {page.names.text("joint.terms"), komplettering_text(page.names, page.overview, *one, act.delta)}};
}

Said handed_over(const OwnPage& page, const policy::SignHandOver& act) {
  const policy::Case* one = find_among(page.overview.cases, act.id);
  if (!one) return {};
  const std::string to = page.names.team(act.team);
  return {{}, {page.names.text("hand_over.text", {{"from", page.names.team(one->team)}, {"to", to}})}};
}

Said said_of(const OwnPage& page, const policy::Act& act) {
  return visit(Overloaded{[&](const policy::SignFullmakt& one) { return given(page, one); },
                          [&](const policy::SignKomplettering& one) { return added(page, one); },
                          [&](const policy::ResumeFullmakt& one) { return resumed(page, one.id); },
                          [&](const policy::LiftSparr& one) { return lifted(page, one.id); },
                          [&](const policy::SignKontrakt& one) {
                            return Said{{}, plan_paragraphs(page.names, one.plan)};
                          },
                          [&](const policy::SignHandOver& one) { return handed_over(page, one); },
                          [&](const policy::SignReferral& one) {
                            return Said{{}, referral_paragraphs(page.names, one)};
                          },
                          [](const auto&) { return Said(); }},
               act);
}

// SPEC ACT-47: what waits is repeated word for word, and is what the page shows.
Response approve(PortalContext& context, const OwnPage& page) {
  const policy::Proposal* one = find_among(page.overview.proposals, page.exchange.id<ProposalId>("proposal"));
  const bool is_for_two = one && one->role.has_value() && page.visit().as.has_value();
  if (!is_for_two) return refusal();
  const Result<policy::Act> act = policy::parse_proposal(*one);
  const Result<json::value> waiting = parse_json(one->act);
  if (!act || !waiting) return refusal();
  Said said = said_of(page, *act);
  if (said.exact.empty() && said.paragraphs.empty()) return refusal();
  ToSign to_sign;
  to_sign.act = json::object{{"kind", "approve"}, {"proposal", one->id.text()}, {"act", *waiting}};
  to_sign.title = page.names.text("joint.title");
  to_sign.button = page.names.text("joint.button");
  to_sign.text = std::move(said.exact);
  to_sign.paragraphs = std::move(said.paragraphs);
  to_sign.paragraphs.push_back(page.names.text("joint.effect"));
  to_sign.back = "/me/proposals";
  if (std::optional<Response> part = part_to_read_first(context, page, to_sign)) return std::move(*part);
  return sign_page(context, page.visit(), page.overview, to_sign);
}

}  // namespace

void add_joint_pages(PortalContext& context, Router& router) {
  router.add(Method::get, "/me/proposals/{proposal:id}/approve", AccessRule::person_page, no_body(),
             own_page(context, [&context](const OwnPage& page) { return approve(context, page); }));
}

}  // namespace flikvakt::gateway
