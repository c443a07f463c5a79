#include "tests/gateway/api_world.h"

#include <poll.h>

#include <charconv>

#include "base/files.h"
#include "crypto/canonical_json.h"
#include "crypto/jws.h"
#include "crypto/tls.h"
#include "tests/gateway/described.h"

namespace flikvakt::gateway::test {

using namespace policy;

namespace {

std::filesystem::path make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "flikvakt-api-XXXXXX").string();
  return ::mkdtemp(name.data());
}

std::vector<KeyRow> rows_of(store::KeyStore& keys) {
  std::vector<KeyRow> out;
  EXPECT_TRUE(keys.for_each([&](const store::KeySlot& slot) -> Result<void> {
    out.push_back({slot.id, slot.parent, slot.level, slot.version, KeyStatus::active, crypto::wrap_hash(slot.wrap)});
    return {};
  }));
  return out;
}

service::ActEvidence evidence(UtcTime now) {
  service::ActEvidence out{crypto::random_id<ActId>(), now + 24h, to_bytes(crypto::random_bytes<32>()), {}};
  out.hash = crypto::sha256(out.bytes);
  return out;
}

std::string kid_of(const crypto::SigningKey& key) { return to_base64url(key.public_key().thumbprint()); }

}  // namespace

std::string ApiReply::field(std::string_view name) const {
  const std::string begin = "\r\n" + std::string(name) + ": ";
  const std::size_t at = head.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  return head.substr(from, head.find("\r\n", from) - from);
}

json::value ApiReply::json() const {
  Result<json::value> value = parse_json(body);
  return value ? *value : json::value();
}

