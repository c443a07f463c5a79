// The figures on the administrators' socket: read by a strict parser of the format, and held to the table of the page.
#include <gmock/gmock.h>

#include <regex>

#include "gateway/metrics_text.h"
#include "tests/gateway/connector_world.h"
#include "tests/gateway/unix_client.h"
#include "tests/policy/markdown_table.h"

namespace flikvakt::gateway::test {
namespace {

using flikvakt::test::Row;

// What Prometheus 0.0.4 says, no more: families in one piece, HELP and TYPE before the samples.
struct Family {
  std::string type;
  std::map<std::string, double> samples;  // by name and labels, as written
};
using Families = std::map<std::string, Family>;

bool belongs(const std::string& sample, const std::string& family, const std::string& type) {
  if (type != "histogram") return sample == family;
  return sample == family + "_bucket" || sample == family + "_sum" || sample == family + "_count";
}

// Nothing: not of the format.
std::optional<Families> parse(const std::string& text) {
  static const std::regex help(R"re(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) ([^\n\\]+))re");
  static const std::regex type(R"re(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))re");
  static const std::regex sample(
      R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_][a-zA-Z0-9_]*="[^"\\\n]*"\})? ([0-9]+(?:\.[0-9]+)?))re");
  Families out;
  std::string helped, current;
  std::smatch match;
  if (text.empty() || text.back() != '\n') return std::nullopt;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_match(line, match, help)) {
      helped = match[1];
      if (out.contains(helped)) return std::nullopt;
    } else if (std::regex_match(line, match, type)) {
      current = match[1];
      if (current != helped || out.contains(current)) return std::nullopt;
      out[current].type = match[2];
    } else if (std::regex_match(line, match, sample)) {
      if (current.empty() || current != helped || !belongs(match[1], current, out[current].type)) return std::nullopt;
      const std::string name = match[1].str() + match[2].str();
      if (!out[current].samples.emplace(name, std::stod(match[3])).second) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  for (const auto& [name, family] : out) {
    if (family.samples.empty()) return std::nullopt;
  }
  return out;
}

class Metrics : public ::testing::Test {
protected:
  explicit Metrics(const std::function<void(Server::Options&)>& change = [](Server::Options&) {}) : world_(change) {}
  std::string body() { return UnixClient(world_.socket()).get("/v1/metrics").body; }
  Families all() {
    const std::string text = body();
    const auto parsed = parse(text);
    EXPECT_TRUE(parsed) << text;
    return parsed.value_or(Families());
  }
  double value(const std::string& sample) {
    const Families families = all();
    const auto family = families.find(sample.substr(0, sample.find('{')));
    if (family == families.end() || !family->second.samples.contains(sample)) return -1;
    return family->second.samples.at(sample);
  }
  double acts(const std::string& outcome) { return value("flikvakt_acts_total{outcome=\"" + outcome + "\"}"); }
  ApiWorld world_;
};

