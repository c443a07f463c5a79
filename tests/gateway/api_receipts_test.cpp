// Receipts over the API: who gets which, and that all else is one refusal. That they verify offline, and in another
// language, tests/e2e/receipt_test.py shows.
#include "service/receipts.h"

#include <future>

#include "tests/gateway/api_world.h"

namespace flikvakt::gateway::test {
namespace {

class ApiReceipts : public testing::Test {
protected:
  ApiReceipts() {
    fullmakt_ = world_.sign_fullmakt();
    document_ = world_.deposit(text_bytes(1000));
  }
  // A reading by the authority's handler.
  ApiReply read(std::string_view purpose = "konsultation") {
    ApiClient reader = world_.staff(*world_.authority, world_.handler);
    return reader.get("/v1/documents/" + document_ + "/content?purpose=" + std::string(purpose));
  }
  Result<audit::CheckedReceipt> checked(const std::string& body) const {
    const audit::NoteVerifier known = world_.core->sequencer().signers().checkpoint().back().verifier();
    const Result<audit::Receipt> receipt = audit::parse_receipt(body);
    if (!receipt) return receipt.error();
    return audit::check_receipt(*receipt, {{&known, 1}, {}});
  }
  ApiClient person() {
    ApiClient client = world_.portal();
    world_.open_session(client);
    return client;
  }
  std::uint64_t log_size() const { return world_.core->sequencer().log_view().size; }

