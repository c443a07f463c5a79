// An opened document as an answer: whole, one range of it, or 416. Every byte leaves under the reading's lease.
#pragma once

#include "gateway/errands.h"
#include "gateway/http.h"
#include "service/open_document.h"

namespace flikvakt::gateway {

// `range`: the Range field of the request, empty when absent. `errands`: of the worker that sends it.
Response document_response(service::Core& core, Errands& errands, service::OpenedDocument document,
                           std::string_view range);

}  // namespace flikvakt::gateway
