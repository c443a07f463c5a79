#include "gateway/portal.h"

#include "gateway/portal_admin_figures.h"
#include "gateway/portal_admin_health.h"
#include "gateway/portal_admin_proposals.h"
#include "gateway/portal_admin_registry.h"
#include "gateway/portal_asking.h"
#include "gateway/portal_cases.h"
#include "gateway/portal_desk.h"
#include "gateway/portal_documents.h"
#include "gateway/portal_everything.h"
#include "gateway/portal_give.h"
#include "gateway/portal_joint.h"
#include "gateway/portal_keys.h"
#include "gateway/portal_log.h"
#include "gateway/portal_mine.h"
#include "gateway/portal_more.h"
#include "gateway/portal_narrowing.h"
#include "gateway/portal_notices.h"
#include "gateway/portal_paper.h"
#include "gateway/portal_path.h"
#include "gateway/portal_people.h"
#include "gateway/portal_providers.h"
#include "gateway/portal_refer.h"
#include "gateway/portal_requests.h"
#include "gateway/portal_review.h"
#include "gateway/portal_see.h"
#include "gateway/portal_sessions.h"
#include "gateway/portal_signing.h"
#include "gateway/portal_sparr.h"
#include "gateway/portal_standing.h"
#include "gateway/portal_teams.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {

Portal::Portal(service::Core& core, DepositGate& gate, const Options& options, std::uint64_t keep_free,
               AskWitnessed witnessed)
    : site_(core, options.sessions && !options.sessions->demo_people().empty()),
      access_(site_, options.sessions),
      context_{site_,
               access_,
               std::move(witnessed),
               options.connectors,
               options.certificates,
               options.smallest_group,
               RateLimiter(options.pages),
               RateLimiter(options.log_pieces)},
      public_(site_, access_, {options.leave_to, options.client_keys, options.contact}),
      sign_in_(site_, access_, options.sign_in),
      deposit_(context_, gate, keep_free) {
  sign_in_.on_signed([this](Exchange& exchange, service::IssuerReturn answer) {
    return signed_by_issuer(exchange, std::move(answer));
  });
  sign_in_.on_staff_signed_out([this](const StaffId& staff) { deposit_.forget_drafts_of(staff); });
}

void Portal::add_to(Router& router) {
  public_.add_to(router);
  sign_in_.add_to(router);
  add_see_pages(context_, router);
  add_log_pages(context_, router);
  add_document_pages(context_, router);
  add_path_pages(context_, router);
  add_more_pages(context_, router);
  add_key_pages(context_, router);
  add_session_pages(context_, router);
  add_narrowing_pages(context_, router);
  add_sparr_pages(context_, router);
  add_request_pages(context_, router);
  add_give_pages(context_, router);
  add_standing_pages(context_, router);
  add_signing_pages(context_, router);
  add_case_pages(context_, router);
  add_people_pages(context_, router);
  add_asking_pages(context_, router);
  add_notice_pages(context_, router);
  add_desk_pages(context_, router);
  add_paper_pages(context_, router);
  add_team_pages(context_, router);
  add_everything_pages(context_, router);
  add_refer_pages(context_, router);
  add_joint_pages(context_, router);
  add_mine_pages(context_, router);
  add_provider_pages(context_, router);
  add_staff_signing_pages(context_, router);
  add_administration_pages(context_, router);
  add_admin_registry_pages(context_, router);
  add_admin_proposal_pages(context_, router);
  add_admin_health_pages(context_, router);
  add_admin_figures_pages(context_, router);
  add_review_pages(context_, router);
  deposit_.add_to(router);
  router.dress_with(access_.dress());
  access_.lead_back_by(router);
}

// Persons and staff come back to the same address: what came belongs to who is signed in here.
Awaitable<Response> Portal::signed_by_issuer(Exchange& exchange, service::IssuerReturn answer) {
  const Visit visit = access_.visit_of(exchange.request());
  const AccessRule rule = visit.is_staff() ? AccessRule::staff_page : AccessRule::person_page;
  std::optional<Response> instead = access_.require(exchange, rule);
  if (instead) co_return std::move(*instead);
  const auto place = signing_at_issuers_.enter(rate_key_of(browser_of(exchange)));
  if (!place) co_return too_many_requests();
  Awaitable<Response> finishing = finish_by_issuer(context_, exchange, std::move(answer));
  co_return co_await std::move(finishing);
}

}  // namespace flikvakt::gateway
