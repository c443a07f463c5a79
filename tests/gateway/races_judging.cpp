// What came of one race: the server's sends against the acknowledgement, and what arrived against what was sent.
#include <algorithm>

#include "tests/gateway/races_lane.h"

namespace flikvakt::gateway::test {

namespace {

constexpr std::uint64_t kKernelBound = 256 * 1024;  // P2, SPEC TLS-23

}  // namespace

void Acknowledgement::given(Stamp at) {
  std::lock_guard lock(mutex);
  if (stamp == 0) {
    for (const int descriptor : descriptors) at_clients.push_back(received_by_kernel(descriptor));
  }
  stamp = stamp == 0 ? at : std::min(stamp, at);
}

Stamp Acknowledgement::when() {
  std::lock_guard lock(mutex);
  return stamp;
}

void RaceLane::judge(const Plan& plan, std::vector<Reader>& readers, Acknowledgement& acknowledgement) {
  const Stamp acknowledged = acknowledgement.when();
  std::size_t cut = 0, whole = 0, refused = 0;
  for (std::size_t i = 0; i < readers.size(); ++i) {
    Reader& reader = readers[i];
    RaceClient& client = *reader.client;
    if (reader.is_bystander) {
      judge_reader(plan, reader, acknowledged);
      if (client.state() != RaceClient::State::whole || !client.is_served())
        fault("a bystander's reading was disturbed");
      continue;
    }
    ++counts.connections;
    judge_bytes(reader, acknowledgement.at_clients.at(i));
    cut += judge_reader(plan, reader, acknowledged) ? 1 : 0;
    whole += client.state() == RaceClient::State::whole && client.is_served() ? 1 : 0;
    refused += client.status() >= 400 ? 1 : 0;
  }
  read_anew(plan);
  for (Reader& reader : readers) {
    if (!reader.client->sends().take().empty()) fault("something was sent when all was over");
    const Path path = reader.is_bystander ? Path::bystander : plan.path;
    if (!plan.slow && !fresh_ && reader.client->state() == RaceClient::State::whole)
      idle_[path].push_back(std::move(reader.client));
  }
  if (cut > 0) ++counts.cut_of_kind[static_cast<std::size_t>(plan.narrowing)];
  ++(cut > 0 ? counts.cut : whole > 0 ? counts.whole : refused > 0 ? counts.refused : counts.unsent);
}

// Answers whether a transfer that had begun was cut.
bool RaceLane::judge_reader(const Plan& plan, Reader& reader, Stamp acknowledged) {
  RaceClient& client = *reader.client;
  const std::vector<SendEvent> sends = client.sends().take();
  const bool is_refusal = client.status() >= 400;
  if (!client.is_true()) fault("a client received what is not the document's");
  if (is_refusal) {
    if (client.status() != 403) fault("a reading was answered " + std::to_string(client.status()));
    return false;
  }
  counts.document_sends += sends.size();
  counts.readings += reader.opens && client.is_served() ? 1 : 0;
  std::uint64_t bytes = 0;
  for (const SendEvent& send : sends) bytes += send.bytes;
  counts.document_bytes += bytes;
  if (!reader.is_bystander) {
    const std::vector<std::string> late = late_sends(sends, acknowledged);
    if (!late.empty()) fault(late.front() + "; " + std::to_string(late.size()) + " such");
  }
  const bool is_logged = !reader.opens || sends.empty() || is_synced_between(reader.asked, sends.front().began);
  if (!is_logged) fault("a byte was sent before its reading was durable");
  if (is_timed(plan.narrowing) && !reader.is_bystander && !sends.empty()) note_lateness(sends.back());
  return client.state() != RaceClient::State::whole && bytes > 0;
}

// What reached the client's machine after the acknowledgement, and what the server's kernel held at it.
void RaceLane::judge_bytes(const Reader& reader, std::uint64_t at_client) {
  if (reader.client->status() >= 400) return;
  const std::uint64_t after = received_by_kernel(reader.client->descriptor()) - at_client;
  const std::uint64_t sent = reader.client->sends().bytes();
  const std::uint64_t held = sent > at_client ? sent - at_client : 0;
  counts.most_after = std::max(counts.most_after, after);
  counts.most_held = std::max(counts.most_held, held);
  if (after > kKernelBound) fault(std::to_string(after) + " bytes came after the acknowledgement");
  if (held > kKernelBound) fault("the kernel held " + std::to_string(held) + " bytes at the acknowledgement");
}

void RaceLane::note_lateness(const SendEvent& last) {
  const auto ago = world_.api.clock.steady() - last.at;
  const UtcTime at = world_.api.clock.wall() - std::chrono::duration_cast<std::chrono::milliseconds>(ago);
  counts.latest_expiry = std::max(counts.latest_expiry, at - runs_out_);
}

void RaceLane::read_anew(const Plan& plan) {
  if (world_.api.core->decide(reading_command(plan)).decision.is_permitted()) fault("a new reading was permitted");
  ++counts.new_reads_refused;
  if (!plan.over_tls_again) return;
  Plan quick = plan;
  quick.slow = false;
  Reader again;
  again.client = connection(quick, plan.path);
  const std::string target =
      plan.ranges && !reading_.empty()
          ? "/v1/readings/" + reading_ + "/content"
          : "/v1/documents/" + people_.documents[plan.size] + "/content?purpose=" + std::string(purpose_of(plan.path));
  again.client->ask(read_request(again, plan.path, target, ""), world_.text);
  finish(*again.client);
  // Its certificate no longer counts: the connection may be closed under the answer.
  const bool may_be_closed = again.client->status() == 0;
  if (again.client->status() != 403 && !may_be_closed)
    fault("a new read was answered " + std::to_string(again.client->status()));
  ++counts.new_reads_refused;
}

}  // namespace flikvakt::gateway::test
