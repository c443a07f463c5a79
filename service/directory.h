// What the doors need to know before a command can be made: whose certificate or key is this? Follows the durable
// state; written by the sequencer alone after each commit, read by network threads. It only identifies: whether a
// credential still counts is decided by rule 1 in the sequencer, each time. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include "crypto/sign.h"
#include "policy/evaluate.h"

namespace flikvakt::service {

class Directory {
public:
  struct AssertionKey {
    OrganisationId organisation;
    crypto::Verifier verifier;
  };
  struct DeviceKey {
    PersonId person;
    crypto::Verifier verifier;
  };
  struct AdministratorKey {
    AdministratorId administrator;
    crypto::Verifier verifier;
  };

  std::optional<OrganisationId> organisation_of_certificate(const policy::Fingerprint& fingerprint) const;
  // False for a certificate that is removed or suspended, on a revocation list, or of an issuer or organisation that no
  // longer counts: connections that use it are closed.
  bool is_certificate_good(const policy::Fingerprint& fingerprint, UtcTime now) const;
  // Until when it is good, if nothing changes here; the epoch when it is not. Likewise of what is clear.
  UtcTime certificate_good_until(const policy::Fingerprint& fingerprint) const;
  // Does this CA clear the certificate of that serial: is the CA registered and active, and the list that was applied
  // of it current, without the serial? False in doubt. SPEC TLS-15
  bool is_clear(const policy::Fingerprint& issuer, const std::string& serial, UtcTime now) const;
  UtcTime clear_until(const policy::Fingerprint& issuer, const std::string& serial) const;

  // Another one than before whenever anything here may have changed, by the time the change is acknowledged. Who asks
  // for it first and keeps what was found need not look again while it stands: no lock that network threads share.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  std::optional<AssertionKey> assertion_key(const policy::Fingerprint& thumbprint) const;
  // Parses the key: 15 us. To ask whether it is still there: has_device_key. Only of keys that sign acts themselves.
  std::optional<DeviceKey> device_key(const policy::Fingerprint& thumbprint) const;
  bool has_device_key(const policy::Fingerprint& thumbprint) const;  // of any kind

  // ---- Who comes by browser
  // Of any kind, not removed: thumbprint, person, jwk, passkey and issuer, of the last two kinds also status and epoch;
  // the other members are not those of the row.
  std::optional<policy::DeviceKey> person_key(const policy::Fingerprint& thumbprint) const;
  std::optional<policy::StaffKey> staff_key(const policy::Fingerprint& thumbprint) const;
  // Passkeys that an authenticator could mean by this id, people's and staff's: nearly always one.
  std::vector<policy::Fingerprint> passkeys_named(const Bytes& credential_id) const;
  std::vector<policy::DeviceKey> passkeys_of(const PersonId& person) const;  // as person_key
  std::optional<policy::OidcIssuer> oidc_issuer(const std::string& code) const;
  std::vector<policy::OidcIssuer> oidc_issuers() const;  // active ones, by code
  std::optional<PersonId> person_with(const policy::BlindIndex& index) const;
  // Whom an organisation's issuer means; nullopt: nobody, or not active.
  std::optional<policy::Staff> staff_called(const OrganisationId& organisation, const std::string& subject) const;
  std::optional<policy::Staff> staff(const StaffId& id) const;
  bool is_in_place(const policy::StaffActor& staff, UtcTime now) const;  // does rule 1 hold?
  // Does the credential still count for anything: is the key there and, of an e-ID, its issuer active?
  bool counts(const policy::PersonActor& person) const;

  // As what somebody is, or was, registered to act for the person.
  std::vector<RepresentativeId> roles(const PersonId& person, const PersonId& who) const;
  // Whose rights the holder of that key uses: their own, or as the representative whom they name. nullopt: no such
  // representative, or somebody else.
  std::optional<policy::PersonActor> acting(const DeviceKey& key, const policy::Fingerprint& thumbprint,
                                            const std::optional<RepresentativeId>& as) const {
    return acting(key.person, thumbprint, as);
  }
  std::optional<policy::PersonActor> acting(const PersonId& holder, const policy::Fingerprint& thumbprint,
                                            const std::optional<RepresentativeId>& as) const;
  // Does the act only wait, until another one approves it? (policy/evaluate.h)
  bool waits_for_second(const policy::Actor& actor, const policy::Act& act) const;
  std::optional<AdministratorKey> administrator_key(const policy::Fingerprint& thumbprint) const;

  // Is there a durable row of this key?
  bool knows_key(const KeyId& id) const;
  struct KeyCounts {
    std::size_t active = 0;
    std::size_t shredded = 0;
  };
  KeyCounts key_counts() const;
  std::optional<KeyId> flik_key(const PersonId& person, const std::string& flik_type) const;

  std::optional<policy::Deposit> deposit(const DepositId& id) const;
  std::vector<policy::Issuer> issuers() const;  // registered, not removed

  struct KnownPerson {
    std::string number;  // the newest, twelve digits: for handles and for notices to the person only
    KeyId log_key;
    bool has_died = false;
  };
  std::optional<KnownPerson> person(const PersonId& person) const;
  // Everybody in the order in which they became known here, after the first `seen`; some may be gone since.
  std::vector<PersonId> people_after(std::size_t seen) const;
  std::optional<std::string> newest_number(const PersonId& person) const;

