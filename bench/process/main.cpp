// What of the gateway can be measured without a network. One JSON object on stdout; bench/bench.py makes the table.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <fstream>

#include "bench/process/decisions.h"
#include "bench/process/grow.h"
#include "bench/process/proofs.h"
#include "bench/process/raw_disk.h"
#include "bench/process/readings.h"
#include "bench/process/withdrawal.h"

namespace flikvakt::bench {
namespace {

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<DocumentId> documents_in(const std::filesystem::path& list) {
  std::ifstream file(list);
  std::vector<DocumentId> out;
  for (std::string line; std::getline(file, line);) out.push_back(must(DocumentId::parse(line)));
  if (out.empty()) throw std::runtime_error("no documents in `" + list.string() + "`");
  return out;
}

void add_documents(const std::filesystem::path& list, const std::vector<DocumentId>& documents) {
  std::ofstream file(list, std::ios::app);
  for (const DocumentId& document : documents) file << document.text() << '\n';
  if (!file.flush()) throw std::runtime_error("writing `" + list.string() + "`");
}

// The sequencer's entries against the disk alone, in turns. A group of the disk is as large as the sequencer's mean
// batch was (entries by syncs), so that like is compared with like: the ratio is that of syncs a second.
json::object measure_appends(Cast& cast, RawDisk& disk, std::span<const DocumentId> documents, std::size_t waiting,
                             double seconds, int runs) {
  std::vector<double> rates, raw_rates, ratios, batches;
  double cpu = 0;
  std::uint64_t entries = 0;
  for (int run = 0; run < runs; ++run) {
    const ReadingsDone done = read_documents(cast, documents, {waiting, seconds, ~0ull, false});
    const double batch =
        static_cast<double>(done.entries) / static_cast<double>(std::max<std::uint64_t>(1, done.syncs));
    const auto group_bytes = static_cast<std::size_t>(std::max(1.0, batch) * kRecordBytes);
    const double raw = disk.groups_per_second(group_bytes, seconds) * batch;
    rates.push_back(static_cast<double>(done.entries) / done.seconds);
    raw_rates.push_back(raw);
    ratios.push_back(rates.back() / raw);
    batches.push_back(batch);
    cpu += done.cpu_seconds;
    entries += done.entries;
  }
  return {{"waiting", waiting},
          {"entries_per_s", median(rates)},
          {"raw_per_s", median(raw_rates)},
          {"ratio", median(ratios)},
          {"batch", median(batches)},
          {"cpu_us_per_entry", cpu * 1e6 / static_cast<double>(entries)}};
}

json::object measure_reads(Cast& cast, std::span<const DocumentId> documents, std::size_t waiting, double seconds,
                           int runs) {
  std::vector<double> rates, cpu;
  for (int run = 0; run < runs; ++run) {
    const ReadingsDone done = read_documents(cast, documents, {waiting, seconds, ~0ull, true});
    rates.push_back(static_cast<double>(done.readings) / done.seconds);
    cpu.push_back(done.cpu_seconds * 1e6 / static_cast<double>(done.readings));
  }
  return {{"waiting", waiting}, {"reads_per_s", median(rates)}, {"cpu_us_per_read", median(cpu)}};
}

struct Words {
  std::string cast, list;
  std::vector<std::size_t> waiting{1, 8, 64, 256};
  std::vector<std::size_t> fullmakter{10'000, 1'000'000};
  std::size_t named = 100'000;
  std::size_t running = 1'000;
  double seconds = 1;
  int runs = 3;
  std::uint64_t entries = 0;
  std::size_t proofs = 2'000;
  GrowPlan plan;
};

json::object decisions(const Words& words) {
  json::array out;
  for (const std::size_t fullmakter : words.fullmakter) out.push_back(measure_decisions(fullmakter, words.seconds));
  return {{"decisions", out}};
}

json::object withdrawal(const Words& words) {
  return {{"withdrawal", measure_withdrawal(words.named, words.running, words.runs)}};
}

json::object appends(const Words& words) {
  Cast cast(words.cast);
  RawDisk disk(cast.file().data);
  const std::vector<DocumentId> documents = documents_in(words.list);
  json::array out;
  for (const std::size_t waiting : words.waiting) {
    out.push_back(measure_appends(cast, disk, documents, waiting, words.seconds, words.runs));
  }
  return {{"appends", out}};
}

json::object reads(const Words& words) {
  Cast cast(words.cast);
  const std::vector<DocumentId> documents = documents_in(words.list);
  json::array out;
  for (const std::size_t waiting : words.waiting) {
    out.push_back(measure_reads(cast, documents, waiting, words.seconds, words.runs));
  }
  return {{"open_seconds", cast.open_seconds()}, {"log_size", cast.core().sequencer().log_view().size}, {"reads", out}};
}

json::object proofs(const Words& words) {
  Cast cast(words.cast);
  const ProofsDone done = measure_proofs(cast, words.proofs);
  return {{"log_size", done.size},
          {"median_us", done.median_us},
          {"slowest_us", done.slowest_us},
          {"tree_kib", done.tree_kib}};
}

json::object grow_world(const Words& words) {
  const auto start = std::chrono::steady_clock::now();
  Cast cast(words.cast);
  if (words.plan.people + words.plan.documents > 0) add_documents(words.list, grow(cast, words.plan));
  const std::uint64_t size = cast.core().sequencer().log_view().size;
  if (words.entries > size) {
    const ReadingsPlan plan{512, 1e6, (words.entries - size) / 2, false};
    read_documents(cast, documents_in(words.list), plan);
  }
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  return {{"seconds", passed.count()}, {"log_size", cast.core().sequencer().log_view().size}};
}

int run(int count, char** arguments) {
  CLI::App app{"What of the gateway can be measured without a network; bench/bench.py calls it."};
  app.require_subcommand(1);
  Words words;
  std::function<json::object(const Words&)> chosen;
  const auto command = [&](const char* name, const char* what, json::object (*measure)(const Words&)) {
    CLI::App* sub = app.add_subcommand(name, what);
    sub->callback([&chosen, measure] { chosen = measure; });
    sub->add_option("--seconds", words.seconds, "of one measurement");
    sub->add_option("--runs", words.runs, "of which the median counts");
    return sub;
  };
  const auto with_cast = [&](CLI::App* sub) {
    sub->add_option("CAST", words.cast, "what bench/servers.py wrote")->required();
    sub->add_option("LIST", words.list, "ids of documents, one a line")->required();
    return sub;
  };
  const auto with_waiting = [&](CLI::App* sub) {
    with_cast(sub)->add_option("--waiting", words.waiting, "openings on their way at a time")->delimiter(',');
  };
  command("decisions", "microseconds a decision, and memory", decisions)
      ->add_option("--fullmakter", words.fullmakter)
      ->delimiter(',');
  CLI::App* withdraws = command("withdrawal", "microseconds to withdraw a provider's authorisation", withdrawal);
  withdraws->add_option("--fullmakter", words.named, "that name the provider");
  withdraws->add_option("--readings", words.running, "of the provider that are running");
  with_waiting(command("appends", "entries a second through the sequencer, and what the disk can do", appends));
  with_waiting(command("reads", "readings a second: opened, decrypted, closed", reads));
  with_cast(command("proofs", "microseconds an inclusion proof, and memory of the tree", proofs))
      ->add_option("--proofs", words.proofs, "of entries drawn at random");
  CLI::App* grows = with_cast(command("grow", "more people, fullmakter, documents and entries", grow_world));
  grows->add_option("--people", words.plan.people);
  grows->add_option("--earlier-people", words.plan.earlier_people, "that earlier runs made");
  grows->add_option("--fullmakter", words.plan.fullmakter, "of each person");
  grows->add_option("--documents", words.plan.documents);
  grows->add_option("--bytes", words.plan.bytes, "of each document");
  grows->add_option("--entries", words.entries, "readings until the log has so many");
  CLI11_PARSE(app, count, arguments);
  std::printf("%s\n", to_text(chosen(words)).c_str());
  return 0;
}

}  // namespace
}  // namespace flikvakt::bench

int main(int count, char** arguments) {
  try {
    return flikvakt::bench::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "flikvakt_bench: %s\n", error.what());
    return 1;
  }
}