std::string ApiReply::text(std::string_view pointer) const {
  boost::system::error_code error;
  const json::value whole = json();
  const json::value* found = whole.find_pointer(pointer, error);
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

std::string ApiReply::comparable() const {
  std::string out = head + body;
  const std::size_t date = out.find("Date: ");
  if (date != std::string::npos) out.erase(date, out.find("\r\n", date) - date);
  const std::string prefix = "urn:flikvakt:problem:";
  const std::size_t instance = out.find(prefix);
  if (instance != std::string::npos) out.replace(instance + prefix.size(), 32, "?");
  return out;
}

ApiClient::ApiClient(std::uint16_t port, const std::string& ca_pem, const certs::IssuedIdentity* identity)
    : tls_([&] {
        crypto::TlsClientOptions options;
        options.host = "127.0.0.1";
        options.port = port;
        options.server_name = "localhost";
        options.trusted_ca_pem = ca_pem;
        options.timeout = 8s;
        if (identity) options.identity = crypto::ClientIdentity{identity->certificate, identity->key};
        return crypto::TlsClient::connect(options).value();
      }()) {}

std::string ApiClient::fields(std::string_view extra) const {
  std::string out = " HTTP/1.1\r\nHost: localhost\r\n";
  if (!authorization.empty()) out += "Authorization: " + authorization + "\r\n";
  return out + std::string(extra);
}

ApiReply ApiClient::get(std::string_view target, std::string_view extra) {
  send("GET " + std::string(target) + fields(extra) + "\r\n");
  return receive();
}

ApiReply ApiClient::post(std::string_view target, const json::value& body, std::string_view extra) {
  const std::string text = json::serialize(body);
  send("POST " + std::string(target) + fields(extra) +
       "Content-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text);
  return receive();
}

ApiReply ApiClient::post_bytes(std::string_view target, std::string_view media_type, BytesView body) {
  send("POST " + std::string(target) + fields("") + "Content-Type: " + std::string(media_type) +
       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  (void)tls_.write_all(body);
  return receive();
}

ApiReply ApiClient::put(std::string_view target, std::string_view media_type, BytesView body, std::string_view extra) {
  send("PUT " + std::string(target) + fields(extra) + "Content-Type: " + std::string(media_type) +
       "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  (void)tls_.write_all(body);
  return receive();
}

bool ApiClient::more() {
  ByteArray<16384> chunk;
  const Result<std::size_t> got = tls_.read_some(chunk);
  if (!got || *got == 0) return false;
  received_.append(as_text(BytesView(chunk).first(*got)));
  return true;
}

bool ApiClient::send(std::string_view text) {
  const std::string_view line = text.substr(0, text.find("\r\n"));
  const std::size_t verb = line.find(' '), target = line.find(" HTTP/1.1");
  if (verb < target && target != std::string_view::npos) {
    asked_.emplace_back(line.substr(0, verb), line.substr(verb + 1, target - verb - 1));
  }
  return tls_.write_all(as_bytes(text)).has_value();
}

ApiReply ApiClient::receive() {
  ApiReply reply = receive_any();
  if (asked_.empty()) return reply;
  const auto [verb, target] = asked_.front();
  asked_.pop_front();
  for (const std::string& complaint : find_undescribed(verb, target, reply)) {
    ADD_FAILURE() << verb << " " << target << " " << reply.status << ": " << complaint << "\n" << reply.body;
  }
  return reply;
}

ApiReply ApiClient::receive_any() {
  ApiReply reply;
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!more()) return reply;
  }
  reply.head = received_.substr(0, end + 4);
  received_.erase(0, end + 4);
  std::from_chars(reply.head.data() + 9, reply.head.data() + 12, reply.status);
  const std::string length_text = reply.field("Content-Length");
  std::size_t length = 0;
  std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  while (received_.size() < length && more()) {
  }
  reply.body = received_.substr(0, length);
  received_.erase(0, reply.body.size());
  return reply;
}

bool ApiClient::is_closed_within(std::chrono::milliseconds patience) {
  pollfd watched{tls_.descriptor(), POLLIN, 0};
  if (::poll(&watched, 1, static_cast<int>(patience.count())) <= 0) return false;
  return !more();
}

ApiWorld::ApiWorld(const std::function<void(Server::Options&)>& change)
    : folder(make_folder()),
      now(clock.wall()),
      pki(certs::DevPki::create(folder / "pki", now).value()),
      ca_pem(as_text(read_file(pki.ca_path(), 65536).value())),
      device(crypto::SigningKey::generate(crypto::KeyAlgorithm::p256)) {
  found();
  register_issuer();
  for (const char* flik : {"journal", "ekonomi"}) {
    decide(administrators[0], RegisterFlikType{flik, flik, flik, "test", Sensitivity::sensitive});
  }
  region = add_organisation("region", crypto::KeyAlgorithm::ed25519);
  authority = add_organisation("authority", crypto::KeyAlgorithm::p256);
  nurse = add_staff(*region, {});
  region_registrar = add_staff(*region, {StaffRole::roster_officer, StaffRole::registrar});
  handler = add_staff(*authority, {});
  authority_registrar = add_staff(*authority, {StaffRole::roster_officer, StaffRole::registrar});
  person = enrol(kNumber, device);

  const std::vector<std::string> names{"localhost", "127.0.0.1"};
  const certs::IssuedIdentity own = pki.issue_server("server", names, now).value();
  Server::Options options;
  options.api_address = options.portal_address = "127.0.0.1:0";
  options.admin_socket = socket();
  options.api_certificate = options.portal_certificate = own.certificate;
  options.api_key = options.portal_key = own.key;
  options.client_roots = pki.ca_path();
  options.partition_program = FLIKVAKT_PASSING_CHILD;  // what tests deposit is no file of any kind
  change(options);
  server = Server::open(*core, options).value();
  serving_ = server.get();
  server->start();
}

ApiWorld::~ApiWorld() {
  server->stop(0ms);
  serving_ = nullptr;
  server.reset();
  core->sequencer().stop();
  core.reset();
  std::filesystem::remove_all(folder);
}

void ApiWorld::found() {
  auto directory = store::DataDirectory::create(folder / "data").value();
  service::Core::Hooks hooks{[](const Error& error) { ADD_FAILURE() << error.message; },
                             [this] {
                               if (Server* serving = serving_.load()) serving->close_stale_connections();
                             }};
  core = service::Core::create(std::move(directory), crypto::MasterKey::random(), "flikvakt.test/log", clock, hooks)
             .value();
  Initialise init;
  init.instance = {"flikvakt-test", "flikvakt.test/log", 0, {}, {}};
  for (int i = 0; i < 3; ++i) {
    const crypto::SigningKey& key =
        administrator_keys.emplace_back(crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519));
    const auto kind = i < 2 ? AdministratorKind::personal : AdministratorKind::recovery;
    const auto id = crypto::random_id<AdministratorId>();
    if (i < 2) administrators[i] = {id};
    init.administrators.push_back(
        {id, "Admin", kind, key.public_key().thumbprint(), key.public_key().to_jwk(), Standing::active});
  }
  service::Command command{SystemActor{}, init, evidence(now), {}, {}, {}};
  command.prepared.keys = rows_of(core->keys().store());
  command.prepared.log_key = core->keys().first_log_key().value();
  EXPECT_TRUE(core->decide(std::move(command)).decision.is_permitted());
}

void ApiWorld::register_issuer() {
  const Fingerprint ca = pki.ca().certificate().sha256_fingerprint();
  EXPECT_TRUE(by_administrators(RegisterIssuer{ca, "Test CA", pki.ca().certificate().der()}).decision.is_permitted());
  const crypto::Crl crl = pki.crl().value();
  EXPECT_TRUE(
      decide(SystemActor{}, ApplyCrl{ca, crl.number(), crl.sha256(), crl.next_update(), {}}).decision.is_permitted());
}

service::CommandResult ApiWorld::decide(Actor actor, Act act) {
  const bool is_own = std::holds_alternative<SystemActor>(actor);
  service::Command command{std::move(actor), std::move(act), {}, {}, {}, {}};
  if (!is_own) command.evidence = evidence(now);
  return core->decide(std::move(command));
}

service::CommandResult ApiWorld::by_administrators(Act act) {
  const json::value what = act_to_json(act);
  service::Command first{administrators[0], std::move(act), evidence(now), {}, {}, {}};
  const ProposalId proposal(first.evidence->id.value());
  EXPECT_TRUE(core->decide(std::move(first)).decision.is_permitted());
  return decide(administrators[1], Approve{proposal, what});
}

std::unique_ptr<TestOrganisation> ApiWorld::add_organisation(const std::string& label, crypto::KeyAlgorithm algorithm,
                                                             OrganisationKind kind) {
  auto out = std::make_unique<TestOrganisation>(TestOrganisation{
      crypto::random_id<OrganisationId>(), label, pki.issue_client(label, label, "232100-0016", now).value(),
      crypto::SigningKey::generate(algorithm)});
  by_administrators(RegisterOrganisation{out->id, label, "232100-0016", kind});
  const crypto::Certificate& leaf = out->identity.leaf;
  by_administrators(RegisterCertificate{leaf.sha256_fingerprint(), out->id, pki.ca().certificate().sha256_fingerprint(),
                                        leaf.serial_hex(), leaf.not_before(), leaf.not_after(), leaf.der()});
  const crypto::PublicKey& key = out->key.public_key();
  EXPECT_TRUE(by_administrators(RegisterAssertionKey{key.thumbprint(), out->id, key.to_jwk()}).decision.is_permitted());
  return out;
}

StaffId ApiWorld::add_staff(const TestOrganisation& organisation, std::set<StaffRole> roles) {
  const auto id = crypto::random_id<StaffId>();
  decide(administrators[0], RegisterStaff{id, organisation.id, {}, "Staff", roles});
  return id;
}

StaffActor ApiWorld::actor(const TestOrganisation& organisation, const StaffId& staff) const {
  return {staff, organisation.id, organisation.identity.leaf.sha256_fingerprint(),
          organisation.key.public_key().thumbprint()};
}

PersonId ApiWorld::enrol(std::string_view number, const crypto::SigningKey& device_key) {
  std::string digits(number);
  std::erase(digits, '-');
  const auto fresh = crypto::random_id<PersonId>();
  const BlindIndex index = core->keys().blind_index(digits);
  const crypto::PublicKey& key = device_key.public_key();
  service::Command propose{
      actor(*region, region_registrar), ProposeKey{index, key.to_jwk(), key.thumbprint()}, evidence(now), {}, {}, {}};
  const auto made = core->keys().make_person_keys(fresh, crypto::random_id<KeyId>());
  propose.prepared = {fresh, digits, service::make_durable(core->keys(), made).value()};
  EXPECT_TRUE(core->decide(std::move(propose)).decision.is_permitted());
  EXPECT_TRUE(
      decide(actor(*authority, authority_registrar), ConfirmKey{index, key.thumbprint()}).decision.is_permitted());
  return fresh;
}

ApiClient ApiWorld::organisation(const TestOrganisation& who) const {
  return ApiClient(server->ports().api, ca_pem, &who.identity);
}

ApiClient ApiWorld::staff(const TestOrganisation& who, const StaffId& staff) const {
  ApiClient client = organisation(who);
  client.authorization = "Bearer " + assertion(who, staff);
  return client;
}

ApiClient ApiWorld::portal() const { return ApiClient(server->ports().portal, ca_pem, nullptr); }

std::string ApiWorld::assertion(const TestOrganisation& who, const StaffId& staff,
                                const AssertionTricks& tricks) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock.wall()).time_since_epoch().count();
  json::object claims{{"aud", "flikvakt-test"},
                      {"cnf", json::object{{"x5t#S256", to_base64url(who.identity.leaf.sha256_fingerprint())}}},
                      {"exp", seconds + 240},
                      {"iat", seconds},
                      {"iss", who.id.text()},
                      {"jti", crypto::random_id<ActId>().text()},
                      {"sub", staff.text()}};
  tricks.claims(claims);
  return crypto::sign_jws(tricks.key ? *tricks.key : who.key, tricks.typ, tricks.kid.value_or(kid_of(who.key)),
                          as_bytes(crypto::canonical(claims)))
      .value();
}

