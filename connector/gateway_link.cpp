#include "connector/gateway_link.h"

#include <algorithm>

#include "audit/note.h"
#include "base/characters.h"
#include "base/files.h"
#include "crypto/canonical_json.h"
#include "crypto/hash.h"
#include "crypto/jws.h"
#include "crypto/random.h"

namespace flikvakt::connector {
namespace {

constexpr std::string_view kSealedType = "application/vnd.flikvakt.sealed";
constexpr std::string_view kCodePrefix = "fvk1-";
constexpr std::size_t kCodeBytes = 16 + 20 + 32;
constexpr std::chrono::seconds kAssertionLasts{300};
constexpr std::chrono::seconds kRenewBefore{30};
constexpr std::chrono::seconds kMostClockDifference{60};
constexpr unsigned kUnknownSession = 440;
constexpr std::string_view kNotEndToEnd = "/end-to-end-not-set";
constexpr std::string_view kLogKeysFormat = "flikvakt-log-keys/1";
constexpr std::string_view kEnrollingFile = "enrolling.json";
constexpr std::size_t kMostEnrollingBytes = 64 * 1024;

std::int64_t unix_seconds(UtcTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Trust trust_of(const Config& config, const IdentityFile& identity) {
  if (config.mode == Mode::end_to_end) return trust_of_sealed(config);
  // SPEC CONN-3: an inspecting proxy's root vouches for nobody here. An identity without roots is none
  // (Identity::from).
  return Trust::of_roots(identity.trust).value().with_identity(identity.certificate, identity.tls_key);
}

std::string base_of(const Config& config, const IdentityFile& identity) {
  if (config.mode == Mode::end_to_end) return config.gateway;
  if (!config.direct.empty()) return config.direct;
  return identity.api.empty() ? config.gateway : identity.api;
}

// SPEC E2E-21: what is no sealed answer was not made by the gateway's door, or says that it could not be opened there.
// Whoever is on the way can say the same.
Trouble not_sealed(const HttpAnswer& answer) {
  const auto type = answer.headers.find("content-type");
  const bool is_page = type != answer.headers.end() && type->second.starts_with("text/html");
  if (is_page || (answer.status >= 200 && answer.status < 400))
    return hearsay(ExitCode::captive, "something on the way answers in the gateway's place (status " +
                                          std::to_string(answer.status) +
                                          "): a page of the network's, to log in or to warn?");
  if (answer.status == 403)
    return hearsay(
        ExitCode::not_accepted,
        "the gateway does not know this connector (was it enrolled anew elsewhere?), or something on the way "
        "refuses in its place");
  if (answer.status == 421)
    return hearsay(ExitCode::not_the_gateway,
                   "another gateway answers, or its keys changed (then enrol anew), or something on the way says so");
  if (answer.status == 407) return hearsay(ExitCode::proxy_login, "the proxy wants a login, or another one");
  return hearsay(ExitCode::unavailable, "the gateway cannot answer now (status " + std::to_string(answer.status) + ")");
}

struct Code {
  ConnectorId connector;
  Bytes secret;
  crypto::Hash256 pin{};
};
Outcome<Code> parse_code(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
  const auto wrong = [] {
    return trouble(ExitCode::code_refused,
                   "this is no enrolment code: expected `fvk1-` and 91 characters, as the "
                   "administrators gave it");
  };
  if (!text.starts_with(kCodePrefix)) return wrong();
  const Result<Bytes> bytes = from_base64url(text.substr(kCodePrefix.size()));
  if (!bytes || bytes->size() != kCodeBytes) return wrong();
  ByteReader in(*bytes);
  Code out;
  out.connector = ConnectorId(in.array<16>());
  out.secret = to_bytes(in.bytes(20));
  out.pin = in.array<32>();
  return out;
}

// SPEC CONN-6: the one gateway whose key has the pin of the code, whoever answers.
Outcome<crypto::hpke::PublicKey> pinned_key(Transport& transport, const Config& config, const crypto::Hash256& pin) {
  const auto answer = transport.send({"GET", config.gateway + "/v1/seal-keys", {}, {}, std::chrono::seconds(5)});
  if (!answer) return trouble_of(answer.error());
  const json::value body = body_of(*answer);
  const json::value* keys = body.is_object() ? body.get_object().if_contains("keys") : nullptr;
  if (!keys || !keys->is_array()) return not_sealed(*answer);
  for (const json::value& one : keys->get_array()) {
    const Result<Bytes> key =
        one.is_string() ? from_base64url(one.get_string()) : fail(ErrorCode::malformed, "no text");
    if (key && key->size() == 32 && crypto::sha256(*key) == pin) return *to_array<32>(*key);
  }
  return trouble(ExitCode::not_the_gateway,
                 "the gateway that answers is not the one that the code is for: nothing was sent to it");
}

Trouble not_end_to_end() {
  return trouble(ExitCode::end_to_end_off,
                 "the administrators have not set end-to-end mode for this connector: ask them to, or set `mode = "
                 "\"direct\"`");
}

std::vector<std::string> texts_in(const json::value& value, std::string_view member) {
  std::vector<std::string> out;
  const json::value* found = value.is_object() ? value.get_object().if_contains(member) : nullptr;
  if (!found || !found->is_array()) return out;
  for (const json::value& one : found->get_array()) {
    if (one.is_string()) out.emplace_back(one.get_string());
  }
  return out;
}

// What the gateway says at enrolment and renewal, into `file`. SPEC E2E-6: seal keys only when it was sealed.
enum class Came { sealed, in_clear };
Outcome<void> take(const json::value& body, Came came, IdentityFile& file, UtcTime now) {
  const Result<ConnectorId> connector = ConnectorId::parse(text_in(body, "connector"));
  const Result<OrganisationId> organisation = OrganisationId::parse(text_in(body, "organisation"));
  const Result<StaffId> staff = StaffId::parse(text_in(body, "staff"));
  const json::value* end_to_end = body.is_object() ? body.get_object().if_contains("end_to_end") : nullptr;
  if (!connector || !organisation || !staff || !end_to_end || !end_to_end->is_bool())
    return trouble(ExitCode::fault,
                   "what the gateway answered is not understood: is this program (version " FLIKVAKT_VERSION
                   ") too old for it?");
  file.gateway = text_in(body, "gateway");
  file.connector = *connector;
  file.organisation = *organisation;
  file.staff = *staff;
  file.name = text_in(body, "name");
  file.end_to_end = end_to_end->get_bool();
  file.certificate = text_in(body, "certificate");
  file.issuer = text_in(body, "issuer");
  file.trust = text_in(body, "trust");
  file.api = text_in(body, "api");
  const std::string origin = text_in(body, "origin");
  std::vector<std::string> log_keys = texts_in(body, "log_keys");
  if (!log_keys.empty() || file.origin != origin) replace_log_keys(file, origin, std::move(log_keys));
  if (came == Came::sealed) file.seal_keys = texts_in(body, "seal_keys");
  file.since = now;
  return {};
}

// SPEC CONN-6: all that is sealed from now on is for the key that the administrators handed over, until that one's own
// sealed word names another.
bool is_pinned(const std::vector<std::string>& seal_keys, const crypto::Hash256& pin) {
  const Result<Bytes> first =
      seal_keys.empty() ? Result<Bytes>(fail(ErrorCode::malformed, "no seal key")) : from_base64url(seal_keys.front());
  return first && first->size() == 32 && crypto::sha256(*first) == pin;
}

// SPEC CONN-13
std::string key_proof(const crypto::SigningKey& key, const ConnectorId& connector, const std::string& public_key_pem) {
  return to_base64url(key.sign(crypto::text_of_key_proof(connector, public_key_pem)));
}

// SPEC CONN-6: what it enrols with, kept before the code goes out: an answer that is lost is asked for again with it.
// Of another code these are never the keys: the gateway knows them already, and takes them for nobody twice.
struct EnrollingFile {
  ConnectorId connector;
  std::string code;         // SHA-256 of the secret, hex
  std::string message_key;  // PEM
  std::string tls_key;
};
BOOST_DESCRIBE_STRUCT(EnrollingFile, (), (connector, code, message_key, tls_key))

struct EnrollingKeys {
  crypto::SigningKey message;
  crypto::SigningKey tls;
};

std::optional<EnrollingKeys> read_enrolling(const std::filesystem::path& file, const Code& code) {
  const Result<Bytes> bytes = read_file(file, kMostEnrollingBytes);
  if (!bytes) return std::nullopt;
  const Result<EnrollingFile> kept = parse_as<EnrollingFile>(as_text(*bytes));
  const bool is_of_code =
      kept && kept->connector == code.connector && kept->code == to_hex(crypto::sha256(code.secret));
  if (!is_of_code) return std::nullopt;
  Result<crypto::SigningKey> message = crypto::SigningKey::from_pem(kept->message_key);
  Result<crypto::SigningKey> tls = crypto::SigningKey::from_pem(kept->tls_key);
  if (!message || !tls) return std::nullopt;
  return EnrollingKeys{std::move(*message), std::move(*tls)};
}

Outcome<EnrollingKeys> enrolling_keys(const Config& config, const Code& code) {
  const std::filesystem::path file = config.state / kEnrollingFile;
  if (std::optional<EnrollingKeys> kept = read_enrolling(file, code)) return std::move(*kept);
  EnrollingKeys made{crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519),
                     crypto::SigningKey::generate(crypto::KeyAlgorithm::p256)};
  const EnrollingFile written{code.connector, to_hex(crypto::sha256(code.secret)),
                              std::string(made.message.to_pem().expose()), std::string(made.tls.to_pem().expose())};
  const Result<void> saved = write_file_atomically(file, as_bytes(to_text(to_json(written)) + "\n"));
  if (!saved) return disk_trouble(saved.error());
  return made;
}

Trouble refused_enrolment(const json::value& body, unsigned status) {
  const std::string reason = text_in(body, "reason");
  if (reason == "expired")
    return trouble(ExitCode::code_expired, "the code has expired: ask the administrators for a new one");
  if (reason == "wrong_state")
    return trouble(ExitCode::code_refused, "the code was used already: ask the administrators for a new one");
  if (reason == "credential_not_valid")
    return trouble(ExitCode::code_refused, "the gateway does not know this code: is it the newest one?");
  if (reason == "not_in_force")
    return trouble(ExitCode::not_accepted, "this connector, or its organisation, was suspended or removed");
  if (reason == "clock_doubt")
    return trouble(ExitCode::unavailable, "the gateway doubts its clock: nobody is enrolled until that is settled");
  return trouble(ExitCode::unavailable, "the gateway does not enrol now (status " + std::to_string(status) +
                                            (reason.empty() ? "" : ", " + reason) + ")");
}

}  // namespace

json::value body_of(const HttpAnswer& answer) {
  Result<json::value> value = parse_json(as_text(answer.body));
  return value ? std::move(*value) : json::value();
}
Bytes json_bytes(const json::value& value) { return to_bytes(as_bytes(json::serialize(value))); }
std::string text_in(const json::value& value, std::string_view member) {
  const json::value* found = value.is_object() ? value.get_object().if_contains(member) : nullptr;
  return found && found->is_string() ? std::string(found->get_string()) : std::string();
}

Trust trust_of_sealed(const Config& config) {
  return config.ca_bundle_pem.empty() ? Trust::of_sealed()
                                      : Trust::of_roots(config.ca_bundle_pem).value().with_older_tls();
}

Trouble not_accepted_any_more() {
  return trouble(ExitCode::not_accepted,
                 "the gateway does not accept this connector any more: was it removed, suspended or revoked? Ask the "
                 "gateway's administrators: `flikvakt connector list` shows how it stands");
}

Outcome<void> check_clock(std::string_view gateway_time) {
  const Result<UtcTime> theirs = parse_rfc3339(gateway_time);
  if (!theirs) return {};
  const auto off = SystemClock().wall() - *theirs;
  if (off <= kMostClockDifference && off >= -kMostClockDifference) return {};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(off).count();
  return trouble(ExitCode::clock, "this machine's clock is " + std::to_string(seconds < 0 ? -seconds : seconds) +
                                      " seconds " + (seconds < 0 ? "behind" : "ahead of") +
                                      " the gateway's: set it by NTP, then start again");
}

GatewayLink::GatewayLink(const Config& config, std::shared_ptr<const Identity> identity,
                         const std::atomic<bool>* cancelled, ShownPassword* password)
    : config_(config),
      identity_(std::move(identity)),
      transport_(std::make_unique<Transport>(config, trust_of(config, identity_->file()), cancelled, password)) {}

// spec/api.md, Staff assertion
std::string GatewayLink::assertion_of(const StaffId& staff) {
  const UtcTime now = SystemClock().wall();
  Assertion& kept = assertions_[staff];
  if (!kept.text.empty() && now + kRenewBefore < kept.ends) return kept.text;
  const std::int64_t issued = unix_seconds(now);
  const json::object claims{{"aud", identity_->file().gateway},
                            {"cnf", json::object{{"x5t#S256", to_base64url(identity_->fingerprint())}}},
                            {"exp", issued + kAssertionLasts.count()},
                            {"iat", issued},
                            {"iss", identity_->file().organisation.text()},
                            {"jti", to_hex(crypto::random_bytes<16>())},
                            {"sub", staff.text()}};
  const crypto::SigningKey& key = identity_->message_key();
  const std::string kid = to_base64url(key.public_key().thumbprint());
  kept.text = crypto::sign_jws(key, "flikvakt-staff+jws", kid, as_bytes(crypto::canonical(claims))).value();
  kept.ends = now + kAssertionLasts;
  return kept.text;
}

Outcome<HttpAnswer> GatewayLink::ask(Question question) {
  if (SystemClock().wall() >= identity_->valid_to())
    return trouble(ExitCode::certificate_expired, "the certificate of this connector expired on " +
                                                      to_rfc3339(identity_->valid_to()) +
                                                      ": ask the administrators for a new code");
  if (question.staff) question.headers["Authorization"] = "Bearer " + assertion_of(*question.staff);
  return config_.mode == Mode::direct ? ask_directly(question) : ask_sealed(question);
}

Outcome<HttpAnswer> GatewayLink::ask_directly(const Question& question) {
  Transport::Request request;
  request.method = question.method;
  request.url = base_of(config_, identity_->file()) + question.target;
  request.headers.assign(question.headers.begin(), question.headers.end());
  request.body = question.body;
  request.patience = question.patience;
  auto answer = transport_->send(request);
  if (!answer) return trouble_of(answer.error());
  return std::move(*answer);
}

Outcome<crypto::AnswerKey::Answer> GatewayLink::exchange(const crypto::SealedHead& head, BytesView body,
                                                         std::chrono::milliseconds patience) {
  Result<crypto::SealedRequest> sealed =
      crypto::seal_request(identity_->seal_key(), identity_->file().connector, identity_->message_key(), head, body);
  if (!sealed) return trouble(ExitCode::fault, sealed.error().message);
  Transport::Request request;
  request.method = "POST";
  request.url = config_.gateway + "/v1/sealed";
  request.headers = {{"Content-Type", std::string(kSealedType)}};
  request.body = std::move(sealed->message);
  request.patience = patience;
  const auto answer = transport_->send(request);
  if (!answer) return trouble_of(answer.error());
  Result<crypto::AnswerKey::Answer> opened = sealed->answer.open(answer->body);
  if (opened) return std::move(*opened);
  if (opened.error().code == ErrorCode::malformed) return not_sealed(*answer);
  return hearsay(ExitCode::captive, "an answer that is not the gateway's came back: something on the way changes it");
}

// SPEC E2E-30
Outcome<void> GatewayLink::open_session(std::chrono::milliseconds patience) {
  const auto began = std::chrono::steady_clock::now();
  const Outcome<json::value> asked = ask_of_session(json::object(), patience);
  if (!asked) return asked.error();
  const std::string nonce = text_in(*asked, "nonce");
  const auto took = std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  const Outcome<json::value> opened =
      ask_of_session(json::object{{"nonce", nonce}}, std::max(patience - took, std::chrono::milliseconds(1)));
  if (!opened) return opened.error();
  session_ = text_in(*opened, "session");
  number_ = 0;
  if (session_.empty()) return trouble(ExitCode::unavailable, "the gateway opens no session now");
  return check_clock(text_in(*opened, "time"));
}

Outcome<json::value> GatewayLink::ask_of_session(const json::object& body, std::chrono::milliseconds patience) {
  crypto::SealedHead head;
  head.method = "POST";
  head.target = "/v1/connector/session";
  head.headers["content-type"] = "application/json";
  const auto answer = exchange(head, json_bytes(body), patience);
  if (!answer) return answer.error();
  const unsigned status = static_cast<unsigned>(answer->head.status);
  json::value said = body_of({status, answer->head.headers, answer->body});
  if (status == 403 && text_in(said, "type").ends_with(kNotEndToEnd)) return not_end_to_end();
  if (status == 403) return not_accepted_any_more();
  if (status != 200 && status != 201)
    return trouble(ExitCode::unavailable, "the gateway opens no session now (status " + std::to_string(status) + ")");
  return said;
}

// The patience is of the whole, with the opening of a session.
Outcome<HttpAnswer> GatewayLink::ask_sealed(const Question& question) {
  const auto end = std::chrono::steady_clock::now() + question.patience;
  const auto left = [end] {
    const auto time = end - std::chrono::steady_clock::now();
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(time), std::chrono::milliseconds(1));
  };
  for (int attempt = 0;; ++attempt) {
    if (session_.empty()) {
      const Outcome<void> opened = open_session(std::min<std::chrono::milliseconds>(left(), std::chrono::seconds(10)));
      if (!opened) return opened.error();
    }
    crypto::SealedHead head;
    head.session = session_;
    head.number = ++number_;
    head.method = question.method;
    head.target = question.target;
    for (const auto& [name, value] : question.headers) head.headers[lowered(name)] = value;
    head.headers["flikvakt-certificate"] = to_hex(identity_->fingerprint());
    auto answer = exchange(head, question.body, left());
    if (!answer) return answer.error();
    if (answer->head.status == 403) {  // SPEC CONN-71: the mode may end while a session stands
      const json::value said = body_of({403, {}, answer->body});
      if (text_in(said, "type").ends_with(kNotEndToEnd)) return not_end_to_end();
    }
    if (answer->head.status == kUnknownSession) {
      session_.clear();
      if (attempt == 0) continue;
      // It says nothing of what was asked: that is to be asked again.
      return trouble(ExitCode::unavailable, "the gateway forgets our sessions as fast as they are opened");
    }
    return HttpAnswer{static_cast<unsigned>(answer->head.status), std::move(answer->head.headers),
                      std::move(answer->body)};
  }
}

