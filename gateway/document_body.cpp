#include "gateway/document_body.h"

#include "gateway/byte_range.h"
#include "gateway/problem.h"
#include "service/document_reader.h"

namespace flikvakt::gateway {
namespace {

class StoredDocument final : public DocumentSource {
public:
  explicit StoredDocument(service::DocumentReader reader) : reader_(std::move(reader)) {}
  Awaitable<Result<std::size_t>> next(std::span<std::uint8_t> out) override { co_return reader_.read(out); }

private:
  service::DocumentReader reader_;
};

DocumentBody body_of(service::Core& core, Errands& errands, service::OpenedDocument document, const ByteRange& range) {
  DocumentBody body;
  body.total_bytes = range.to - range.from;
  body.gate = document.permit->lease();
  body.on_finished = [&core, &errands, document, range](std::uint64_t handed_over, TransferEnd) {
    auto closing = service::transfer_ended(core, document, range.from, range.from + handed_over);
    if (closing) errands.send(core.sequencer(), *std::move(closing));
  };
  body.source = std::make_unique<StoredDocument>(service::DocumentReader(std::move(document), range.from, range.to));
  return body;
}

}  // namespace

Response document_response(service::Core& core, Errands& errands, service::OpenedDocument document,
                           std::string_view range) {
  const policy::DocumentFacts& facts = document.permit->document().facts;
  const RangeRequest request = parse_range(range, facts.size);
  const std::string reading = document.permit->reading().text();
  const std::string entry = std::to_string(document.permit->entry());
  Response response;
  if (request.kind == RangeRequest::Kind::unsatisfiable) {
    response = problem(416, "range", "Range not satisfiable", "The document has no such bytes.");
  }
  response.headers.reserve(7);
  response.headers.emplace_back("Flikvakt-Reading", reading);
  response.headers.emplace_back("Flikvakt-Entry", entry);  // SPEC API-113
  response.headers.emplace_back("Accept-Ranges", "bytes");
  if (request.kind == RangeRequest::Kind::unsatisfiable) {
    response.headers.emplace_back("Content-Range", unsatisfied_range(facts.size));
    return response;
  }
  const bool is_part = request.kind == RangeRequest::Kind::part;
  response.status = is_part ? 206 : 200;
  response.headers.emplace_back("Content-Type", facts.media_type);
  response.headers.emplace_back("Content-Disposition", "attachment");
  if (is_part) response.headers.emplace_back("Content-Range", content_range(request.range, facts.size));
  response.body = body_of(core, errands, std::move(document), request.range);
  return response;
}

}  // namespace flikvakt::gateway