// SPEC MET-2
TEST(MetricsText, IsWrittenAsTheFormatSays) {
  MetricsText text;
  text.counter("a_total", "What a is.", 7);
  const MetricsText::Sample samples[] = {{"x", 1}, {"y", 2}};
  text.gauges("b", "What b is.", "of", samples);
  text.moment("c_seconds", "When c was.", UtcTime(std::chrono::milliseconds(1'795'000'000'007)));
  const std::array limits{std::chrono::microseconds(250), std::chrono::microseconds(1'000'000)};
  text.histogram("d_seconds", "How long d took.", {limits, {3, 0, 2}, std::chrono::nanoseconds(2'500'000'001)});
  const std::string out = std::move(text).take();
  EXPECT_EQ(out,
            "# HELP a_total What a is.\n# TYPE a_total counter\na_total 7\n"
            "# HELP b What b is.\n# TYPE b gauge\nb{of=\"x\"} 1\nb{of=\"y\"} 2\n"
            "# HELP c_seconds When c was.\n# TYPE c_seconds gauge\nc_seconds 1795000000.007\n"
            "# HELP d_seconds How long d took.\n# TYPE d_seconds histogram\n"
            "d_seconds_bucket{le=\"0.00025\"} 3\nd_seconds_bucket{le=\"1\"} 3\nd_seconds_bucket{le=\"+Inf\"} 5\n"
            "d_seconds_sum 2.500000001\nd_seconds_count 5\n");
  EXPECT_TRUE(parse(out));
}

// The parser, shown to refuse something.
TEST(MetricsText, ThatIsNotOfTheFormatIsFound) {
  const std::string good = "# HELP a A.\n# TYPE a gauge\na 1\n";
  ASSERT_TRUE(parse(good));
  for (const std::string& bad :
       {std::string(), std::string("a 1\n"), good.substr(0, good.size() - 1), good + good, good + "a 2\n",
        good + "b 2\n", good + "\n", std::string("# TYPE a gauge\na 1\n"),
        std::string("# HELP a A.\n# TYPE b gauge\nb 1\n"), std::string("# HELP a A.\n# TYPE a gauge\n"),
        std::string("# HELP a A.\n# TYPE a figure\na 1\n"), std::string("# HELP a A.\n# TYPE a gauge\na -\n"),
        std::string("# HELP a A.\n# TYPE a gauge\na{b=\"\"c\"} 1\n")})
    EXPECT_FALSE(parse(bad)) << bad;
}

// SPEC MET-1
TEST_F(Metrics, AreServedOnTheSocketAndNowhereElse) {
  const ApiReply reply = UnixClient(world_.socket()).get("/v1/metrics");
  EXPECT_EQ(reply.status, 200u);
  EXPECT_EQ(reply.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  ApiClient portal = world_.portal();
  ApiClient api = world_.staff(*world_.region, world_.nurse);
  EXPECT_EQ(portal.get("/v1/metrics").status, 404u);
  EXPECT_EQ(api.get("/v1/metrics").status, 404u);
}

// SPEC MET-3
TEST_F(Metrics, AreThoseOfThePageAndNameNobody) {
  const std::string fullmakt = world_.sign_fullmakt();
  const std::string document = world_.deposit(as_bytes("Journal"));
  std::map<std::string, std::pair<std::string, std::string>> page;  // type and labels
  for (const Row& row : flikvakt::test::table_under("spec/metrics.md", "# Metrics"))
    page[row.at(0)] = {row.at(1), "`" + row.at(2) + "`"};  // the outer ones are gone
  const Families families = all();
  for (const auto& [name, family] : families) {
    ASSERT_TRUE(page.contains(name)) << name;
    EXPECT_EQ(family.type, page[name].first) << name;
    for (const auto& [sample, value] : family.samples) {
      const std::size_t open = sample.find('{');
      if (open == sample.npos) continue;
      const std::size_t quote = sample.find('"');
      const std::string label = sample.substr(open + 1, sample.find('=') - open - 1);
      const std::string of_label = sample.substr(quote + 1, sample.rfind('"') - quote - 1);
      EXPECT_THAT(page[name].second, ::testing::StartsWith("`" + label + "`")) << sample;
      if (label == "outcome" || label == "status")
        EXPECT_THAT(page[name].second, ::testing::HasSubstr("`" + of_label + "`"));
    }
  }
  for (const auto& [name, described] : page) {
    if (name.find("cosigned") != name.npos || name.find("doubted") != name.npos || name.find("hook") != name.npos)
      continue;
    if (name.find("connector") != name.npos || name.find("source_request") != name.npos) continue;
    EXPECT_TRUE(families.contains(name)) << name;
  }
  const std::string text = body();
  for (const std::string& somebody : {fullmakt, document, world_.region->id.text(), world_.authority->id.text(),
                                      world_.person.text(), world_.handler.text(), world_.region->label,
                                      std::string("flikvakt-test"), std::string("journal"), std::string("9931")})
    EXPECT_EQ(text.find(somebody), text.npos) << somebody;
}

// SPEC MET-4
TEST_F(Metrics, CountEachActOnceByItsAnswer) {
  const std::string fullmakt = world_.sign_fullmakt();
  const std::string document = world_.deposit(as_bytes("Journal"));
  ApiClient handler = world_.staff(*world_.authority, world_.handler);
  const double permitted = acts("permitted"), refused = acts("refused"),
               opened = value("flikvakt_readings_opened_total");
  EXPECT_GT(permitted, 5);
  EXPECT_EQ(acts("expired"), 0);

  ASSERT_EQ(handler.get(world_.path_of(document)).status, 200u);
  EXPECT_EQ(acts("permitted"), permitted + 1) << "its closing is the gateway's own";
  EXPECT_EQ(value("flikvakt_readings_opened_total"), opened + 1);
  EXPECT_EQ(handler.get(world_.path_of("0123456789abcdef0123456789abcdef")).status, 403u);
  EXPECT_EQ(acts("refused"), refused + 1);
  EXPECT_EQ(acts("permitted"), permitted + 1);

  world_.core->sequencer().doubt_log(true);
  EXPECT_EQ(handler.get(world_.path_of(document)).status, 403u);
  EXPECT_EQ(value("flikvakt_readings_not_witnessed_total"), 1);
  EXPECT_EQ(acts("refused"), refused + 2);
  world_.core->sequencer().doubt_log(false);

  const json::object sent = world_.sent(json::object{{"kind", "accept_clock"}, {"wall", to_rfc3339(world_.now)}});
  const json::object twice{{"jws", world_.signed_act(sent, world_.administrator_keys[0], "flikvakt-admin+jws")}};
  const UnixClient administrator(world_.socket());
  const unsigned first = administrator.post("/v1/acts", twice).status;
  EXPECT_EQ(administrator.post("/v1/acts", twice).status, first);
  EXPECT_EQ(acts("repeated"), 1);
}

// SPEC MET-2
TEST_F(Metrics, OfCommitsAddUp) {
  const Family commits = all().at("flikvakt_commit_seconds");
  double last = 0;
  for (const char* limit :
       {"0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "1", "+Inf"}) {
    const std::string bucket = std::string("flikvakt_commit_seconds_bucket{le=\"") + limit + "\"}";
    ASSERT_TRUE(commits.samples.contains(bucket)) << limit;
    EXPECT_GE(commits.samples.at(bucket), last) << limit;
    last = commits.samples.at(bucket);
  }
  EXPECT_EQ(commits.samples.at("flikvakt_commit_seconds_count"), last);
  EXPECT_GT(last, 10) << "the world was made by commits";
  EXPECT_GT(commits.samples.at("flikvakt_commit_seconds_sum"), 0);
}

TEST_F(Metrics, SayHowTheGatewayStands) {
  EXPECT_EQ(value("flikvakt_log_entries"), static_cast<double>(world_.core->sequencer().log_view().size));
  EXPECT_EQ(value("flikvakt_clock_doubted"), 0);
  EXPECT_EQ(value("flikvakt_disk_reserve_held"), 1);
  EXPECT_EQ(value("flikvakt_readings_open"), 0);
  EXPECT_EQ(value("flikvakt_queue_commands"), 0);
  EXPECT_EQ(value("flikvakt_pruning_left_entries"), 0);
  EXPECT_GT(value("flikvakt_keys{status=\"active\"}"), 7);
  EXPECT_EQ(value("flikvakt_commits_failed_total"), 0);
  std::filesystem::remove(world_.folder / "data" / "reserve");
  EXPECT_EQ(value("flikvakt_disk_reserve_held"), 0);
}

class WitnessedMetrics : public Metrics {
protected:
  WitnessedMetrics()
      : Metrics([this](Server::Options& options) { options.witnessed = [this] { return witnessed_; }; }) {}
  Witnessed witnessed_;
};

// SPEC MET-5
TEST_F(Metrics, SayNothingOfWitnessesWhereNoneIsAsked) {
  const Families families = all();
  for (const char* name : {"flikvakt_log_cosigned_entries", "flikvakt_log_cosigned_timestamp_seconds",
                           "flikvakt_log_cosigned_late", "flikvakt_log_doubted", "flikvakt_notice_hook_behind_entries"})
    EXPECT_FALSE(families.contains(name)) << name;
}

// SPEC MET-5
TEST_F(WitnessedMetrics, SayHowFarWitnessesCosigned) {
  witnessed_.is_late = witnessed_.is_doubted = true;
  EXPECT_EQ(value("flikvakt_log_cosigned_entries"), 0);
  EXPECT_FALSE(all().contains("flikvakt_log_cosigned_timestamp_seconds")) << "there is none yet";
  EXPECT_EQ(value("flikvakt_log_cosigned_late"), 1);
  EXPECT_EQ(value("flikvakt_log_doubted"), 1);
  witnessed_ = {"note", 41, UtcTime(std::chrono::milliseconds(1'795'000'000'000)), false, false};
  EXPECT_EQ(value("flikvakt_log_cosigned_entries"), 41);
  EXPECT_EQ(value("flikvakt_log_cosigned_timestamp_seconds"), 1'795'000'000);
  EXPECT_EQ(value("flikvakt_log_cosigned_late"), 0);
  EXPECT_EQ(value("flikvakt_log_doubted"), 0);
}

struct HasIssuer {  // made before the world that it is put into
  ConnectorIssuer issuer_{SystemClock().wall()};
};
class ConnectedMetrics : protected HasIssuer, public Metrics {
protected:
  ConnectedMetrics() : Metrics([this](Server::Options& options) { issuer_.put_into(options); }) {
    issuer_.admit(world_);
  }
};

// SPEC MET-7
TEST_F(Metrics, SayNothingOfConnectorsWhereNoneMayDialIn) {
  for (const auto& [name, family] : all()) {
    EXPECT_EQ(name.find("connector"), name.npos) << name;
    EXPECT_EQ(name.find("source_request"), name.npos) << name;
  }
}

// SPEC MET-3, MET-7
TEST_F(ConnectedMetrics, SayHowManyAreThereAndWhatWaits) {
  std::map<std::string, std::string> page;
  for (const Row& row : flikvakt::test::table_under("spec/metrics.md", "# Metrics")) page[row.at(0)] = row.at(1);
  for (const auto& [name, family] : all()) EXPECT_EQ(family.type, page[name]) << name;
  EXPECT_EQ(value("flikvakt_connectors_enrolled"), 0);
  EXPECT_EQ(value("flikvakt_connectors_present"), 0);
  EXPECT_EQ(value("flikvakt_connectors_witnessed_timestamp_seconds"), -1) << "none has cosigned";
  EXPECT_EQ(value("flikvakt_source_request_answer_milliseconds"), -1) << "none was answered";
  TestConnector one(world_, issuer_);
  one.invite();
  EXPECT_EQ(value("flikvakt_connectors_enrolled"), 0);
  one.must_enrol();
  EXPECT_EQ(value("flikvakt_connectors_enrolled"), 1);
  EXPECT_EQ(value("flikvakt_connectors_present"), 0);
  EXPECT_EQ(one.poll().status, 200u);
  EXPECT_EQ(value("flikvakt_connectors_present"), 1);
  EXPECT_EQ(value("flikvakt_connectors_queued_files"), 3);
  world_.server->connectors()->note_witnessed(one.id, 7, UtcTime(std::chrono::milliseconds(1'795'000'000'000)));
  EXPECT_EQ(value("flikvakt_connectors_witnessed_timestamp_seconds"), 1'795'000'000);
  (void)world_.sign_fullmakt();
  (void)ask_source(world_);
  EXPECT_EQ(value("flikvakt_source_requests_open"), 1);
  (void)world_.deposit(as_bytes("Journal"));
  EXPECT_EQ(value("flikvakt_source_requests_open"), 0);
  EXPECT_GE(value("flikvakt_source_request_answer_milliseconds"), 0);
}

// SPEC MET-6
TEST_F(Metrics, PagesThatAreShownAreCountedAndNothingElse) {
  const auto count = [&] { return all().at("flikvakt_page_seconds").samples.at("flikvakt_page_seconds_count"); };
  EXPECT_EQ(count(), 0);
  ApiClient client = world_.portal();
  EXPECT_EQ(client.get("/explain").status, 200u);
  EXPECT_EQ(client.get("/accessibility").status, 200u);
  EXPECT_EQ(count(), 2);
  EXPECT_EQ(client.get("/no/such/page").status, 404u);
  EXPECT_EQ(client.get("/me").status, 303u) << "to where one signs in";
  EXPECT_EQ(client.get("/v1/log/checkpoint").status, 200u);
  EXPECT_EQ(count(), 2) << "a problem, a redirect and an answer to machines are no pages";
}

}  // namespace
}  // namespace flikvakt::gateway::test
