#include "gateway/api_person.h"

#include <limits>

#include "gateway/api_answers.h"
#include "gateway/api_requests.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/document_body.h"
#include "gateway/json_views.h"
#include "gateway/problem.h"
#include "gateway/receipt_answers.h"
#include "gateway/sent_acts.h"
#include "gateway/tick.h"
#include "service/person_log.h"

namespace flikvakt::gateway {
namespace {

constexpr std::uint64_t kDefaultLimit = 20;
constexpr double kFilterTokens = 5;  // of the person's rate: it looks through up to 500 entries
constexpr std::uint64_t kBelowNone = std::numeric_limits<std::uint64_t>::max();  // no query number is that large

struct Nothing {};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())

Awaitable<Response> answer(Response response) { co_return response; }

const policy::PersonActor& person_of(const Exchange& exchange) { return exchange.identity<PersonIdentity>().actor(); }

Result<std::uint32_t> limit_of(const Exchange& exchange) {
  const std::uint64_t limit = TRY(query_number(exchange, "limit", kDefaultLimit));
  if (limit < 1 || limit > service::kMostLogEntries) return fail(ErrorCode::malformed, "`limit`: expected 1 to 100");
  return static_cast<std::uint32_t>(limit);
}

// SPEC LOGV-2: a word that is not known here is refused, so that no filter is taken for granted that was not looked at.
Result<service::LogQuery> log_query_of(const Exchange& exchange) {
  service::LogQuery out;
  out.limit = TRY(limit_of(exchange));
  const TextMap& query = exchange.request().target.query;
  for (const auto& [name, value] : query) {
    if (name == "limit" || name == "page" || name == "below") continue;
    const Result<void> set = out.filter.set(name, value);
    if (!set && set.error().code == ErrorCode::not_found)
      return fail(ErrorCode::malformed, "the query: only limit, page, below and the filters of the log are known");
    TRY_VOID(set);
  }
  if (query.contains("below")) out.below = TRY(query_number(exchange, "below", std::nullopt));
  const bool by_page = query.contains("page") || (!out.below && out.filter.is_empty());
  if (!by_page) return out;
  const std::uint64_t page = TRY(query_number(exchange, "page", 1));
  if (page < 1 || page > 1'000'000) return fail(ErrorCode::malformed, "`page`: expected 1 or more");
  if (out.below || !out.filter.is_empty())
    return fail(ErrorCode::malformed, "`page`: not together with `below` or a filter");
  out.page = static_cast<std::uint32_t>(page);
  return out;
}

// The person's namespace of handles is no one's: persons name nobody by handle.
Result<service::Command> command_of(service::Core& core, const SignedAct<PersonIdentity>& act) {
  service::Command command =
      TRY(service::make_command(core, act.who.actor(), act.sent, act.evidence, OrganisationId()));
  if (!person_may_send(command.act)) return fail(ErrorCode::invalid, "`act`: not an act of a person");
  return command;
}

// SPEC LOGV-1
Response page_response(const service::LogQuery& query, service::PersonLogPage page) {
  json::array entries;
  for (json::value& entry : page.entries) entries.push_back(std::move(entry));
  json::object out{{"total", page.total}};
  if (!page.begins.is_null()) out["begins"] = std::move(page.begins);
  out["limit"] = query.limit;
  if (query.page) out["page"] = *query.page;
  if (page.next) out["next"] = *page.next;
  out["entries"] = std::move(entries);
  return json_response(200, json::serialize(out));
}

}  // namespace

void PersonApi::add_to(Router& router) {
  const AccessRule session = AccessRule::person_session;
  router
      .add(Method::post, "/v1/session-challenges", AccessRule::public_info, whole_body(1024),
           [this](Exchange& e) { return make_challenge(e); })
      .add(Method::post, "/v1/sessions", AccessRule::signed_body, whole_body(),
           [this](Exchange& e) { return open_session(e); })
      .add(Method::post, "/v1/acts", AccessRule::signed_body, whole_body(), [this](Exchange& e) { return act(e); })
      .add(Method::get, "/v1/me", session, no_body(), limited([this](Exchange& e) { return overview(e); }))
      .add(Method::get, "/v1/me/log", session, no_body(), in_turn([this](Exchange& e) { return own_log(e); }))
      .add(Method::get, "/v1/me/log/{entry:number}/receipt", session, no_body(),
           in_turn([this](Exchange& e) { return receipt(e); }))
      .add(Method::get, "/v1/me/log/receipts", session, no_body(),
           in_turn([this](Exchange& e) { return own_log_receipts(e); }))
      .add(Method::get, "/v1/me/documents/{document:id}/content", session, no_body(),
           limited([this](Exchange& e) { return read_document(e); }))
      .add(Method::get, "/v1/readings/{reading:id}/content", session, no_body(),
           limited([this](Exchange& e) { return read_on(e); }))
      .add(Method::get, "/v1/catalogue", session, no_body(),
           limited([this](Exchange&) { return answer(catalogue_response(core_)); }));
}

