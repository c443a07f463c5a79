#include "gateway/portal.h"

namespace flikvakt::gateway {

Portal::Portal(service::Core& core, const Options& options)
    : site_(core, options.sessions && !options.sessions->demo_people().empty()),
      access_(site_, options.sessions),
      public_(site_, access_, options.leave_to),
      sign_in_(site_, access_) {}

void Portal::add_to(Router& router) {
  public_.add_to(router);
  sign_in_.add_to(router);
  router.dress_with(access_.dress());
}

}  // namespace flikvakt::gateway
