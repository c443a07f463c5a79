// One server with the endpoints that the tests of serving, of limits and of transfers use.
#pragma once

#include "gateway/problem.h"
#include "tests/gateway/loopback.h"

namespace flikvakt::gateway {

class Served : public testing::Test {
protected:
  void begin(Limits limits = quick_limits(), std::size_t threads = 2) {
    declare();
    server_ = std::make_unique<HttpServer>(threads);
    port_ = server_->listen_tls("api", "127.0.0.1:0", World::get().context, router_, limits).value();
    server_->start();
  }
  void TearDown() override {
    if (server_) server_->stop(0ms);
  }

  // Refuses who says "Authorization: no", and asks for the rule of each endpoint.
  Awaitable<std::optional<Response>> check(Exchange& exchange, AccessRule rule) {
    asked_ = rule;
    if (exchange.request().header("authorization") == "no") {
      exchange.set_cause("said no");
      co_return refusal();
    }
    exchange.set_identity(std::string("someone"));
    co_return std::nullopt;
  }

  void declare() {
    router_.add(Method::get, "/hello", AccessRule::public_info, no_body(), [this](Exchange& e) { return hello(e); })
        .add(Method::post, "/echo", AccessRule::staff_assertion, whole_body(), [this](Exchange& e) { return echo(e); })
        .add(Method::post, "/upload", AccessRule::staff_assertion, streamed_body(64 << 20),
             [this](Exchange& e) { return upload(e); })
        .add(Method::get, "/refuse/{cause:code}", AccessRule::staff_assertion, no_body(),
             [this](Exchange& e) { return refuse(e); })
        .add(Method::get, "/throw", AccessRule::public_info, no_body(), [this](Exchange& e) { return fault(e); })
        .add(Method::get, "/bad-field", AccessRule::public_info, no_body(),
             [this](Exchange& e) { return bad_field(e); })
        .add(Method::get, "/document/{bytes:number}", AccessRule::staff_assertion, no_body(),
             [this](Exchange& e) { return transfer_.serve(e); });
  }

  Awaitable<Response> hello(Exchange& exchange) {
    ++handled_;
    binding_ = exchange.connection().channel_binding;
    peers_ = exchange.connection().peer_chain().size();
    co_return json_response(200, "{\"hello\":" + std::to_string(handled_.load()) + "}");
  }
  Awaitable<Response> echo(Exchange& exchange) {
    ++handled_;
    co_return bytes_response(200, "text/plain", exchange.request().body);
  }
  // Reads all, unless asked to answer first; then answers 204, or refuses.
  Awaitable<Response> upload(Exchange& exchange) {
    ++handled_;
    Bytes piece(5000);
    std::size_t total = 0;
    while (exchange.request().query("first").empty()) {
      Awaitable<Result<std::size_t>> read = exchange.read_body(piece);
      const Result<std::size_t> got = co_await std::move(read);
      if (!got || *got == 0) break;
      total += *got;
    }
    uploaded_ = total;
    if (exchange.request().query("refuse") == "yes") co_return refusal();
    co_return json_response(200, std::to_string(total));
  }
  Awaitable<Response> refuse(Exchange& exchange) {
    exchange.set_cause(exchange.text("cause"));
    co_return refusal();
  }
  Awaitable<Response> fault(Exchange&) {
    throw std::runtime_error("secret detail of a fault");
    co_return Response();
  }
  Awaitable<Response> bad_field(Exchange&) {
    Response response = empty_response(204);
    response.headers.emplace_back("X-Split", "a\r\nSet-Cookie: b");
    co_return response;
  }

  std::atomic<int> handled_ = 0;
  std::atomic<std::size_t> uploaded_ = 0;
  std::atomic<AccessRule> asked_{};
  std::atomic<std::size_t> peers_ = 0;
  Bytes binding_;
  Transfer transfer_;
  Router router_{[this](Exchange& exchange, AccessRule rule) { return check(exchange, rule); }};
  std::unique_ptr<HttpServer> server_;  // last: its threads use all of the above
  std::uint16_t port_ = 0;
};

}  // namespace flikvakt::gateway
