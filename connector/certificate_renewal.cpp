#include "connector/certificate_renewal.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace flikvakt::connector {
namespace {

using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds kFirstRenewalAgain = 5s;
constexpr std::chrono::milliseconds kLastRenewalAgain = 10min;

}  // namespace

// SPEC CONN-9: durable before it is asked for, so that an answer that is lost, or cannot be kept, costs nothing: it
// asks again for the same key.
bool CertificateRenewal::make_next_key() {
  const std::shared_ptr<const Identity> mine = identity_.now();
  if (mine->file().next_tls_key) return true;
  IdentityFile file = mine->file();
  file.next_tls_key = std::string(crypto::SigningKey::generate(crypto::KeyAlgorithm::p256).to_pem().expose());
  Outcome<Identity> with_key = Identity::from(std::move(file));
  const Outcome<void> saved = with_key ? with_key->save(config_.state) : Outcome<void>(with_key.error());
  if (!saved) {
    spdlog::warn("the certificate is not renewed: {}", saved.error().message);
    return false;
  }
  identity_.replace(std::move(*with_key));
  return true;
}

// SPEC CONN-9: there is time. What fails is tried again in a while, and whether the certificate counts is asked with
// each question.
bool CertificateRenewal::renew_if_due(GatewayLink& link) {
  const UtcTime now = clock_.wall();
  const UtcTime end = identity_.now()->valid_to();
  if (now < identity_.now()->renew_at() || now >= end || Steady::now() < renew_not_before_) return false;
  renew_not_before_ =
      Steady::now() + std::clamp<std::chrono::milliseconds>((end - now) / 20, kFirstRenewalAgain, kLastRenewalAgain);
  if (!make_next_key()) return false;
  Outcome<IdentityFile> file = renew(link, identity_.now()->file());
  if (!file) {
    spdlog::warn("the certificate is not renewed: {}", file.error().message);
    return false;
  }
  Outcome<Identity> renewed = Identity::from(std::move(*file));
  const Outcome<void> saved = renewed ? renewed->save(config_.state) : Outcome<void>(renewed.error());
  if (!saved) {
    spdlog::warn("the certificate is renewed, and not kept: {}", saved.error().message);
    return false;
  }
  renew_not_before_ = {};
  spdlog::info("the certificate is renewed, until {}", to_rfc3339(renewed->valid_to()));
  const bool has_other_keys = renewed->file().log_keys != identity_.now()->file().log_keys;
  identity_.replace(std::move(*renewed));
  return has_other_keys;
}

}  // namespace flikvakt::connector
