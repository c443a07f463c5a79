#include "admin/witness_client.h"

#include "admin/http_client.h"
#include "audit/add_checkpoint.h"
#include "audit/lines.h"

namespace flikvakt::admin {
namespace {

constexpr std::size_t kMostAnswerBytes = 64 * 1024;
constexpr std::chrono::minutes kMostSkew{5};

// What it answers to 409: a size and a newline.
Result<std::uint64_t> size_in(const std::string& body) {
  audit::Lines lines(body);
  const std::optional<std::string_view> line = lines.next();
  const std::optional<std::uint64_t> size = line && lines.at_end() ? audit::number_in(*line) : std::nullopt;
  if (!size) return fail(ErrorCode::malformed, "it answered 409 without a size");
  return *size;
}

// What a witness of ours says (WIT-14).
bool is_stopped(unsigned status, const std::string& body) {
  return status == 403 && body.find("/problem/log-stopped\"") != body.npos;
}

// A peer that sends a byte now and then keeps nobody waiting for ever.
class HurriedStream final : public ByteStream {
public:
  HurriedStream(std::unique_ptr<ByteStream> inner, const std::chrono::steady_clock::time_point& deadline)
      : inner_(std::move(inner)), deadline_(deadline) {}
  Result<void> write_all(BytesView data) override { return inner_->write_all(data); }
  Result<std::size_t> read_some(std::span<std::uint8_t> out) override {
    if (std::chrono::steady_clock::now() > deadline_) return fail(ErrorCode::expired, "the answer took too long");
    return inner_->read_some(out);
  }
  Result<Bytes> export_keying_material(std::string_view label, std::size_t length) const override {
    return inner_->export_keying_material(label, length);
  }

private:
  const std::unique_ptr<ByteStream> inner_;
  const std::chrono::steady_clock::time_point& deadline_;  // of the answer that is waited for
};

}  // namespace

Result<WitnessAddress> WitnessAddress::parse(std::string_view url) {
  Result<WebAddress> where = WebAddress::parse(url);
  const bool may = where && (where->has_tls || where->is_loopback()) && where->target.find('?') == std::string::npos;
  if (!may)
    return fail(ErrorCode::malformed, "expected a URL like \"https://witness.example/\", or \"http://127.0.0.1:8480\"");
  std::string prefix = where->target;
  while (prefix.ends_with('/')) prefix.pop_back();
  return WitnessAddress{std::move(*where), std::move(prefix)};
}

WitnessClient::WitnessClient(Parts parts) : parts_(std::move(parts)) {}
WitnessClient::~WitnessClient() = default;

Result<void> WitnessClient::connect() {
  const WitnessAddress& address = parts_.address;
  std::unique_ptr<ByteStream> stream;
  if (address.has_tls) {
    crypto::TlsClientOptions options;
    options.host = address.bare_host();
    options.port = address.port;
    options.trusted_ca_pem = parts_.trusted_ca_pem;
    options.timeout = parts_.timeout;
    options.cancellation = &cancellation_;
    stream = TRY(connect_tls(options));
  } else {
    stream = TRY(connect_loopback(address.bare_host(), address.port, parts_.timeout, &cancellation_));
  }
  http_ = std::make_unique<HttpClient>(std::make_unique<HurriedStream>(std::move(stream), deadline_), address.host);
  return {};
}

Result<WitnessClient::Reply> WitnessClient::post(const std::string& body) {
  if (parts_.ask) {
    auto answered = TRY(parts_.ask(body));
    return Reply{answered.first, std::move(answered.second)};
  }
  const bool is_fresh = !http_;
  if (is_fresh) TRY_VOID(connect());
  deadline_ = std::chrono::steady_clock::now() + 2 * parts_.timeout;
  HttpRequest request{"POST", parts_.address.prefix + "/add-checkpoint", {{"Content-Type", "text/plain"}}, body};
  Reply out;
  const Result<HttpResponse> response = http_->receive(request, [&](const HttpHead&, BytesView bytes) -> Result<void> {
    if (out.body.size() + bytes.size() > kMostAnswerBytes) return fail(ErrorCode::malformed, "a long answer");
    out.body.append(as_text(bytes));
    return {};
  });
  if (!response || response->head.header("connection") == "close") http_.reset();
  if (!response && !is_fresh) return post(body);  // it had closed the connection meanwhile
  if (!response) return response.error();
  out.status = response->head.status;
  if (!response->head.is_success()) out.body = response->body;
  return out;
}

Result<WitnessClient::Reply> WitnessClient::add_checkpoint(const std::string& note, std::uint64_t size) {
  audit::AddCheckpoint request;
  request.old_size = known_size_;
  request.proof = TRY(parts_.prove(known_size_, size));
  request.checkpoint = note;
  return post(audit::write_add_checkpoint(request));
}

// SPEC WIT-21: a size that our log does not have, or another root for the one we showed. Somebody else may have shown
// it our own newer checkpoint meanwhile.
Error WitnessClient::other_size(std::uint64_t seen, std::uint64_t size) const {
  if (seen < size || (seen > size && parts_.prove(size, seen)))
    return fail(ErrorCode::unavailable, "somebody else asked it at the same time");
  return fail(ErrorCode::conflict, "it has seen another history of this log, of " + std::to_string(seen) +
                                       " entries: ours has " + std::to_string(size));
}

// SPEC WIT-35: of a witness that stopped the log, what it stopped for; of another, a note in the place of its words.
void WitnessClient::show_notes_of(const Reply& reply) const {
  if (reply.status != 403 && reply.status != 409 && reply.status != 422) return;
  const Result<json::value> body = parse_json(reply.body);
  const json::value* notes = body && body->is_object() ? body->get_object().if_contains("checkpoints") : nullptr;
  if (!notes || !notes->is_array()) return parts_.show(reply.body);
  for (const json::value& note : notes->get_array()) {
    if (note.is_string()) parts_.show(std::string(note.get_string()));
  }
}

// SPEC WIT-20
Result<audit::NoteSignature> WitnessClient::cosign(const std::string& note, std::uint64_t size, UtcTime now) {
  known_size_ = std::min(known_size_, size);
  Reply reply = TRY(add_checkpoint(note, size));
  show_notes_of(reply);
  if (reply.status == 409) {
    const std::uint64_t seen = TRY(size_in(reply.body));
    if (seen > size) return other_size(seen, size);
    known_size_ = seen;
    reply = TRY(add_checkpoint(note, size));
    show_notes_of(reply);
    if (reply.status == 409) return other_size(TRY(size_in(reply.body)), size);
    if (reply.status != 200 && seen == size) return other_size(seen, size);
  }
  // SPEC WIT-21: the proof began at its own size, else it had answered 409 (WIT-7).
  if (reply.status == 422)
    return fail(ErrorCode::conflict, "it has seen another history of this log: ours of " + std::to_string(size) +
                                         " entries does not begin with its " + std::to_string(known_size_));
  if (is_stopped(reply.status, reply.body))
    return fail(ErrorCode::conflict, "it saw two histories of this log, and stopped");
  if (reply.status != 200) return fail(ErrorCode::denied, "it answered " + std::to_string(reply.status));
  const std::string text = TRY(audit::parse_note(note)).text;
  for (const audit::NoteSignature& signature : TRY(audit::parse_signature_lines(reply.body))) {
    const std::optional<UtcTime> time = parts_.key.verify(text, signature);
    if (!time) continue;  // another key's
    if (*time > now + kMostSkew || *time < now - kMostSkew) return fail(ErrorCode::invalid, "its clock is another");
    known_size_ = size;
    return signature;
  }
  return fail(ErrorCode::invalid, "what it answered is no cosignature of this checkpoint by its key");
}

}  // namespace flikvakt::admin