Outcome<IdentityFile> enrol(const Config& config, std::string_view text) {
  const Outcome<Code> code = parse_code(text);
  if (!code) return code.error();
  // What is sent is sealed for the pinned key: whoever opens TLS sees nothing of it.
  Transport transport(config, trust_of_sealed(config));
  const Outcome<crypto::hpke::PublicKey> key = pinned_key(transport, config, code->pin);
  if (!key) return key.error();
  const Outcome<EnrollingKeys> keys = enrolling_keys(config, *code);
  if (!keys) return keys.error();
  const std::string public_key = keys->tls.public_key().to_pem();
  const json::object asked{{"code", to_base64url(code->secret)},
                           {"jwk", keys->message.public_key().to_jwk()},
                           {"public_key", public_key},
                           {"proof", key_proof(keys->tls, code->connector, public_key)}};
  crypto::SealedHead head;
  head.method = "POST";
  head.target = "/v1/connector/enrolment";
  Result<crypto::SealedRequest> sealed =
      crypto::seal_request(*key, code->connector, keys->message, head, json_bytes(asked));
  if (!sealed) return trouble(ExitCode::fault, sealed.error().message);
  const auto answer = transport.send({"POST",
                                      config.gateway + "/v1/sealed",
                                      {{"Content-Type", std::string(kSealedType)}},
                                      std::move(sealed->message),
                                      std::chrono::seconds(15)});
  if (!answer) return trouble_of(answer.error());
  const Result<crypto::AnswerKey::Answer> opened = sealed->answer.open(answer->body);
  if (!opened) return not_sealed(*answer);
  const json::value body = body_of({static_cast<unsigned>(opened->head.status), {}, opened->body});
  if (opened->head.status != 201) {
    const Trouble why = refused_enrolment(body, static_cast<unsigned>(opened->head.status));
    if (why.exit == ExitCode::code_refused || why.exit == ExitCode::code_expired) forget_enrolling(config);
    return why;
  }
  IdentityFile file;
  const Outcome<void> taken = take(body, Came::sealed, file, SystemClock().wall());
  if (!taken) return taken.error();
  if (file.connector != code->connector || !is_pinned(file.seal_keys, code->pin))
    return trouble(ExitCode::not_the_gateway,
                   "what came back does not name the key that the code is for: nothing of it was kept");
  file.message_key = std::string(keys->message.to_pem().expose());
  file.tls_key = std::string(keys->tls.to_pem().expose());
  file.witness_begins = file.origin;
  return file;
}

