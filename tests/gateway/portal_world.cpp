#include "tests/gateway/portal_world.h"

#include <regex>

#include "crypto/hash.h"
#include "gateway/form.h"
#include "gateway/sent_acts.h"
#include "service/handles.h"
#include "tests/gateway/unix_client.h"

namespace flikvakt::gateway::test {
namespace {

constexpr std::string_view kGuardians[] = {"19811218-9876", "19640823-3234"};

std::string digits_of(std::string_view number) {
  std::string out(number);
  std::erase(out, '-');
  return out;
}

std::string urlencoded(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out += (out.empty() ? "" : "&") + percent_encoded(name) + "=" + percent_encoded(value);
  }
  return out;
}

std::string unescaped(std::string text) {
  constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
      {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}};
  for (const auto& [entity, character] : kEntities) {
    for (std::size_t at = 0; (at = text.find(entity, at)) != std::string::npos; at += character.size()) {
      text.replace(at, entity.size(), character);
    }
  }
  return text;
}

}  // namespace

std::string Browser::cookie_line() const {
  std::string out;
  for (const auto& [name, value] : cookies) out += (out.empty() ? "Cookie: " : "; ") + name + "=" + value;
  return out.empty() ? out : out + "\r\n";
}

ApiReply Browser::keep(ApiReply reply) {
  const std::regex cookie("\r\nSet-Cookie: ([^=]+)=([^;\r]*)");
  for (auto it = std::sregex_iterator(reply.head.begin(), reply.head.end(), cookie); it != std::sregex_iterator();
       ++it) {
    if ((*it)[2].length() == 0) {
      cookies.erase((*it)[1]);
    } else {
      cookies[(*it)[1]] = (*it)[2];
    }
  }
  if (reply.status == 0 || reply.field("Connection") == "close") client_.reset();
  return reply;
}

ApiClient& Browser::client() {
  if (!client_) client_ = std::make_unique<ApiClient>(port_, ca_pem_, nullptr);
  return *client_;
}

ApiReply Browser::get(std::string_view path) { return keep(client().get(path, cookie_line())); }

ApiReply Browser::submit(std::string_view path, const Fields& fields, std::string_view extra) {
  const std::string body = urlencoded(fields);
  client().send("POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + cookie_line() + std::string(extra) +
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body);
  return keep(client_->receive());
}

