#include "gateway/api_connector.h"

#include <algorithm>

#include "gateway/api_answers.h"
#include "gateway/problem.h"
#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

constexpr std::size_t kMostKnown = 256;
constexpr std::size_t kLongestVersion = 64;
constexpr std::size_t kLongestReply = 64 * 1024;

struct PollBody {
  ConnectorStatus status;
  std::vector<RequestId> known;
  std::uint64_t wait_seconds = 0;
  std::optional<std::uint64_t> wanted;  // requests; none: as many as there are
  std::optional<HeardOf> after;
  std::optional<std::vector<RequestId>> working;  // none: nothing
};
BOOST_DESCRIBE_STRUCT(PollBody, (), (status, known, wait_seconds, wanted, after, working))

struct ReplyBody {
  std::string call;
  std::uint64_t status = 0;
  std::string body;
};
BOOST_DESCRIBE_STRUCT(ReplyBody, (), (call, status, body))

Result<void> check_status(const ConnectorStatus& status) {
  if (status.version.size() > kLongestVersion) return malformed("`version`: too long");
  if (status.witness && status.witness->size() > 300) return malformed("`witness`: too long");
  return {};
}

// SPEC CONN-23: the source finds the document by the number; who calls this saw that it is open now (CONN-41).
std::optional<json::object> request_view(service::Core& core, const policy::SourceRequest& one) {
  const Result<std::string> person = service::handle_of(core, one.source, one.person);
  const std::optional<std::string> number = core.directory().newest_number(one.person);
  if (!person || !number) return std::nullopt;  // erased meanwhile
  json::object out{{"id", one.id.text()},
                   {"person", *person},
                   {"number", *number},
                   {"flik", one.flik},
                   {"purpose", one.purpose},
                   {"message", one.message},
                   {"organisation", one.organisation.text()},
                   {"asked", to_rfc3339(one.asked)},
                   {"opened", to_rfc3339(*one.opened)},
                   {"expires", to_rfc3339(one.expires)}};
  if (const auto asks = core.directory().row<policy::Organisation>(one.organisation)) out["name"] = asks->name;
  return out;
}

json::object work_view(service::Core& core, const ConnectorHub::Work& work) {
  json::array requests, calls;
  for (const policy::SourceRequest& one : work.requests) {
    if (auto view = request_view(core, one)) requests.push_back(std::move(*view));
  }
  for (const ConnectorCall& one : work.calls) calls.push_back(to_json(one));
  json::object out{{"requests", std::move(requests)}, {"calls", std::move(calls)}};
  put_time(core, out);
  return out;
}

Awaitable<Response> answer(Response response) { co_return response; }

}  // namespace

ConnectorApi::ConnectorApi(service::Core& core, const Authentication& authentication, ConnectorHub& hub,
                           ConnectorOptions options)
    : core_(core),
      hub_(hub),
      options_(std::move(options)),
      enrolment_(core, options_, sessions_, limits_),
      door_(core, authentication, options_, enrolment_, sessions_, limits_) {}

void ConnectorApi::add_to_organisations(Router& router) {
  const AccessRule certificate = AccessRule::organisation_certificate;
  router.add(Method::post, "/v1/connector/poll", certificate, whole_body(), [this](Exchange& e) { return poll(e); })
      .add(Method::post, "/v1/connector/replies", certificate, whole_body(2 * kLongestReply),
           [this](Exchange& e) { return reply(e); });
  enrolment_.add_to(router);
}

void ConnectorApi::add_to_persons(Router& router, const Router& inner) { door_.add_to_persons(router, inner); }

void ConnectorApi::add_to_administrators(Router& router) {
  door_.add_to_administrators(router);
  router.add(Method::get, "/v1/connectors", AccessRule::admin_socket, no_body(),
             [this](Exchange&) { return answer(presence()); });
}

