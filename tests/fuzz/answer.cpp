// What a gateway, or whoever stands in its place, answers to the tool: head, body and problem, in pieces of any size.
#include "admin/http_client.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/targets.h"

namespace flikvakt::fuzz {
namespace {

using namespace flikvakt::admin;

// Hands out the input, at most `piece` bytes at a time, then ends.
class Recording final : public ByteStream {
public:
  Recording(BytesView in, std::size_t piece) : in_(in), piece_(piece) {}
  Result<void> write_all(BytesView) override { return {}; }
  Result<std::size_t> read_some(std::span<std::uint8_t> out) override {
    const std::size_t count = std::min({in_.size(), piece_, out.size()});
    std::ranges::copy(in_.first(count), out.begin());
    in_ = in_.subspan(count);
    return count;
  }
  Result<Bytes> export_keying_material(std::string_view, std::size_t length) const override { return Bytes(length); }

private:
  BytesView in_;
  std::size_t piece_;
};

Result<HttpResponse> received(BytesView in, std::size_t piece) {
  return HttpClient(std::make_unique<Recording>(in, piece), "localhost").send(HttpRequest());
}

}  // namespace

void answer(BytesView in) {
  const std::size_t piece = 1 + choose(in, 256);
  const Result<HttpResponse> response = received(in, piece);
  const Result<HttpResponse> at_once = received(in, in.size() + 1);
  claim(response.has_value() == at_once.has_value(), "an answer is the same in whatever pieces it comes");
  if (!response) return;
  claim(response->body == at_once->body && response->head.headers == at_once->head.headers, "and says the same");
  claim(response->body.size() == response->head.content_length, "a body has the length that was said");
  claim(response->head.status >= 200 && response->head.status < 600, "an interim answer is not the answer");
  claim(!response->head.headers.contains("transfer-encoding"), "no length but Content-Length counts");
  const Result<json::value> value = json_of(*response);
  claim(!value || response->head.is_success(), "a problem is an error");
  (void)problem_of(*response);
}

}  // namespace flikvakt::fuzz
