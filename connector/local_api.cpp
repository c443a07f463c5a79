#include "connector/local_api.h"

#include <mutex>

#include "base/characters.h"
#include "base/files.h"
#include "crypto/secret.h"
#include "crypto/send_gate.h"
#include "gateway/http_server.h"
#include "gateway/problem.h"

namespace flikvakt::connector {
namespace {

using gateway::Awaitable;
using gateway::Exchange;
using gateway::Response;

constexpr std::size_t kShortestToken = 32;
constexpr std::size_t kKeptLinks = 8;
constexpr std::uint64_t kPiece = 512 * 1024;  // of a document, in one question
constexpr std::string_view kBearer = "Bearer ";

// Whoever reads here has it all: the lease is the gateway's, on the way to this machine.
class OpenGate final : public crypto::SendGate {
public:
  bool enter() noexcept override { return true; }
  void leave(std::size_t) noexcept override {}
};

std::string field(const HttpAnswer& answer, const char* name) {
  const auto found = answer.headers.find(name);
  return found == answer.headers.end() ? std::string() : found->second;
}

// "bytes 0-99/1234"
std::optional<std::uint64_t> whole_size(const std::string& content_range) {
  const std::size_t slash = content_range.find('/');
  if (slash == content_range.npos) return std::nullopt;
  std::uint64_t out = 0;
  for (const char c : content_range.substr(slash + 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

Response passed_on(HttpAnswer answer) {
  Response out = gateway::bytes_response(answer.status, field(answer, "content-type"), std::move(answer.body));
  if (out.headers.front().second.empty()) out.headers.clear();
  for (const char* name : {"Flikvakt-Reading", "Flikvakt-Entry", "Content-Range"}) {
    if (const std::string value = field(answer, lowered(name).c_str()); !value.empty())
      out.headers.emplace_back(name, value);
  }
  return out;
}

Response unavailable(Exchange& exchange, const Trouble& why) {
  exchange.set_cause(why.message);
  return gateway::problem(502, "gateway-not-reached", "Gateway not reached",
                          "The connector cannot reach the gateway now; its log says why.");
}

}  // namespace

struct LocalApi::State {
  State(std::string secret, NewLink make) : token(std::move(secret)), new_link(std::move(make)), http(4) {
    add(gateway::Method::post, "/v1/handles");
    add(gateway::Method::post, "/v1/acts");
    add(gateway::Method::post, "/v1/listings");
    add(gateway::Method::post, "/v1/fullmakt-listings");
    add(gateway::Method::get, "/v1/cases");
    add(gateway::Method::get, "/v1/requests");
    add(gateway::Method::get, "/v1/notices");
    add(gateway::Method::get, "/v1/source-requests");
    add(gateway::Method::get, "/v1/catalogue");
    router.add(gateway::Method::get, "/v1/documents/{document:id}/content", gateway::AccessRule::public_info,
               gateway::no_body(), [this](Exchange& e) { return document(e); });
  }

  void add(gateway::Method method, std::string path) {
    const auto body = method == gateway::Method::post ? gateway::whole_body() : gateway::no_body();
    router.add(method, path, gateway::AccessRule::public_info, body,
               [this, method, path](Exchange& e) { return pass_on(e, method, path); });
  }

  // SPEC CONN-62
  Awaitable<std::optional<Response>> check(Exchange& exchange) const {
    const std::string_view given = exchange.request().header("authorization");
    const bool is_ours = given.starts_with(kBearer) &&
                         crypto::equal_in_constant_time(as_bytes(given.substr(kBearer.size())), as_bytes(token));
    if (is_ours) co_return std::nullopt;
    exchange.set_cause("no token of this connector's");
    co_return gateway::plain_problem(401);
  }

  // The staff member whom the system names.
  static std::optional<StaffId> staff_of(const Exchange& exchange) {
    const Result<StaffId> staff = StaffId::parse(exchange.request().query("staff"));
    return staff ? std::optional(*staff) : std::nullopt;
  }

  std::unique_ptr<GatewayLink> take_link() {
    {
      const std::lock_guard lock(mutex);
      if (!links.empty()) {
        std::unique_ptr<GatewayLink> out = std::move(links.back());
        links.pop_back();
        return out;
      }
    }
    return new_link();
  }
  void give_back(std::unique_ptr<GatewayLink> link) {
    const std::lock_guard lock(mutex);
    if (links.size() < kKeptLinks) links.push_back(std::move(link));
  }

  // Blocks its thread, of which there are few: so few of the organisation's questions run at once.
  Awaitable<Response> pass_on(Exchange& exchange, gateway::Method method, std::string path) {
    const std::optional<StaffId> staff = staff_of(exchange);
    if (!staff)
      co_return gateway::problem(400, "bad-request", "Bad request", "`staff`: expected the id of a staff member");
    Question question;
    question.method = method == gateway::Method::post ? "POST" : "GET";
    question.target = std::move(path);
    question.body = exchange.request().body;
    if (!question.body.empty()) question.headers["Content-Type"] = "application/json";
    question.staff = staff;
    std::unique_ptr<GatewayLink> link = take_link();
    Outcome<HttpAnswer> answer = link->ask(std::move(question));
    if (!answer) co_return unavailable(exchange, answer.error());
    give_back(std::move(link));
    co_return passed_on(std::move(*answer));
  }

  // Piece by piece, as ranges of one reading: so a document of any size passes a proxy that buffers, sealed or not.
  class Pieces final : public gateway::DocumentSource {
  public:
    Pieces(State& state, std::unique_ptr<GatewayLink> link, StaffId staff, std::string reading, Bytes first,
           std::uint64_t size)
        : state_(state),
          link_(std::move(link)),
          staff_(staff),
          reading_(std::move(reading)),
          piece_(std::move(first)),
          size_(size) {}
    ~Pieces() override {
      if (link_) state_.give_back(std::move(link_));
    }
    Awaitable<Result<std::size_t>> next(std::span<std::uint8_t> out) override {
      if (at_ == piece_.size()) {
        const Result<void> more = fetch();
        if (!more) co_return more.error();
      }
      const std::size_t count = std::min(out.size(), piece_.size() - at_);
      std::copy_n(piece_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
      at_ += count;
      co_return count;
    }

  private:
    Result<void> fetch() {
      before_ += piece_.size();
      at_ = 0;
      if (before_ >= size_) return fail(ErrorCode::io, "beyond the document");
      Question question;
      question.target = "/v1/readings/" + reading_ + "/content";
      question.headers["Range"] =
          "bytes=" + std::to_string(before_) + "-" + std::to_string(std::min(before_ + kPiece, size_) - 1);
      question.staff = staff_;
      const Outcome<HttpAnswer> answer = link_->ask(std::move(question));
      if (!answer || answer->status != 206 || answer->body.empty()) return fail(ErrorCode::io, "the reading was cut");
      piece_ = answer->body;
      return {};
    }
    State& state_;
    std::unique_ptr<GatewayLink> link_;
    const StaffId staff_;
    const std::string reading_;
    Bytes piece_;
    const std::uint64_t size_;
    std::uint64_t before_ = 0;
    std::size_t at_ = 0;
  };

  // SPEC CONN-63
  Awaitable<Response> document(Exchange& exchange) {
    const std::optional<StaffId> staff = staff_of(exchange);
    const std::string purpose(exchange.request().query("purpose"));
    if (!staff || purpose.empty() || purpose.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != purpose.npos)
      co_return gateway::problem(400, "bad-request", "Bad request", "expected `staff`, an id, and `purpose`, a code");
    Question question;
    question.target = "/v1/documents/" + exchange.text("document") + "/content?purpose=" + purpose;
    question.headers["Range"] = "bytes=0-" + std::to_string(kPiece - 1);
    question.staff = staff;
    std::unique_ptr<GatewayLink> link = take_link();
    Outcome<HttpAnswer> answer = link->ask(std::move(question));
    if (!answer) co_return unavailable(exchange, answer.error());
    const std::optional<std::uint64_t> size = whole_size(field(*answer, "content-range"));
    if (answer->status != 206 || !size) {
      give_back(std::move(link));
      co_return passed_on(std::move(*answer));
    }
    Response out;
    out.status = 200;
    const std::string reading = field(*answer, "flikvakt-reading");
    out.headers = {{"Content-Type", field(*answer, "content-type")},
                   {"Flikvakt-Reading", reading},
                   {"Flikvakt-Entry", field(*answer, "flikvakt-entry")}};
    gateway::DocumentBody body;
    body.total_bytes = *size;
    body.gate = std::make_shared<OpenGate>();
    body.on_finished = [](std::uint64_t, gateway::TransferEnd) {};
    body.source = std::make_unique<Pieces>(*this, std::move(link), *staff, reading, std::move(answer->body), *size);
    out.body = std::move(body);
    co_return out;
  }

  const std::string token;
  const NewLink new_link;
  std::mutex mutex;
  std::vector<std::unique_ptr<GatewayLink>> links;
  gateway::Router router{[this](Exchange& exchange, gateway::AccessRule) { return check(exchange); }};
  gateway::HttpServer http;
  std::uint16_t port = 0;
};

LocalApi::LocalApi(std::unique_ptr<State> state) : state_(std::move(state)) {}
LocalApi::~LocalApi() { stop(); }

Outcome<std::unique_ptr<LocalApi>> LocalApi::open(const Config& config, NewLink new_link) {
  const Result<void> is_private = require_private(config.local_api.token_file);
  const Result<Bytes> bytes = is_private ? read_file(config.local_api.token_file, 4096) : is_private.error();
  if (!bytes) return trouble(ExitCode::usage, "local_api.token_file: " + bytes.error().message);
  std::string token(as_text(*bytes));
  while (token.ends_with('\n') || token.ends_with('\r')) token.pop_back();
  if (token.size() < kShortestToken)
    return trouble(ExitCode::usage, "local_api.token_file: expected at least 32 characters that nobody can guess");
  auto state = std::make_unique<State>(std::move(token), std::move(new_link));
  const Result<std::uint16_t> port = state->http.listen_plain("local", config.local_api.listen, state->router);
  if (!port) return trouble(ExitCode::usage, "local_api.listen: " + port.error().message);
  state->port = *port;
  return std::unique_ptr<LocalApi>(new LocalApi(std::move(state)));
}

void LocalApi::start() { state_->http.start(); }
void LocalApi::stop() { state_->http.stop(std::chrono::seconds(2)); }
std::uint16_t LocalApi::port() const { return state_->port; }

}  // namespace flikvakt::connector
