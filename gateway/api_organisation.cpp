#include "gateway/api_organisation.h"

#include "gateway/api_answers.h"
#include "gateway/api_requests.h"
#include "gateway/await_callback.h"
#include "gateway/await_command.h"
#include "gateway/document_body.h"
#include "gateway/json_views.h"
#include "gateway/partition_plan.h"
#include "gateway/problem.h"
#include "gateway/receipt_answers.h"
#include "gateway/sent_acts.h"
#include "gateway/tick.h"
#include "gateway/waiting_place.h"
#include "partition/limits.h"
#include "policy/terms.h"
#include "service/handles.h"

namespace flikvakt::gateway {
namespace {

constexpr std::uint64_t kLargestOrder = 16 + partition::kMostOrderBytes + partition::kMostInputBytes;

struct FullmaktListingRequest {
  std::string person;
};
BOOST_DESCRIBE_STRUCT(FullmaktListingRequest, (), (person))

struct ListingRequest {
  std::string person;
  std::string purpose;
};
BOOST_DESCRIBE_STRUCT(ListingRequest, (), (person, purpose))

Awaitable<Response> answer(Response response) { co_return response; }

const policy::StaffActor& staff_of(const Exchange& exchange) { return exchange.identity<StaffIdentity>().actor(); }

// The organisation's word for who sends it, which was verified before: it is kept with the act.
std::string bearer_of(const Exchange& exchange) {
  const std::string_view field = exchange.request().header("authorization");
  return std::string(field.substr(field.find(' ') + 1));
}

Result<service::Command> parse_act(service::Core& core, const Exchange& exchange, const service::SentAct& sent) {
  const policy::StaffActor& staff = staff_of(exchange);
  service::Command command = TRY(service::make_command(core, staff, sent, exchange.request().body, staff.organisation));
  if (!staff_may_send(command.act)) return fail(ErrorCode::invalid, "`act`: not an act of staff");
  if (const auto* rule = get_if<policy::SetPartitionRule>(&command.act)) TRY_VOID(check_rule_words(*rule));
  command.evidence->assertion = bearer_of(exchange);
  return command;
}

// What an act of listing answers, shown by `view`.
template <class Found>
using View = json::value (*)(service::Core& core, const std::vector<Found>& found, const OrganisationId& asks);

template <class Found>
Awaitable<Response> answer_list(service::Core& core, Exchange& exchange, policy::Act act, View<Found> view,
                                Departure departure = Departure::at_once) {
  const policy::StaffActor staff = staff_of(exchange);
  Awaitable<service::CommandResult> decision = decide(core, staff, std::move(act));
  const service::CommandResult result = co_await std::move(decision);
  if (!result.decision.is_permitted()) co_return read_refused(exchange, result, Tells::nothing);
  const auto& found = std::get<std::vector<Found>>(result.answer);
  Response response = json_response(200, json::serialize(view(core, found, staff.organisation)));
  response.departure = departure;
  co_return response;
}

}  // namespace

void OrganisationApi::add_to(Router& router) {
  const AccessRule staff = AccessRule::staff_assertion;
  const auto handle = [this](Exchange& e) { return answer(gateway::make_handle(core_, e, staff_of(e).organisation)); };
  const auto content = [this](Exchange& e) { return content_.receive(e, staff_of(e)); };
  router.add(Method::post, "/v1/handles", staff, whole_body(), limited(handle))
      .add(Method::post, "/v1/acts", staff, whole_body(), [this](Exchange& e) { return act(e); })
      .add(Method::put, "/v1/deposits/{deposit:id}/content", staff, streamed_body(kLargestDocument), limited(content))
      .add(Method::put, "/v1/deposits/{deposit:id}/chunks/{offset:number}", staff, whole_body(kLargestChunk),
           limited([this](Exchange& e) { return content_.receive_chunk(e, staff_of(e)); }))
      .add(Method::get, "/v1/deposits/{deposit:id}/chunks", staff, no_body(),
           limited([this](Exchange& e) { return content_.chunks(e, staff_of(e)); }))
      .add(Method::get, "/v1/source-requests", staff, no_body(), limited([this](Exchange& e) {
             return answer_list<policy::SourceRequest>(core_, e, policy::ListSourceRequests{}, source_requests_view,
                                                       Departure::on_tick);
           }))
      .add(Method::post, "/v1/partitions", staff, streamed_body(kLargestOrder),
           limited([this](Exchange& e) { return partitions_.divide(e, staff_of(e)); }))
      .add(Method::post, "/v1/listings", staff, whole_body(),
           limited([this](Exchange& e) { return list_documents(e); }))
      .add(Method::get, "/v1/documents/{document:id}/content", staff, no_body(),
           limited([this](Exchange& e) { return read_document(e); }))
      .add(Method::get, "/v1/readings/{reading:id}/content", staff, no_body(),
           limited([this](Exchange& e) { return read_on(e); }))
      .add(Method::post, "/v1/fullmakt-listings", staff, whole_body(),
           limited([this](Exchange& e) { return list_fullmakter(e); }))
      .add(Method::get, "/v1/cases", staff, no_body(), limited([this](Exchange& e) {
             return answer_list<policy::CaseView>(core_, e, policy::ListCases{}, cases_view);
           }))
      .add(Method::get, "/v1/requests", staff, no_body(), limited([this](Exchange& e) {
             return answer_list<policy::AccessRequest>(core_, e, policy::ListRequests{}, requests_view,
                                                       Departure::on_tick);  // SPEC API-100
           }))
      .add(Method::get, "/v1/notices", staff, no_body(), limited([this](Exchange& e) {
             return answer_list<policy::Notice>(core_, e, policy::ListNotices{}, notices_view);
           }))
      .add(Method::get, "/v1/erase-orders", staff, no_body(), limited([this](Exchange& e) {
             return answer_list<policy::EraseOrder>(core_, e, policy::ListEraseOrders{}, erase_orders_view);
           }))
      .add(Method::get, "/v1/proposals/{proposal:id}", staff, no_body(), limited([this](Exchange& e) {
             const policy::ReadProposals act{e.id<ProposalId>("proposal")};  // SPEC API-57
             return answer_list<policy::Proposal>(core_, e, act, proposals_view);
           }))
      .add(Method::get, "/v1/receipts/{entry:number}", AccessRule::organisation_certificate, no_body(),
           [this](Exchange& e) { return receipt(e); })
      .add(Method::get, "/v1/catalogue", AccessRule::organisation_certificate, no_body(), [this](Exchange& e) {
        return answer(catalogue_response(core_, e.identity<OrganisationIdentity>().organisation()));
      });
}

// SPEC API-5
bool OrganisationApi::is_too_fast(const Exchange& exchange) {
  return !limiter_.allow(as_text(staff_of(exchange).organisation.value()), core_.clock().steady());
}

Handler OrganisationApi::limited(Handler handler) {
  return [this, handler](Exchange& exchange) {
    return is_too_fast(exchange) ? answer(too_many_requests()) : handler(exchange);
  };
}

Awaitable<Response> OrganisationApi::act(Exchange& exchange) {
  const Result<service::SentAct> sent = read_json<service::SentAct>(exchange);
  if (!sent) co_return not_accepted(exchange, sent.error());
  Result<service::Command> command = parse_act(core_, exchange, *sent);
  if (!command) co_return not_accepted(exchange, command.error());
  if (policy::direction_of(command->act) == policy::Direction::narrowing) {  // SPEC API-41
    const auto wait = narrowing_.take_on_credit(staff_of(exchange).staff.text(), core_.clock().steady(), kLongestWait);
    if (!wait) co_return too_many_requests();
    Awaitable<void> turn = wait_for(*wait);
    co_await std::move(turn);
  } else if (is_too_fast(exchange)) {
    co_return too_many_requests();
  }
  const bool enrols = holds_alternative<policy::ProposeKey>(command->act);
  if (enrols && !enrolments_.allow(staff_of(exchange).organisation.text(), core_.clock().steady())) {
    co_return too_many_requests();  // SPEC API-45
  }
  const policy::Act act = command->act;
  Awaitable<service::CommandResult> decision = decide(core_, std::move(*command));
  const service::CommandResult result = co_await std::move(decision);
  co_return act_answer(exchange, sent->id, act, result, Tells::nothing, policy::takes_two(act));
}

Awaitable<Response> OrganisationApi::list_documents(Exchange& exchange) {
  const Result<ListingRequest> request = read_json<ListingRequest>(exchange);
  if (!request) co_return not_accepted(exchange, request.error());
  const policy::StaffActor staff = staff_of(exchange);
  const Result<policy::BlindIndex> person = service::resolve_handle(core_.keys(), staff.organisation, request->person);
  if (!person) co_return not_accepted(exchange, person.error());
  Awaitable<service::CommandResult> decision = decide(core_, staff, policy::ListDocuments{*person, request->purpose});
  const service::CommandResult result = co_await std::move(decision);
  if (!result.decision.is_permitted()) co_return read_refused(exchange, result, Tells::nothing);
  const auto& found = std::get<policy::Listing>(result.answer);
  Response response = json_response(200, json::serialize(listing_view(found)));
  response.departure = Departure::on_tick;  // SPEC API-54: an empty list says nothing by its time either
  co_return response;
}

Awaitable<Response> OrganisationApi::read_document(Exchange& exchange) {
  const std::string purpose(exchange.request().query("purpose"));
  if (!policy::is_code(purpose)) {
    co_return not_accepted(exchange, fail(ErrorCode::malformed, "`purpose`: expected a purpose code"));
  }
  Awaitable<service::OpenResult> open =
      open_document(core_, staff_of(exchange), exchange.id<DocumentId>("document"), purpose);
  service::OpenResult result = co_await std::move(open);
  if (!result.opened) co_return read_refused(exchange, result.refused, Tells::nothing);
  Awaitable<Errands*> find = Errands::here();
  Errands* const errands = co_await std::move(find);
  co_return document_response(core_, *errands, std::move(*result.opened), exchange.request().header("range"));
}

// SPEC API-62
Awaitable<Response> OrganisationApi::read_on(Exchange& exchange) {
  std::optional<service::OpenedDocument> opened =
      service::reopen(core_, exchange.id<ReadingId>("reading"), staff_of(exchange));
  if (!opened) {
    exchange.set_cause("no open reading of this staff member");
    co_return refusal();
  }
  Awaitable<Errands*> find = Errands::here();
  Errands* const errands = co_await std::move(find);
  co_return document_response(core_, *errands, std::move(*opened), exchange.request().header("range"));
}

// SPEC API-101
Awaitable<Response> OrganisationApi::list_fullmakter(Exchange& exchange) {
  const Result<FullmaktListingRequest> request = read_json<FullmaktListingRequest>(exchange);
  if (!request) co_return not_accepted(exchange, request.error());
  const policy::StaffActor staff = staff_of(exchange);
  const Result<policy::BlindIndex> person = service::resolve_handle(core_.keys(), staff.organisation, request->person);
  if (!person) co_return not_accepted(exchange, person.error());
  Awaitable<service::CommandResult> decision = decide(core_, staff, policy::ListFullmakter{*person});
  const service::CommandResult result = co_await std::move(decision);
  if (!result.decision.is_permitted()) co_return read_refused(exchange, result, Tells::nothing);
  Response response =
      json_response(200, json::serialize(fullmakter_view(std::get<std::vector<policy::Fullmakt>>(result.answer))));
  response.departure = Departure::on_tick;
  co_return response;
}

// SPEC API-111: the organisation's, not one staff member's: nothing is in it but what its own staff did.
Awaitable<Response> OrganisationApi::receipt(Exchange& exchange) {
  const OrganisationId organisation = exchange.identity<OrganisationIdentity>().organisation();
  if (!limiter_.allow(as_text(organisation.value()), core_.clock().steady())) co_return too_many_requests();
  const WaitingPlace place(waiting_receipts_);
  if (place.is_beyond(kMostWaitingReceipts)) {
    exchange.set_cause("too many receipts wait");
    co_return plain_problem(503);
  }
  const std::uint64_t entry = exchange.number("entry");
  Awaitable<Receipts> reading =
      await_callback<Receipts>([this, organisation, entry](std::function<void(Receipts)> done) {
        core_.log_reader().post([this, organisation, entry, give = handing_to(done)] {
          give(service::organisation_receipt(core_, organisation, entry, cosigned_note(witnessed_)));
        });
      });
  const Receipts receipt = co_await std::move(reading);
  co_return receipt_response(exchange, *receipt);
}

}  // namespace flikvakt::gateway
