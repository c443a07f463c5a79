// Which acts come in through which door: every kind of act there is, well-formed, tried at each of the three.
#include <utility>

#include "service/browser_evidence.h"
#include "tests/gateway/api_world.h"
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

using Kinds = std::set<std::string>;

const Kinds kOfStaff{"accept_team",
                     "roster_add",
                     "roster_remove",
                     "propose_key",
                     "confirm_key",
                     "paper_fullmakt",
                     "paper_narrowing",
                     "paper_referral",
                     "paper_reconfirm",
                     "record_masking",
                     "approve",
                     "reattest_staff",
                     "begin_deposit",
                     "request_access",
                     "withdraw_request",
                     "relinquish_fullmakt",
                     "paper_komplettering",
                     "paper_kontrakt",
                     "accept_case",
                     "set_meetings",
                     "propose_hand_over",
                     "close_case",
                     "reach_milestone",
                     "attest_erasure",
                     "acknowledge_notice",
                     "record_death",
                     "correct_death",
                     "record_disclosure",
                     "register_representative",
                     "end_representative",
                     "protect_identity",
                     "end_protection",
                     "paper_lift_sparr",
                     "paper_hand_over",
                     "withdraw_proposal",
                     "note_review",
                     "set_provider_entry",
                     "ask_source",
                     "decline_source_request",
                     "set_partition_rule"};
const Kinds kOfPersons{
    "sign_fullmakt",   "pause_fullmakt",    "resume_fullmakt", "revoke_fullmakt", "set_sparr",
    "lift_sparr",      "sign_referral",     "remove_key",      "reconfirm",       "sign_komplettering",
    "decline_request", "sign_kontrakt",     "sign_hand_over",  "close_case",      "end_representative",
    "approve",         "withdraw_proposal", "add_key"};
const Kinds kOfAdministrators{"register_administrator",
                              "register_organisation",
                              "register_issuer",
                              "register_certificate",
                              "register_assertion_key",
                              "register_team",
                              "register_unit",
                              "register_staff",
                              "register_flik_type",
                              "register_authorisation",
                              "end_authorisation",
                              "register_kontrakt",
                              "end_kontrakt",
                              "suspend",
                              "remove",
                              "reinstate",
                              "accept_clock",
                              "shred",
                              "reattest_organisation",
                              "reattest_catalogue",
                              "reattest_kontrakt",
                              "read_proposals",
                              "propose_kontrakt",
                              "register_template",
                              "set_telling",
                              "set_naming",
                              "list_overdue",
                              "approve",
                              "withdraw_proposal",
                              "set_retention",
                              "prune_log",
                              "set_oidc_issuer",
                              "register_staff_key",
                              "set_subject",
                              "invite_connector"};

class ApiDoors : public testing::Test {
protected:
  // An act of this kind whose contents nothing can be said against but by the rules.
  template <class T>
  json::object sample() const {
    T act{};
    if constexpr (requires { act.jwk; }) {
      act.jwk = world_.device.public_key().to_jwk();
      act.thumbprint = world_.device.public_key().thumbprint();
    }
    if constexpr (requires {
                    act.text;
                    act.terms.text_sha256;
                  }) {
      act.text = "Jag låter dem läsa.";
      act.terms.text_sha256 = crypto::sha256(as_bytes(act.text));
    }
    if constexpr (requires {
                    act.delta;
                    act.text_sha256;
                  }) {
      act.text = "Jag låter dem läsa mer.";
      act.text_sha256 = crypto::sha256(as_bytes(act.text));
    }
    for (Date* date : dates_of(act)) *date = parse_date("2026-11-22").value();
    if constexpr (std::is_same_v<T, policy::BeginDeposit>) act.facts.date = parse_date("2026-11-22").value();
    if constexpr (std::is_same_v<T, policy::AcceptClock>) act.wall = world_.now;
    if constexpr (std::is_same_v<T, policy::RegisterIssuer>) act = issuer();
    if constexpr (std::is_same_v<T, policy::RegisterCertificate>) act = certificate();
    if constexpr (std::is_same_v<T, policy::SetOidcIssuer>) {
      act.issuer = act.authorization_endpoint = act.token_endpoint = act.jwks_uri = "https://issuer.example";
      act.ca = world_.pki.ca().certificate().pem();
    }
    if constexpr (std::is_same_v<T, policy::EnrolEid>) {
      std::string number(ApiWorld::kNumber);
      std::erase(number, '-');
      act.issuer = "e-id";
      act.thumbprint = service::e_id_thumbprint(act.issuer, world_.core->keys().blind_index(number));
    }
    json::object out = policy::act_to_json(act).as_object();
    if constexpr (std::is_same_v<T, policy::Approve>) out["act"] = json::object{{"kind", "start"}};
    return out;
  }
  template <class T>
  static std::vector<Date*> dates_of(T& act) {
    if constexpr (requires { act.died; }) {
      if constexpr (std::is_same_v<decltype(act.died), Date>) return {&act.died};
    }
    if constexpr (requires { act.reached; }) return {&act.reached};
    return {};
  }
  policy::RegisterIssuer issuer() const {
    const crypto::Certificate& ca = world_.pki.ca().certificate();
    return {ca.sha256_fingerprint(), "CA", ca.der()};
  }
  policy::RegisterCertificate certificate() const {
    const crypto::Certificate& leaf = world_.region->identity.leaf;
    return {leaf.sha256_fingerprint(),
            world_.region->id,
            world_.pki.ca().certificate().sha256_fingerprint(),
            leaf.serial_hex(),
            leaf.not_before(),
            leaf.not_after(),
            leaf.der()};
  }

