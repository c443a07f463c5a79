// The API of persons with a registered device key: sessions, signed acts, what is their own. spec/api.md
#pragma once

#include "gateway/authentication.h"
#include "gateway/rate_limit.h"
#include "gateway/waiting_place.h"
#include "gateway/witnessed.h"

namespace flikvakt::gateway {

class PersonApi {
public:
  PersonApi(service::Core& core, const Authentication& authentication, RatePolicy rate, RatePolicy narrowing,
            AskWitnessed witnessed)
      : core_(core),
        authentication_(authentication),
        witnessed_(std::move(witnessed)),
        limiter_(rate),
        narrowing_(narrowing) {}
  void add_to(Router& router);

private:
  Awaitable<Response> make_challenge(Exchange& exchange);
  Awaitable<Response> open_session(Exchange& exchange);
  Awaitable<Response> overview(Exchange& exchange);
  Awaitable<Response> own_log(Exchange& exchange);
  Awaitable<Response> receipt(Exchange& exchange);
  Awaitable<Response> own_log_receipts(Exchange& exchange);
  Awaitable<Response> read_document(Exchange& exchange);
  Awaitable<Response> read_on(Exchange& exchange);
  Awaitable<Response> act(Exchange& exchange);
  Handler limited(Handler handler);  // within the person's rate
  Handler in_turn(Handler handler);  // and one at a time
  Awaitable<Response> take_turn(Handler handler, Exchange& exchange);
  bool is_too_fast(const policy::PersonActor& who, double tokens = 1);

  service::Core& core_;
  const Authentication& authentication_;
  const AskWitnessed witnessed_;
  RateLimiter limiter_;    // by device key
  RateLimiter narrowing_;  // by device key, so that a stolen device slows no other
  Turns turns_;            // of device keys, at the log reader
};

}  // namespace flikvakt::gateway
