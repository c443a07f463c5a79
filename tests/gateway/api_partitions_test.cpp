// Dividing a file at the API, by the real child; and what of it is deposited.
#include <gmock/gmock.h>

#include <filesystem>
#include <thread>

#include "gateway/partition_api.h"
#include "partition/frame.h"
#include "tests/gateway/api_world.h"
#include "tests/partition/fake_clamd.h"

namespace flikvakt::gateway::test {
namespace {

using partition::test::FakeClamd;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kFrameType = "application/vnd.flikvakt.partition";

Bytes frame(const json::value& order, BytesView file) {
  const std::string text = json::serialize(order);
  Bytes out =
      std::move(ByteWriter().text("FVO1").u32(static_cast<std::uint32_t>(text.size())).u64(file.size()).text(text))
          .take();
  out.insert(out.end(), file.begin(), file.end());
  return out;
}

// The parts of an answer, by name.
struct Divided {
  json::value report;
  std::map<std::string, std::string> parts;
};
Divided read_divided(const ApiReply& reply) {
  const BytesView body = as_bytes(reply.body);
  const partition::FrameHead head = partition::read_answer_head(body.first(partition::kFrameHeadBytes)).value();
  Divided out;
  out.report = parse_json(as_text(body.subspan(partition::kFrameHeadBytes, head.json_bytes))).value();
  std::size_t at = partition::kFrameHeadBytes + head.json_bytes;
  for (const json::value& part : out.report.at("parts").as_array()) {
    const auto size = part.at("size").to_number<std::size_t>();
    out.parts[std::string(part.at("name").as_string())] = std::string(as_text(body.subspan(at, size)));
    at += size;
  }
  return out;
}

struct PartitionWorld : ApiWorld {
  explicit PartitionWorld(std::filesystem::path program = FLIKVAKT_PARTITION_BINARY,
                          std::chrono::milliseconds wall = std::chrono::seconds(20), std::string scanner = "")
      : ApiWorld([&](Server::Options& options) {
          options.partition_program = program;
          options.partition_wall = wall;
          options.malware_scanner = scanner;
        }) {}
  ApiReply divide(json::object order, std::string_view file) {
    ApiClient client = staff(*region, nurse);
    if (!order.contains("person")) order["person"] = handle(client);
    return client.post_bytes("/v1/partitions", kFrameType, frame(order, as_bytes(file)));
  }
  // Whole, for the flik "journal".
  ApiReply divide(std::string_view file, const char* media_type = "text/plain") {
    return divide({{"media_type", media_type}, {"parts", json::array{whole("journal")}}}, file);
  }
  static json::value whole(std::string_view flik) {
    return {{"name", flik}, {"takes", json::array{json::object{{"kind", "whole"}}}}};
  }
  ApiReply put(std::string_view file) {
    ApiClient client = staff(*region, nurse);
    const json::object begin = begin_deposit(handle(client), as_bytes(file));
    EXPECT_EQ(client.post("/v1/acts", begin).status, 200u);
    content = "/v1/deposits/" + std::string(begin.at("act").at("id").as_string()) + "/content";
    return client.put(content, "text/plain", as_bytes(file));
  }
  ApiReply act_of_registrar(json::value act) {
    ApiClient client = staff(*region, region_registrar);
    return client.post("/v1/acts", sent(std::move(act)));
  }
  std::string read(const std::string& document) {
    ApiClient client = staff(*authority, handler);
    return client.get(path_of(document)).body;
  }
  std::size_t documents() { return core->directory().key_counts().active; }
  std::string content;  // where the last deposit's bytes go
};

TEST(Partitions, AFileComesBackInPartsWithWhatWasFound) {
  PartitionWorld world;
  world.sign_fullmakt();
  const ApiReply reply = world.divide("Hej\xe2\x80\x8b\n");
  ASSERT_EQ(reply.status, 200u) << reply.body;
  const Divided divided = read_divided(reply);
  EXPECT_EQ(divided.parts, (std::map<std::string, std::string>{{"journal", "Hej\n"}}));
  EXPECT_EQ(divided.report.at("findings").at(0).at("kind").as_string(), "invisible_character");
}

// SPEC PART-56, API-89
TEST(Partitions, APartWhoseFlikIsNotOpenIsLeftOut) {
  PartitionWorld world;
  EXPECT_EQ(world.divide("Hej\n").status, 403u) << "nothing is open";
  world.sign_fullmakt();
  constexpr std::string_view kBundle =
      R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Condition","id":"a"}},{"resource":{"resourceType":"Observation","id":"b","status":"final","code":{"text":"x"}}}]})";
  const auto resources = [](const char* flik, const char* type) {
    return json::object{{"name", flik}, {"takes", json::array{json::object{{"kind", "resources"}, {"type", type}}}}};
  };
  const json::object order{
      {"media_type", "application/fhir+json"},
      {"parts", json::array{resources("journal", "Condition"), resources("ekonomi", "Observation")}}};
  const ApiReply reply = world.divide(order, kBundle);
  ASSERT_EQ(reply.status, 200u) << reply.body;
  const Divided divided = read_divided(reply);
  EXPECT_EQ(divided.parts.size(), 1u);
  EXPECT_TRUE(divided.parts.contains("journal"));
  EXPECT_THAT(json::serialize(divided.report.at("left_out")), HasSubstr(R"({"what":"ekonomi","reason":"not_open"})"));
  // A number that nobody here has: the same as of somebody who opened nothing.
  ApiClient client = world.staff(*world.region, world.nurse);
  json::object unknown = order;
  unknown["person"] = world.handle(client, ApiWorld::kUnknownNumber);
  EXPECT_EQ(world.divide(unknown, kBundle).comparable(),
            world.divide({{"media_type", "text/plain"}, {"parts", json::array{PartitionWorld::whole("ekonomi")}}}, "x")
                .comparable());
}

// SPEC API-85
TEST(Partitions, TokensAreOfTheGatewaysSeed) {
  PartitionWorld world;
  world.sign_fullmakt();
  constexpr std::string_view kBundle =
      R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Condition","subject":{"reference":"Patient/1"}}}]})";
  const ApiReply one = world.divide(kBundle, "application/fhir+json"),
                 two = world.divide(kBundle, "application/fhir+json");
  ASSERT_EQ(one.status, 200u);
  EXPECT_NE(one.body.find("urn:flikvakt:left-out"), std::string::npos);
  EXPECT_NE(one.body, two.body);
}

// SPEC API-86, PART-57
TEST(Partitions, ARefusedFileGetsItsReasonAndAnEntryInTheLog) {
  PartitionWorld world;
  world.sign_fullmakt();
  const std::uint64_t before = world.core->sequencer().log_view().size;
  const ApiReply reply = world.divide("no pdf", "application/pdf");
  EXPECT_EQ(reply.status, 422u);
  EXPECT_TRUE(reply.text("/type").ends_with("/file-refused"));
  EXPECT_EQ(reply.text("/refusal/reason"), "mislabelled");
  EXPECT_EQ(world.core->sequencer().log_view().size, before + 1);
}

TEST(Partitions, WhatIsNoFrameOrNoOrderIsRefused) {
  PartitionWorld world;
  ApiClient client = world.staff(*world.region, world.nurse);
  EXPECT_EQ(client.post_bytes("/v1/partitions", kFrameType, as_bytes("FVO1 but no frame at all")).status, 400u);
  ApiClient another = world.staff(*world.region, world.nurse);
  EXPECT_EQ(another.post_bytes("/v1/partitions", "text/plain", as_bytes("hello")).status, 422u);
  const json::array twice{PartitionWorld::whole("journal"), PartitionWorld::whole("journal")};
  EXPECT_EQ(world.divide({{"media_type", "text/plain"}, {"parts", twice}}, "x").status, 422u);
  EXPECT_EQ(world.divide({{"media_type", "text/plain"}}, "x").status, 422u) << "no parts and no rule";
  EXPECT_EQ(world.divide({{"document_type", "journal"}}, "x").status, 422u) << "no such rule";
  EXPECT_EQ(world.divide({{"document_type", "journal"}, {"media_type", "text/plain"}}, "x").status, 422u);
  EXPECT_EQ(world.divide({{"person", "nobody"}, {"document_type", "journal"}}, "x").status, 400u);
  // SPEC PART-63
  const json::array beside{PartitionWorld::whole("journal"), PartitionWorld::whole("ekonomi")};
  EXPECT_EQ(world.divide({{"media_type", "text/plain"}, {"parts", beside}}, "x").status, 422u);
}

TEST(Partitions, NobodyWithoutAnAssertionHasAFileDivided) {
  PartitionWorld world;
  ApiClient client = world.organisation(*world.region);
  EXPECT_EQ(client.post_bytes("/v1/partitions", kFrameType, frame(json::object(), as_bytes("x"))).status, 401u);
}

// SPEC API-87, PART-55
TEST(Partitions, WithoutAProgramNothingIsDividedAndNothingDeposited) {
  PartitionWorld world{std::filesystem::path()};
  EXPECT_EQ(world.divide("x").status, 503u);
  world.sign_fullmakt();
  EXPECT_EQ(world.put("Ett brev.").status, 503u);
  PartitionWorld other{std::filesystem::path("/nonexistent/flikvakt-partition")};
  other.sign_fullmakt();
  EXPECT_EQ(other.divide("x").status, 503u);
  EXPECT_EQ(other.put("Ett brev.").status, 503u);
}

// A child that dies costs its own file, and nobody else notices.
TEST(Partitions, AChildThatCrashesOrHangsCostsItsOwnFileOnly) {
  PartitionWorld world{std::filesystem::path(FLIKVAKT_FAULTY_CHILD)};
  world.sign_fullmakt();
  for (const char* how : {"crash", "abort", "eat", "garbage", "mute"}) {
    const ApiReply reply = world.divide(how);
    EXPECT_EQ(reply.status, 422u) << how;
    EXPECT_TRUE(reply.text("/type").ends_with("/file-refused")) << how;
    EXPECT_EQ(world.put(how).status, 422u) << how;
  }
}

TEST(Partitions, WhileAChildHangsOthersGoOn) {
  PartitionWorld world{std::filesystem::path(FLIKVAKT_FAULTY_CHILD), std::chrono::seconds(2)};
  world.sign_fullmakt();
  std::jthread hanging([&world] { EXPECT_EQ(world.divide("hang").text("/refusal/reason"), "too_costly"); });
  ApiClient client = world.staff(*world.region, world.nurse);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get("/v1/cases").status, 200u);
}

// ---- Rules of sources

json::object text_rule(std::string_view flik) {
  return {{"kind", "set_partition_rule"},
          {"document_type", "brev"},
          {"version", 1},
          {"name", "Brev"},
          {"media_type", "text/plain"},
          {"parts", json::array{json::object{{"flik", flik},
                                             {"takes", json::array{json::object{{"kind", "whole"}, {"name", ""}}}}}}},
          {"findings", json::array()}};
}

// SPEC PART-50, PART-51, PART-54
TEST(PartitionRules, ARegisteredRuleIsShownToItsSourceAloneAndDividesItsFiles) {
  PartitionWorld world;
  world.sign_fullmakt();
  ASSERT_EQ(world.act_of_registrar(text_rule("journal")).status, 200u);
  EXPECT_THAT(world.organisation(*world.region).get("/v1/catalogue").body, HasSubstr("\"document_type\":\"brev\""));
  EXPECT_THAT(world.organisation(*world.authority).get("/v1/catalogue").body, Not(HasSubstr("\"document_type\"")));
  const ApiReply reply = world.divide({{"document_type", "brev"}}, "Hej\xe2\x80\x8b\n");
  ASSERT_EQ(reply.status, 200u) << reply.body;
  EXPECT_EQ(read_divided(reply).parts.at("journal"), "Hej\n");
  json::object down = text_rule("journal");
  down["version"] = 2;
  down["parts"] = json::array();
  ASSERT_EQ(world.act_of_registrar(down).status, 200u);
  EXPECT_EQ(world.divide({{"document_type", "brev"}}, "Hej\n").status, 422u) << "taken down";
}

// SPEC PART-50, PART-52
TEST(PartitionRules, WhoIsNoRegistrarSetsNoneAndWordsThatPartitionDoesNotKnowAreTold) {
  PartitionWorld world;
  ApiClient nurse = world.staff(*world.region, world.nurse);
  EXPECT_EQ(nurse.post("/v1/acts", world.sent(text_rule("journal"))).status, 403u);
  json::object pages = text_rule("journal");
  pages["parts"].at(0).at("takes").at(0).as_object()["kind"] = "pages";
  EXPECT_EQ(world.act_of_registrar(pages).status, 422u) << "pages are no rule";
  json::object finding = text_rule("journal");
  finding["findings"] = json::array{json::object{{"finding", "embedded_object"}, {"action", "flatten"}}};
  EXPECT_EQ(world.act_of_registrar(finding).status, 422u) << "not an action of that finding";
}

// SPEC PART-53
TEST(PartitionRules, TheWholeFileIsKeptOnlyWhereNobodyButThePersonOpensIt) {
  PartitionWorld world;
  world.sign_fullmakt();
  json::object rule = text_rule("journal");
  rule["parts"].at(0).at("takes").at(0) = json::object{{"kind", "heading"}, {"name", "Brev"}};
  rule["original"] = "ekonomi";
  EXPECT_EQ(world.act_of_registrar(rule).status, 403u) << "others could be let in there";
  policy::RegisterFlikType original{"original", "Original", "Originals", "Hela filer", policy::Sensitivity::sensitive};
  original.only_person = true;
  ASSERT_TRUE(world.decide(world.administrators[0], original).decision.is_permitted());
  rule["original"] = "original";
  EXPECT_EQ(world.act_of_registrar(rule).status, 200u);
}

// SPEC PART-59
TEST(PartitionRules, WhatIsTakenOutOfTheOriginalAloneIsToldAsWellAndTheRestOnce) {
  PartitionWorld world{std::filesystem::path(FLIKVAKT_PASSING_CHILD)};
  world.sign_fullmakt();
  policy::RegisterFlikType original{"original", "Original", "Originals", "Hela filer", policy::Sensitivity::sensitive};
  original.only_person = true;
  ASSERT_TRUE(world.decide(world.administrators[0], original).decision.is_permitted());
  json::object rule = text_rule("journal");
  rule["media_type"] = "application/pdf";
  rule["parts"].at(0).at("takes").at(0) = json::object{{"kind", "heading"}, {"name", "Brev"}};
  const auto findings = [&] {
    const ApiReply reply = world.divide({{"document_type", "brev"}}, "%PDF-1.7 something hidden, and hidden elsewhere");
    EXPECT_EQ(reply.status, 200u) << reply.body;
    std::vector<std::string> out;
    const Divided divided = read_divided(reply);
    for (const json::value& one : divided.report.at("findings").as_array())
      out.emplace_back(one.at("kind").as_string());
    return out;
  };
  ASSERT_EQ(world.act_of_registrar(rule).status, 200u);
  EXPECT_EQ(findings(), std::vector<std::string>{"metadata"}) << "no part has that page";
  rule["version"] = 2;
  rule["original"] = "original";
  ASSERT_EQ(world.act_of_registrar(rule).status, 200u);
  EXPECT_EQ(findings(), (std::vector<std::string>{"metadata", "comment"}));
}

// ---- The gate

// SPEC PART-55, PART-58, API-88
TEST(DepositGate, WhatIsHiddenIsTakenOutBeforeItIsSealed) {
  PartitionWorld world;
  world.sign_fullmakt();
  const ApiReply sealed = world.put("Hej\xe2\x80\x8b du\n");
  ASSERT_EQ(sealed.status, 201u) << sealed.body;
  EXPECT_EQ(sealed.json().at("findings").at(0).at("kind").as_string(), "invisible_character");
  EXPECT_EQ(sealed.json().at("sealed").at("size").to_number<int>(), 7);
  const std::string document = sealed.text("/document");
  EXPECT_EQ(world.read(document), "Hej du\n");
  ApiClient client = world.staff(*world.region, world.nurse);
  const ApiReply again = client.put(world.content, "text/plain", as_bytes("Hej\xe2\x80\x8b du\n"));
  EXPECT_EQ(again.status, 201u) << "the same bytes again give the same document";
  EXPECT_EQ(again.text("/document"), document);
  ApiClient other = world.staff(*world.region, world.nurse);
  EXPECT_EQ(other.put(world.content, "text/plain", as_bytes("Hej du\n")).status, 409u) << "these never came";
}

TEST(DepositGate, WhatIsCleanIsSealedAsItCame) {
  PartitionWorld world;
  world.sign_fullmakt();
  const ApiReply sealed = world.put("Hej du\n");
  ASSERT_EQ(sealed.status, 201u) << sealed.body;
  EXPECT_FALSE(sealed.json().as_object().contains("sealed"));
  EXPECT_FALSE(sealed.json().as_object().contains("findings"));
  EXPECT_EQ(world.read(sealed.text("/document")), "Hej du\n");
}

// SPEC PART-57
TEST(DepositGate, ARefusedFileIsNotSealedAndTheAttemptIsLogged) {
  PartitionWorld world;
  world.sign_fullmakt();
  const std::string polyglot = "a letter\n%PDF-1.7\n";
  const std::size_t keys = world.documents();
  const ApiReply refused = world.put(polyglot);
  EXPECT_EQ(refused.status, 422u) << refused.body;
  EXPECT_EQ(refused.text("/refusal/reason"), "polyglot");
  EXPECT_EQ(world.documents(), keys) << "no key of it is left";
  for (const auto& one : std::filesystem::recursive_directory_iterator(world.folder / "data" / "objects")) {
    EXPECT_FALSE(one.is_regular_file()) << "and no byte";
  }
}

// SPEC PART-55: a part that this gateway made passes as it is, though no child could look into it any more.
TEST(DepositGate, APartThatWasMadeHereIsKnownAgain) {
  PartitionWorld world;
  world.sign_fullmakt();
  const ApiReply reply = world.divide("Hej\xe2\x80\x8b\n");
  ASSERT_EQ(reply.status, 200u);
  const std::string part = read_divided(reply).parts.at("journal");
  const ApiReply sealed = world.put(part);
  ASSERT_EQ(sealed.status, 201u) << sealed.body;
  EXPECT_EQ(sealed.json().at("findings").at(0).at("kind").as_string(), "invisible_character") << "of the plan";
  EXPECT_EQ(world.read(sealed.text("/document")), part);
}

// SPEC PART-55
TEST(DepositGate, APartIsKnownOnlyInTheFlikThatItWasMadeFor) {
  PartitionWorld world;
  world.sign_fullmakt();
  world.sign_fullmakt("ekonomi");
  const ApiReply reply = world.divide("Hej\xe2\x80\x8b\n");
  ASSERT_EQ(reply.status, 200u);
  const std::string part = read_divided(reply).parts.at("journal");
  ApiClient client = world.staff(*world.region, world.nurse);
  const json::object begin = world.begin_deposit(world.handle(client), as_bytes(part), "ekonomi");
  ASSERT_EQ(client.post("/v1/acts", begin).status, 200u);
  const std::string path = "/v1/deposits/" + std::string(begin.at("act").at("id").as_string()) + "/content";
  const ApiReply sealed = client.put(path, "text/plain", as_bytes(part));
  ASSERT_EQ(sealed.status, 201u) << sealed.body;
  EXPECT_FALSE(sealed.json().as_object().contains("findings")) << "it was looked into by itself, and is clean";
  EXPECT_TRUE(world.put(part).json().as_object().contains("findings")) << "there it is the part of that plan";
}

// SPEC API-88, CONN-30
TEST(DepositGate, WhoAsksAgainIsToldWhatIsSealedAsWell) {
  PartitionWorld world;
  world.sign_fullmakt();
  const ApiReply first = world.put("Hej\xe2\x80\x8b du\n");
  ASSERT_EQ(first.status, 201u) << first.body;
  ApiClient client = world.staff(*world.region, world.nurse);
  const ApiReply again = client.put(world.content, "text/plain", as_bytes("Hej\xe2\x80\x8b du\n"));
  EXPECT_EQ(again.json().at("sealed"), first.json().at("sealed"));
  std::string chunks = world.content;
  chunks.replace(chunks.rfind("/content"), std::string::npos, "/chunks");
  const ApiReply told = client.get(chunks);
  ASSERT_EQ(told.status, 201u) << told.body;
  EXPECT_EQ(told.json().at("sealed"), first.json().at("sealed"));
  EXPECT_EQ(told.text("/sha256"), to_base64url(crypto::sha256(as_bytes("Hej\xe2\x80\x8b du\n"))));
  ASSERT_EQ(world.put("Hej du\n").status, 201u);
  chunks = world.content;
  chunks.replace(chunks.rfind("/content"), std::string::npos, "/chunks");
  ApiClient clean = world.staff(*world.region, world.nurse);
  EXPECT_FALSE(clean.get(chunks).json().as_object().contains("sealed")) << "it is what came";
}

// ---- While others hang

// A gateway whose child waits for ever where the file says so, once it has made a file beside to say that it does.
struct HangingWorld : PartitionWorld {
  HangingWorld() : PartitionWorld(FLIKVAKT_PASSING_CHILD, std::chrono::hours(24)) {
    sign_fullmakt();
    json::object other_way = fullmakt_act(crypto::random_id<FullmaktId>().text(), "journal");
    json::object& terms = other_way.at("terms").as_object();
    terms["disclosers"] = json::array{authority->id.text()};
    terms["recipients"] = json::array{json::object{{"kind", "organisation"}, {"id", to_base64url(region->id.value())}}};
    EXPECT_EQ(act_of_person(other_way).status, 200u);
  }
  // Two files of the region hang, as many as are looked into of one organisation at once.
  void hang_two() {
    for (int i = 0; i < 2; ++i) {
      const std::filesystem::path sign = folder / ("hangs-" + std::to_string(i));
      hanging.emplace_back([this, sign] { divide("hang " + sign.string()); });
      while (!std::filesystem::exists(sign)) std::this_thread::sleep_for(5ms);
    }
  }
  // By the other organisation.
  ApiReply other_deposits(std::string_view file) {
    ApiClient client = staff(*authority, handler);
    const json::object begin = begin_deposit(handle(client), as_bytes(file));
    EXPECT_EQ(client.post("/v1/acts", begin).status, 200u);
    const std::string id(begin.at("act").at("id").as_string());
    return client.put("/v1/deposits/" + id + "/content", "text/plain", as_bytes(file));
  }
  std::vector<std::jthread> hanging;
};

// SPEC PART-64: nothing here ends before the gateway does, so whatever is answered did not wait for it.
TEST(WhileFilesHang, AnotherOrganisationAKnownPartAndAReaderGoOn) {
  HangingWorld world;
  ASSERT_EQ(world.divide("A part\n").status, 200u);
  const std::string document = world.deposit(as_bytes("A letter\n"));
  world.hang_two();
  EXPECT_EQ(world.other_deposits("Of another organisation\n").status, 201u);
  EXPECT_EQ(world.put("A part\n").status, 201u) << "a part that was made here waits for no child";
  EXPECT_EQ(world.read(document), "A letter\n");
  const ApiReply third = world.divide("a third of the same organisation");
  EXPECT_EQ(third.status, 503u) << "as many as come at once of one";
  world.server->stop(0ms);
}

// SPEC PART-64: a stop ends what hangs; if it waited for it, this would not end.
TEST(WhileFilesHang, AStopEndsThem) {
  HangingWorld world;
  world.hang_two();
  world.server->stop(0ms);
  world.hanging.clear();
  EXPECT_TRUE(std::filesystem::exists(world.folder / "hangs-1"));
}

// SPEC API-87
TEST(Partitions, OneThatSendsSlowlyHoldsUpNobodyOfAnotherOrganisation) {
  HangingWorld world;
  std::vector<ApiClient> slow;
  for (int i = 0; i < 2; ++i) {
    slow.push_back(world.staff(*world.region, world.nurse));
    const std::string head =
        "POST /v1/partitions HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + slow.back().authorization +
        "\r\nContent-Type: " + std::string(kFrameType) + "\r\nContent-Length: 67108000\r\n\r\n";
    ASSERT_TRUE(slow.back().send(head + "FVO1"));
  }
  // Until both have come in, one more of the same organisation is taken.
  while (world.divide("one more\n").status != 503u) std::this_thread::sleep_for(5ms);
  ApiClient other = world.staff(*world.authority, world.handler);
  const json::object order{{"person", world.handle(other)},
                           {"media_type", "text/plain"},
                           {"parts", json::array{PartitionWorld::whole("journal")}}};
  EXPECT_EQ(other.post_bytes("/v1/partitions", kFrameType, frame(order, as_bytes("of another\n"))).status, 200u);
  world.clock.move(PartitionApi::kGrace + 1s);
  ASSERT_TRUE(slow[0].tls().write_all(as_bytes("x")));
  EXPECT_EQ(slow[0].receive().status, 400u) << "it came too slowly";
}

// ---- Malware

struct ScannedWorld {
  explicit ScannedWorld(std::optional<FakeClamd::Manner> manner) {
    std::string name = (std::filesystem::temp_directory_path() / "flikvakt-scan-XXXXXX").string();
    folder = mkdtemp(name.data());
    const std::filesystem::path socket = folder / "clamd.ctl";
    if (manner) clamd = std::make_unique<FakeClamd>(socket, *manner);
    world = std::make_unique<PartitionWorld>(FLIKVAKT_PARTITION_BINARY, std::chrono::seconds(20), socket.string());
    world->sign_fullmakt();
  }
  ~ScannedWorld() {
    world.reset();
    clamd.reset();
    std::filesystem::remove_all(folder);
  }
  std::filesystem::path folder;
  std::unique_ptr<FakeClamd> clamd;
  std::unique_ptr<PartitionWorld> world;
};

// SPEC PART-70
TEST(Malware, WhatTheScannerFindsIsRefusedAndTheRestIsTaken) {
  ScannedWorld it(FakeClamd::Manner::answers);
  EXPECT_EQ(it.world->put("Ett brev.\n").status, 201u);
  EXPECT_EQ(it.clamd->asked(), 1);
  const ApiReply found = it.world->put("Brev: " + partition::test::eicar() + "\n");
  EXPECT_EQ(found.status, 422u);
  EXPECT_EQ(found.text("/refusal/reason"), "malware");
  EXPECT_EQ(it.world->divide(partition::test::eicar()).text("/refusal/reason"), "malware");
}

// SPEC PART-72
TEST(Malware, AFileLargerThanTheScannerTakesIsRefusedAndWaitsForNothing) {
  ScannedWorld it(FakeClamd::Manner::is_full);
  const ApiReply refused = it.world->put("Ett brev.\n");
  EXPECT_EQ(refused.status, 422u);
  EXPECT_EQ(refused.text("/refusal/reason"), "too_large");
  EXPECT_EQ(it.world->divide("Ett brev.\n").text("/refusal/reason"), "too_large");
}

// SPEC PART-72
TEST(Malware, WhileTheScannerIsDownOrSilentNothingIsTaken) {
  for (const std::optional<FakeClamd::Manner> manner :
       {std::optional<FakeClamd::Manner>(), std::optional(FakeClamd::Manner::hangs_up),
        std::optional(FakeClamd::Manner::says_nonsense)}) {
    ScannedWorld it(manner);
    EXPECT_EQ(it.world->put("Ett brev.\n").status, 503u);
    EXPECT_EQ(it.world->divide("Ett brev.\n").status, 503u);
  }
}

}  // namespace
}  // namespace flikvakt::gateway::test
