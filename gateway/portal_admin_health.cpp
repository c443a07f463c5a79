#include "gateway/portal_admin_health.h"

#include <algorithm>

#include "base/files.h"
#include "crypto/x509.h"
#include "gateway/portal_paging.h"

namespace flikvakt::gateway {
namespace {

constexpr std::chrono::days kSoon{30};  // a certificate that ends within that time is to be renewed
constexpr std::chrono::days kTooSoon{7};
constexpr std::size_t kLargestCertificate = 256 * 1024;
constexpr std::size_t kCertificatesOnAPage = 60;

// Of a chain: the leaf.
Result<crypto::Certificate> read_certificate(const std::filesystem::path& file) {
  const Bytes pem = TRY(read_file(file, kLargestCertificate));
  constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  const std::size_t end = as_text(pem).find(kEnd);
  if (end == std::string_view::npos) return fail(ErrorCode::malformed, "no certificate in PEM");
  return crypto::Certificate::parse_pem(std::string(as_text(pem).substr(0, end + kEnd.size())) + "\n");
}

std::string gigabytes(std::uint64_t bytes) { return std::to_string(bytes / 1'000'000'000) + " GB"; }

std::uint64_t read(const service::Counters::Count& count) { return count.load(std::memory_order_relaxed); }

class Checks {
public:
  Checks(const PortalContext& context, const AdministrationPage& page)
      : core_(context.core()), names_(page.names), now_(page.now), certificates_(context.own_certificates) {}

  void log() {
    const service::LogView view = core_.sequencer().log_view();
    add("log_size", std::to_string(view.size));
    add("log_last", names_.time(view.last_entry));
    const bool is_clear = view.doubt == service::ClockDoubt::none;
    add_words("clock", is_clear ? "health.clock_clear" : "health.clock_doubted", is_clear ? "tone-go" : "tone-stop");
    const service::LogKeys keys = core_.log_keys();
    if (const policy::LogKey* current = keys.current()) {
      add("log_key", names_.text("health.log_key_value",
                                 {{"n", std::to_string(current->generation)}, {"time", names_.time(current->since)}}));
    }
    const auto retiring = std::ranges::count(keys.all(), policy::LogKeyStatus::retiring, &policy::LogKey::status);
    if (retiring > 0) add_words("log_key_retiring", "health.log_key_retiring_value", "tone-wait");
  }

  // SPEC MET-5: what is not asked is not told as if it were.
  void witnesses(const AskWitnessed& ask) {
    if (!ask) return add_words("witnesses", "health.witnesses_none", "tone-wait");
    const Witnessed now = ask();
    add("witnesses",
        names_.text(now.is_doubted ? "health.witnesses_doubted"
                    : now.is_late  ? "health.witnesses_late"
                                   : "health.witnesses_fresh"),
        now.is_doubted ? "tone-stop"
        : now.is_late  ? "tone-wait"
                       : "tone-go");
    if (!now.cosigned) return;
    add("cosigned", names_.text("health.cosigned_value", {{"n", std::to_string(now.size)},
                                                          {"time", names_.time(*now.cosigned)},
                                                          {"age", age(*now.cosigned)}}));
  }

  void disk() {
    const bool is_held = core_.holds_disk_reserve();
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(core_.data_directory().root(), error);
    add_words("disk", is_held ? "health.disk_room" : "health.disk_full", is_held ? "tone-go" : "tone-stop");
    if (error || space.capacity == 0) return;
    const bool is_low = space.available < space.capacity / 10;
    add("disk_free",
        names_.text("health.disk_free_value",
                    {{"free", gigabytes(space.available)}, {"all", gigabytes(space.capacity)}}),
        is_low ? "tone-wait" : "tone-go");
  }

  void keys() {
    const service::Directory::KeyCounts counts = core_.directory().key_counts();
    add("keys", names_.text("health.keys_value", {{"active", std::to_string(counts.active)},
                                                  {"shredded", std::to_string(counts.shredded)}}));
    add("pruned", std::to_string(core_.directory().pruned_to()));
  }

  void work() {
    const service::Counters& counters = core_.sequencer().counters();
    add("acts", names_.text("health.acts_value", {{"permitted", std::to_string(read(counters.permitted))},
                                                  {"refused", std::to_string(read(counters.refused))}}));
    add_count("unavailable", read(counters.unavailable));
    add_count("commits_failed", read(counters.commits_failed));
    add_count("not_witnessed", read(counters.readings_not_witnessed));
    add("readings_open", std::to_string(core_.readings().size()));
    const std::size_t waiting = core_.sequencer().waiting();
    add("queue", std::to_string(waiting), waiting > 500 ? "tone-wait" : "");
  }

  void notices() {
    const service::FollowedLog* followed = core_.followed_log();
    if (!followed) return;
    const std::uint64_t size = core_.sequencer().log_view().size;
    const std::uint64_t behind = size - std::min(size, followed->followed_to.load());
    const bool is_stopped = followed->is_stopped;
    add("notice_hook", is_stopped ? names_.text("health.notice_hook_stopped") : names_.count("health.behind", behind),
        is_stopped ? "tone-stop" : "tone-go");
  }

  void own_certificates() {
    for (const std::filesystem::path& file : certificates_) {
      const Result<crypto::Certificate> certificate = read_certificate(file);
      const std::string name = names_.text("health.own_certificate", {{"file", file.filename().string()}});
      if (!certificate) {
        out_.push_back({name, names_.text("health.unreadable"), "tone-stop"});
        continue;
      }
      out_.push_back({name, names_.time(certificate->not_after()), tone_until(certificate->not_after())});
    }
  }

  // SPEC CONN-81: one line each, the organisations in order.
  void connectors(const AskConnectors& ask) {
    if (!ask) return;
    for (const ConnectorPresence& one : ask()) {
      if (!one.row.assertion_key) continue;
      const std::string name = names_.text(
          "health.connector", {{"name", one.row.name}, {"organisation", names_.organisation(one.row.organisation)}});
      std::string value = one.is_present ? names_.text("health.connector_present")
                          : one.seen     ? names_.text("health.connector_gone", {{"time", names_.time(*one.seen)}})
                                         : names_.text("health.connector_never");
      if (one.status.queued) value += names_.count("health.connector_queue", one.status.queued);
      if (one.status.refused) value += names_.count("health.connector_refused", one.status.refused);
      if (one.witnessed) value += names_.text("health.connector_witnessed", {{"age", age(*one.witnessed)}});
      if (!one.witnessed && one.status.witness) value += names_.text("health.connector_not_witnessed");
      out_.push_back({name, std::move(value), one.is_present ? "tone-go" : "tone-wait"});
    }
  }

  // SPEC RULE-5: past its next update a list says nothing, and the certificates of that issuer open nothing.
  void revocation_lists() {
    for (const policy::Issuer& issuer : core_.directory().rows<policy::Issuer>()) {
      if (issuer.standing != policy::Standing::active) continue;
      const std::string name = names_.text("health.revocation_list", {{"name", issuer.name}});
      const bool is_there = issuer.crl_number > 0;
      const bool is_over = !is_there || now_ >= issuer.crl_next_update;
      out_.push_back({name, is_there ? names_.time(issuer.crl_next_update) : names_.text("health.revocation_list_none"),
                      is_over ? "tone-stop" : "tone-go"});
    }
  }

  std::vector<HealthCheck> take() { return std::move(out_); }

private:
  void add(std::string_view what, std::string value, std::string_view tone = "") {
    out_.push_back({names_.text("health." + std::string(what)), std::move(value), std::string(tone)});
  }
  void add_words(std::string_view what, std::string_view key, std::string_view tone) {
    add(what, names_.text(key), tone);
  }
  // What should be none.
  void add_count(std::string_view what, std::uint64_t count) {
    add(what, std::to_string(count), count == 0 ? "tone-go" : "tone-wait");
  }
  std::string age(UtcTime then) const {
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(std::max(now_ - then, UtcTime::duration(0)));
    return names_.count("health.minutes", static_cast<std::uint64_t>(minutes.count()));
  }
  std::string tone_until(UtcTime end) const {
    return end - now_ < kTooSoon ? "tone-stop" : end - now_ < kSoon ? "tone-wait" : "tone-go";
  }

  service::Core& core_;
  const PortalNames& names_;
  const UtcTime now_;
  const std::vector<std::filesystem::path>& certificates_;
  std::vector<HealthCheck> out_;
};

// Of organisations' systems: those that end soon, the first to end first.
void put_certificates(const PortalContext& context, const AdministrationPage& page, web::Data& data) {
  const UtcTime soon = page.now + kSoon;
  std::vector<policy::Certificate> ending = context.core().directory().rows_where<policy::Certificate>(
      [&](const policy::Certificate& one) { return one.standing == policy::Standing::active && one.valid_to < soon; });
  std::ranges::sort(ending, {},
                    [](const policy::Certificate& one) { return std::pair(one.valid_to, one.fingerprint); });
  data.show_if(ending.empty(), "no_certificate");
  const Request& request = page.exchange.request();
  const Piece piece = piece_of(request, ending.size(), kCertificatesOnAPage);
  put_pages(page.names, request, piece, data);
  for (const policy::Certificate& one : in_piece(ending, piece)) {
    const bool is_over = one.valid_to <= page.now;
    data.add("certificate")
        .set("organisation", page.names.organisation(one.organisation))
        .set("fingerprint", to_hex(one.fingerprint).substr(0, 16))
        .set("until", page.names.time(one.valid_to))
        .set("tone", is_over ? "tone-stop" : "tone-wait");
  }
}

Response health(PortalContext& context, const AdministrationPage& page) {
  web::Data data;
  for (const HealthCheck& check : health_checks(context, page)) {
    web::Data& row = data.add("check").set("name", check.name).set("value", check.value);
    if (!check.tone.empty())
      row.add("state").set("tone", check.tone).set("text", page.names.text("health." + check.tone));
  }
  put_certificates(context, page, data);
  web::Data& commands = data.add(kPageCommands);
  const bool is_doubted = context.core().sequencer().log_view().doubt != service::ClockDoubt::none;
  if (is_doubted) put_command(page, "administration.do_clock_accept", "clock accept", commands);
  put_unsigned_command(page, "administration.do_status", "status", commands);
  put_unsigned_command(page, "administration.do_keys_status", "keys status", commands);
  return context.site.page(page.visit(), "admin_health", std::move(data));
}

}  // namespace

std::vector<HealthCheck> health_checks(const PortalContext& context, const AdministrationPage& page) {
  Checks checks(context, page);
  checks.log();
  checks.witnesses(context.witnessed);
  checks.disk();
  checks.keys();
  checks.own_certificates();
  checks.revocation_lists();
  checks.connectors(context.connectors);
  checks.notices();
  checks.work();
  return checks.take();
}

void add_admin_health_pages(PortalContext& context, Router& router) {
  router.add(
      Method::get, "/administration/health", AccessRule::administrator_page, no_body(),
      administration_page(context, [&context](const AdministrationPage& page) { return health(context, page); }));
}

}  // namespace flikvakt::gateway
