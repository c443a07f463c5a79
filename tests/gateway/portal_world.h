// The portal over a whole gateway: the people of api_world.h as those of a demo, and a browser that keeps cookies,
// reads forms and follows nothing by itself.
#pragma once

#include "service/browser_session.h"
#include "tests/gateway/api_world.h"
#include "tests/service/software_issuer.h"

namespace flikvakt::gateway::test {

inline constexpr std::string_view kClientKeys = R"({"keys":[]})";

using Fields = std::vector<std::pair<std::string, std::string>>;

class Browser {
public:
  Browser(std::uint16_t port, std::string ca_pem) : port_(port), ca_pem_(std::move(ca_pem)) {}

  ApiReply get(std::string_view path);
  // `extra`: more field lines, each with its CRLF; a browser says where a form comes from.
  ApiReply submit(std::string_view path, const Fields& fields,
                  std::string_view extra = "Sec-Fetch-Site: same-origin\r\n");
  ApiReply upload(std::string_view path, const Fields& fields, std::string_view file_name, BytesView file);
  // Asks, and does not wait for the answer, which receive() gives.
  void begin_get(std::string_view path);
  ApiReply receive() { return keep(client_->receive()); }
  // A connection on which a form with a file of that length has begun to come, and does not go on.
  std::unique_ptr<ApiClient> hold(std::string_view path, std::size_t length);
  // The hidden fields of the form with that action on a page, with what is filled in.
  static Fields filled(const ApiReply& page, std::string_view action, const Fields& typed = {});

  std::map<std::string, std::string> cookies;

private:
  std::string cookie_line() const;
  ApiReply keep(ApiReply reply);
  ApiClient& client();  // another connection after an answer that was the last of one
  std::uint16_t port_;
  std::string ca_pem_;
  std::unique_ptr<ApiClient> client_;
};

class PortalWorld {
public:
  enum Who : std::size_t {
    milo,
    nurse,
    handler,
    region_registrar,
    authority_registrar,
    reviewer,
    other_reviewer,
    provider_staff,
    provider_officer,
    first_guardian,
    second_guardian,
    demo_administrator
  };

  // `change`: of the options of the portal's server.
  explicit PortalWorld(const std::function<void(Server::Options&)>& change = [](Server::Options&) {});
  ~PortalWorld();

  Browser browser() const { return Browser(server_->ports().portal, world.ca_pem); }
  Browser signed_in(Who who) const;
  std::string handle(const TestOrganisation& organisation) const;  // of the person, as that organisation has it
  policy::BlindIndex index() const;                                // of the person
  // The provider is authorised for `karriar`, and has a part of a kontrakt of the person's, by which they opened the
  // flik "ekonomi" to it; the kontrakt.
  KontraktId let_provider_work();
  // The two act for the person, what opens something only together.
  void register_guardians();

  // Signed in with a code that the administrator got at this gateway's own socket.
  Browser administrator(std::size_t which = 0) const;
  service::BrowserSessions& sessions() const { return *sessions_; }
  std::filesystem::path socket() const { return world.folder / "portal.sock"; }
  std::string invitation_of(std::size_t which) const;  // the signed act, as the command sends it

  // An issuer of e-IDs that two administrators registered; who asks it gets what `network` says.
  void register_issuer(const std::string& code);
  // With what that browser is sent there.
  struct SentToIssuer {
    std::string state;
    crypto::Hash256 nonce{};
  };
  static SentToIssuer sent_by(const ApiReply& page);
  static SentToIssuer go_to_issuer(Browser& browser, const std::string& code);
  // From now on the issuer tells the truth of the person whom this is about, for that nonce.
  void vouch_for(const crypto::Hash256& nonce);
  service::test::SoftwareIssuer issuer;
  service::Fetch network = [](const service::HttpsRequest&) -> Result<service::HttpsAnswer> {
    return fail(ErrorCode::io, "no network in tests");
  };

  ApiWorld world;
  StaffId reviewer_of_region, reviewer_of_authority;  // log reviewers
  std::unique_ptr<TestOrganisation> provider;
  StaffId coach, officer;  // of the provider
  crypto::SigningKey guardian_keys[2] = {crypto::SigningKey::generate(crypto::KeyAlgorithm::p256),
                                         crypto::SigningKey::generate(crypto::KeyAlgorithm::p256)};

private:
  service::CommandResult by_registrars(policy::Act act);
  service::DemoPerson staff(const std::string& name, const TestOrganisation& of, const StaffId& id) const;
  std::unique_ptr<service::BrowserSessions> sessions_;
  std::unique_ptr<Server> server_;  // of the portal alone, on the same core; ends first
};

crypto::SigningKey copy_of(const crypto::SigningKey& key);

}  // namespace flikvakt::gateway::test