json::object ApiWorld::sent(json::value act, std::optional<std::uint64_t> seen) const {
  json::object out{{"id", crypto::random_id<ActId>().text()},
                   {"audience", "flikvakt-test"},
                   {"issued", to_rfc3339(clock.wall())},
                   {"expires", to_rfc3339(clock.wall() + 1h)},
                   {"act", std::move(act)}};
  if (seen) out["seen_version"] = *seen;
  return out;
}

std::string ApiWorld::signed_act(const json::value& sent, const crypto::SigningKey& key, std::string_view typ) const {
  return crypto::sign_jws(key, typ, kid_of(key), as_bytes(crypto::canonical(sent))).value();
}

std::string ApiWorld::session_jws(const crypto::TlsClient& tls, const json::value& challenge,
                                  const std::function<void(json::object&)>& change) const {
  const Bytes binding = tls.export_keying_material(crypto::kChannelBindingLabel, crypto::kChannelBindingBytes).value();
  json::object claims{{"audience", "flikvakt-test"},
                      {"binding", to_base64url(binding)},
                      {"challenge", challenge},
                      {"issued", to_rfc3339(clock.wall())}};
  change(claims);
  return crypto::sign_jws(device, "flikvakt-session+jws", kid_of(device), as_bytes(crypto::canonical(claims))).value();
}

