// We as a relying party of OpenID Connect: where the browser is sent, how its code becomes an ID token, and how the
// issuer's keys come into its row. Code flow with PKCE (S256) and private_key_jwt; endpoints are those of the row,
// never discovered (spec/oidc.md). Blocking where it asks the issuer: not on a thread that must not wait.
#pragma once

#include "service/core.h"
#include "service/https_fetch.h"
#include "service/id_token_claims.h"

namespace flikvakt::service {

// What is kept of a ceremony at an issuer while the browser is there.
struct IssuerAsked {
  std::string issuer;  // code
  std::string state;   // 43 characters of base64url, as the verifier
  std::string code_verifier;
  std::string redirect_uri;
};
IssuerAsked ask_issuer(const std::string& issuer, const std::string& redirect_uri);

// Where to send the browser. `message`: shown in the e-ID's app while signing; empty: to sign in.
std::string authorization_url(const policy::OidcIssuer& issuer, const IssuerAsked& asked, const crypto::Hash256& nonce,
                              const std::string& language, const std::string& message = {});

// The request that redeems a code. `key` signs who we are.
HttpsRequest token_request(const policy::OidcIssuer& issuer, const IssuerAsked& asked, const std::string& code,
                           const crypto::SigningKey& key, UtcTime now);
Result<std::string> id_token_in(const HttpsAnswer& answer);

// What an issuer says went wrong, for the operational log: the names that the standards give, and nothing else, since
// whatever else it writes, or whoever wrote the address, may be about somebody.
std::string error_named(std::string_view said);

// The public half for the issuer to know us by, as a key set: it is registered there.
std::string client_key_set(const crypto::SigningKey& key);

class OidcClient {
public:
  // `cancellation`: ends what waits for an issuer; outlives this.
  OidcClient(Core& core, Fetch fetch, crypto::SigningKey key, Cancellation* cancellation = nullptr)
      : core_(core), fetch_(std::move(fetch)), key_(std::move(key)), cancellation_(cancellation) {}

  const crypto::SigningKey& key() const { return key_; }

  // SPEC OIDC-31: the token for a code. denied, unavailable.
  Result<std::string> redeem(const policy::OidcIssuer& issuer, const IssuerAsked& asked, const std::string& code);

  // SPEC OIDC-32: fetches the issuer's keys and applies them when they are others than those of the row; not more often
  // than kLeastBetweenFetches unless they are older than kKeysOldAfter. The row as it stands then.
  Result<policy::OidcIssuer> refresh_keys(const std::string& issuer, bool is_key_unknown);

  static constexpr std::chrono::seconds kLeastBetweenFetches{30};
  static constexpr std::chrono::minutes kKeysOldAfter{60};

private:
  Result<policy::OidcIssuer> fetch_keys(const policy::OidcIssuer& issuer);
  Result<HttpsAnswer> ask(HttpsRequest request) const;

  Core& core_;
  const Fetch fetch_;
  const crypto::SigningKey key_;
  Cancellation* const cancellation_;
  std::mutex mutex_;
  std::map<std::string, std::chrono::steady_clock::time_point> fetched_;  // since this process began
};

}  // namespace flikvakt::service