std::optional<ConnectorCaller> ConnectorApi::caller_of(const Exchange& exchange) const {
  const auto& who = exchange.identity<OrganisationIdentity>();
  const service::Directory& directory = core_.directory();
  const std::optional<policy::Connector> row = directory.connector_of(who.certificate());
  const bool stands = row && row->standing == policy::Standing::active && row->assertion_key &&
                      directory.assertion_key(*row->assertion_key) &&
                      directory.is_certificate_good(who.certificate(), core_.clock().wall());
  if (!stands) return std::nullopt;
  return ConnectorCaller{row->id, row->organisation, who.certificate()};
}

// SPEC CONN-20
Awaitable<Response> ConnectorApi::poll(Exchange& exchange) {
  const std::optional<ConnectorCaller> caller = caller_of(exchange);
  if (!caller) co_return with_cause(exchange, "no connector's certificate", refusal());
  if (!limits_.polls.allow(caller->id.text(), core_.clock().steady())) co_return too_many_requests();
  const Result<PollBody> body = read_json<PollBody>(exchange);
  if (!body) co_return not_accepted(exchange, body.error());
  const Result<void> fits = check_status(body->status);
  if (!fits) co_return not_accepted(exchange, fits.error());
  ConnectorHub::Asking asking;
  const auto known = std::span(body->known).first(std::min(body->known.size(), kMostKnown));
  asking.known.insert(known.begin(), known.end());
  if (body->working) {
    const auto working = std::span(*body->working).first(std::min(body->working->size(), kMostKnown));
    asking.working.insert(working.begin(), working.end());
  }
  asking.after = body->after;
  asking.wanted = static_cast<std::size_t>(
      std::min<std::uint64_t>(body->wanted.value_or(kMostKnown), ConnectorHub::kMostRequestsAtOnce));
  const auto patience = std::chrono::seconds(std::min<std::uint64_t>(body->wait_seconds, 55));
  Awaitable<ConnectorHub::Work> waiting = hub_.wait_for_work(*caller, body->status, std::move(asking), patience);
  const ConnectorHub::Work work = co_await std::move(waiting);
  // SPEC CONN-26: the wait may have been long.
  if (!caller_of(exchange)) co_return with_cause(exchange, "a connector that counts no more", refusal());
  co_return json_response(200, json::serialize(work_view(core_, work)));
}

// SPEC CONN-24
Awaitable<Response> ConnectorApi::reply(Exchange& exchange) {
  const std::optional<ConnectorCaller> caller = caller_of(exchange);
  if (!caller) co_return with_cause(exchange, "no connector's certificate", refusal());
  const Result<ReplyBody> body = read_json<ReplyBody>(exchange);
  if (!body) co_return not_accepted(exchange, body.error());
  if (body->body.size() > kLongestReply) co_return not_accepted(exchange, malformed("`body`: too long"));
  if (!hub_.take_reply(*caller, body->call, {body->status, body->body}))
    co_return with_cause(exchange, "nobody waits for that answer", plain_problem(409));
  co_return empty_response(204);
}

// For administrators: no person, no document is in it.
Response ConnectorApi::presence() const {
  json::array out;
  for (const ConnectorPresence& one : hub_.presence()) {
    json::object view{{"id", one.row.id.text()},
                      {"organisation", one.row.organisation.text()},
                      {"name", one.row.name},
                      {"standing", to_json(one.row.standing)},
                      {"end_to_end", one.row.end_to_end},
                      {"enrolled", one.row.assertion_key.has_value()},
                      {"present", one.is_present},
                      {"queued", static_cast<std::int64_t>(one.status.queued)},
                      {"refused", static_cast<std::int64_t>(one.status.refused)},
                      {"version", one.status.version},
                      {"witness", one.status.witness.has_value()},
                      {"calls_waiting", static_cast<std::int64_t>(one.calls_waiting)}};
    if (one.seen) view["seen"] = to_rfc3339(*one.seen);
    if (one.status.oldest) view["oldest"] = to_rfc3339(*one.status.oldest);
    if (one.witnessed) {
      view["witnessed"] = to_rfc3339(*one.witnessed);
      view["witnessed_size"] = static_cast<std::int64_t>(one.witnessed_size);
    }
    out.push_back(std::move(view));
  }
  return json_response(200, json::serialize(json::object{{"connectors", std::move(out)}}));
}

}  // namespace flikvakt::gateway
