// Answers, sealed for the connector that asked. spec/end-to-end.md
#pragma once

#include "crypto/sealed_message.h"
#include "gateway/http.h"

namespace flikvakt::gateway {

// Status and fields go inside; outside it is 200 and says nothing. Leaves when the inner one would have.
Response sealed_answer(const crypto::AnswerKey& key, Response response);

// Of a document, or a range of one, that fits into one message; another is answered 413, and its reading told that
// nothing was sent. INVARIANT (no byte without the gate): the sealed bytes go out under the gate of the document's.
Awaitable<Response> sealed_document(const crypto::AnswerKey& key, Response response);

}  // namespace flikvakt::gateway