void forget_enrolling(const Config& config) {
  std::error_code ignored;
  std::filesystem::remove(config.state / kEnrollingFile, ignored);
}

// What the gateway itself said: under its certificate, or sealed. So a key counts here as it does there; that the log
// under a new key goes on from the old one's is what the witness sees to.
Outcome<IdentityFile> with_log_keys_of_now(GatewayLink& link, const IdentityFile& standing) {
  Question question;
  question.target = "/v1/log/keys";
  question.patience = std::chrono::seconds(5);  // work waits behind it
  const Outcome<HttpAnswer> answer = link.ask(std::move(question));
  if (!answer) return answer.error();
  const json::value body = body_of(*answer);
  const json::value* keys = body.is_object() ? body.get_object().if_contains("keys") : nullptr;
  if (answer->status != 200 || text_in(body, "format") != kLogKeysFormat || !keys || !keys->is_array())
    return trouble(ExitCode::unavailable,
                   "the keys of the log are not told now (status " + std::to_string(answer->status) + ")");
  if (text_in(body, "origin") != standing.origin)
    return trouble(ExitCode::unavailable,
                   "the gateway keeps another log now, `" + text_in(body, "origin") +
                       "`: enrol anew (`--anew`) with a code from its administrators, so that it is cosigned");
  std::vector<std::string> signing, ended;
  for (const json::value& one : keys->get_array()) {
    const std::string status = text_in(one, "status"), key = text_in(one, "key");
    const Result<audit::NoteVerifier> verifier = audit::NoteVerifier::parse(key);
    if (!verifier || verifier->name() != standing.origin)
      return trouble(ExitCode::unavailable, "what the gateway tells as a key of its log is none");
    const bool signs = status == "current" || status == "retiring";
    (signs ? signing : ended).push_back(key);
  }
  if (signing.empty()) return trouble(ExitCode::unavailable, "no key signs for the log now");
  IdentityFile file = standing;
  replace_log_keys(file, standing.origin, std::move(signing), ended);
  return file;
}

