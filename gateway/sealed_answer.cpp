#include "gateway/sealed_answer.h"

#include <algorithm>

#include "base/characters.h"
#include "gateway/problem.h"

namespace flikvakt::gateway {
namespace {

constexpr std::string_view kSealedType = "application/vnd.flikvakt.sealed";

crypto::AnswerHead head_of(const Response& response) {
  crypto::AnswerHead out;
  out.status = response.status;
  for (const auto& [name, value] : response.headers) out.headers[lowered(name)] = value;
  return out;
}

// The sealed bytes, piece by piece.
class SealedSource final : public DocumentSource {
public:
  explicit SealedSource(Bytes bytes) : bytes_(std::move(bytes)) {}
  Awaitable<Result<std::size_t>> next(std::span<std::uint8_t> out) override {
    const std::size_t count = std::min(out.size(), bytes_.size() - at_);
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    co_return count;
  }

private:
  Bytes bytes_;
  std::size_t at_ = 0;
};

Awaitable<Result<Bytes>> read_all(DocumentBody& document) {
  Bytes out(static_cast<std::size_t>(document.total_bytes));
  std::size_t filled = 0;
  while (filled < out.size()) {
    const std::size_t most = std::min(out.size() - filled, kChunkBytes);
    Awaitable<Result<std::size_t>> reading = document.source->next(std::span(out).subspan(filled, most));
    const Result<std::size_t> got = co_await std::move(reading);
    if (!got) co_return got.error();
    if (*got == 0) co_return fail(ErrorCode::corrupt, "the document ended early");
    filled += *got;
  }
  co_return out;
}

}  // namespace

Response sealed_answer(const crypto::AnswerKey& key, Response response) {
  const Bytes* body = std::get_if<Bytes>(&response.body);
  Response out = bytes_response(200, kSealedType, key.seal(head_of(response), body ? *body : Bytes()));
  out.departure = response.departure;
  out.stands_when_locked = response.stands_when_locked;
  return out;
}

Awaitable<Response> sealed_document(const crypto::AnswerKey& key, Response response) {
  DocumentBody& document = std::get<DocumentBody>(response.body);
  const std::uint64_t total = document.total_bytes;
  if (total > crypto::kMaxSealedBody) {
    document.on_finished(0, TransferEnd::broken);
    co_return sealed_answer(key, plain_problem(413));
  }
  Awaitable<Result<Bytes>> reading = read_all(document);
  Result<Bytes> plain = co_await std::move(reading);
  if (!plain) {
    document.on_finished(0, TransferEnd::broken);
    co_return sealed_answer(key, plain_problem(503));
  }
  Bytes sealed = key.seal(head_of(response), *plain);
  crypto::scrub(*plain);
  Response out;
  out.status = 200;
  out.headers.emplace_back("Content-Type", kSealedType);
  DocumentBody body;
  body.total_bytes = sealed.size();
  body.gate = document.gate;
  body.source = std::make_unique<SealedSource>(std::move(sealed));
  // What left of a message that was cut can be opened by nobody; as much of the document counts as delivered.
  body.on_finished = [finished = std::move(document.on_finished), total](std::uint64_t handed_over, TransferEnd end) {
    finished(end == TransferEnd::complete ? total : std::min(handed_over, total), end);
  };
  out.body = std::move(body);
  co_return out;
}

}  // namespace flikvakt::gateway
