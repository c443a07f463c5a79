// spec/acts.schema.json says of every act what the parser takes, so that a client can be written from spec/ alone.
#include <gmock/gmock.h>

#include "policy/changed_tables.h"
#include "tests/policy/schema_walk.h"

namespace flikvakt::policy {
namespace {

using flikvakt::test::Complaints;
using flikvakt::test::Names;
using flikvakt::test::SchemaWalk;

const json::object& schema() {
  static const json::value read = flikvakt::test::read_json_file("spec/acts.schema.json");
  return read.get_object();
}
const json::object& definitions() { return schema().at("$defs").as_object(); }

constexpr std::string_view kPrefix = "#/$defs/";

template <class Visit>
void each_act(Visit visit) {
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, ActVariant>>(
      [&]<class T>(T) { visit(std::type_identity<typename T::type>{}, std::string(T::type::kKind)); });
}

Names referred_to(const json::value& one_of) {
  Names out;
  for (const json::value& one : one_of.as_array()) {
    out.insert(std::string(one.at("$ref").as_string().subview(kPrefix.size())));
  }
  return out;
}

Names without(Names names, const Names& others) {
  for (const std::string& one : others) names.erase(one);
  return names;
}

std::string_view direction_name(Direction direction) {
  return direction == Direction::narrowing ? "narrowing" : direction == Direction::widening ? "widening" : "neutral";
}

const json::object* definition_of(const std::string& kind) {
  const json::value* found = definitions().if_contains(kind);
  return found ? &found->as_object() : nullptr;
}

std::string joined(const Complaints& complaints) {
  std::string out = "spec/acts.schema.json and policy/acts_of_*.h differ:\n";
  for (const std::string& one : complaints) out += "  " + one + "\n";
  return out;
}

// SPEC SCHEMA-1
TEST(ActSchema, HasTheMembersOfEveryActAndOfWhatTheyAreMadeOf) {
  SchemaWalk walk(definitions(), std::string(kPrefix), SchemaWalk::Numbers::bounded);
  each_act([&]<class T>(std::type_identity<T>, const std::string& kind) { walk.hold<T>(kind, {"kind"}); });
  EXPECT_TRUE(walk.complaints().empty()) << joined(walk.complaints());
}

// SPEC SCHEMA-1
TEST(ActSchema, ListsEveryActOnce) {
  Names kinds, of_two;
  each_act([&]<class T>(std::type_identity<T>, const std::string& kind) {
    kinds.insert(kind);
    if (kind_may_wait(kind))
      of_two.insert(kind);  // SPEC REP-9: also what waits when somebody who acts jointly signs it
  });
  EXPECT_THAT(without(kinds, referred_to(definitions().at("Act").at("oneOf"))), testing::IsEmpty())
      << "missing in `oneOf` of `Act`";
  EXPECT_THAT(without(referred_to(definitions().at("Act").at("oneOf")), kinds), testing::IsEmpty()) << "no such act";
  EXPECT_EQ(referred_to(definitions().at("Act").at("oneOf")).size(),
            definitions().at("Act").at("oneOf").as_array().size())
      << "named twice";
  EXPECT_EQ(referred_to(definitions().at("ActOfTwo").at("oneOf")), of_two) << "`ActOfTwo` and kind_may_wait() differ";
}

// SPEC SCHEMA-2
TEST(ActSchema, SaysOfEveryActItsKindItsDirectionAndHowManyPeopleItTakes) {
  each_act([&]<class T>(std::type_identity<T>, const std::string& kind) {
    const json::object* found = definition_of(kind);
    ASSERT_TRUE(found) << "spec/acts.schema.json lacks $defs/" << kind;
    const auto said = [&](const char* name) {
      const json::value* one = found->if_contains(name);
      return one ? to_text(*one) : "nothing: add `" + std::string(name) + "`";
    };
    const std::string direction(direction_name(direction_of_kind(kind)));
    EXPECT_EQ(said("x-flikvakt-direction"), "\"" + direction + "\"") << kind;
    EXPECT_EQ(said("x-flikvakt-people"), takes_two(Act(T{})) ? "2" : "1") << kind;
    EXPECT_EQ(to_text(found->at("properties").at("kind")), "{\"const\":\"" + kind + "\"}");
    for (const char* name : {"description", "x-flikvakt-doors", "examples"}) {
      EXPECT_TRUE(found->contains(name)) << kind << " lacks `" << name << "`";
    }
  });
}

TEST(ActSchema, DefinesNothingThatNoActUses) {
  SchemaWalk walk(definitions(), std::string(kPrefix), SchemaWalk::Numbers::bounded);
  each_act([&]<class T>(std::type_identity<T>, const std::string& kind) { walk.hold<T>(kind, {"kind"}); });
  Names all;
  for (const auto& one : definitions()) all.insert(std::string(one.key()));
  Names by_name = walk.reached();
  by_name.insert({"Act", "Order"});
  EXPECT_THAT(without(all, by_name), testing::IsEmpty());
}

// ---- Examples: the parser takes them, with handles made into blind indexes as the doors do it

void resolve_people(json::object& act) {
  const json::value index = to_json(BlindIndex{});
  for (const char* name : {"person", "representative"}) {
    if (json::value* found = act.if_contains(name)) *found = index;
  }
  if (json::value* others = act.if_contains("other_subjects")) {
    for (json::value& one : others->as_array()) one = index;
  }
  if (json::value* inner = act.if_contains("act")) resolve_people(inner->as_object());
}

// SPEC ACT-2, SCHEMA-1
TEST(ActSchema, EveryExampleIsParsedAndWithoutAMemberOrWithOneMoreItIsNot) {
  each_act([&]<class T>(std::type_identity<T>, const std::string& kind) {
    const json::object* found = definition_of(kind);
    ASSERT_TRUE(found && found->contains("examples")) << "spec/acts.schema.json lacks an example of " << kind;
    for (const json::value& example : found->at("examples").as_array()) {
      json::object act = example.as_object();
      resolve_people(act);
      const Result<Act> parsed = parse_act(act);
      ASSERT_TRUE(parsed) << kind << ": " << parsed.error().message;
      EXPECT_EQ(kind_of(*parsed), kind);
      EXPECT_EQ(act_to_json(*parsed), json::value(act)) << kind;
      for (const json::value& name : found->at("required").as_array()) {
        json::object less = act;
        less.erase(name.as_string());
        EXPECT_FALSE(parse_act(less)) << kind << " without " << name;
      }
      json::object more = act;
      more["x"] = 1;
      EXPECT_FALSE(parse_act(more)) << kind;
    }
  });
}

// An optional member that is not there is left out: null is something else.
TEST(ActSchema, NullIsNoAbsentMember) {
  EXPECT_TRUE(parse_act(json::object{{"kind", "read_proposals"}}));
  EXPECT_FALSE(parse_act(json::object{{"kind", "read_proposals"}, {"proposal", nullptr}}));
}

// ---- Formats: a pattern takes what the parser takes

template <class T>
void compare_format(const std::string& name, const std::vector<std::string>& texts) {
  const std::regex pattern(std::string(definitions().at(name).at("pattern").as_string()));
  for (const std::string& text : texts) {
    EXPECT_EQ(std::regex_match(text, pattern), from_json<T>(json::value(json::string(text))).has_value())
        << name << " `" << text << "`";
  }
}

// SPEC SCHEMA-1, ROW-4
TEST(ActSchema, FormatsAreThoseOfTheParser) {
  compare_format<ActId>("Id", {std::string(32, 'a'), std::string(32, 'A'), std::string(31, 'a'), std::string(33, 'a'),
                               std::string(32, 'g'), ""});
  const std::string a43(43, 'A');
  compare_format<Fingerprint>("Fingerprint", {a43, a43.substr(1), a43 + "A", a43.substr(1) + "B", a43.substr(1) + "8",
                                              a43.substr(1) + "=", "+" + a43.substr(1), "-" + a43.substr(1), ""});
  compare_format<ByteArray<16>>("RecipientId", {a43.substr(0, 22), a43.substr(0, 21), a43.substr(0, 21) + "B",
                                                a43.substr(0, 21) + "w", "/" + a43.substr(0, 21)});
  compare_format<Bytes>("Base64url",
                        {"", "A", "AA", "AB", "AAA", "AAB", "AAE", "AAAA", "AAAAA", "AAAAAA", "AA==", "+/"});
  compare_format<UtcTime>("Time", {"2026-11-22T08:00:00Z", "2026-11-22t08:00:00z", "2026-11-22T08:00:00.1+01:00",
                                   "2026-11-22T08:00:00.123456789Z", "2026-11-22T08:00:00.1234567890Z",
                                   "2026-11-22T08:00:00", "2026-11-22 08:00:00Z", "2026-11-22T08:00Z",
                                   "2026-11-22T08:00:00.Z", "20261122T080000Z", "2026-11-22T08:00:00+0100"});
  compare_format<Date>("Date", {"2026-11-22", "2026-1-2", "20261122", "2026-11-22Z"});
}

// ---- The walk itself finds what differs

struct Inner {
  std::set<int> numbers;
  std::optional<ActId> id;
};
BOOST_DESCRIBE_STRUCT(Inner, (), (numbers, id))
struct Outer {
  std::string text;
  Inner inner;
};
BOOST_DESCRIBE_STRUCT(Outer, (), (text, inner))

Complaints complaints_after(void (*change)(json::object& definitions)) {
  json::object good = parse_json(R"({"Id": {"type": "string"},
        "Inner": {"type": "object", "required": ["numbers"], "additionalProperties": false, "properties": {
          "numbers": {"type": "array", "uniqueItems": true, "items": {"type": "integer", "minimum": 0, "maximum": 9}},
          "id": {"$ref": "#/$defs/Id"}}},
        "Outer": {"type": "object", "required": ["text", "inner"], "additionalProperties": false, "properties": {
          "text": {"type": "string"}, "inner": {"$ref": "#/$defs/Inner"}}}})")
                          .value()
                          .as_object();
  change(good);
  SchemaWalk walk(good, "#/$defs/", SchemaWalk::Numbers::bounded);
  walk.hold<Outer>("Outer");
  return walk.complaints();
}

json::object& inner_of(json::object& definitions) { return definitions["Inner"].as_object(); }
json::object& numbers_of(json::object& definitions) {
  return inner_of(definitions)["properties"].at("numbers").as_object();
}

TEST(SchemaWalk, FindsEachWayInWhichASchemaDiffers) {
  using testing::ElementsAre;
  using testing::HasSubstr;
  using D = json::object;
  EXPECT_THAT(complaints_after([](D&) {}), testing::IsEmpty());
  EXPECT_THAT(complaints_after([](D& d) { inner_of(d)["properties"].as_object().erase("id"); }),
              ElementsAre(HasSubstr("inner lacks the member `id` of the struct")));
  EXPECT_THAT(complaints_after([](D& d) { inner_of(d)["properties"].as_object()["more"] = json::object(); }),
              ElementsAre(HasSubstr("has the member `more`, the struct has not")));
  EXPECT_THAT(complaints_after([](D& d) { inner_of(d)["required"] = json::array(); }),
              ElementsAre(HasSubstr("`numbers` is no std::optional")));
  EXPECT_THAT(complaints_after([](D& d) {
                inner_of(d)["required"] = json::array{"numbers", "id"};
              }),
              ElementsAre(HasSubstr("`id` may be absent")));
  EXPECT_THAT(complaints_after([](D& d) { inner_of(d).erase("additionalProperties"); }),
              ElementsAre(HasSubstr("additionalProperties")));
  EXPECT_THAT(complaints_after([](D& d) { numbers_of(d).erase("uniqueItems"); }), ElementsAre(HasSubstr("is a set")));
  EXPECT_THAT(complaints_after([](D& d) { numbers_of(d)["items"].as_object()["type"] = "string"; }),
              ElementsAre(HasSubstr("needs type integer")));
  EXPECT_THAT(complaints_after([](D& d) { numbers_of(d)["items"].as_object()["maximum"] = 1LL << 40; }),
              ElementsAre(HasSubstr("`maximum`")));
  EXPECT_THAT(complaints_after([](D& d) {
                inner_of(d)["properties"].at("id") = json::object{{"type", "string"}};
              }),
              ElementsAre(HasSubstr("must refer to Id")));
  EXPECT_THAT(complaints_after([](D& d) {
                json::object& members = inner_of(d)["properties"].as_object();
                members = json::object{{"id", members["id"]}, {"numbers", members["numbers"]}};
              }),
              ElementsAre(HasSubstr("in another order")));
  EXPECT_THAT(complaints_after([](D& d) { d.erase("Outer"); }), ElementsAre(HasSubstr("is not there")));
}

}  // namespace
}  // namespace flikvakt::policy
