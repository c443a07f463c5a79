// The bytes of documents: deposited whole or not at all, read whole or in ranges.
#include <thread>

#include "gateway/byte_range.h"
#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

std::size_t count_files(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) count += entry.is_regular_file();
  return count;
}

class ApiDocuments : public testing::Test {
protected:
  ApiDocuments() { world_.sign_fullmakt(); }

  // Begins a deposit of these bytes; the path of its content.
  std::string begin(ApiClient& client, BytesView announced, const std::string& media_type = "text/plain") {
    json::object begin = world_.begin_deposit(world_.handle(client), announced);
    begin["act"].as_object()["facts"].as_object()["media_type"] = media_type;
    EXPECT_EQ(client.post("/v1/acts", begin).status, 200u);
    return "/v1/deposits/" + std::string(begin.at("act").at("id").as_string()) + "/content";
  }
  ApiClient nurse() { return world_.staff(*world_.region, world_.nurse); }
  ApiClient handler() { return world_.staff(*world_.authority, world_.handler); }
  // The head of an upload and the first bytes of it; the rest is not sent.
  static void start(ApiClient& client, const std::string& path, const std::string& media_type, std::size_t size,
                    BytesView first) {
    client.send("PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + client.authorization +
                "\r\nContent-Type: " + media_type + "\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
    (void)client.tls().write_all(first);
  }
  bool has_begun(std::size_t before) {
    for (int i = 0; i < 100 && objects() == before; ++i) std::this_thread::sleep_for(20ms);
    return objects() > before;
  }
  std::size_t objects() { return count_files(world_.folder / "data" / "objects"); }

  ApiWorld world_;
  const Bytes bytes_ = text_bytes(150'000);
};

// SPEC API-71
TEST_F(ApiDocuments, WhatIsNotAsAnnouncedIsToldToTheDepositorAndLeavesNothing) {
  ApiClient client = nurse();
  const std::string path = begin(client, bytes_);
  const std::size_t before = objects();
  EXPECT_EQ(client.put(path, "text/plain", BytesView(bytes_).first(100)).status, 422u) << "size";
  ApiClient second = nurse();
  EXPECT_EQ(second.put(path, "application/pdf", bytes_).status, 422u) << "media type";
  Bytes other = bytes_;
  other[70'000] ^= 1;
  ApiClient third = nurse();
  const ApiReply changed = third.put(path, "text/plain", other);
  EXPECT_EQ(changed.status, 422u) << "SHA-256";
  EXPECT_NE(changed.text("/detail").find("SHA-256"), std::string::npos);
  EXPECT_EQ(objects(), before);
  ApiClient fourth = nurse();
  EXPECT_EQ(fourth.put(path, "text/plain", bytes_).status, 201u) << "the deposit stays open for the right bytes";
}

// SPEC API-71
TEST_F(ApiDocuments, BytesThatAreNotOfTheirMediaTypeAreRefused) {
  ApiClient client = nurse();
  const Bytes zeros(1000);
  EXPECT_EQ(client.put(begin(client, zeros), "text/plain", zeros).status, 422u);
}

// SPEC API-73
TEST_F(ApiDocuments, ADroppedUploadLeavesNothing) {
  const std::size_t before = objects();
  {
    ApiClient client = nurse();
    const std::string path = begin(client, bytes_);
    start(client, path, "text/plain", 150'000, BytesView(bytes_).first(100'000));
    EXPECT_TRUE(has_begun(before));
  }
  for (int i = 0; i < 100 && objects() != before; ++i) std::this_thread::sleep_for(20ms);
  EXPECT_EQ(objects(), before);
}

// SPEC API-75
TEST_F(ApiDocuments, WhileOneUploadOfADepositRunsAnotherIsAConflict) {
  const std::size_t before = objects();
  ApiClient client = nurse();
  const std::string path = begin(client, bytes_);
  start(client, path, "text/plain", bytes_.size(), BytesView(bytes_).first(100'000));
  ASSERT_TRUE(has_begun(before));
  ApiClient second = nurse();
  EXPECT_EQ(second.put(path, "text/plain", bytes_).status, 409u);
  ApiClient elsewhere = nurse();
  EXPECT_EQ(elsewhere.put(begin(elsewhere, bytes_), "text/plain", bytes_).status, 201u) << "another deposit";
  ASSERT_TRUE(client.tls().write_all(BytesView(bytes_).subspan(100'000)));
  EXPECT_EQ(client.receive().status, 201u) << "the first one is not disturbed";
}

// SPEC API-76
TEST_F(ApiDocuments, AnUploadEndsWhenItsDepositExpires) {
  const std::size_t before = objects();
  ApiClient client = nurse();
  const std::string path = begin(client, bytes_);
  start(client, path, "text/plain", bytes_.size(), BytesView(bytes_).first(100'000));
  ASSERT_TRUE(has_begun(before));
  ApiClient other = nurse();
  const ApiReply unknown = other.put("/v1/deposits/" + std::string(32, 'd') + "/content", "text/plain", bytes_);
  const std::uint64_t entries = world_.core->sequencer().log_view().size;
  world_.clock.move(25h);
  ASSERT_TRUE(client.tls().write_all(BytesView(bytes_).subspan(100'000, 10)));
  const ApiReply refused = client.receive();
  EXPECT_EQ(refused.status, 403u) << "before the other bytes came";
  EXPECT_EQ(refused.comparable(), unknown.comparable());
  EXPECT_GT(world_.core->sequencer().log_view().size, entries) << "with an entry";
  EXPECT_EQ(objects(), before);
}

// SPEC API-77
TEST_F(ApiDocuments, AMediaTypeThatIsNotAcceptedIsRefusedBeforeAnyByteIsTaken) {
  const std::size_t before = objects();
  for (const char* media_type : {"application/x-msdownload", "text/html", "image/svg+xml", "application/zip"}) {
    ApiClient client = nurse();
    start(client, begin(client, bytes_, media_type), media_type, bytes_.size(), {});
    const ApiReply refused = client.receive();
    EXPECT_EQ(refused.status, 422u) << media_type;
    EXPECT_NE(refused.text("/detail").find("media type"), std::string::npos);
  }
  EXPECT_EQ(objects(), before);
}

// SPEC API-77
TEST_F(ApiDocuments, LeadingBytesOfAnotherKindAreRefusedAsSoonAsTheyAreThere) {
  const std::size_t before = objects();
  ApiClient client = nurse();
  start(client, begin(client, bytes_, "application/pdf"), "application/pdf", bytes_.size(),
        BytesView(bytes_).first(600));
  EXPECT_EQ(client.receive().status, 422u) << "most of the document is not sent";
  EXPECT_EQ(objects(), before);
}

// SPEC API-78
TEST(ApiDocumentsOnAFullDisk, ADepositThatWouldTakeTheLogsRoomGetsNoSpaceBeforeAnyByteIsTaken) {
  const Bytes bytes = text_bytes(1000);
  const auto answer_with_floor = [&](std::uint64_t keep_free) {
    ApiWorld world([&](Server::Options& options) { options.keep_free_bytes = keep_free; });
    world.sign_fullmakt();
    ApiClient client = world.staff(*world.region, world.nurse);
    const json::object begin = world.begin_deposit(world.handle(client), bytes);
    EXPECT_EQ(client.post("/v1/acts", begin).status, 200u);
    const std::size_t before = count_files(world.folder / "data" / "objects");
    client.send("PUT /v1/deposits/" + std::string(begin.at("act").at("id").as_string()) +
                "/content HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + client.authorization +
                "\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n" +
                std::string(keep_free == 0 ? as_text(bytes) : std::string_view()));
    const unsigned status = client.receive().status;
    if (status != 201) EXPECT_EQ(count_files(world.folder / "data" / "objects"), before);
    return status;
  };
  EXPECT_EQ(answer_with_floor(0), 201u);
  EXPECT_EQ(answer_with_floor(std::uint64_t{1} << 60), 507u);
}

// SPEC API-72
TEST_F(ApiDocuments, TheSameUploadAgainGivesTheSameDocumentAndOtherBytesAConflict) {
  ApiClient client = nurse();
  const std::string path = begin(client, bytes_);
  const ApiReply first = client.put(path, "text/plain", bytes_);
  ASSERT_EQ(first.status, 201u);
  const ApiReply again = client.put(path, "text/plain", bytes_);
  EXPECT_EQ(again.status, 201u) << again.body;
  EXPECT_EQ(again.text("/document"), first.text("/document"));
  EXPECT_EQ(again.text("/time"), first.text("/time"));
  Bytes other = bytes_;
  other[0] ^= 1;
  EXPECT_EQ(client.put(path, "text/plain", other).status, 409u);
}

// SPEC API-74, DEP-7
TEST_F(ApiDocuments, AnothersDepositAndAnUnknownOneAreOneRefusalWithAnEntry) {
  ApiClient owner = nurse();
  const std::string path = begin(owner, bytes_);
  const std::uint64_t before = world_.core->sequencer().log_view().size;
  ApiClient colleague = world_.staff(*world_.region, world_.region_registrar);
  const ApiReply anothers = colleague.put(path, "text/plain", bytes_);
  ApiClient unknown = nurse();
  const ApiReply none = unknown.put("/v1/deposits/" + std::string(32, 'd') + "/content", "text/plain", bytes_);
  EXPECT_EQ(anothers.status, 403u);
  EXPECT_EQ(anothers.comparable(), none.comparable());
  EXPECT_EQ(world_.core->sequencer().log_view().size, before + 2);
  ASSERT_EQ(owner.put(path, "text/plain", bytes_).status, 201u);
  ApiClient after = world_.staff(*world_.region, world_.region_registrar);
  EXPECT_EQ(after.put(path, "text/plain", bytes_).comparable(), none.comparable()) << "sealed by another";
}

// SPEC API-60, API-62
TEST_F(ApiDocuments, RangesOfAReadingAreServedToWhoOpenedIt) {
  const std::string document = world_.deposit(bytes_);
  ApiClient reader = handler();
  const ApiReply first = reader.get(world_.path_of(document), "Range: bytes=0-9\r\n");
  ASSERT_EQ(first.status, 206u);
  EXPECT_EQ(first.field("Content-Range"), "bytes 0-9/150000");
  EXPECT_EQ(first.body, as_text(BytesView(bytes_).first(10)));
  const std::string path = "/v1/readings/" + reading_of(first) + "/content";
  for (const auto& [from, to] :
       {std::pair<std::size_t, std::size_t>{65'530, 65'546}, {65'536, 131'072}, {1, 149'999}}) {
    const ApiReply part =
        reader.get(path, "Range: bytes=" + std::to_string(from) + "-" + std::to_string(to - 1) + "\r\n");
    EXPECT_EQ(part.status, 206u);
    EXPECT_TRUE(part.body == as_text(BytesView(bytes_).subspan(from, to - from))) << from;
    EXPECT_EQ(reading_of(part), reading_of(first));
  }
  ApiClient colleague = world_.staff(*world_.authority, world_.authority_registrar);
  EXPECT_EQ(colleague.get(path, "Range: bytes=0-9\r\n").status, 403u);
}

// SPEC API-61, API-62
TEST_F(ApiDocuments, OnlyAnOpenReadingOfOnesOwnTellsThatARangeIsOutside) {
  const std::string document = world_.deposit(bytes_);
  ApiClient reader = handler();
  const ApiReply first = reader.get(world_.path_of(document), "Range: bytes=0-9\r\n");
  const std::string path = "/v1/readings/" + reading_of(first) + "/content";
  const ApiReply outside = reader.get(path, "Range: bytes=150000-\r\n");
  EXPECT_EQ(outside.status, 416u);
  EXPECT_EQ(outside.field("Content-Range"), "bytes */150000");
  const ApiReply unknown = reader.get("/v1/readings/" + std::string(32, 'e') + "/content", "Range: bytes=150000-\r\n");
  EXPECT_EQ(unknown.status, 403u);
  EXPECT_EQ(reader.get(path).body.size(), bytes_.size()) << "without Range: whole";
  const ApiReply closed = reader.get(path, "Range: bytes=0-9\r\n");  // every byte was delivered, so it is closed
  EXPECT_EQ(closed.comparable(), unknown.comparable());
}

// SPEC API-61
TEST(ByteRange, IsOneRangeOfBytesAndAnythingElseCountsAsNone) {
  using Kind = RangeRequest::Kind;
  const auto kind = [](std::string_view field) { return parse_range(field, 100).kind; };
  const auto range = [](std::string_view field) {
    const RangeRequest request = parse_range(field, 100);
    EXPECT_EQ(request.kind, Kind::part) << field;
    return std::pair(request.range.from, request.range.to);
  };
  using Pair = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(range("bytes=0-0"), Pair(0, 1));
  EXPECT_EQ(range("bytes=10-"), Pair(10, 100));
  EXPECT_EQ(range("bytes=10-99999"), Pair(10, 100));
  EXPECT_EQ(range("bytes=-30"), Pair(70, 100));
  EXPECT_EQ(range("bytes=-300"), Pair(0, 100));
  for (const char* field :
       {"", "bytes=", "bytes=-", "bytes=5", "bytes=5-3", "bytes=0-1,3-4", "bytes = 0-1", "items=0-1", "bytes=a-b",
        "bytes=+1-2", "bytes=0-1 ", "bytes=0x1-2", "bytes=1-2-3", "bytes=99999999999999999999-"}) {
    EXPECT_EQ(kind(field), Kind::whole) << field;
  }
  EXPECT_EQ(kind("bytes=100-"), Kind::unsatisfiable);
  EXPECT_EQ(kind("bytes=100-200"), Kind::unsatisfiable);
  EXPECT_EQ(kind("bytes=-0"), Kind::unsatisfiable);
}

}  // namespace
}  // namespace flikvakt::gateway::test
