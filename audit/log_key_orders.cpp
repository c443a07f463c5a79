#include "audit/log_key_orders.h"

#include <algorithm>

#include "crypto/canonical_json.h"
#include "crypto/jws.h"

namespace flikvakt::audit {
namespace {

constexpr std::string_view kAdministratorJws = "flikvakt-admin+jws";  // SPEC ACR-3

// What was signed. An administrator acts as nobody's representative.
struct Order {
  ActId id;
  std::string audience;
  UtcTime issued;
  UtcTime expires;
  std::optional<std::uint64_t> seen_version = {};
  json::value act;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, audience, issued, expires, seen_version, act))

struct NewKey {
  std::string kind;
  std::string origin;
  ByteArray<32> checkpoint_key{};
  ByteArray<32> head_key{};
  bool compromised = false;
};
BOOST_DESCRIBE_STRUCT(NewKey, (), (kind, origin, checkpoint_key, head_key, compromised))

struct Approval {
  std::string kind;
  ActId proposal;  // the id of the act that waited
  json::value act;
};
BOOST_DESCRIBE_STRUCT(Approval, (), (kind, proposal, act))

Error wrong(std::string what) { return fail(ErrorCode::invalid, std::move(what)); }

Result<crypto::ParsedJws> evidence_of(const json::value& record, const std::string& what) {
  const json::object* object = record.if_object();
  const json::value* evidence = object ? object->if_contains("evidence") : nullptr;
  if (!evidence) return wrong("nobody signed its " + what);
  const Result<Bytes> bytes = from_json<Bytes>(*evidence);
  const auto jws = bytes ? crypto::parse_jws(as_text(*bytes)) : Result<crypto::ParsedJws>(bytes.error());
  return jws ? jws : wrong("what should be the signature of its " + what + " is none: " + jws.error().message);
}

struct SignedOrder {
  Order order;
  crypto::PublicKey by;
};

// SPEC JWS-9, JWS-10, JWS-11, JCS-6
Result<SignedOrder> signed_order(const OrderedEntry& entry, std::span<const crypto::PublicKey> administrators,
                                 const std::string& what) {
  const crypto::ParsedJws jws = TRY(evidence_of(entry.record, what));
  const auto is_theirs = [&](const crypto::PublicKey& one) { return to_base64url(one.thumbprint()) == jws.kid(); };
  const auto key = std::ranges::find_if(administrators, is_theirs);
  if (key == administrators.end())
    return wrong("its " + what + " is signed by none of the administrators whom you named");
  const Result<Bytes> payload = crypto::verify_jws(jws, *key, kAdministratorJws);
  if (!payload) return wrong("the administrator's signature of its " + what + " is not valid");
  if (!crypto::is_canonical(as_text(*payload))) return wrong("what was signed as its " + what + " is not canonical");
  const Result<Order> order = from_json<Order>(TRY(parse_json(as_text(*payload))));
  if (!order) return wrong("what was signed as its " + what + " is no order: " + order.error().message);
  if (order->id != entry.act) return wrong("its " + what + " was signed for another act than the log has there");
  if (order->expires <= entry.time) return wrong("the order that is its " + what + " had expired");
  return SignedOrder{*order, *key};
}

}  // namespace

// SPEC LKEY-16
Result<Orderers> check_log_key_orders(const OrderedEntry& proposal, const OrderedEntry& approval,
                                      const std::string& origin, const crypto::PublicKey& checkpoint_key,
                                      std::span<const crypto::PublicKey> administrators) {
  const SignedOrder first = TRY(signed_order(proposal, administrators, "proposal"));
  const SignedOrder second = TRY(signed_order(approval, administrators, "approval"));
  if (first.by == second.by) return wrong("one administrator alone proposed and approved it");
  if (first.order.audience != second.order.audience)
    return wrong("its proposal and its approval are addressed to different gateways");
  const Result<NewKey> ordered = from_json<NewKey>(first.order.act);
  if (!ordered || ordered->kind != "rotate_log_key") return wrong("what was proposed is no new key of the log");
  if (ordered->origin != origin) return wrong("the administrators ordered a key of another log");
  if (!std::ranges::equal(ordered->checkpoint_key, checkpoint_key.raw()))
    return wrong("the administrators ordered another key");
  const Result<Approval> approved = from_json<Approval>(second.order.act);
  const bool is_of_that = approved && approved->kind == "approve" && approved->proposal == first.order.id &&
                          approved->act == first.order.act;
  if (!is_of_that) return wrong("what was approved is not what was proposed");
  return Orderers{first.by, second.by};
}

}  // namespace flikvakt::audit
