#include "gateway/api_routes.h"

#include <future>

namespace flikvakt::gateway {

ApiRoutes::ApiRoutes(service::Core& core, Rates rates, crypto::TrustStore client_roots, std::uint64_t keep_free,
                     AskWitnessed witnessed, const Portal::Options& portal, partition::ChildProgram partition_program)
    : core_(core),
      authentication_(core, std::move(client_roots)),
      organisation_api_(core, rates.organisation, rates.narrowing, keep_free, witnessed, std::move(partition_program)),
      person_api_(core, authentication_, rates.person, rates.narrowing, witnessed),
      admin_api_(core, authentication_, witnessed, portal.sessions, page_times_),
      public_api_(core, rates.proofs, rates.tiles, rates.signed_checkpoints, witnessed),
      portal_(core, portal, keep_free, std::move(witnessed)),
      organisations_(authentication_.access_check(), authentication_.answer_check()),
      persons_(portal_.check_before(authentication_.access_check()), authentication_.answer_check()),
      administrators_(authentication_.access_check(), authentication_.answer_check()) {
  organisation_api_.add_to(organisations_);
  public_api_.add_to(organisations_);
  person_api_.add_to(persons_);
  public_api_.add_to(persons_);
  portal_.add_to(persons_);
  persons_.time_pages(page_times_);
  admin_api_.add_to(administrators_);
}

void ApiRoutes::break_off() { core_.log_walker().close(); }

void ApiRoutes::finish() {
  organisation_api_.finish();
  break_off();
  portal_.finish();
  // The log reader takes its jobs in order, so this one is the last that was posted from here.
  std::promise<void> read;
  core_.log_reader().post([&read] { read.set_value(); });
  read.get_future().wait();
}

}  // namespace flikvakt::gateway
