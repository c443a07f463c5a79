// Who comes to the portal by browser, as the configuration has it: sessions for its pages.
#pragma once

#include <memory>

#include "admin/config.h"
#include "service/browser_session.h"

namespace flikvakt::admin {

// Null: no `portal_origin`, so nobody signs in. `may_send`: the gateway's gates, of persons and of staff.
struct MaySend {
  service::BrowserSessions::MaySend persons = nullptr;
  service::BrowserSessions::MaySend staff = nullptr;
};
Outcome<std::unique_ptr<service::BrowserSessions>> open_browser_sessions(service::Core& core, const Config& config,
                                                                         const MaySend& may_send);

// The public half of the key by which issuers know this gateway, as a key set; empty: it has none.
Outcome<std::string> client_keys_of(const Config& config);

// "https://portal.example", perhaps with a port; nothing behind. nullopt: no such origin.
std::optional<service::PortalPlace> portal_place(std::string_view origin);

}  // namespace flikvakt::admin
