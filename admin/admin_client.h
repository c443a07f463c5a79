// Administrators at the admin socket: acts signed with personal keys, four eyes where the rules ask for them.
#pragma once

#include "admin/act_file.h"
#include "admin/http_client.h"
#include "crypto/sign.h"

namespace flikvakt::admin {

// The second of two acts: it repeats what it approves.
json::object approval(const std::string& proposal, json::value act);

class AdminClient {
public:
  // `socket`: admin.sock in the data directory. `name`: the gateway's, which every act is addressed to; refused when
  // the one that answers calls itself otherwise.
  static Outcome<AdminClient> connect(const std::filesystem::path& socket, const std::string& name);

  Result<json::value> status();
  Result<json::value> ask(const std::string& path);  // GET
  Result<std::string> metrics();                     // as Prometheus reads them (spec/metrics.md)
  // The förbund's own handle for a number (spec/handle.md).
  Result<std::string> handle_of(const std::string& number);

  // The gateway's answer: status "permitted" or "proposed".
  Result<json::value> act(const crypto::SigningKey& key, json::value act);
  // Proposes with the first key and approves with the second when the act takes two; `second` may be missing.
  Outcome<json::value> act(const crypto::SigningKey& first, const crypto::SigningKey* second, json::value act);

  // What waits for a second administrator: {id, administrator, expires, act} each. `id`: that one only.
  Result<json::array> proposals(const crypto::SigningKey& key, const std::optional<std::string>& id);

  // {address, code, expires}: to sign in to the portal's pages of administrators.
  Result<json::value> invitation(const crypto::SigningKey& key);

private:
  AdminClient(HttpClient http, std::string audience) : http_(std::move(http)), audience_(std::move(audience)) {}
  HttpClient http_;
  std::string audience_;
};

// Acts from a file, one after the other, until one is refused. `from`: number of the act to begin with, from 1.
// The failure says which act it was, and how to go on.
struct ApplyOptions {
  std::filesystem::path file;
  std::filesystem::path ids;  // where symbols are kept between runs; empty: nowhere
  std::size_t from = 1;
};
struct Applied {
  Symbols symbols;
  std::vector<json::value> answers;
};
Outcome<Applied> apply_file(AdminClient& client, const crypto::SigningKey& first, const crypto::SigningKey* second,
                            const ApplyOptions& options);

}  // namespace flikvakt::admin