void ApiWorld::open_session(ApiClient& client) const {
  const ApiReply challenged = client.post("/v1/session-challenges", json::object());
  ASSERT_EQ(challenged.status, 200u) << challenged.body;
  const std::string jws = session_jws(client.tls(), challenged.json().at("challenge"));
  const ApiReply opened = client.post("/v1/sessions", json::object{{"jws", jws}});
  ASSERT_EQ(opened.status, 201u) << opened.body;
}

ApiReply ApiWorld::act_of_person(json::value act) const {
  ApiClient client = portal();
  open_session(client);
  const auto seen = client.get("/v1/me").json().at("consent_version").to_number<std::uint64_t>();
  return client.post("/v1/acts", json::object{{"jws", signed_act(sent(std::move(act), seen), device)}});
}

std::string ApiWorld::handle(ApiClient& client, std::string_view number) const {
  const ApiReply reply = client.post("/v1/handles", json::object{{"number", number}});
  return reply.status == 200 ? std::string(reply.json().at("handle").as_string()) : std::string();
}

json::object ApiWorld::begin_deposit(const std::string& handle, BytesView bytes, const std::string& flik) const {
  const json::object facts{{"flik", flik},
                           {"title", "Anteckning"},
                           {"author", "Vårdcentralen"},
                           {"date", "2026-11-01"},
                           {"media_type", "text/plain"},
                           {"size", bytes.size()},
                           {"sha256", to_base64url(crypto::sha256(bytes))},
                           {"other_subjects", json::array()}};
  return sent(json::object{{"kind", "begin_deposit"},
                           {"id", crypto::random_id<DepositId>().text()},
                           {"person", handle},
                           {"facts", facts},
                           {"other_subjects", json::array()}});
}

std::string ApiWorld::deposit(BytesView bytes, const std::string& flik) const {
  ApiClient client = staff(*region, nurse);
  const json::object begin = begin_deposit(handle(client), bytes, flik);
  EXPECT_EQ(client.post("/v1/acts", begin).status, 200u);
  const std::string id(begin.at("act").at("id").as_string());
  const ApiReply sealed = client.put("/v1/deposits/" + id + "/content", "text/plain", bytes);
  EXPECT_EQ(sealed.status, 201u) << sealed.head << sealed.body;
  return sealed.status == 201 ? std::string(sealed.json().at("document").as_string()) : std::string();
}

json::object ApiWorld::fullmakt_act(const std::string& id, const std::string& flik) const {
  const std::string text = "Jag låter dem läsa.";
  json::object terms{
      {"disclosers", json::array{region->id.text()}},
      {"recipients", json::array{json::object{{"kind", "organisation"}, {"id", to_base64url(authority->id.value())}}}},
      {"flikar", json::array{flik}},
      {"documents", json::array()},
      {"purpose", "konsultation"},
      {"rights", json::array{"read"}},
      {"valid_from", to_rfc3339(now - 1h)},
      {"valid_to", to_rfc3339(now + 24h * 90)},
      {"secrecy_consent", "osl-10-1"},
      {"legal_ground", "gdpr-6-1-e"},
      {"language", "sv"},
      {"text_sha256", to_base64url(crypto::sha256(as_bytes(text)))}};
  return {{"kind", "sign_fullmakt"}, {"id", id}, {"terms", std::move(terms)}, {"text", text}};
}

std::string ApiWorld::sign_fullmakt(const std::string& flik) const {
  const std::string id = crypto::random_id<FullmaktId>().text();
  const ApiReply reply = act_of_person(fullmakt_act(id, flik));
  EXPECT_EQ(reply.status, 200u) << reply.body;
  return id;
}

std::string reading_of(const ApiReply& reply) { return reply.field("Flikvakt-Reading"); }

Bytes text_bytes(std::size_t size) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>('a' + (i / 7 + i) % 26);
  return out;
}

}  // namespace flikvakt::gateway::test
