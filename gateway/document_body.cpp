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

DocumentBody body_of(service::Core& core, service::OpenedDocument document, const ByteRange& range) {
  DocumentBody body;
  body.total_bytes = range.to - range.from;
  body.gate = document.permit->lease();
  body.on_finished = [&core, document, range](std::uint64_t handed_over, TransferEnd) {
    service::transfer_ended(core, document, range.from, range.from + handed_over);
  };
  body.source = std::make_unique<StoredDocument>(service::DocumentReader(std::move(document), range.from, range.to));
  return body;
}

}  // namespace

Response document_response(service::Core& core, service::OpenedDocument document, std::string_view range) {
  const policy::DocumentFacts& facts = document.permit->document().facts;
  const RangeRequest request = parse_range(range, facts.size);
  std::vector<std::pair<std::string, std::string>> headers{{"Flikvakt-Reading", document.permit->reading().text()},
                                                           {"Accept-Ranges", "bytes"}};
  Response response;
  if (request.kind == RangeRequest::Kind::unsatisfiable) {
    response = problem(416, "range", "Range not satisfiable", "The document has no such bytes.");
    headers.emplace_back("Content-Range", unsatisfied_range(facts.size));
  } else {
    const bool is_part = request.kind == RangeRequest::Kind::part;
    response.status = is_part ? 206 : 200;
    headers.emplace_back("Content-Type", facts.media_type);
    headers.emplace_back("Content-Disposition", "attachment");
    if (is_part) headers.emplace_back("Content-Range", content_range(request.range, facts.size));
    response.body = body_of(core, std::move(document), request.range);
  }
  for (auto& header : headers) response.headers.push_back(std::move(header));
  return response;
}

}  // namespace flikvakt::gateway