  // Copies of rows of the registry that are kept here (organisations, units, teams and their rosters, staff, flik
  // types, templates, representatives, authorisations, providers' entries, partition
  // rules, certificates and their issuers,
  // administrators, reviews, connectors, requests to sources), whatever their standing; all of them in no order.
  template <class T>
  std::optional<T> row(const typename T::Key& key) const {
    std::shared_lock lock(mutex_);
    const T* found = registry_.find<T>(key);
    return found ? std::optional(*found) : std::nullopt;
  }
  template <class T>
  std::vector<T> rows() const {
    std::shared_lock lock(mutex_);
    std::vector<T> out;
    for (const auto& [key, row] : registry_.all<T>()) out.push_back(row);
    return out;
  }

  // Those of them that `is_asked_for` says yes to: where all would be long to copy. It must not come back here.
  template <class T>
  std::vector<T> rows_where(const std::function<bool(const T&)>& is_asked_for) const {
    std::shared_lock lock(mutex_);
    std::vector<T> out;
    for (const auto& [key, row] : registry_.all<T>()) {
      if (is_asked_for(row)) out.push_back(row);
    }
    return out;
  }

  // Public catalogue, as JSON: organisations, units, teams, flik types in use. No person is in it.
  json::value catalogue() const;
  // Would this approval of a pruning be carried out now, were there a list of what stays? Nothing is decided by it, and
  // nothing long is begun without. SPEC RET-8
  bool lacks_only_a_plan(const policy::Actor& actor, const policy::Act& approval, const policy::Moment& moment) const;
  // What the list of what stays follows from, beside the log before its time: another one when a retention time was
  // set, the log was pruned or somebody erased.
  struct PlanGrounds {
    std::vector<policy::Retention> times;
    std::uint64_t pruned_to = 0;
    std::size_t erased = 0;  // people, since the gateway began
    friend bool operator==(const PlanGrounds&, const PlanGrounds&) = default;
  };
  PlanGrounds plan_grounds() const;
  policy::Instance instance() const;
  std::vector<policy::LogKey> log_keys() const;  // for LogKeys (service/log_keys.h)
  // How long the log is kept and up to where it is pruned, as JSON (gateway/openapi.json, Status).
  json::object retention() const;
  std::chrono::days shortest_retention() const;
  std::uint64_t pruned_to() const;  // only entries before it are pruned, or are to be

  // The connector that has, or had, this certificate.
  std::optional<policy::Connector> connector_of(const policy::Fingerprint& certificate) const;
  // Those that are open, the oldest first.
  std::vector<policy::SourceRequest> source_requests_at(const OrganisationId& source) const;
  // Told after each commit in which a request to a source changed (heta linjen), on the sequencer's thread: it must
  // only wake somebody. Nothing: nobody is told any more, when this returns.
  void on_source_requests(std::function<void()> wake) {
    const std::lock_guard lock(wake_mutex_);
    wake_ = std::move(wake);
  }

  void fill(const policy::State& state);
  // After a commit: the rows that changed.
  void update(const policy::State& state, const std::vector<policy::RowId>& changed);

private:
  // As text: of the keys of all people few are ever used before the next start, and parsing one takes 15 us.
  struct ByBrowser {
    std::optional<policy::Passkey> passkey;
    std::optional<std::string> oidc_issuer;
    policy::DeviceKeyStatus status;
    std::uint32_t epoch;
  };
  struct RegisteredDevice {
    PersonId person;
    std::string jwk;
    std::shared_ptr<const ByBrowser> by_browser;  // nullptr: it signs acts itself
  };
  void take_device_key(const policy::Fingerprint& thumbprint, const policy::DeviceKey* row);
  void take_staff_key(const policy::Fingerprint& thumbprint, const policy::StaffKey* row);
  void name_passkey(const policy::Fingerprint& thumbprint, const policy::Passkey* before, const policy::Passkey* now);
  static policy::DeviceKey row_of(const policy::Fingerprint& thumbprint, const RegisteredDevice& device);
  void take_connector(const ConnectorId& id, const policy::Connector* row);
  bool take(const policy::State& state, const policy::RowId& id);

  std::mutex wake_mutex_;
  std::function<void()> wake_;
  mutable std::shared_mutex mutex_;
  std::atomic<std::uint64_t> version_ = 1;
  // A copy of the registry's rows, of flikar, of deposits that were begun and of what waits for an administrator.
  policy::State registry_;
  std::unordered_map<KeyId, policy::KeyStatus> keys_;
  std::unordered_map<PersonId, KnownPerson> people_;
  std::vector<PersonId> people_in_order_;
  std::unordered_map<policy::Fingerprint, AssertionKey, policy::KeyHash> assertion_keys_;
  std::unordered_map<policy::Fingerprint, RegisteredDevice, policy::KeyHash> device_keys_;
  std::unordered_map<policy::Fingerprint, AdministratorKey, policy::KeyHash> administrator_keys_;
  std::unordered_map<policy::BlindIndex, PersonId, policy::KeyHash> numbers_;
  std::map<Bytes, std::set<policy::Fingerprint>> passkeys_;                           // by credential id
  std::map<PersonId, std::set<policy::Fingerprint>> passkeys_of_;                     // people who have any
  std::unordered_map<policy::Fingerprint, ConnectorId, policy::KeyHash> connectors_;  // by certificate
};

}  // namespace flikvakt::service
