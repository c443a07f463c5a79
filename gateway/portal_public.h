// The pages that are there for everybody, and the files beside them: why nothing is shown, accessibility, the language,
// and the way out.
#pragma once

#include "gateway/portal_access.h"

namespace flikvakt::gateway {

class PortalPublic {
public:
  // `leave_to`: where "leave this page" leads; a site that says nothing of who was here.
  PortalPublic(const PortalSite& site, const PortalAccess& access, std::string leave_to)
      : site_(site), access_(access), leave_to_(std::move(leave_to)) {}
  void add_to(Router& router);

private:
  Awaitable<Response> explain(Exchange& exchange);
  Awaitable<Response> accessibility(Exchange& exchange);
  Awaitable<Response> choose_language(Exchange& exchange);
  Awaitable<Response> leave(Exchange& exchange);
  Awaitable<Response> static_file(Exchange& exchange);

  const PortalSite& site_;
  const PortalAccess& access_;
  const std::string leave_to_;
};

}  // namespace flikvakt::gateway
