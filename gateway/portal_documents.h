// The person's own documents: by flik, shown in the page, or saved.
#pragma once

#include "gateway/portal_own.h"

namespace flikvakt::gateway {

void add_document_pages(PortalContext& context, Router& router);

// "Journal.pdf": a title as the name of a file of that kind.
std::string file_name_of(std::string_view title, std::string_view media_type);

}  // namespace flikvakt::gateway