// SPEC API-5
bool PersonApi::is_too_fast(const policy::PersonActor& who, double tokens) {
  // Of the key: a representative slows nobody else.
  return !limiter_.allow(as_text(who.key), core_.clock().steady(), tokens);
}

Handler PersonApi::limited(Handler handler) {
  return [this, handler](Exchange& exchange) {
    return is_too_fast(person_of(exchange)) ? answer(too_many_requests()) : handler(exchange);
  };
}

Handler PersonApi::in_turn(Handler handler) {
  return limited([this, handler](Exchange& exchange) { return take_turn(handler, exchange); });
}

// SPEC API-5: of the key too. Who reads a log waits for a thread that all share.
Awaitable<Response> PersonApi::take_turn(Handler handler, Exchange& exchange) {
  const OwnTurn turn(turns_, std::string(as_text(person_of(exchange).key)));
  if (!turn.is_free()) co_return too_many_requests();
  Awaitable<Response> answer = handler(exchange);
  Response response = co_await std::move(answer);
  co_return response;
}

Awaitable<Response> PersonApi::make_challenge(Exchange& exchange) {
  const Result<Nothing> request = read_json<Nothing>(exchange);
  if (!request) co_return not_accepted(exchange, request.error());
  const Authentication::Challenge challenge = authentication_.make_challenge(exchange.connection());
  co_return json_response(
      200, json::serialize(json::object{{"challenge", challenge.text}, {"expires", to_rfc3339(challenge.expires)}}));
}

// SPEC API-20
Awaitable<Response> PersonApi::open_session(Exchange& exchange) {
  const Result<SignedRequest> request = read_json<SignedRequest>(exchange);
  if (!request) co_return not_accepted(exchange, request.error());
  const Result<UtcTime> until = authentication_.open_session(exchange.connection(), request->jws);
  if (!until) co_return not_accepted(exchange, fail(ErrorCode::denied, until.error().message));
  co_return json_response(201, json::serialize(json::object{{"expires", to_rfc3339(*until)}}));
}

Awaitable<Response> PersonApi::overview(Exchange& exchange) {
  const policy::PersonActor person = person_of(exchange);
  Awaitable<service::CommandResult> decision = decide(core_, person, policy::ReadOverview{});
  const service::CommandResult result = co_await std::move(decision);
  if (!result.decision.is_permitted()) co_return read_refused(exchange, result, Tells::reason);
  co_return json_response(200, json::serialize(overview_view(std::get<policy::Overview>(result.answer))));
}

Awaitable<Response> PersonApi::own_log(Exchange& exchange) {
  const policy::PersonActor person = person_of(exchange);
  const Result<service::LogQuery> query = log_query_of(exchange);
  if (!query) co_return not_accepted(exchange, query.error());
  if (!query->filter.is_empty() && is_too_fast(person, kFilterTokens - 1)) co_return too_many_requests();
  using Page = std::shared_ptr<Result<service::PersonLogPage>>;
  Awaitable<Page> reading = await_callback<Page>([this, person, query = *query](std::function<void(Page)> done) {
    service::read_own_log(core_, person, query, [done](Result<service::PersonLogPage> found) {
      done(std::make_shared<Result<service::PersonLogPage>>(std::move(found)));
    });
  });
  const Page page = co_await std::move(reading);
  if (!*page) {
    exchange.set_cause(page->error().message);
    co_return page->error().code == ErrorCode::denied ? refusal() : plain_problem(503);
  }
  co_return page_response(*query, std::move(**page));
}