  std::map<std::string, json::object> every_kind() const {
    std::map<std::string, json::object> out;
    const auto add = [&]<class T>() { out[std::string(T::kKind)] = sample<T>(); };
    [&]<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
      (add.template operator()<boost::mp11::mp_at_c<policy::ActVariant, kIndex>>(), ...);
    }
    (std::make_index_sequence<boost::mp11::mp_size<policy::ActVariant>::value>());
    return out;
  }

  // `send` answers to an act; `handle` is how this door names a person.
  void expect_only(const Kinds& mine, const std::string& handle, const std::function<ApiReply(json::object)>& send) {
    for (auto& [kind, act] : every_kind()) {
      json::object named = act;
      if (named.contains("person")) named["person"] = handle;
      if (named.contains("representative")) named["representative"] = handle;
      const ApiReply reply = send(named);
      const bool is_foreign = reply.text("/detail").find("not an act of") != std::string::npos;
      EXPECT_EQ(is_foreign, !mine.contains(kind)) << kind << ": " << reply.status << " " << reply.body;
      if (!mine.contains(kind)) {
        EXPECT_EQ(reply.status, 422u) << kind << ": " << reply.body;
      }
    }
  }

  ApiWorld world_;
};

// SPEC API-40
TEST_F(ApiDoors, StaffSendActsOfStaffOnly) {
  ApiClient client = world_.staff(*world_.region, world_.nurse);
  const std::uint64_t before = world_.core->sequencer().log_view().size;
  expect_only(kOfStaff, world_.handle(client),
              [&](json::object act) { return client.post("/v1/acts", world_.sent(std::move(act))); });
  EXPECT_LE(world_.core->sequencer().log_view().size, before + kOfStaff.size()) << "a foreign act makes no entry";
}

// SPEC API-40
TEST_F(ApiDoors, PersonsSendActsOfPersonsOnly) {
  ApiClient client = world_.portal();
  UnixClient socket(world_.socket());
  const std::string handle = socket.post("/v1/handles", json::object{{"number", ApiWorld::kNumber}}).text("/handle");
  expect_only(kOfPersons, handle, [&](json::object act) {
    const std::string jws = world_.signed_act(world_.sent(std::move(act), 0), world_.device);
    return client.post("/v1/acts", json::object{{"jws", jws}});
  });
}

// SPEC API-40
TEST_F(ApiDoors, AdministratorsSendActsOfAdministratorsOnly) {
  UnixClient socket(world_.socket());
  const std::string handle = socket.post("/v1/handles", json::object{{"number", ApiWorld::kNumber}}).text("/handle");
  expect_only(kOfAdministrators, handle, [&](json::object act) {
    const std::string jws =
        world_.signed_act(world_.sent(std::move(act)), world_.administrator_keys[0], "flikvakt-admin+jws");
    return socket.post("/v1/acts", json::object{{"jws", jws}});
  });
}

}  // namespace
}  // namespace flikvakt::gateway::test
