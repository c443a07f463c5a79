#include "gateway/api_requests.h"

#include "gateway/api_answers.h"
#include "gateway/partition_plan.h"
#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

struct HandleRequest {
  std::string number;
};
BOOST_DESCRIBE_STRUCT(HandleRequest, (), (number))

}  // namespace

Response make_handle(service::Core& core, Exchange& exchange, const OrganisationId& organisation) {
  const Result<HandleRequest> request = read_json<HandleRequest>(exchange);
  if (!request) return not_accepted(exchange, request.error());
  const Result<std::string> handle = service::handle_for(core.keys(), organisation, request->number, core.clock());
  if (!handle) return not_accepted(exchange, fail(ErrorCode::invalid, handle.error().message));
  return json_response(200, json::serialize(json::object{{"handle", *handle}}));
}

Response catalogue_response(service::Core& core, const std::optional<OrganisationId>& asks) {
  json::value out = core.directory().catalogue();
  if (asks) out.get_object()["partition_rules"] = to_json(rules_of(core, *asks));
  return json_response(200, json::serialize(out));
}

}  // namespace flikvakt::gateway
