// Dividing a file at the API, by the real child.
#include <filesystem>
#include <thread>

#include "partition/frame.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

constexpr std::string_view kFrameType = "application/vnd.flikvakt.partition";

partition::Order order_of(std::string media_type) {
  partition::Order order;
  order.media_type = std::move(media_type);
  order.parts = {{"journal", {partition::TakeWhole{}}}};
  order.token_seed = to_base64url(Bytes(32, 1));
  return order;
}

Bytes frame(const partition::Order& order, BytesView file) {
  Bytes out = partition::order_head(order, file.size());
  out.insert(out.end(), file.begin(), file.end());
  return out;
}

struct PartitionWorld : ApiWorld {
  explicit PartitionWorld(std::filesystem::path program = FLIKVAKT_PARTITION_BINARY,
                          std::chrono::milliseconds wall = std::chrono::seconds(20))
      : ApiWorld([&](Server::Options& options) {
          options.partition_program = program;
          options.partition_wall = wall;
        }) {}
  ApiReply divide(std::string_view file, const char* media_type = "text/plain") {
    ApiClient client = staff(*region, nurse);
    return client.post_bytes("/v1/partitions", kFrameType, frame(order_of(media_type), as_bytes(file)));
  }
};

TEST(Partitions, AFileComesBackInPartsWithWhatWasFound) {
  PartitionWorld world;
  const ApiReply reply = world.divide("Hej\xe2\x80\x8b\n");
  ASSERT_EQ(reply.status, 200u) << reply.body;
  const BytesView body = as_bytes(reply.body);
  const partition::FrameHead head = partition::read_answer_head(body.first(partition::kFrameHeadBytes)).value();
  const BytesView rest = body.subspan(partition::kFrameHeadBytes);
  const partition::Outcome outcome =
      partition::read_answer(order_of("text/plain"), as_text(rest.first(head.json_bytes)),
                             rest.subspan(head.json_bytes))
          .value();
  ASSERT_EQ(outcome.bytes.size(), 1u);
  EXPECT_EQ(as_text(outcome.bytes.front().document), "Hej\n");
  ASSERT_EQ(outcome.report.findings.size(), 1u);
  EXPECT_EQ(outcome.report.findings.front().kind, partition::FindingKind::invisible_character);
}

// SPEC API-85
TEST(Partitions, TokensAreOfTheGatewaysSeed) {
  PartitionWorld world;
  constexpr std::string_view kBundle =
      R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Condition","subject":{"reference":"Patient/1"}}}]})";
  const ApiReply one = world.divide(kBundle, "application/fhir+json"),
                 two = world.divide(kBundle, "application/fhir+json");
  ASSERT_EQ(one.status, 200u);
  EXPECT_NE(one.body.find("urn:flikvakt:left-out"), std::string::npos);
  EXPECT_NE(one.body, two.body);
}

// SPEC API-86
TEST(Partitions, ARefusedFileGetsItsReason) {
  PartitionWorld world;
  const ApiReply reply = world.divide("no pdf", "application/pdf");
  EXPECT_EQ(reply.status, 422u);
  EXPECT_TRUE(reply.text("/type").ends_with("/file-refused"));
  EXPECT_EQ(reply.text("/refusal/reason"), "mislabelled");
}

TEST(Partitions, WhatIsNoFrameOrNoOrderIsRefused) {
  PartitionWorld world;
  ApiClient client = world.staff(*world.region, world.nurse);
  EXPECT_EQ(client.post_bytes("/v1/partitions", kFrameType, as_bytes("FVO1 but no frame at all")).status, 400u);
  ApiClient another = world.staff(*world.region, world.nurse);
  EXPECT_EQ(another.post_bytes("/v1/partitions", "text/plain", as_bytes("hello")).status, 422u);
  partition::Order order = order_of("text/plain");
  order.parts.push_back(order.parts.front());
  ApiClient other = world.staff(*world.region, world.nurse);
  EXPECT_EQ(other.post_bytes("/v1/partitions", kFrameType, frame(order, as_bytes("x"))).status, 422u);
}

TEST(Partitions, NobodyWithoutAnAssertionHasAFileDivided) {
  PartitionWorld world;
  ApiClient client = world.organisation(*world.region);
  EXPECT_EQ(client.post_bytes("/v1/partitions", kFrameType, frame(order_of("text/plain"), as_bytes("x"))).status, 401u);
}

// SPEC API-87
TEST(Partitions, WithoutAProgramNothingIsDivided) {
  PartitionWorld world{std::filesystem::path()};
  EXPECT_EQ(world.divide("x").status, 503u);
  PartitionWorld other{std::filesystem::path("/nonexistent/flikvakt-partition")};
  EXPECT_EQ(other.divide("x").status, 503u);
}

// A child that dies costs its own file, and nobody else notices.
TEST(Partitions, AChildThatCrashesOrHangsCostsItsOwnFileOnly) {
  PartitionWorld world{std::filesystem::path(FLIKVAKT_FAULTY_CHILD)};
  for (const char* how : {"crash", "abort", "eat", "garbage", "mute"}) {
    const ApiReply reply = world.divide(how);
    EXPECT_EQ(reply.status, 422u) << how;
    EXPECT_TRUE(reply.text("/type").ends_with("/file-refused")) << how;
  }
}

TEST(Partitions, WhileAChildHangsOthersGoOn) {
  PartitionWorld world{std::filesystem::path(FLIKVAKT_FAULTY_CHILD), std::chrono::seconds(2)};
  std::jthread hanging([&world] { EXPECT_EQ(world.divide("hang").text("/refusal/reason"), "too_costly"); });
  ApiClient client = world.staff(*world.region, world.nurse);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get("/v1/cases").status, 200u);
  world.sign_fullmakt();
  const std::string document = world.deposit(as_bytes("others go on"));
  EXPECT_FALSE(document.empty());
}

}  // namespace
}  // namespace flikvakt::gateway::test
