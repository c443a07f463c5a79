// The pages that are there for everybody, and the files beside them: why nothing is shown, accessibility, the language,
// and the way out.
#pragma once

#include "gateway/portal_access.h"

namespace flikvakt::gateway {

class PortalPublic {
public:
  struct Options {
    std::string leave_to;     // where "leave this page" leads; a site that says nothing of who was here
    std::string client_keys;  // a key set; empty: there is none
    std::string contact;      // of who is responsible, as text; empty: nothing is said
  };
  PortalPublic(const PortalSite& site, const PortalAccess& access, Options options)
      : site_(site), access_(access), options_(std::move(options)) {}
  void add_to(Router& router);

private:
  Awaitable<Response> explain(Exchange& exchange);
  Awaitable<Response> accessibility(Exchange& exchange);
  Awaitable<Response> choose_language(Exchange& exchange);
  Awaitable<Response> leave(Exchange& exchange);
  Awaitable<Response> client_keys(Exchange& exchange);
  Awaitable<Response> static_file(Exchange& exchange);

  const PortalSite& site_;
  const PortalAccess& access_;
  const Options options_;
};

}  // namespace flikvakt::gateway
