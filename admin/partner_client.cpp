#include "admin/partner_client.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/files.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/x509.h"

namespace flikvakt::admin {
namespace {

constexpr std::chrono::seconds kRenewBefore{30};
constexpr std::size_t kChunk = 64 * 1024;

Outcome<StaffIdentity> staff_identity(const Profile& profile) {
  StaffIdentity identity;
  const Result<OrganisationId> organisation = OrganisationId::parse(profile.organisation);
  if (!organisation) return usage_failure("--organisation: expected an id of 32 lower-case hex digits");
  const Result<StaffId> staff = StaffId::parse(profile.staff);
  if (!staff) return usage_failure("--staff: expected an id of 32 lower-case hex digits");
  if (profile.certificate.empty())
    return usage_failure("--certificate and --key: expected your organisation's client certificate");
  const json::object fields = TRY(issuer_fields(profile.certificate));
  const Bytes fingerprint = TRY(from_base64url(fields.at("fingerprint").as_string()));
  identity.organisation = *organisation;
  identity.staff = *staff;
  identity.certificate = TRY(to_array<32>(fingerprint));
  return identity;
}

Outcome<crypto::SigningKey> read_assertion_key(const std::filesystem::path& file) {
  if (file.empty()) return usage_failure("--assertion-key: expected the key that signs your staff assertions (PEM)");
  TRY_VOID(require_private(file));
  Bytes pem = TRY(read_file(file, 64 * 1024));
  Result<crypto::SigningKey> key = crypto::SigningKey::from_pem(as_text(pem));
  crypto::scrub(pem);
  if (!key)
    return Failure(ExitCode::refused,
                   "`" + file.string() + "`: expected an unencrypted PKCS#8 key in PEM: " + key.error().message);
  return std::move(*key);
}

// An opened file with its size and hash, which a deposit announces.
struct Announced {
  FileDescriptor file;
  std::uint64_t size = 0;
  crypto::Hash256 sha256{};
};

Outcome<Announced> announce(const std::filesystem::path& path) {
  Announced out{TRY(open_file(path, O_RDONLY | O_CLOEXEC)), 0, {}};
  struct stat facts {};
  if (::fstat(out.file.get(), &facts) != 0) return os_error("reading the size of", path);
  if (!S_ISREG(facts.st_mode)) return Failure(ExitCode::refused, "`" + path.string() + "` is no ordinary file");
  out.size = static_cast<std::uint64_t>(facts.st_size);
  crypto::Sha256 hash;
  Bytes chunk(kChunk);
  for (std::uint64_t at = 0; at < out.size; at += kChunk) {
    const auto part = std::span(chunk).first(static_cast<std::size_t>(std::min<std::uint64_t>(kChunk, out.size - at)));
    TRY_VOID(read_exactly(out.file.get(), at, part));
    hash.update(part);
  }
  out.sha256 = hash.finish();
  return out;
}

BodySource body_of(const Announced& announced) {
  auto at = std::make_shared<std::uint64_t>(0);
  return {announced.size, [&announced, at](std::span<std::uint8_t> out) -> Result<std::size_t> {
            TRY_VOID(read_exactly(announced.file.get(), *at, out));
            *at += out.size();
            return out.size();
          }};
}

json::value begin_deposit(const DepositOrder& order, const DepositId& id, const Announced& announced) {
  json::object facts{{"flik", order.flik},
                     {"title", order.title},
                     {"author", order.author},
                     {"date", order.date},
                     {"media_type", order.media_type},
                     {"size", announced.size},
                     {"sha256", to_base64url(announced.sha256)},
                     {"other_subjects", json::array()}};
  return json::object{{"kind", "begin_deposit"},
                      {"id", id.text()},
                      {"person", order.person},
                      {"facts", std::move(facts)},
                      {"other_subjects", json::array()}};
}

bool is_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  return dash != text.npos && text.size() > 1 && text.find_first_not_of("0123456789", dash + 1) == text.npos &&
         text.find_first_not_of("0123456789") == dash;
}

}  // namespace

Outcome<std::string> check_gateway_name(HttpClient& http, const Profile& profile) {
  if (profile.gateway_name.empty()) {
    return usage_failure("--gateway-name: expected the gateway's name, which its administrators tell",
                         "write `gateway_name = \"…\"` into the profile");
  }
  const HttpResponse answer = TRY(http.send(get("/v1/api-info")));
  TRY_VOID(expect_gateway_name(TRY(json_of(answer)), profile.gateway_name));
  return profile.gateway_name;
}

Outcome<HttpRequest> fetch_request(const FetchOrder& order, std::string_view documents) {
  if (order.document.empty() == order.reading.empty())
    return usage_failure("expected a document's id, or --reading with a reading's");
  if (!order.range.empty() && !is_range(order.range))
    return usage_failure("--range: expected bytes like 0-65535 or 65536-");
  const std::string& id = order.document.empty() ? order.reading : order.document;
  if (!ActId::parse(id)) return usage_failure("`" + id + "`: expected an id of 32 lower-case hex digits");
  HttpRequest request =
      get(order.document.empty() ? "/v1/readings/" + id + "/content" : std::string(documents) + "/" + id + "/content");
  if (!order.purpose.empty()) request.target += "?purpose=" + order.purpose;
  if (!order.range.empty()) request.headers.emplace_back("Range", "bytes=" + order.range);
  return request;
}

