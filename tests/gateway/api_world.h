// A whole gateway on loopback ports over a real core in a temporary directory: two organisations with certificates and
// staff, a person with a device key, and clients that speak real TLS. Made anew for each test.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <functional>

#include "certs/dev_pki.h"
#include "crypto/random.h"
#include "crypto/tls_client.h"
#include "gateway/server.h"
#include "service/core.h"
#include "service/sent_act.h"

namespace flikvakt::gateway::test {

using namespace std::chrono_literals;

struct ApiReply {
  unsigned status = 0;  // 0: the connection ended first
  std::string head;
  std::string body;

  std::string field(std::string_view name) const;    // empty when absent
  json::value json() const;                          // null when the body is none
  std::string text(std::string_view pointer) const;  // of the string at a JSON pointer; empty when there is none
  // Head and body without what may differ: Date and the 32 digits of the instance.
  std::string comparable() const;
};

// One connection. `extra`: more field lines, each with its CRLF.
class ApiClient {
public:
  ApiClient(std::uint16_t port, const std::string& ca_pem, const certs::IssuedIdentity* identity);

  ApiReply get(std::string_view target, std::string_view extra = "");
  ApiReply post(std::string_view target, const json::value& body, std::string_view extra = "");
  ApiReply post_bytes(std::string_view target, std::string_view media_type, BytesView body);
  ApiReply put(std::string_view target, std::string_view media_type, BytesView body, std::string_view extra = "");
  bool send(std::string_view text);
  ApiReply receive();  // and holds it to the description of what was asked
  bool more();         // reads once; false at the end of the connection
  std::string& received() { return received_; }
  bool is_closed_within(std::chrono::milliseconds patience);
  crypto::TlsClient& tls() { return tls_; }

  std::string authorization;  // sent with each request when not empty

private:
  std::string fields(std::string_view extra) const;
  ApiReply receive_any();
  crypto::TlsClient tls_;
  std::deque<std::pair<std::string, std::string>> asked_;  // verb and target of what is not answered yet
  std::string received_;
};

struct TestOrganisation {
  OrganisationId id;
  std::string label;
  certs::IssuedIdentity identity;
  crypto::SigningKey key;  // of its assertions
};

struct AssertionTricks {
  std::function<void(json::object&)> claims = [](json::object&) {};
  const crypto::SigningKey* key = nullptr;  // signs in place of the organisation's, under the organisation's kid
  std::string typ = "flikvakt-staff+jws";
  std::optional<std::string> kid;
};

// Both clocks go on together, and can be moved ahead; or the wall's alone, as somebody sets it.
class MovingClock final : public Clock {
public:
  UtcTime wall() const override { return real_.wall() + ahead_.load() + jumped_.load(); }
  std::chrono::steady_clock::time_point steady() const override { return real_.steady() + ahead_.load(); }
  void move(std::chrono::milliseconds by) { ahead_ = ahead_.load() + by; }
  void jump(std::chrono::milliseconds by) { jumped_ = jumped_.load() + by; }

private:
  SystemClock real_;
  std::atomic<std::chrono::milliseconds> ahead_{std::chrono::milliseconds(0)};
  std::atomic<std::chrono::milliseconds> jumped_{std::chrono::milliseconds(0)};
};

class ApiWorld {
public:
  explicit ApiWorld(const std::function<void(Server::Options&)>& change = [](Server::Options&) {});
  ~ApiWorld();

  // Clients
  ApiClient organisation(const TestOrganisation& who) const;
  ApiClient staff(const TestOrganisation& who, const StaffId& staff) const;  // with a fresh assertion
  ApiClient portal() const;
  std::string assertion(const TestOrganisation& who, const StaffId& staff, const AssertionTricks& tricks = {}) const;

  // Acts as people send them.
  json::object sent(json::value act, std::optional<std::uint64_t> seen = {}) const;
  std::string signed_act(const json::value& sent, const crypto::SigningKey& key,
                         std::string_view typ = "flikvakt-act+jws") const;
  std::string session_jws(
      const crypto::TlsClient& tls, const json::value& challenge,
      const std::function<void(json::object&)>& change = [](json::object&) {}) const;
  void open_session(ApiClient& client) const;
  ApiReply act_of_person(json::value act) const;  // over a connection of its own, with the version that stands

  // Short ways
  std::string handle(ApiClient& client, std::string_view number = kNumber) const;
  json::object begin_deposit(const std::string& handle, BytesView bytes, const std::string& flik = "journal") const;
  // By the nurse; the document's id.
  std::string deposit(BytesView bytes, const std::string& flik = "journal") const;
  std::string sign_fullmakt(const std::string& flik = "journal") const;  // authority reads the region's
  json::object fullmakt_act(const std::string& id, const std::string& flik) const;
  std::string path_of(const std::string& document) const {
    return "/v1/documents/" + document + "/content?purpose=konsultation";
  }

  // Straight to the core.
  service::CommandResult decide(policy::Actor actor, policy::Act act);
  service::CommandResult by_administrators(policy::Act act);
  PersonId enrol(std::string_view number, const crypto::SigningKey& device_key);

  static constexpr std::string_view kNumber = "19730288-9931";
  static constexpr std::string_view kUnknownNumber = "19121212-1212";

  std::filesystem::path folder;
  MovingClock clock;
  UtcTime now;
  certs::DevPki pki;
  std::string ca_pem;
  std::unique_ptr<service::Core> core;
  std::unique_ptr<Server> server;  // after the core: ends first

  policy::AdministratorActor administrators[2];
  std::vector<crypto::SigningKey> administrator_keys;
  std::unique_ptr<TestOrganisation> region, authority;
  StaffId nurse, region_registrar, handler, authority_registrar;
  PersonId person;
  crypto::SigningKey device;
  std::filesystem::path socket() const { return folder / "admin.sock"; }

  std::unique_ptr<TestOrganisation> add_organisation(
      const std::string& label, crypto::KeyAlgorithm algorithm,
      policy::OrganisationKind kind = policy::OrganisationKind::authority);
  StaffId add_staff(const TestOrganisation& organisation, std::set<policy::StaffRole> roles);
  policy::StaffActor actor(const TestOrganisation& organisation, const StaffId& staff) const;

private:
  void found();
  void register_issuer();
  std::atomic<Server*> serving_ = nullptr;
};

std::string reading_of(const ApiReply& reply);  // the Flikvakt-Reading field
Bytes text_bytes(std::size_t size);             // readable, the same each time

}  // namespace flikvakt::gateway::test