  ApiWorld world_;
  std::string fullmakt_;
  std::string document_;
};

std::string of_person(std::string_view entry) { return "/v1/me/log/" + std::string(entry) + "/receipt"; }

// SPEC API-111, API-113, LOG-14, RCPT-6
TEST_F(ApiReceipts, AnOrganisationGetsTheReceiptOfItsReadingWithoutThePerson) {
  const ApiReply reading = read();
  ASSERT_EQ(reading.status, 200u);
  const std::string entry = reading.field("Flikvakt-Entry");
  ASSERT_FALSE(entry.empty());
  const std::uint64_t before = log_size();
  const ApiReply reply = world_.organisation(*world_.authority).get("/v1/receipts/" + entry);
  ASSERT_EQ(reply.status, 200u) << reply.body;
  const auto receipt = checked(reply.body);
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(std::to_string(receipt->index), entry);
  EXPECT_EQ(receipt->act.kind, audit::ActKind::open_reading);
  EXPECT_EQ(receipt->act.organisation, world_.authority->id);
  EXPECT_EQ(receipt->act.act.text(), reading_of(reading)) << "the reading is what the organisation knows it by";
  EXPECT_FALSE(receipt->person);
  EXPECT_EQ(reply.body.find(world_.person.text()), std::string::npos);
  EXPECT_LE(log_size(), before + 1) << "nothing but the reading's own closing is logged";
}

// SPEC API-111, RCPT-6
TEST_F(ApiReceipts, AllElseIsOneRefusalForAnOrganisation) {
  const std::string reading = read().field("Flikvakt-Entry");
  const std::uint64_t before_refused = log_size();
  ASSERT_EQ(read("annat").status, 403u);
  ApiClient client = world_.organisation(*world_.authority);
  const ApiReply unknown = client.get("/v1/receipts/999999999");
  EXPECT_EQ(unknown.status, 403u);
  const auto is_refused = [&](const std::string& entry) {
    EXPECT_EQ(client.get("/v1/receipts/" + entry).comparable(), unknown.comparable()) << entry;
  };
  for (std::uint64_t entry = before_refused; entry < log_size(); ++entry) is_refused(std::to_string(entry));
  for (std::uint64_t entry = 0; entry < std::stoull(reading); ++entry) is_refused(std::to_string(entry));
  EXPECT_EQ(world_.organisation(*world_.region).get("/v1/receipts/" + reading).comparable(), unknown.comparable());
}

// What would tell who is known here has no receipt, though the organisation did it. SPEC RCPT-6, API-42
TEST_F(ApiReceipts, AnActWithAConstantAnswerHasNone) {
  for (const auto kind :
       {audit::ActKind::propose_key, audit::ActKind::paper_narrowing, audit::ActKind::request_access,
        audit::ActKind::record_death, audit::ActKind::protect_identity, audit::ActKind::list_documents,
        audit::ActKind::list_fullmakter, audit::ActKind::list_requests, audit::ActKind::list_people,
        audit::ActKind::ask_source, audit::ActKind::list_source_requests})
    EXPECT_FALSE(service::is_receipt_kind(kind)) << audit::name_of(kind);
  EXPECT_TRUE(service::is_receipt_kind(audit::ActKind::open_reading));
}

// SPEC API-110, RCPT-7
TEST_F(ApiReceipts, APersonGetsReceiptsOfReadingsSignaturesRevocationsAndRefusedAttempts) {
  const std::string reading = read().field("Flikvakt-Entry");
  const std::uint64_t refused = log_size();
  ASSERT_EQ(read("annat").status, 403u);
  const ApiReply revoked = world_.act_of_person(json::object{{"kind", "revoke_fullmakt"}, {"id", fullmakt_}});
  ASSERT_EQ(revoked.status, 200u) << revoked.body;
  const std::string revocation = std::to_string(revoked.json().at("entry").to_number<std::uint64_t>());
  ApiClient client = person();
  const std::uint64_t before = log_size();

  const auto of_reading = checked(client.get(of_person(reading)).body);
  ASSERT_TRUE(of_reading) << of_reading.error().message;
  ASSERT_TRUE(of_reading->person);
  EXPECT_EQ(of_reading->person->person, world_.person);
  EXPECT_EQ(of_reading->person->document.text(), document_);
  EXPECT_EQ(of_reading->person->fullmakt.text(), fullmakt_);
  EXPECT_EQ(log_size(), before + 1) << "it is reading of the log, and logged";

  const auto of_revocation = checked(client.get(of_person(revocation)).body);
  ASSERT_TRUE(of_revocation) << of_revocation.error().message;
  EXPECT_EQ(of_revocation->act.kind, audit::ActKind::revoke_fullmakt);
  EXPECT_EQ(of_revocation->person->fullmakt.text(), fullmakt_);

  bool found = false;
  for (std::uint64_t entry = refused; entry < before && !found; ++entry) {
    const auto attempt = checked(client.get(of_person(std::to_string(entry))).body);
    found = attempt && attempt->act.outcome == audit::Outcome::refused && attempt->person->document.text() == document_;
  }
  EXPECT_TRUE(found) << "the refused attempt";
}

// SPEC API-110, RCPT-7
TEST_F(ApiReceipts, OfAnothersEntryAndOfNoneAPersonGetsOneRefusal) {
  const std::string reading = read().field("Flikvakt-Entry");
  world_.device = crypto::SigningKey::generate(crypto::KeyAlgorithm::ed25519);
  world_.enrol(ApiWorld::kUnknownNumber, world_.device);
  ApiClient neighbour = person();
  const ApiReply unknown = neighbour.get(of_person("999999999"));
  EXPECT_EQ(unknown.status, 403u);
  for (const std::string& entry : {reading, std::string("0")})
    EXPECT_EQ(neighbour.get(of_person(entry)).comparable(), unknown.comparable()) << entry;
  EXPECT_EQ(world_.portal().get(of_person(reading)).status, 401u) << "without a session";
}

// SPEC API-112, RCPT-10, RCPT-11
TEST_F(ApiReceipts, APersonsWholeLogIsProvenPieceByPiece) {
  ASSERT_EQ(read().status, 200u);
  ApiClient client = person();
  const AskingId asking = crypto::random_id<AskingId>();
  const ApiReply first = client.get("/v1/me/log/receipts?limit=3&asking=" + asking.text());
  ASSERT_EQ(first.status, 200u) << first.body;
  const std::uint64_t total = first.json().at("total").to_number<std::uint64_t>();
  ASSERT_GT(total, 4u);
  const ApiReply rest = client.get("/v1/me/log/receipts?limit=100&below=" + std::to_string(total - 3));
  ASSERT_EQ(rest.json().at("receipts").as_array().size(), total - 3);
  EXPECT_EQ(rest.json().at("below"), total - 3);
  EXPECT_EQ(rest.json().at("tag_key"), first.json().at("tag_key"));

  std::uint64_t number = total;
  const ByteArray<32> tag_key = from_json<ByteArray<32>>(first.json().at("tag_key")).value();
  const crypto::HmacSha256Key tags{BytesView(tag_key)};
  for (const ApiReply* piece : {&first, &rest}) {
    const json::value body = piece->json();
    for (const json::value& one : body.at("receipts").as_array()) {
      const auto receipt = checked(json::serialize(one));
      ASSERT_TRUE(receipt) << receipt.error().message;
      --number;
      EXPECT_EQ(receipt->leaf.person_tag, tags.mac(ByteWriter().u64(number).view())) << number;
    }
  }
  EXPECT_EQ(number, 0u);
  const AskingId salt = AskingId::parse(first.json().at("salt").as_string()).value();
  const json::value newest = first.json().at("receipts").as_array().at(0);
  EXPECT_EQ(checked(json::serialize(newest))->act.act, audit::act_of({asking, salt})) << "SPEC RCPT-14";
  EXPECT_FALSE(rest.json().as_object().contains("salt"));
  const ApiReply again = client.get("/v1/me/log/receipts?limit=1&asking=" + asking.text());
  EXPECT_NE(again.json().at("salt"), first.json().at("salt"));
  EXPECT_EQ(client.get("/v1/me/log/receipts?below=0").json().at("receipts").as_array().size(), 0u);
  for (const char* bad : {"?limit=0", "?limit=101", "?below=x", "?below=-1", "?limit=", "?asking=", "?asking=0123"})
    EXPECT_EQ(client.get(std::string("/v1/me/log/receipts") + bad).status, 400u) << bad;
}

// Whoever has the tag key keeps it; a representative's power ends. SPEC API-112
TEST_F(ApiReceipts, WhoRepresentsThePersonGetsNoTagKey) {
  policy::PersonActor guardian;
  guardian.person = world_.person;
  guardian.representative = crypto::random_id<RepresentativeId>();
  std::promise<ErrorCode> answer;
  const std::uint64_t before = log_size();
  service::own_log_receipts(
      *world_.core, guardian, {std::nullopt, 20, std::nullopt}, "",
      [&](const Result<json::value>& found) { answer.set_value(found ? ErrorCode::io : found.error().code); });
  EXPECT_EQ(answer.get_future().get(), ErrorCode::denied);
  EXPECT_EQ(log_size(), before);
}

// SPEC RCPT-3
TEST(ApiReceiptsWitnessed, TheCheckpointIsTheCosignedOneOnceItCoversTheEntry) {
  std::string cosigned;
  ApiWorld world([&](Server::Options& options) {
    options.witnessed = [&] { return Witnessed{cosigned, 0, std::nullopt, false}; };
  });
  world.sign_fullmakt();
  const std::string document = world.deposit(text_bytes(1000));
  const std::string old_note = world.core->sequencer().checkpoint();
  ApiClient reader = world.staff(*world.authority, world.handler);
  const std::string entry = reader.get(world.path_of(document)).field("Flikvakt-Entry");
  ApiClient client = world.organisation(*world.authority);
  const auto note_of = [&] {
    const ApiReply reply = client.get("/v1/receipts/" + entry);
    EXPECT_EQ(reply.status, 200u) << reply.body;
    return audit::parse_log_proof(audit::parse_receipt(reply.body).value().proof).value().checkpoint;
  };
  cosigned = old_note;
  EXPECT_NE(note_of(), old_note) << "it does not cover the entry";
  cosigned = world.core->sequencer().checkpoint();
  const std::string covers = cosigned;
  ASSERT_EQ(reader.get(world.path_of(document)).status, 200u);
  EXPECT_EQ(note_of(), covers);
  cosigned = "rubbish";
  EXPECT_NE(note_of(), covers);
}

}  // namespace
}  // namespace flikvakt::gateway::test