Outcome<Fetched> fetch(HttpClient& http, const HttpRequest& request, const FetchSink& sink) {
  Fetched fetched;
  const Result<HttpResponse> response =
      http.receive(request, [&](const HttpHead& head, BytesView bytes) -> Result<void> {
        fetched.reading = head.header("flikvakt-reading");
        TRY_VOID(sink(bytes));
        fetched.bytes += bytes.size();
        return {};
      });
  if (!response) {
    Failure failure = response.error();
    failure.message += " (after " + std::to_string(fetched.bytes) + " bytes)";
    if (!fetched.reading.empty()) failure.next = "go on with --reading " + fetched.reading + " and the same --out";
    return failure;
  }
  if (!response->head.is_success()) return problem_of(*response);
  fetched.reading = response->head.header("flikvakt-reading");
  fetched.entry = response->head.header("flikvakt-entry");
  fetched.media_type = response->head.header("content-type");
  return fetched;
}

Outcome<PartnerClient> PartnerClient::connect(const Profile& profile) {
  StaffIdentity identity = TRY(staff_identity(profile));
  crypto::SigningKey key = TRY(read_assertion_key(profile.assertion_key));
  HttpClient http(TRY(connect_tls(TRY(tls_options(profile)))), profile.server);
  identity.audience = TRY(check_gateway_name(http, profile));
  return PartnerClient(std::move(http), std::move(identity), std::move(key));
}

Outcome<void> PartnerClient::check(const Profile& profile) {
  TRY_VOID(staff_identity(profile));
  TRY_VOID(read_assertion_key(profile.assertion_key));
  TRY_VOID(tls_options(profile));
  return {};
}

Result<void> PartnerClient::authorise(HttpRequest& request) {
  const UtcTime now = SystemClock().wall();
  if (assertion_.empty() || now + kRenewBefore > assertion_ends_) {
    assertion_ = TRY(make_staff_assertion(key_, identity_, now));
    assertion_ends_ = now + kAssertionLasts;
  }
  request.headers.emplace_back("Authorization", "Bearer " + assertion_);
  return {};
}

Result<json::value> PartnerClient::ask(HttpRequest request) {
  TRY_VOID(authorise(request));
  const HttpResponse answer = TRY(http_.send(request));
  return json_of(answer);
}

Result<std::string> PartnerClient::handle_of(const std::string& number) {
  const json::value answer = TRY(ask(post("/v1/handles", json::object{{"number", number}})));
  const json::value* handle = answer.is_object() ? answer.get_object().if_contains("handle") : nullptr;
  if (!handle || !handle->is_string()) return fail(ErrorCode::malformed, "the answer holds no handle");
  return std::string(handle->get_string());
}

Result<json::value> PartnerClient::act(json::value act, std::optional<ActId> id) {
  return ask(post("/v1/acts", wrap_act(std::move(act), identity_.audience, SystemClock().wall(), {}, id).body));
}

Result<json::value> PartnerClient::list(const std::string& handle, const std::string& purpose) {
  return ask(post("/v1/listings", json::object{{"person", handle}, {"purpose", purpose}}));
}

Result<json::value> PartnerClient::get_list(const std::string& path) { return ask(get(path)); }
Result<json::value> PartnerClient::fullmakter(const std::string& handle) {
  return ask(post("/v1/fullmakt-listings", json::object{{"person", handle}}));
}
Result<json::value> PartnerClient::catalogue() { return ask(get("/v1/catalogue")); }

Outcome<json::value> PartnerClient::deposit(const DepositOrder& order) {
  const Announced announced = TRY(announce(order.file));
  const DepositId id = order.id.value_or(crypto::random_id<DepositId>());
  if (!order.id) TRY(act(begin_deposit(order, id, announced)));
  HttpRequest request;
  request.method = "PUT";
  request.target = "/v1/deposits/" + id.text() + "/content";
  request.headers.emplace_back("Content-Type", order.media_type);
  TRY_VOID(authorise(request));
  const Result<HttpResponse> answer = http_.send(request, body_of(announced));
  if (!answer) {
    Failure failure = answer.error();
    failure.next = "the gateway keeps the announcement for 24 hours: run the same again with --deposit " + id.text();
    return failure;
  }
  return TRY(json_of(*answer));
}

Outcome<Fetched> PartnerClient::fetch(const FetchOrder& order, const FetchSink& sink) {
  HttpRequest request = TRY(fetch_request(order, "/v1/documents"));
  if (!order.document.empty() && order.purpose.empty())
    return usage_failure("--purpose: expected the purpose code of the fullmakt");
  TRY_VOID(authorise(request));
  return admin::fetch(http_, request, sink);
}

}  // namespace flikvakt::admin
