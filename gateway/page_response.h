// Pages and redirects as answers, with the fields that every one of them carries: what a page may load and do, who may
// frame it, what the browser may tell others (spec/portal.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/http.h"

namespace flikvakt::gateway {

enum class PageScript { none, passkey };  // passkey: the one script, for the ceremony
enum class PageFrame { none, document };  // document: shows a document of ours inside

Response page_response(unsigned status, std::string html, PageScript script = PageScript::none,
                       PageFrame frame = PageFrame::none);

// A page that stands where a document would: it may be shown in a frame of ours.
Response page_in_frame(unsigned status, std::string html);

// 303: what follows is asked for anew, with GET. `to`: a path of ours; another site only after GET, since the answer to
// a form may lead nowhere else (`form-action`).
Response see_other(std::string_view to);

// What every answer of the portal carries, pages or not.
void add_security_fields(Response& response);

// SPEC PORTAL-10
void set_cookie(Response& response, std::string_view name, std::string_view value,
                std::optional<std::chrono::seconds> life = std::nullopt);
void drop_cookie(Response& response, std::string_view name);
// Whoever goes back, or looks into the browser's stores, finds nothing.
void clear_site_data(Response& response);

// The answer with a document as a browser gets it: in a sandbox, from which it reaches nothing. `is_shown`: in the page
// when browsers can, else it is saved under `file_name`.
enum class DocumentUse { shown, saved };
Response for_browser(Response document, std::string_view media_type, std::string_view file_name, DocumentUse use);
// Can browsers show it without running anything of it?
bool may_be_shown(std::string_view media_type);

}  // namespace flikvakt::gateway
