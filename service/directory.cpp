#include "service/directory.h"

#include <algorithm>

#include "base/overloaded.h"
#include "policy/evaluate.h"
#include "policy/read_rules.h"
#include "policy/retention.h"

namespace flikvakt::service {
namespace {

template <class T>
std::optional<policy::Fingerprint> fingerprint_key(const policy::RowId& id) {
  if (id.table != T::kTable) return std::nullopt;
  Result<ByteArray<32>> key = to_array<32>(id.key);
  return key ? std::optional(*key) : std::nullopt;
}

template <class Map, class Key>
auto copy_of(std::shared_mutex& mutex, const Map& map, const Key& key) {
  std::shared_lock lock(mutex);
  auto found = map.find(key);
  return found == map.end() ? std::nullopt : std::optional(found->second);
}

template <class T>
json::array active_rows(const policy::State& registry) {
  json::array out;
  for (const auto& [key, row] : registry.all<T>()) {
    if (row.standing == policy::Standing::active) out.push_back(to_json(row));
  }
  return out;
}

// SPEC TMPL-1
json::array current_templates(const policy::State& registry) {
  json::array out;
  for (const auto& [key, row] : registry.all<policy::FullmaktTemplate>()) {
    const bool counts = row.standing == policy::Standing::active && row.epoch == registry.instance().epoch;
    if (counts) out.push_back(to_json(row));
  }
  return out;
}

// SPEC TLS-15
UtcTime clears_until(const policy::State& registry, const policy::Fingerprint& issuer, const std::string& serial) {
  const auto* ca = registry.find<policy::Issuer>(issuer);
  const bool clears =
      ca && ca->standing == policy::Standing::active && ca->crl_number > 0 && !ca->revoked.contains(serial);
  return clears ? ca->crl_next_update : UtcTime{};
}

}  // namespace

std::optional<OrganisationId> Directory::organisation_of_certificate(const policy::Fingerprint& fingerprint) const {
  std::shared_lock lock(mutex_);
  const auto* certificate = registry_.find<policy::Certificate>(fingerprint);
  return certificate ? std::optional(certificate->organisation) : std::nullopt;
}

UtcTime Directory::certificate_good_until(const policy::Fingerprint& fingerprint) const {
  std::shared_lock lock(mutex_);
  const auto* certificate = registry_.find<policy::Certificate>(fingerprint);
  if (!certificate || certificate->standing != policy::Standing::active) return UtcTime{};
  const auto* organisation = registry_.find<policy::Organisation>(certificate->organisation);
  if (!organisation || organisation->standing != policy::Standing::active) return UtcTime{};
  return std::min(certificate->valid_to, clears_until(registry_, certificate->issuer, certificate->serial));
}

bool Directory::is_certificate_good(const policy::Fingerprint& fingerprint, UtcTime now) const {
  return now < certificate_good_until(fingerprint);
}

UtcTime Directory::clear_until(const policy::Fingerprint& issuer, const std::string& serial) const {
  std::shared_lock lock(mutex_);
  return clears_until(registry_, issuer, serial);
}

bool Directory::is_clear(const policy::Fingerprint& issuer, const std::string& serial, UtcTime now) const {
  return now < clear_until(issuer, serial);
}

std::optional<Directory::AssertionKey> Directory::assertion_key(const policy::Fingerprint& thumbprint) const {
  return copy_of(mutex_, assertion_keys_, thumbprint);
}
std::optional<Directory::DeviceKey> Directory::device_key(const policy::Fingerprint& thumbprint) const {
  const std::optional<RegisteredDevice> device = copy_of(mutex_, device_keys_, thumbprint);
  if (!device || device->by_browser) return std::nullopt;  // SPEC WA-18
  const Result<json::value> jwk = parse_json(device->jwk);
  if (!jwk) return std::nullopt;
  const Result<crypto::PublicKey> key = crypto::PublicKey::from_jwk(*jwk);
  return key ? std::optional(DeviceKey{device->person, crypto::Verifier(*key)}) : std::nullopt;
}
bool Directory::has_device_key(const policy::Fingerprint& thumbprint) const {
  std::shared_lock lock(mutex_);
  return device_keys_.contains(thumbprint);
}
std::optional<Directory::AdministratorKey> Directory::administrator_key(const policy::Fingerprint& thumbprint) const {
  return copy_of(mutex_, administrator_keys_, thumbprint);
}

policy::DeviceKey Directory::row_of(const policy::Fingerprint& thumbprint, const RegisteredDevice& device) {
  policy::DeviceKey out{};
  out.thumbprint = thumbprint;
  out.person = device.person;
  if (const Result<json::value> jwk = parse_json(device.jwk)) out.jwk = *jwk;
  if (device.by_browser) {
    out.passkey = device.by_browser->passkey;
    out.oidc_issuer = device.by_browser->oidc_issuer;
    out.status = device.by_browser->status;
    out.epoch = device.by_browser->epoch;
  }
  return out;
}

std::optional<policy::DeviceKey> Directory::person_key(const policy::Fingerprint& thumbprint) const {
  const std::optional<RegisteredDevice> device = copy_of(mutex_, device_keys_, thumbprint);
  return device ? std::optional(row_of(thumbprint, *device)) : std::nullopt;
}

std::optional<policy::StaffKey> Directory::staff_key(const policy::Fingerprint& thumbprint) const {
  std::shared_lock lock(mutex_);
  const auto* found = registry_.find<policy::StaffKey>(thumbprint);
  return found ? std::optional(*found) : std::nullopt;
}

std::vector<policy::Fingerprint> Directory::passkeys_named(const Bytes& credential_id) const {
  std::shared_lock lock(mutex_);
  const auto found = passkeys_.find(credential_id);
  if (found == passkeys_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

std::vector<policy::DeviceKey> Directory::passkeys_of(const PersonId& person) const {
  std::shared_lock lock(mutex_);
  std::vector<policy::DeviceKey> out;
  const auto found = passkeys_of_.find(person);
  if (found == passkeys_of_.end()) return out;
  for (const policy::Fingerprint& key : found->second) out.push_back(row_of(key, device_keys_.at(key)));
  return out;
}

std::optional<policy::OidcIssuer> Directory::oidc_issuer(const std::string& code) const {
  std::shared_lock lock(mutex_);
  const auto* found = registry_.find<policy::OidcIssuer>(code);
  return found ? std::optional(*found) : std::nullopt;
}

std::vector<policy::OidcIssuer> Directory::oidc_issuers() const {
  std::shared_lock lock(mutex_);
  std::vector<policy::OidcIssuer> out;
  for (const auto& [code, issuer] : registry_.all<policy::OidcIssuer>()) {
    const bool counts = issuer.standing == policy::Standing::active && issuer.epoch == registry_.instance().epoch;
    if (counts) out.push_back(issuer);
  }
  std::ranges::sort(out, {}, &policy::OidcIssuer::code);
  return out;
}

std::optional<PersonId> Directory::person_with(const policy::BlindIndex& index) const {
  return copy_of(mutex_, numbers_, index);
}

std::optional<policy::Staff> Directory::staff_called(const OrganisationId& organisation,
                                                     const std::string& subject) const {
  std::shared_lock lock(mutex_);
  for (const auto& [id, one] : registry_.all<policy::Staff>()) {
    const bool is_meant = one.organisation == organisation && (one.subject == subject || id.text() == subject);
    if (is_meant && one.standing == policy::Standing::active) return one;
  }
  return std::nullopt;
}

std::optional<policy::Staff> Directory::staff(const StaffId& id) const {
  std::shared_lock lock(mutex_);
  const auto* found = registry_.find<policy::Staff>(id);
  return found ? std::optional(*found) : std::nullopt;
}

bool Directory::is_in_place(const policy::StaffActor& staff, UtcTime now) const {
  std::shared_lock lock(mutex_);
  return policy::rule_1_actor(registry_, staff, now) == policy::Reason::none;
}

bool Directory::counts(const policy::PersonActor& person) const {
  std::shared_lock lock(mutex_);
  const auto device = device_keys_.find(person.key);
  if (device == device_keys_.end()) return false;
  const std::shared_ptr<const ByBrowser>& by_browser = device->second.by_browser;
  if (!by_browser || !by_browser->oidc_issuer) return true;
  const auto* issuer = registry_.find<policy::OidcIssuer>(*by_browser->oidc_issuer);
  return issuer && issuer->standing == policy::Standing::active;
}

bool Directory::knows_key(const KeyId& id) const {
  std::shared_lock lock(mutex_);
  return keys_.contains(id);
}

Directory::KeyCounts Directory::key_counts() const {
  std::shared_lock lock(mutex_);
  KeyCounts out;
  for (const auto& [id, status] : keys_) ++(status == policy::KeyStatus::active ? out.active : out.shredded);
  return out;
}

std::optional<std::string> Directory::newest_number(const PersonId& person) const {
  const std::optional<KnownPerson> known = this->person(person);
  return known ? std::optional(known->number) : std::nullopt;
}

std::optional<Directory::KnownPerson> Directory::person(const PersonId& person) const {
  return copy_of(mutex_, people_, person);
}

std::vector<PersonId> Directory::people_after(std::size_t seen) const {
  std::shared_lock lock(mutex_);
  if (seen >= people_in_order_.size()) return {};
  return {people_in_order_.begin() + static_cast<std::ptrdiff_t>(seen), people_in_order_.end()};
}

std::optional<KeyId> Directory::flik_key(const PersonId& person, const std::string& flik_type) const {
  std::shared_lock lock(mutex_);
  const auto* flik = registry_.find<policy::Flik>({person, flik_type});
  return flik ? std::optional(flik->key_id) : std::nullopt;
}

std::optional<policy::Deposit> Directory::deposit(const DepositId& id) const {
  std::shared_lock lock(mutex_);
  const auto* deposit = registry_.find<policy::Deposit>(id);
  return deposit ? std::optional(*deposit) : std::nullopt;
}

std::vector<RepresentativeId> Directory::roles(const PersonId& person, const PersonId& who) const {
  std::shared_lock lock(mutex_);
  std::vector<RepresentativeId> out;
  for (const RepresentativeId& id : registry_.representatives_of(person)) {
    if (registry_.find<policy::Representative>(id)->representative == who) out.push_back(id);
  }
  std::ranges::sort(out);
  return out;
}

std::optional<policy::PersonActor> Directory::acting(const PersonId& holder, const policy::Fingerprint& thumbprint,
                                                     const std::optional<RepresentativeId>& as) const {
  if (!as) return policy::PersonActor{holder, thumbprint};
  std::shared_lock lock(mutex_);
  const auto* found = registry_.find<policy::Representative>(*as);
  const bool is_theirs = found && found->representative == holder;
  if (!is_theirs || found->standing == policy::Standing::removed) return std::nullopt;
  return policy::PersonActor{found->person, thumbprint, as};
}

bool Directory::waits_for_second(const policy::Actor& actor, const policy::Act& act) const {
  std::shared_lock lock(mutex_);
  return policy::waits_for_second(registry_, actor, act);
}

// Of what is at hand here only the list is missing, and that has a reason of its own (RET-4).
bool Directory::lacks_only_a_plan(const policy::Actor& actor, const policy::Act& approval,
                                  const policy::Moment& moment) const {
  std::shared_lock lock(mutex_);
  return policy::evaluate(registry_, actor, approval, moment).decision.reason == policy::Reason::wrong_state;
}

Directory::PlanGrounds Directory::plan_grounds() const {
  std::shared_lock lock(mutex_);
  const auto* pruning = registry_.find<policy::Pruning>("pruning");
  return {policy::retention_times(registry_), pruning ? pruning->size : 0, people_in_order_.size() - people_.size()};
}

std::vector<policy::Issuer> Directory::issuers() const {
  std::shared_lock lock(mutex_);
  std::vector<policy::Issuer> out;
  for (const auto& [fingerprint, issuer] : registry_.all<policy::Issuer>()) {
    if (issuer.standing != policy::Standing::removed) out.push_back(issuer);
  }
  return out;
}

json::value Directory::catalogue() const {
  std::shared_lock lock(mutex_);
  return json::object{{"organisations", active_rows<policy::Organisation>(registry_)},
                      {"units", active_rows<policy::Unit>(registry_)},
                      {"teams", active_rows<policy::Team>(registry_)},
                      {"flik_types", active_rows<policy::FlikType>(registry_)},
                      {"templates", current_templates(registry_)}};
}

policy::Instance Directory::instance() const {
  std::shared_lock lock(mutex_);
  return registry_.instance();
}

std::vector<policy::LogKey> Directory::log_keys() const {
  std::shared_lock lock(mutex_);
  std::vector<policy::LogKey> out;
  for (const auto& [generation, one] : registry_.all<policy::LogKey>()) out.push_back(one);
  return out;
}

json::object Directory::retention() const {
  std::shared_lock lock(mutex_);
  const auto* pruning = registry_.find<policy::Pruning>("pruning");
  return {{"pruned_to", pruning ? pruning->size : 0},
          {"default_days", policy::retention_of(registry_, policy::kAllOtherKinds).count()},
          {"shortest_days", policy::shortest_retention(registry_).count()},
          {"times", to_json(policy::retention_times(registry_))}};
}

std::chrono::days Directory::shortest_retention() const {
  std::shared_lock lock(mutex_);
  return policy::shortest_retention(registry_);
}

std::uint64_t Directory::pruned_to() const {
  std::shared_lock lock(mutex_);
  const auto* pruning = registry_.find<policy::Pruning>("pruning");
  return pruning ? pruning->size : 0;
}

void Directory::fill(const policy::State& state) {
  std::unique_lock lock(mutex_);
  auto take_all = [&]<class T>() {
    for (const auto& [key, row] : state.all<T>()) take(state, policy::row_id(policy::Row(row)));
  };
  take_all.operator()<policy::Instance>();
  take_all.operator()<policy::LogKey>();
  take_all.operator()<policy::Retention>();
  take_all.operator()<policy::Pruning>();
  take_all.operator()<policy::Organisation>();
  take_all.operator()<policy::StaffKey>();
  take_all.operator()<policy::OidcIssuer>();
  take_all.operator()<policy::BlindIndexRow>();
  take_all.operator()<policy::Unit>();
  take_all.operator()<policy::Staff>();
  take_all.operator()<policy::Team>();
  take_all.operator()<policy::RosterEntry>();
  take_all.operator()<policy::FlikType>();
  take_all.operator()<policy::FullmaktTemplate>();
  take_all.operator()<policy::Authorisation>();
  take_all.operator()<policy::ProviderEntry>();
  take_all.operator()<policy::PartitionRule>();
  take_all.operator()<policy::Representative>();
  take_all.operator()<policy::Review>();
  take_all.operator()<policy::Connector>();
  take_all.operator()<policy::SourceRequest>();
  take_all.operator()<policy::Certificate>();
  take_all.operator()<policy::Issuer>();
  take_all.operator()<policy::AssertionKey>();
  take_all.operator()<policy::Administrator>();
  take_all.operator()<policy::Proposal>();
  take_all.operator()<policy::DeviceKey>();
  take_all.operator()<policy::KeyRow>();
  take_all.operator()<policy::Flik>();
  take_all.operator()<policy::Deposit>();
  take_all.operator()<policy::Person>();
  version_.fetch_add(1, std::memory_order_release);
}

void Directory::update(const policy::State& state, const std::vector<policy::RowId>& changed) {
  std::unique_lock lock(mutex_);
  bool any = false;
  bool asks = false;
  for (const policy::RowId& id : changed) {
    any |= take(state, id);
    asks |= id.table == policy::SourceRequest::kTable;
  }
  if (any) version_.fetch_add(1, std::memory_order_release);
  lock.unlock();
  if (!asks) return;
  const std::lock_guard waking(wake_mutex_);
  if (wake_) wake_();
}

void Directory::take_connector(const ConnectorId& id, const policy::Connector* row) {
  if (const auto* before = registry_.find<policy::Connector>(id)) {
    for (const policy::Fingerprint& one : before->certificates) connectors_.erase(one);
  }
  if (!row) return;
  for (const policy::Fingerprint& one : row->certificates) connectors_.insert_or_assign(one, id);
}

std::optional<policy::Connector> Directory::connector_of(const policy::Fingerprint& certificate) const {
  std::shared_lock lock(mutex_);
  const auto found = connectors_.find(certificate);
  const auto* row = found == connectors_.end() ? nullptr : registry_.find<policy::Connector>(found->second);
  return row ? std::optional(*row) : std::nullopt;
}

std::vector<policy::SourceRequest> Directory::source_requests_at(const OrganisationId& source) const {
  std::shared_lock lock(mutex_);
  std::vector<policy::SourceRequest> out;
  for (const RequestId& id : registry_.source_requests_at(source)) {
    const auto& one = *registry_.find<policy::SourceRequest>(id);
    if (one.status == policy::SourceRequestStatus::open) out.push_back(one);
  }
  std::ranges::sort(out, {}, [](const policy::SourceRequest& one) { return std::pair(one.asked, one.id); });
  return out;
}

void Directory::name_passkey(const policy::Fingerprint& thumbprint, const policy::Passkey* before,
                             const policy::Passkey* now) {
  if (before) {
    const auto found = passkeys_.find(before->credential_id);
    if (found != passkeys_.end() && found->second.erase(thumbprint) == 1 && found->second.empty())
      passkeys_.erase(found);
  }
  if (now) passkeys_[now->credential_id].insert(thumbprint);
}

void Directory::take_device_key(const policy::Fingerprint& thumbprint, const policy::DeviceKey* row) {
  const bool stays = row && row->status != policy::DeviceKeyStatus::removed;
  const auto before = device_keys_.find(thumbprint);
  if (before != device_keys_.end() && before->second.by_browser && before->second.by_browser->passkey) {
    name_passkey(thumbprint, &*before->second.by_browser->passkey, nullptr);
    const auto theirs = passkeys_of_.find(before->second.person);
    if (theirs->second.erase(thumbprint) == 1 && theirs->second.empty()) passkeys_of_.erase(theirs);
  }
  if (!stays) {
    device_keys_.erase(thumbprint);
    return;
  }
  RegisteredDevice device{row->person, json::serialize(row->jwk), nullptr};
  if (policy::kind_of(*row) != policy::DeviceKeyKind::device) {
    device.by_browser =
        std::make_shared<const ByBrowser>(ByBrowser{row->passkey, row->oidc_issuer, row->status, row->epoch});
  }
  if (row->passkey) {
    name_passkey(thumbprint, nullptr, &*row->passkey);
    passkeys_of_[row->person].insert(thumbprint);
  }
  device_keys_.insert_or_assign(thumbprint, std::move(device));
}

void Directory::take_staff_key(const policy::Fingerprint& thumbprint, const policy::StaffKey* row) {
  if (const auto* before = registry_.find<policy::StaffKey>(thumbprint)) {
    name_passkey(thumbprint, &before->passkey, nullptr);
  }
  if (row && row->standing == policy::Standing::active) name_passkey(thumbprint, nullptr, &row->passkey);
}

// Copies one row of the registry, or its absence; the keys of organisations and administrators are parsed once, here.
// False: a row on which nothing rests that a connection keeps.
bool Directory::take(const policy::State& state, const policy::RowId& id) {
  auto copy = [&]<class T>(const T* row) {
    if (row)
      registry_.put(*row);
    else
      registry_.erase(id);
  };
  auto id16 = [&] {
    ByteArray<16> key{};
    if (id.key.size() == key.size()) std::copy(id.key.begin(), id.key.end(), key.begin());
    return key;
  };
  auto remember = [](auto& keys, const policy::Fingerprint& thumbprint, const json::value& jwk, auto owner) {
    Result<crypto::PublicKey> key = crypto::PublicKey::from_jwk(jwk);
    if (key)
      keys.insert_or_assign(
          thumbprint, typename std::remove_reference_t<decltype(keys)>::mapped_type{owner, crypto::Verifier(*key)});
    else
      keys.erase(thumbprint);
  };
  switch (id.table) {
    case policy::Instance::kTable:
      copy(state.find<policy::Instance>("instance"));
      return true;
    case policy::LogKey::kTable:
      copy(state.find<policy::LogKey>(std::string(as_text(id.key))));
      return false;
    case policy::Retention::kTable:
      copy(state.find<policy::Retention>(std::string(as_text(id.key))));
      return false;
    case policy::Pruning::kTable:
      copy(state.find<policy::Pruning>(std::string(as_text(id.key))));
      return false;
    case policy::Organisation::kTable:
      copy(state.find<policy::Organisation>(OrganisationId(id16())));
      return true;
    case policy::Unit::kTable:
      copy(state.find<policy::Unit>(UnitId(id16())));
      return true;
    case policy::Team::kTable:
      copy(state.find<policy::Team>(TeamId(id16())));
      return true;
    case policy::RosterEntry::kTable: {
      ByteReader key(id.key);
      const TeamId team(key.array<16>());
      copy(state.find<policy::RosterEntry>({team, StaffId(key.array<16>())}));
      return true;
    }
    case policy::FlikType::kTable:
      copy(state.find<policy::FlikType>(std::string(as_text(id.key))));
      return true;
    case policy::FullmaktTemplate::kTable:
      copy(state.find<policy::FullmaktTemplate>(TemplateId(id16())));
      return true;
    case policy::Authorisation::kTable:
      copy(state.find<policy::Authorisation>(AuthorisationId(id16())));
      return false;
    case policy::ProviderEntry::kTable:
      copy(state.find<policy::ProviderEntry>(OrganisationId(id16())));
      return false;
    case policy::PartitionRule::kTable: {
      ByteReader key(id.key);
      const OrganisationId organisation(key.array<16>());
      copy(state.find<policy::PartitionRule>({organisation, std::string(as_text(key.bytes(key.left())))}));
      return false;
    }
    case policy::Connector::kTable:
      take_connector(ConnectorId(id16()), state.find<policy::Connector>(ConnectorId(id16())));
      copy(state.find<policy::Connector>(ConnectorId(id16())));
      return true;
    case policy::SourceRequest::kTable:
      copy(state.find<policy::SourceRequest>(RequestId(id16())));
      return false;
    case policy::Representative::kTable:
      copy(state.find<policy::Representative>(RepresentativeId(id16())));
      return true;
    case policy::Review::kTable: {
      ByteReader key(id.key);
      const OrganisationId organisation(key.array<16>());
      copy(state.find<policy::Review>({organisation, std::string(as_text(key.bytes(key.left())))}));
      return false;
    }
    case policy::Certificate::kTable:
      copy(state.find<policy::Certificate>(fingerprint_key<policy::Certificate>(id).value()));
      return true;
    case policy::Issuer::kTable:
      copy(state.find<policy::Issuer>(fingerprint_key<policy::Issuer>(id).value()));
      return true;
    case policy::Deposit::kTable:
      copy(state.find<policy::Deposit>(DepositId(id16())));
      return true;
    case policy::KeyRow::kTable: {
      const auto* row = state.find<policy::KeyRow>(KeyId(id16()));
      if (row)
        keys_.insert_or_assign(row->id, row->status);
      else
        keys_.erase(KeyId(id16()));
      return true;
    }
    case policy::Person::kTable: {
      const auto* row = state.find<policy::Person>(PersonId(id16()));
      if (!row || row->numbers.empty()) {
        people_.erase(PersonId(id16()));
        return true;
      }
      const KnownPerson known{row->numbers.back(), row->log_key_id, row->died.has_value()};
      if (people_.insert_or_assign(row->id, known).second) people_in_order_.push_back(row->id);
      return true;
    }
    case policy::Flik::kTable: {
      ByteReader key(id.key);
      const PersonId person(key.array<16>());
      copy(state.find<policy::Flik>({person, std::string(as_text(key.bytes(key.left())))}));
      return true;
    }
    case policy::AssertionKey::kTable: {
      const policy::Fingerprint thumbprint = fingerprint_key<policy::AssertionKey>(id).value();
      const auto* row = state.find<policy::AssertionKey>(thumbprint);
      copy(row);
      if (row && row->standing == policy::Standing::active)
        remember(assertion_keys_, thumbprint, row->jwk, row->organisation);
      else
        assertion_keys_.erase(thumbprint);
      return true;
    }
    case policy::DeviceKey::kTable: {
      const policy::Fingerprint thumbprint = fingerprint_key<policy::DeviceKey>(id).value();
      take_device_key(thumbprint, state.find<policy::DeviceKey>(thumbprint));
      return true;
    }
    case policy::Staff::kTable:
      copy(state.find<policy::Staff>(StaffId(id16())));
      return true;
    case policy::OidcIssuer::kTable:
      copy(state.find<policy::OidcIssuer>(std::string(as_text(id.key))));
      return true;
    case policy::StaffKey::kTable: {
      const policy::Fingerprint thumbprint = fingerprint_key<policy::StaffKey>(id).value();
      const auto* row = state.find<policy::StaffKey>(thumbprint);
      take_staff_key(thumbprint, row);
      copy(row);
      return true;
    }
    case policy::BlindIndexRow::kTable: {
      const policy::BlindIndex index = fingerprint_key<policy::BlindIndexRow>(id).value();
      const auto* row = state.find<policy::BlindIndexRow>(index);
      if (row)
        numbers_.insert_or_assign(index, row->person);
      else
        numbers_.erase(index);
      return false;
    }
    case policy::Administrator::kTable: {
      const AdministratorId administrator(id16());
      const auto* row = state.find<policy::Administrator>(administrator);
      std::erase_if(administrator_keys_, [&](const auto& kept) { return kept.second.administrator == administrator; });
      copy(row);
      if (row && row->standing == policy::Standing::active) {
        remember(administrator_keys_, row->thumbprint, row->jwk, administrator);
      }
      copy(row);
      return true;
    }
    case policy::Proposal::kTable: {
      const auto* row = state.find<policy::Proposal>(ProposalId(id16()));
      copy(row && row->administrator ? row : nullptr);
      return false;
    }
    default:
      return false;
  }
}

}  // namespace flikvakt::service