ApiReply Browser::upload(std::string_view path, const Fields& fields, std::string_view file_name, BytesView file) {
  std::string body;
  for (const auto& [name, value] : fields) {
    body += "--xYz\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  body += "--xYz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + std::string(file_name) +
          "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + std::string(as_text(file)) + "\r\n--xYz--\r\n";
  client().send("POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + cookie_line() +
                "Sec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=xYz\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
  return keep(client_->receive());
}

void Browser::begin_get(std::string_view path) {
  client().send("GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + cookie_line() + "\r\n");
}

std::unique_ptr<ApiClient> Browser::hold(std::string_view path, std::size_t length) {
  auto out = std::make_unique<ApiClient>(port_, ca_pem_, nullptr);
  out->send("POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n" + cookie_line() +
            "Sec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary=xYz\r\nContent-Length: " +
            std::to_string(length) + "\r\n\r\n--xYz\r\n");
  return out;
}

Fields Browser::filled(const ApiReply& page, std::string_view action, const Fields& typed) {
  const std::size_t begin = page.body.find("action=\"" + std::string(action) + "\"");
  EXPECT_NE(begin, std::string::npos) << "no form for " << action << " in\n" << page.body;
  if (begin == std::string::npos) return typed;
  const std::string form = page.body.substr(begin, page.body.find("</form>", begin) - begin);
  Fields out;
  const std::regex hidden("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\">");
  for (auto it = std::sregex_iterator(form.begin(), form.end(), hidden); it != std::sregex_iterator(); ++it) {
    out.emplace_back((*it)[1], unescaped((*it)[2]));
  }
  out.insert(out.end(), typed.begin(), typed.end());
  return out;
}

crypto::SigningKey copy_of(const crypto::SigningKey& key) {
  return crypto::SigningKey::from_seed(key.algorithm(), key.seed()).value();
}

service::DemoPerson PortalWorld::staff(const std::string& name, const TestOrganisation& of, const StaffId& id) const {
  policy::StaffActor actor{id, of.id, of.identity.leaf.sha256_fingerprint(), of.key.public_key().thumbprint()};
  return {name, name, name, actor, std::make_shared<const crypto::SigningKey>(copy_of(of.key))};
}

PortalWorld::PortalWorld(const std::function<void(Server::Options&)>& change)
    : reviewer_of_region(crypto::random_id<StaffId>()),
      reviewer_of_authority(crypto::random_id<StaffId>()),
      provider(world.add_organisation("stegvis", crypto::KeyAlgorithm::ed25519, policy::OrganisationKind::provider)),
      coach(world.add_staff(*provider, {})),
      officer(world.add_staff(*provider, {policy::StaffRole::roster_officer})) {
  for (const auto& [id, of] :
       {std::pair(reviewer_of_region, world.region.get()), std::pair(reviewer_of_authority, world.authority.get())}) {
    world.decide(world.administrators[0],
                 policy::RegisterStaff{id, of->id, {}, "Gro Granskare", {policy::StaffRole::log_reviewer}});
  }
  service::DemoPeople people;
  people.push_back({"Milo", "vill tillbaka", "wants to return", std::nullopt,
                    std::make_shared<const crypto::SigningKey>(copy_of(world.device))});
  people.push_back(staff("Maja", *world.region, world.nurse));
  people.push_back(staff("Jorun", *world.authority, world.handler));
  people.push_back(staff("Kim", *world.region, world.region_registrar));
  people.push_back(staff("Lee", *world.authority, world.authority_registrar));
  people.push_back(staff("Gro", *world.region, reviewer_of_region));
  people.push_back(staff("Grim", *world.authority, reviewer_of_authority));
  people.push_back(staff("Elin", *provider, coach));
  people.push_back(staff("Noor", *provider, officer));
  for (std::size_t i = 0; i < 2; ++i) {
    world.enrol(kGuardians[i], guardian_keys[i]);
    people.push_back({"Vårdnadshavare", "", "", std::nullopt,
                      std::make_shared<const crypto::SigningKey>(copy_of(guardian_keys[i]))});
  }
  service::DemoPerson cleo{"Cleo", "", "", std::nullopt,
                           std::make_shared<const crypto::SigningKey>(copy_of(world.administrator_keys[1]))};
  cleo.administrator = world.administrators[1].administrator;
  people.push_back(std::move(cleo));
  sessions_ = std::make_unique<service::BrowserSessions>(
      service::BrowserSessions::Parts{*world.core,
                                      {"localhost", "https://localhost", "https://localhost/sign-in/return"},
                                      [this](const service::HttpsRequest& request) { return network(request); },
                                      crypto::SigningKey::generate(crypto::KeyAlgorithm::p256),
                                      person_may_send,
                                      staff_may_send,
                                      std::move(people)});
  const std::vector<std::string> names{"localhost", "127.0.0.1"};
  const certs::IssuedIdentity own = world.pki.issue_server("portal", names, world.now).value();
  Server::Options options;
  options.portal_address = "127.0.0.1:0";
  options.admin_socket = socket();
  options.portal_certificate = own.certificate;
  options.portal_key = own.key;
  options.browser_sessions = sessions_.get();
  options.portal_client_keys = kClientKeys;
  options.partition_program = FLIKVAKT_PASSING_CHILD;
  change(options);
  server_ = Server::open(*world.core, options).value();
  server_->start();
}

PortalWorld::~PortalWorld() {
  server_->stop(0ms);
  server_.reset();
  sessions_.reset();
}

Browser PortalWorld::signed_in(Who who) const {
  Browser out = browser();
  const ApiReply in = out.submit("/sign-in/demo", {{"number", std::to_string(who)}, {"back", ""}});
  EXPECT_EQ(in.status, 303u) << in.body;
  EXPECT_TRUE(out.cookies.contains("__Host-flikvakt-session"));
  return out;
}

std::string PortalWorld::invitation_of(std::size_t which) const {
  return world.signed_act(world.sent(json::object{{"kind", "read_proposals"}}), world.administrator_keys[which],
                          "flikvakt-admin+jws");
}

Browser PortalWorld::administrator(std::size_t which) const {
  const UnixClient client(socket());
  const ApiReply invited = client.post("/v1/portal-invitations", json::object{{"jws", invitation_of(which)}});
  EXPECT_EQ(invited.status, 200u) << invited.body;
  Browser out = browser();
  const ApiReply in = out.submit("/sign-in/administrator", {{"code", invited.text("/code")}});
  EXPECT_EQ(in.status, 303u) << in.body;
  EXPECT_EQ(in.field("Location"), "/administration");
  return out;
}

void PortalWorld::register_issuer(const std::string& code) {
  const policy::OidcIssuer row = issuer.row(code);
  const policy::SetOidcIssuer act{
      row.code,           row.name,     row.issuer,  row.client_id, {}, row.acr, {}, row.authorization_endpoint,
      row.token_endpoint, row.jwks_uri, world.ca_pem};
  EXPECT_TRUE(world.by_administrators(act).decision.is_permitted());
}

PortalWorld::SentToIssuer PortalWorld::sent_by(const ApiReply& page) {
  const auto value_of = [&](const char* name) {
    std::smatch found;
    EXPECT_TRUE(std::regex_search(page.body, found, std::regex(std::string(name) + "=([A-Za-z0-9_-]{43})")))
        << name << " in\n"
        << page.body;
    return found.empty() ? std::string(43, 'A') : found[1].str();
  };
  return {value_of("state"), to_array<32>(from_base64url(value_of("nonce")).value()).value()};
}

PortalWorld::SentToIssuer PortalWorld::go_to_issuer(Browser& browser, const std::string& code) {
  const ApiReply page = browser.submit("/sign-in/issuer", {{"issuer", code}, {"back", ""}});
  EXPECT_EQ(page.status, 200u) << page.body;
  return sent_by(page);
}

void PortalWorld::vouch_for(const crypto::Hash256& nonce) {
  const std::string token = issuer.token(nonce, world.clock.wall(), digits_of(ApiWorld::kNumber));
  network = [keys = issuer.key_set(), token](const service::HttpsRequest& request) -> Result<service::HttpsAnswer> {
    if (request.url.ends_with("/jwks")) return service::HttpsAnswer{200, keys};
    return service::HttpsAnswer{200, json::serialize(json::object{{"id_token", token}})};
  };
}

std::string PortalWorld::handle(const TestOrganisation& organisation) const {
  std::string digits(ApiWorld::kNumber);
  std::erase(digits, '-');
  return service::handle_for(world.core->keys(), organisation.id, digits, world.clock).value();
}

policy::BlindIndex PortalWorld::index() const { return world.core->keys().blind_index(digits_of(ApiWorld::kNumber)); }

service::CommandResult PortalWorld::by_registrars(policy::Act act) {
  const json::value what = policy::act_to_json(act);
  service::ActEvidence evidence{crypto::random_id<ActId>(), world.now + 24h, to_bytes(crypto::random_bytes<32>()), {}};
  evidence.hash = crypto::sha256(evidence.bytes);
  const ProposalId proposal(evidence.id.value());
  service::Command first{
      world.actor(*world.region, world.region_registrar), std::move(act), std::move(evidence), {}, {}, {}};
  EXPECT_TRUE(world.core->decide(std::move(first)).decision.is_permitted());
  return world.decide(world.actor(*world.authority, world.authority_registrar), policy::Approve{proposal, what});
}

void PortalWorld::register_guardians() {
  using namespace policy;
  for (const std::string_view number : kGuardians) {
    RegisterRepresentative act;
    act.id = crypto::random_id<RepresentativeId>();
    act.person = index();
    act.representative = world.core->keys().blind_index(digits_of(number));
    act.representative_kind = RepresentativeKind::guardian;
    act.powers = {RepresentativePower::see, RepresentativePower::consent};
    act.valid_from = world.now - 1h;
    act.valid_to = world.now + 24h * 90;
    act.jointly = true;
    const service::CommandResult result = by_registrars(act);
    EXPECT_TRUE(result.decision.is_permitted()) << json::serialize(to_json(result.decision.reason));
  }
}

KontraktId PortalWorld::let_provider_work() {
  using namespace policy;
  const UtcTime from = world.now - 24h, to = world.now + 24h * 60;
  const auto admin = world.administrators[0];
  const RegisterAuthorisation authorise{crypto::random_id<AuthorisationId>(), provider->id, {"karriar"}, from, to};
  EXPECT_TRUE(world.decide(admin, authorise).decision.is_permitted());
  const auto kontrakt = crypto::random_id<KontraktId>();
  RegisterKontrakt act;
  act.id = kontrakt;
  act.person = index();
  act.parts = {{"Coachning <b>i grupp</b>", provider->id, "karriar", from, to, "Fyra träffar"}};
  act.goals = "Tillbaka i arbete";
  act.milestones = std::vector<Milestone>{
      {"Praktik", Date(std::chrono::floor<std::chrono::days>(world.now) + std::chrono::days(30)), {}}};
  EXPECT_TRUE(world.decide(admin, act).decision.is_permitted());
  json::object sign = world.fullmakt_act(crypto::random_id<FullmaktId>().text(), "ekonomi");
  json::object& terms = sign["terms"].as_object();
  terms["recipients"] = json::array{json::object{{"kind", "organisation"}, {"id", to_base64url(provider->id.value())}}};
  terms["kontrakt"] = kontrakt.text();
  terms["purpose"] = "insats";
  const ApiReply signed_it = world.act_of_person(sign);
  EXPECT_EQ(signed_it.status, 200u) << signed_it.body;
  return kontrakt;
}

}  // namespace flikvakt::gateway::test
