// The reference client of the persons' API (spec/api.md): a session opened with a device key and bound to the
// connection, and acts that the key signs.
#pragma once

#include "admin/partner_client.h"

namespace flikvakt::admin {

class PersonClient {
public:
  // Opens the session at once.
  static Outcome<PersonClient> connect(const Profile& profile, crypto::SigningKey device_key,
                                       std::string representative = {});

  Result<json::value> overview();
  Result<json::value> catalogue();                    // the flik types
  Result<json::value> log(const std::string& query);  // "limit=20&page=1", "below=57&outcome=refused", …
  Result<json::value> receipt(std::uint64_t entry);
  Result<json::value> log_receipts(std::optional<std::uint64_t> below, std::uint64_t limit, const AskingId& asking);
  Result<json::value> consistency(std::uint64_t from, std::uint64_t to);  // of the public log
  const std::string& gateway_name() const { return audience_; }
  // Of whom it asks for, in files for others: the same with the same key, and nobody without it can make it.
  std::string pseudonym() const;
  Outcome<Fetched> fetch(const FetchOrder& order, const FetchSink& sink);
  // Widening acts carry the consent version that the person saw, which overview() shows.
  Result<json::value> act(json::value act, std::optional<std::uint64_t> seen_version = std::nullopt);

private:
  PersonClient(HttpClient http, std::string audience, crypto::SigningKey key, std::string representative)
      : http_(std::move(http)),
        audience_(std::move(audience)),
        key_(std::move(key)),
        representative_(std::move(representative)) {}
  Result<void> open_session();

  HttpClient http_;
  std::string audience_;
  crypto::SigningKey key_;
  std::string representative_;  // as whom its holder acts; empty: for themselves
};

// `consent_version` of the overview. malformed: there is none.
Result<std::uint64_t> consent_version(const json::value& overview);

}  // namespace flikvakt::admin
