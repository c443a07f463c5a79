#include "gateway/api_routes.h"

namespace flikvakt::gateway {

ApiRoutes::ApiRoutes(service::Core& core, Rates rates, crypto::TrustStore client_roots)
    : authentication_(core, std::move(client_roots)),
      organisation_api_(core, rates.organisation),
      person_api_(core, authentication_, rates.person),
      admin_api_(core, authentication_),
      public_api_(core),
      organisations_(authentication_.access_check()),
      persons_(authentication_.access_check()),
      administrators_(authentication_.access_check()) {
  organisation_api_.add_to(organisations_);
  public_api_.add_to(organisations_);
  person_api_.add_to(persons_);
  public_api_.add_to(persons_);
  admin_api_.add_to(administrators_);
}

}  // namespace flikvakt::gateway
