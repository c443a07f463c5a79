// What spec/ and gateway/openapi.json say of acts, answers and reasons, held to the code that the pages of policy's
// tests cannot see: doors, orders, what goes out, and the statuses of problems.
#include <gmock/gmock.h>

#include "gateway/api_answers.h"
#include "gateway/problem.h"
#include "gateway/sent_acts.h"
#include "service/sent_act.h"
#include "tests/gateway/api_world.h"
#include "tests/gateway/described.h"
#include "tests/policy/markdown_table.h"
#include "tests/policy/schema_walk.h"

namespace flikvakt::gateway::test {
namespace {

using flikvakt::test::Names;
using flikvakt::test::Row;
using flikvakt::test::SchemaWalk;
using flikvakt::test::table_under;

const json::object& acts() {
  static const json::value read = flikvakt::test::read_json_file("spec/acts.schema.json");
  return read.at("$defs").as_object();
}
const json::object& shapes() { return openapi().at("components").at("schemas").as_object(); }

const json::object& shapes_of(std::string_view path) {
  const json::value& answer = openapi().at("paths").at(path).at("get").at("responses").at("200");
  return answer.at("content").at("application/json").as_object();
}

template <class Visit>
void each_act(Visit visit) {
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, policy::ActVariant>>(
      [&]<class T>(T) { visit(policy::Act(typename T::type{})); });
}

// "POST /v1/acts" of `api`, as openapi.json has it.
bool is_described(std::string_view listener, const std::string& request) {
  const std::size_t blank = request.find(' ');
  std::string method = request.substr(0, blank);
  for (char& c : method) c = static_cast<char>(std::tolower(c));
  const json::value* path = openapi().at("paths").as_object().if_contains(request.substr(blank + 1));
  const json::value* operation = path ? path->as_object().if_contains(method) : nullptr;
  return operation && operation->at("x-flikvakt-listeners").as_object().contains(listener);
}

// SPEC SCHEMA-2, API-40
TEST(WrittenDown, TheSchemaNamesTheDoorsThatTakeEachAct) {
  each_act([](const policy::Act& act) {
    const std::string kind(policy::kind_of(act));
    ASSERT_TRUE(acts().contains(kind)) << "spec/acts.schema.json lacks $defs/" << kind;
    const json::object& doors = acts().at(kind).at("x-flikvakt-doors").as_object();
    const auto takes = [&](const char* listener) {
      const json::value* request = doors.if_contains(listener);
      return request && request->as_string() == "POST /v1/acts";
    };
    EXPECT_EQ(takes("api"), staff_may_send(act)) << kind;
    EXPECT_EQ(takes("portal"), person_may_send(act)) << kind;
    EXPECT_EQ(takes("admin"), administrator_may_send(act)) << kind;
    for (const auto& door : doors) {
      EXPECT_TRUE(is_described(door.key(), std::string(door.value().as_string()))) << kind << " " << door.value();
    }
  });
}

// SPEC SCHEMA-1
TEST(WrittenDown, AnOrderHasTheMembersOfItsStruct) {
  for (const auto& [definitions, prefix, name] :
       {std::tuple(&acts(), "#/$defs/", "Order"), std::tuple(&shapes(), "#/components/schemas/", "SentAct")}) {
    SchemaWalk walk(*definitions, prefix, SchemaWalk::Numbers::any);
    walk.hold<service::SentAct>(name, {"act"}, {"act"});
    EXPECT_THAT(walk.complaints(), testing::IsEmpty()) << name;
  }
}

// What goes out as it stands in a row. Rows of a person go out without the id by which only we know the person.
// SPEC SHAPE-1
TEST(WrittenDown, RowsThatGoOutAreDescribedMemberByMember) {
  SchemaWalk walk(shapes(), "#/components/schemas/", SchemaWalk::Numbers::any);
  const Names person{"person"};
  walk.hold<policy::Fullmakt>("Fullmakt", {"in_force"}, {"person", "relied"});
  walk.hold<policy::Sparr>("Sparr", {"versions"}, person);
  walk.hold<policy::Case>("Case", {}, person);
  walk.hold<policy::Kontrakt>("Kontrakt", {}, person);
  walk.hold<policy::AccessRequest>("AccessRequest", {}, person);
  walk.hold<policy::Organisation>("Organisation");
  walk.hold<policy::Unit>("Unit");
  walk.hold<policy::Team>("Team");
  walk.hold<policy::FlikType>("FlikType");
  walk.hold<policy::FullmaktTemplate>("FullmaktTemplate");
  walk.hold<policy::PartitionRule>("PartitionRule");
  EXPECT_THAT(walk.complaints(), testing::IsEmpty()) << "gateway/openapi.json differs from policy/";
}

// Every answer that the tests of this module get goes through find_undescribed(); here it is shown to look into the
// shapes. SPEC SHAPE-2
TEST(WrittenDown, AnAnswerBesideItsShapeIsFound) {
  const auto complaints = [](const char* target, unsigned status, const char* type, const json::value& body) {
    const std::string fields =
        std::string("HTTP/1.1 ") + std::to_string(status) + " \r\nContent-Type: " + type + "\r\n\r\n";
    return find_undescribed("GET", target, ApiReply{status, fields, json::serialize(body)}).size();
  };
  json::object overview = shapes_of("/v1/me").at("example").as_object();
  EXPECT_EQ(complaints("/v1/me", 200, "application/json", overview), 0u);
  overview["fullmakter"].at(0).at("terms").as_object()["person"] = "a";
  EXPECT_EQ(complaints("/v1/me", 200, "application/json", overview), 1u) << "a member deep inside";
  json::object problem = shapes().at("Problem").at("examples").at(0).as_object();
  EXPECT_EQ(complaints("/v1/me", 422, "application/problem+json", problem), 0u);
  problem["reason"] = "because";
  EXPECT_EQ(complaints("/v1/me", 422, "application/problem+json", problem), 1u) << "no such reason";
  problem.erase("reason");
  problem["type"] = std::string(kProblemTypePrefix) + "other";
  EXPECT_EQ(complaints("/v1/me", 422, "application/problem+json", problem), 1u) << "no such type";
}

json::value body_of(const Response& response) { return parse_json(as_text(std::get<Bytes>(response.body))).value(); }

template <class Visit>
void each_reason(Visit visit) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<policy::Reason>>(
      [&](auto one) { visit(one.value, std::string(one.name)); });
}

// SPEC REASON-2
TEST(WrittenDown, AReasonThatIsToldHasTheStatusOfThePage) {
  std::map<std::string, std::string> statuses;
  for (const Row& row : table_under("spec/reasons.md", "## Reasons")) statuses[row.at(1)] = row.at(3);
  Names told;
  each_reason([&](policy::Reason reason, const std::string& name) {
    if (statuses[name] == "–") return;
    told.insert(name);
    const Response response = act_refused(reason);
    EXPECT_EQ(std::to_string(response.status), statuses[name]) << name;
    EXPECT_EQ(body_of(response).at("reason").as_string(), name);
    EXPECT_TRUE(body_of(response).at("type").as_string().ends_with("/act-refused"));
  });
  EXPECT_EQ(flikvakt::test::names_in(shapes().at("Reason").as_object(), "enum"), told)
      << "gateway/openapi.json, Reason";
}

// SPEC REASON-3
TEST(WrittenDown, ProblemsHaveTheTypesAndStatusesOfThePage) {
  Names types;
  for (const Row& row : table_under("spec/reasons.md", "## Problems")) {
    types.insert(std::string(kProblemTypePrefix) + row.at(1));
    const auto status = static_cast<unsigned>(std::stoul(row.at(0)));
    const Names made_elsewhere{"refused",           "act-refused",       "act-expired",        "range",
                               "too-many-requests", "not-signed",        "unknown-log",        "log-forked",
                               "file-refused",      "enrolment-refused", "end-to-end-not-set", "other-seal-key",
                               "unknown-session"};
    if (made_elsewhere.contains(row.at(1))) continue;
    EXPECT_EQ(body_of(plain_problem(status)).at("type").as_string(), std::string(kProblemTypePrefix) + row.at(1));
  }
  for (const Response& response : {refusal(), too_many_requests()}) {
    EXPECT_TRUE(types.contains(std::string(body_of(response).at("type").as_string())));
  }
  EXPECT_EQ(flikvakt::test::names_in(shapes().at("Problem").at("properties").at("type").as_object(), "enum"), types)
      << "gateway/openapi.json, Problem";
}

}  // namespace
}  // namespace flikvakt::gateway::test
