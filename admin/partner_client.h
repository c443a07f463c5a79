// The reference client of the organisations' API (spec/api.md): what a partner's system does on its first day. One
// connection with a client certificate; a fresh staff assertion whenever the last is about to end.
#pragma once

#include "admin/act_file.h"
#include "admin/http_client.h"
#include "admin/profile.h"
#include "admin/signed_act.h"

namespace flikvakt::admin {

struct DepositOrder {
  std::string person;  // handle
  std::string flik;
  std::string title;
  std::string author;
  std::string date;        // 2026-11-22
  std::string media_type;  // "application/pdf"
  std::filesystem::path file;
  std::optional<DepositId> id;  // of an upload that broke off: the same act again, then the bytes again
};

// Bytes to fetch: a whole document, or a range of a reading that is open.
struct FetchOrder {
  std::string document;  // id; or
  std::string reading;   // id of an open reading
  std::string purpose;   // with `document`
  std::string range;     // "0-65535", "65536-"; empty: everything
};
struct Fetched {
  std::string reading;  // id, to name in later ranges
  std::string entry;    // of the log: what a receipt is asked for by
  std::string media_type;
  std::uint64_t bytes = 0;
};
using FetchSink = std::function<Result<void>(BytesView)>;

// The request that a FetchOrder means; `documents` is "/v1/documents" or "/v1/me/documents". A usage failure: both or
// neither.
Outcome<HttpRequest> fetch_request(const FetchOrder& order, std::string_view documents);
// Sends it. When the transfer breaks off, the failure names the reading to resume.
Outcome<Fetched> fetch(HttpClient& http, const HttpRequest& request, const FetchSink& sink);

// The name that acts are addressed to: the profile's. refused: the gateway that answers calls itself otherwise, and may
// be one that hopes for acts meant for another.
Outcome<std::string> check_gateway_name(HttpClient& http, const Profile& profile);

class PartnerClient {
public:
  static Outcome<PartnerClient> connect(const Profile& profile);
  static Outcome<void> check(const Profile& profile);  // what connect() needs of it, without connecting

  Result<std::string> handle_of(const std::string& number);
  // Files and symbols of the act are expanded already. `id`: to repeat an act whose answer was lost.
  Result<json::value> act(json::value act, std::optional<ActId> id = std::nullopt);
  Result<json::value> list(const std::string& handle, const std::string& purpose);
  // GET of a list or receipt: /v1/cases, /v1/requests, /v1/notices, /v1/erase-orders, /v1/receipts/{entry}.
  Result<json::value> get_list(const std::string& path);
  Result<json::value> fullmakter(const std::string& handle);
  Result<json::value> catalogue();
  Outcome<json::value> deposit(const DepositOrder& order);
  Outcome<Fetched> fetch(const FetchOrder& order, const FetchSink& sink);

private:
  PartnerClient(HttpClient http, StaffIdentity identity, crypto::SigningKey key)
      : http_(std::move(http)), identity_(std::move(identity)), key_(std::move(key)) {}
  Result<void> authorise(HttpRequest& request);
  Result<json::value> ask(HttpRequest request);

  HttpClient http_;
  StaffIdentity identity_;
  crypto::SigningKey key_;
  std::string assertion_;
  UtcTime assertion_ends_{};
};

}  // namespace flikvakt::admin
