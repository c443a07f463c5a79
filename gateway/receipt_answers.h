// What the two doors that give receipts have in common.
#pragma once

#include <memory>

#include "gateway/api_answers.h"
#include "gateway/problem.h"
#include "gateway/witnessed.h"
#include "service/receipts.h"

namespace flikvakt::gateway {

using Receipts = std::shared_ptr<Result<json::value>>;

inline std::string cosigned_note(const AskWitnessed& ask) { return ask ? ask().checkpoint : std::string(); }

inline std::function<void(Result<json::value>)> handing_to(std::function<void(Receipts)> done) {
  return [done = std::move(done)](Result<json::value> found) {
    done(std::make_shared<Result<json::value>>(std::move(found)));
  };
}

// SPEC API-110, API-111: unknown, another's, and what gives no receipt are one refusal.
inline Response receipt_response(Exchange& exchange, const Result<json::value>& receipt) {
  if (receipt) return json_response(200, json::serialize(*receipt));
  exchange.set_cause(receipt.error().message);
  const ErrorCode code = receipt.error().code;
  return code == ErrorCode::denied || code == ErrorCode::not_found ? refusal() : plain_problem(503);
}

}  // namespace flikvakt::gateway
