#include "gateway/metrics.h"

#include <algorithm>

#include "gateway/metrics_text.h"

namespace flikvakt::gateway {
namespace {

using Sample = MetricsText::Sample;

std::uint64_t read(const service::Counters::Count& count) { return count.load(std::memory_order_relaxed); }

void write_log(MetricsText& out, const service::LogView& log) {
  out.gauge("flikvakt_log_entries", "Entries of the log.", log.size);
  out.moment("flikvakt_log_last_entry_timestamp_seconds", "When the newest entry was logged.", log.last_entry);
  out.gauge("flikvakt_clock_doubted", "1 while only narrowing acts are taken, because the clock jumped.",
            log.doubt == service::ClockDoubt::none ? 0 : 1);
}

// SPEC MET-5
void write_witnessed(MetricsText& out, const AskWitnessed& witnessed) {
  if (!witnessed) return;
  const Witnessed now = witnessed();
  out.gauge("flikvakt_log_cosigned_entries", "Entries of the newest checkpoint that a quorum of witnesses cosigned.",
            now.size);
  if (now.cosigned)
    out.moment("flikvakt_log_cosigned_timestamp_seconds", "When the quorum had cosigned it.", *now.cosigned);
  out.gauge("flikvakt_log_cosigned_late", "1 while that is older than witness_warn_seconds, or there is none.",
            now.is_late ? 1 : 0);
  out.gauge("flikvakt_log_doubted",
            "1 while it is older than witness_refuse_seconds, or there is none: no document is opened.",
            now.is_doubted ? 1 : 0);
}

// SPEC MET-4
void write_acts(MetricsText& out, const service::Counters& counters) {
  const Sample outcomes[] = {{"permitted", read(counters.permitted)}, {"refused", read(counters.refused)},
                             {"repeated", read(counters.repeated)},   {"conflict", read(counters.conflicting)},
                             {"expired", read(counters.expired)},     {"unavailable", read(counters.unavailable)}};
  out.counters("flikvakt_acts_total", "Acts of people, staff and administrators, by what they were answered.",
               "outcome", outcomes);
  out.counter("flikvakt_readings_opened_total", "Readings of documents that were opened.",
              read(counters.readings_opened));
  out.counter("flikvakt_readings_not_witnessed_total", "Readings refused while flikvakt_log_doubted.",
              read(counters.readings_not_witnessed));
}

template <std::size_t Buckets>
void write_durations(MetricsText& out, std::string_view name, std::string_view help,
                     const service::DurationCounts<Buckets>& counts) {
  MetricsText::Durations took{counts.limits(), {}, counts.sum()};
  for (std::size_t i = 0; i <= took.limits.size(); ++i) took.counts.push_back(counts.in_bucket(i));
  out.histogram(name, help, took);
}

void write_commits(MetricsText& out, const service::Counters& counters) {
  write_durations(out, "flikvakt_commit_seconds", "How long batches took to become durable.", counters.commits);
  out.counter("flikvakt_commits_failed_total", "Batches that were refused because they could not be written.",
              read(counters.commits_failed));
}

void write_notice_hook(MetricsText& out, service::Core& core, std::uint64_t log_size) {
  const service::FollowedLog* followed = core.followed_log();
  if (followed == nullptr) return;
  out.gauge("flikvakt_notice_hook_behind_entries", "Entries of which nobody was told yet.",
            log_size - std::min(log_size, followed->followed_to.load()));
  out.gauge("flikvakt_notice_hook_stopped", "1: nobody is told until the next start.", followed->is_stopped ? 1 : 0);
}

// SPEC MET-7
void write_connectors(MetricsText& out, service::Core& core, const AskConnectors& connectors) {
  if (!connectors) return;
  std::uint64_t enrolled = 0, present = 0, queued = 0, calls = 0;
  std::optional<UtcTime> witnessed;
  for (const ConnectorPresence& one : connectors()) {
    enrolled += one.row.assertion_key.has_value();
    present += one.is_present;
    queued += one.status.queued;
    calls += one.calls_waiting;
    if (one.witnessed && (!witnessed || *one.witnessed < *witnessed)) witnessed = one.witnessed;
  }
  out.gauge("flikvakt_connectors_enrolled", "Connectors that enrolled and were not removed.", enrolled);
  out.gauge("flikvakt_connectors_present", "Those of them that are there.", present);
  out.gauge("flikvakt_connectors_queued_files", "Files that wait with connectors.", queued);
  out.gauge("flikvakt_connectors_waiting_calls", "Calls that wait for connectors.", calls);
  if (witnessed)
    out.moment("flikvakt_connectors_witnessed_timestamp_seconds",
               "When the connector with witness duty that did so longest ago cosigned.", *witnessed);
  std::uint64_t open = 0;
  std::vector<std::chrono::milliseconds> took;
  for (const policy::SourceRequest& one : core.directory().rows<policy::SourceRequest>()) {
    open += one.status == policy::SourceRequestStatus::open;
    if (one.status == policy::SourceRequestStatus::answered && one.opened && one.ended)
      took.push_back(*one.ended - *one.opened);
  }
  out.gauge("flikvakt_source_requests_open", "Documents that are asked for at a source, and not answered yet.", open);
  if (took.empty()) return;
  const auto middle = took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2);
  std::ranges::nth_element(took, middle);
  out.gauge("flikvakt_source_request_answer_milliseconds",
            "Half of those of the last 30 days were answered in this time.",
            static_cast<std::uint64_t>(middle->count()));
}

}  // namespace

std::string metrics_of(service::Core& core, const AskWitnessed& witnessed, const PageTimes& pages,
                       const AskConnectors& connectors) {
  MetricsText out;
  const service::LogView log = core.sequencer().log_view();
  const Sample version[] = {{FLIKVAKT_VERSION, 1}};
  out.gauges("flikvakt_info", "The program.", "version", version);
  write_log(out, log);
  write_witnessed(out, witnessed);
  write_acts(out, core.sequencer().counters());
  write_commits(out, core.sequencer().counters());
  // SPEC MET-6
  write_durations<kPageLimits.size()>(out, "flikvakt_page_seconds",
                                      "How long pages of the portal took to be made, without the refusal tick.", pages);
  out.gauge("flikvakt_readings_open", "Readings that are open.", core.readings().size());
  out.gauge("flikvakt_queue_commands", "Commands that wait to be decided.", core.sequencer().waiting());
  out.gauge("flikvakt_pruning_left_entries", "Entries that a pruning of the log has still to go through.",
            read(core.sequencer().counters().pruning_left));
  out.gauge("flikvakt_disk_reserve_held", "0: the disk is full, and only what narrows access is taken.",
            core.holds_disk_reserve() ? 1 : 0);
  const service::Directory::KeyCounts keys = core.directory().key_counts();
  const Sample statuses[] = {{"active", keys.active}, {"shredded", keys.shredded}};
  out.gauges("flikvakt_keys", "Keys by what became of them.", "status", statuses);
  write_notice_hook(out, core, log.size);
  write_connectors(out, core, connectors);
  return std::move(out).take();
}

}  // namespace flikvakt::gateway