Outcome<IdentityFile> renew(GatewayLink& link, const IdentityFile& standing) {
  const Result<crypto::SigningKey> tls_key = crypto::SigningKey::from_pem(standing.next_tls_key.value_or(""));
  if (!tls_key) return trouble(ExitCode::fault, "the key for another certificate is damaged");
  const std::string public_key = tls_key->public_key().to_pem();
  Question question;
  question.method = "POST";
  question.target = "/v1/connector/certificates";
  question.headers["Content-Type"] = "application/json";
  question.body = json_bytes(
      json::object{{"public_key", public_key}, {"proof", key_proof(*tls_key, standing.connector, public_key)}});
  const Outcome<HttpAnswer> answer = link.ask(std::move(question));
  if (!answer) return answer.error();
  const json::value body = body_of(*answer);
  if (answer->status != 201) return refused_enrolment(body, answer->status);
  IdentityFile file = standing;
  const Outcome<void> taken = take(body, link.is_sealed() ? Came::sealed : Came::in_clear, file, SystemClock().wall());
  if (!taken) return taken.error();
  if (file.connector != standing.connector || file.gateway != standing.gateway)
    return trouble(ExitCode::fault, "the gateway answered for another connector: nothing of it was kept");
  if (file.origin != standing.origin) {  // SPEC CONN-54: to another log only an enrolment leads
    file.origin = standing.origin;
    file.log_keys = standing.log_keys;
    file.former_log_keys = standing.former_log_keys;
  }
  file.tls_key = *standing.next_tls_key;
  file.next_tls_key.reset();
  return file;
}

}  // namespace flikvakt::connector