// SPEC API-110
Awaitable<Response> PersonApi::receipt(Exchange& exchange) {
  const policy::PersonActor person = person_of(exchange);
  const std::uint64_t entry = exchange.number("entry");
  Awaitable<Receipts> reading = await_callback<Receipts>([this, person, entry](std::function<void(Receipts)> done) {
    service::person_receipt(core_, person, entry, cosigned_note(witnessed_), handing_to(done));
  });
  const Receipts receipt = co_await std::move(reading);
  co_return receipt_response(exchange, *receipt);
}

// SPEC API-112
Awaitable<Response> PersonApi::own_log_receipts(Exchange& exchange) {
  const policy::PersonActor person = person_of(exchange);
  const Result<std::uint32_t> limit = limit_of(exchange);
  const Result<std::uint64_t> below = query_number(exchange, "below", kBelowNone);
  if (!limit || !below) co_return not_accepted(exchange, limit ? below.error() : limit.error());
  service::OwnLogPiece piece;
  if (*below != kBelowNone) piece.below = *below;
  piece.limit = *limit;
  if (exchange.request().target.query.contains("asking")) {
    const Result<AskingId> asking = AskingId::parse(exchange.request().query("asking"));
    if (!asking) co_return not_accepted(exchange, fail(ErrorCode::malformed, "`asking`: expected 32 hex digits"));
    piece.asking = *asking;
  }
  Awaitable<Receipts> reading = await_callback<Receipts>([this, person, piece](std::function<void(Receipts)> done) {
    service::own_log_receipts(core_, person, piece, cosigned_note(witnessed_), handing_to(done));
  });
  const Receipts receipts = co_await std::move(reading);
  co_return receipt_response(exchange, *receipts);
}

// SPEC API-63: withheld, erased, another's and unknown are one answer.
Awaitable<Response> PersonApi::read_document(Exchange& exchange) {
  const policy::PersonActor person = person_of(exchange);
  Awaitable<service::OpenResult> open = open_own_document(core_, person, exchange.id<DocumentId>("document"));
  service::OpenResult result = co_await std::move(open);
  if (!result.opened) co_return read_refused(exchange, result.refused, Tells::nothing);
  Awaitable<Errands*> find = Errands::here();
  Errands* const errands = co_await std::move(find);
  co_return document_response(core_, *errands, std::move(*result.opened), exchange.request().header("range"));
}

Awaitable<Response> PersonApi::read_on(Exchange& exchange) {
  const policy::PersonActor person = person_of(exchange);
  std::optional<service::OpenedDocument> opened = service::reopen(core_, exchange.id<ReadingId>("reading"), person);
  if (!opened) {
    exchange.set_cause("no open reading of this person");
    co_return refusal();
  }
  Awaitable<Errands*> find = Errands::here();
  Errands* const errands = co_await std::move(find);
  co_return document_response(core_, *errands, std::move(*opened), exchange.request().header("range"));
}

Awaitable<Response> PersonApi::act(Exchange& exchange) {
  const Result<SignedRequest> request = read_json<SignedRequest>(exchange);
  if (!request) co_return not_accepted(exchange, request.error());
  const Result<SignedAct<PersonIdentity>> signed_act = authentication_.person_act(request->jws);
  if (!signed_act) co_return not_accepted(exchange, signed_act.error());
  exchange.set_identity(signed_act->who);
  Result<service::Command> command = command_of(core_, *signed_act);
  if (!command) co_return not_accepted(exchange, command.error());
  if (policy::direction_of(command->act) == policy::Direction::narrowing) {  // SPEC API-41
    const auto wait =
        narrowing_.take_on_credit(to_hex(signed_act->who.actor().key), core_.clock().steady(), kLongestWait);
    if (!wait) co_return too_many_requests();
    Awaitable<void> turn = wait_for(*wait);
    co_await std::move(turn);
  } else if (is_too_fast(signed_act->who.actor())) {
    co_return too_many_requests();
  }
  const policy::Act act = command->act;
  const bool waits = core_.directory().waits_for_second(command->actor, act);
  Awaitable<service::CommandResult> decision = decide(core_, std::move(*command));
  const service::CommandResult result = co_await std::move(decision);
  co_return act_answer(exchange, signed_act->sent.id, act, result, Tells::reason, waits);
}

}  // namespace flikvakt::gateway
