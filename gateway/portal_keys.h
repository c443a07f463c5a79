// A passkey of one's own: made in this browser, and signed in by a key that counts already.
#pragma once

#include "gateway/portal_signing.h"

namespace flikvakt::gateway {

void add_key_pages(PortalContext& context, Router& router);

// The act's members of a passkey that was made just now. Errors as service::BrowserSessions::finish_new_passkey.
Result<json::object> made_passkey(PortalContext& context, const Exchange& exchange, const Form& form);
// Fills the form that makes one, and sets the cookie of its ceremony.
Response passkey_page(PortalContext& context, const Visit& visit, std::string_view page, web::Data data,
                      const std::string& device_name, const std::vector<policy::Passkey>& existing);

}  // namespace flikvakt::gateway
