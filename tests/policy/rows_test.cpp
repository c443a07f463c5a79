#include <random>

#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

template <class T>
T sample() {
  T out{};
  const Date day = *parse_date("2026-10-01");  // Date{} is none that can be written
  if constexpr (requires { out.facts.date; }) out.facts.date = day;
  if constexpr (requires { out.reached; }) out.reached = day;
  if constexpr (requires { out.died; }) out.died = day;
  return out;
}

template <class... T, class Fn>
void for_each_kind(std::type_identity<boost::variant2::variant<T...>>, Fn fn) {
  (fn(sample<T>()), ...);
}

// SPEC ROW-1, ROW-3, ROW-4
TEST(Rows, EveryKindIsReadBackFromItsBodyAndTableNumber) {
  std::set<std::uint16_t> tables;
  for_each_kind(std::type_identity<RowVariant>{}, [&]<class T>(const T& value) {
    const Row row(value);
    const json::value body = row_body(row);
    const Result<Row> again = parse_row(T::kTable, body);
    ASSERT_TRUE(again.has_value()) << T::kTable << ": " << (again ? "" : again.error().message);
    EXPECT_EQ(row_body(*again), body);
    EXPECT_EQ(again->index(), row.index());
    EXPECT_EQ(row_id(*again).table, T::kTable);
    EXPECT_TRUE(tables.insert(T::kTable).second) << "a table number is used twice";
    json::object extra = body.as_object();
    extra["surprise"] = 1;
    EXPECT_FALSE(parse_row(T::kTable, extra).has_value());
    EXPECT_FALSE(parse_row(T::kTable, json::array{}).has_value());
  });
  EXPECT_EQ(tables.size(), boost::mp11::mp_size<RowVariant>::value);
  for (std::uint16_t unknown : {0, 31, 43, 65535}) EXPECT_FALSE(parse_row(unknown, json::object{}).has_value());
  json::object missing = row_body(Unit{}).as_object();
  missing.erase("name");
  EXPECT_FALSE(parse_row(Unit::kTable, missing).has_value());
}

// SPEC ROW-2
TEST(Rows, KeyBytesAreWhatTheSpecSays) {
  const World world;
  EXPECT_EQ(row_id(Row(world.get<Person>(world.person))), (RowId{32, to_bytes(world.person.value())}));
  EXPECT_EQ(row_id_of<DeviceKey>(world.key), (RowId{34, to_bytes(world.key)}));
  EXPECT_EQ(row_id_of<FlikType>(kFlik), (RowId{6, to_bytes(as_bytes(kFlik))}));
  EXPECT_EQ(row_id_of<Instance>("instance"), (RowId{15, to_bytes(as_bytes("instance"))}));
  Bytes pair = to_bytes(world.team.value());
  pair.insert(pair.end(), world.lead.value().begin(), world.lead.value().end());
  EXPECT_EQ(row_id_of<RosterEntry>({world.team, world.lead}), (RowId{5, pair}));
  Bytes flik = to_bytes(world.person.value());
  flik.insert(flik.end(), kFlik.begin(), kFlik.end());
  EXPECT_EQ(row_id_of<Flik>({world.person, kFlik}), (RowId{41, flik}));
}

// SPEC ROW-4
TEST(Rows, BodyIsWrittenAsTheSpecSays) {
  EXPECT_EQ(to_text(row_body(Unit{id<UnitId>(1), id<OrganisationId>(2), "Enhet", Standing::active, 3})),
            R"({"id":"01000000000000000000000000000001","organisation":"02000000000000000000000000000001",)"
            R"("name":"Enhet","standing":"active","epoch":3})");
}

// SPEC ROW-5
TEST(Rows, RowsOfAPersonAreSealedUnderThatPerson) {
  const World world;
  EXPECT_EQ(owner_of(world.get<Person>(world.person)), world.person);
  EXPECT_EQ(owner_of(world.get<BlindIndexRow>(world.person_index)), world.person);
  EXPECT_EQ(owner_of(world.get<Document>(world.document)), world.person);
  EXPECT_EQ(owner_of(world.get<DeviceKey>(world.relative_key)), world.relative);
  EXPECT_EQ(owner_of(Proposal{{}, "{}", {}, {}, {}, world.person, {}, world.now}), world.person);
  for_each_kind(std::type_identity<RowVariant>{}, [&]<class T>(const T& value) {
    const bool is_unknown = std::is_same_v<T, AccessRequest> ||
                            std::is_same_v<T, SourceRequest>;  // the sample is about a number not known here
    EXPECT_EQ(owner_of(Row(value)).has_value(), T::kTable >= 32 && !is_unknown) << T::kTable;
  });
  AccessRequest known;
  known.person = world.person;
  EXPECT_EQ(owner_of(Row(known)), world.person);
}

// SPEC ACT-2
TEST(Acts, EveryKindIsReadBackFromItsJson) {
  std::set<std::string_view> kinds;
  for_each_kind(std::type_identity<ActVariant>{}, [&]<class T>(const T& value) {
    const Act act(value);
    const json::value written = act_to_json(act);
    const Result<Act> again = parse_act(written);
    ASSERT_TRUE(again.has_value()) << T::kKind << ": " << (again ? "" : again.error().message);
    EXPECT_EQ(again->index(), act.index());
    EXPECT_EQ(act_to_json(*again), written);
    EXPECT_EQ(written.at("kind").as_string(), kind_of(act));
    EXPECT_TRUE(kinds.insert(kind_of(act)).second) << "two acts of one name";
    json::object extra = written.as_object();
    extra["surprise"] = 1;
    EXPECT_FALSE(parse_act(extra).has_value()) << T::kKind;
  });
  EXPECT_FALSE(parse_act(json::object{{"kind", "open_everything"}}).has_value());
  EXPECT_FALSE(parse_act(json::object{}).has_value());
  EXPECT_FALSE(parse_act(json::object{{"kind", "pause_fullmakt"}}).has_value());
}

// A row of any kind with one of few keys and owners, so that replacing and sharing happen often.
Row random_row(std::mt19937& random) {
  const auto pick = [&](unsigned most) { return static_cast<unsigned>(random() % most); };
  const World& world = [&]() -> const World& {
    static const World kWorld;
    return kWorld;
  }();
  const UtcTime time = world.now + std::chrono::hours(pick(6));
  const PersonId person = id<PersonId>(pick(3));
  switch (pick(10)) {
    case 0: {
      Fullmakt row = world.get<Fullmakt>(world.fullmakt);
      row.id = id<FullmaktId>(pick(6));
      row.person = person;
      row.status = static_cast<FullmaktStatus>(pick(7));
      row.terms.valid_to = time;
      row.terms.recipients = {to_staff(id<StaffId>(pick(3))), to_unit(id<UnitId>(pick(2)))};
      return row;
    }
    case 1:
      return Sparr{id<SparrId>(pick(6)), person, {}, pick(2) == 0};
    case 2: {
      Document row = world.get<Document>(world.document);
      row.id = id<DocumentId>(pick(6));
      row.person = person;
      return row;
    }
    case 3:
      return Case{id<CaseId>(pick(6)), person, id<TeamId>(pick(3)), CaseFocus::illness, {}, time, EvidenceKind::paper};
    case 4:
      return Kontrakt{id<KontraktId>(pick(6)),
                      person,
                      {{"Insats", id<OrganisationId>(pick(2)), "a", time, time + 24h},
                       {"Insats", id<OrganisationId>(pick(2)), "a", time, time + 24h}},
                      static_cast<Standing>(pick(3)),
                      0};
    case 5: {
      DeviceKey row = world.get<DeviceKey>(world.key);
      row.thumbprint = fingerprint(pick(6));
      row.person = person;
      row.status = static_cast<DeviceKeyStatus>(pick(3));
      row.confirm_before = time;
      return row;
    }
    case 6:
      return Authorisation{
          id<AuthorisationId>(pick(6)), id<OrganisationId>(pick(3)), {"a"}, time, time, Standing::active, 0};
    case 7:
      return RosterEntry{id<TeamId>(pick(3)), id<StaffId>(pick(4)), TeamRole::member, {}, {}, pick(2)};
    case 8:
      return Proposal{id<ProposalId>(pick(6)), "{}", {}, {}, {}, {}, {}, time};
    default:
      return Receipt{person.value(), id<ActId>(pick(6)), {}, pick(9), true, nullptr, time};
  }
}

State rebuilt(const State& state, const std::vector<RowId>& known) {
  State out;
  State copy = state;
  for (const RowId& id : known) {
    if (auto row = copy.erase(id)) out.put(*row);
  }
  return out;
}

// SPEC ROW-6
TEST(State, UndoingABatchRestoresRowsAndIndexesExactly) {
  constexpr unsigned kSeed = 20261122;
  std::cout << "seed " << kSeed << "\n";
  std::mt19937 random(kSeed);
  State state;
  std::set<RowId> seen;
  for (int batch = 0; batch < 400; ++batch) {
    const State before = state;
    std::vector<std::function<void()>> undo;
    const unsigned length = random() % 12;
    for (unsigned step = 0; step < length; ++step) {
      Row row = random_row(random);
      const RowId id = row_id(row);
      seen.insert(id);
      std::optional<Row> old = random() % 3 == 0 ? state.erase(id) : state.put(std::move(row));
      undo.push_back([&state, id, old] { old ? (void)state.put(*old) : (void)state.erase(id); });
    }
    ASSERT_TRUE(same_state(state, rebuilt(state, {seen.begin(), seen.end()}))) << "the indexes follow from the rows";
    if (random() % 2 == 0) continue;
    for (auto step = undo.rbegin(); step != undo.rend(); ++step) (*step)();
    ASSERT_TRUE(same_state(state, before)) << "batch " << batch;
  }
  EXPECT_GT(state.all<Fullmakt>().size(), 0u);
}

TEST(State, ComparisonSeesOneChangedMember) {
  World one, other;
  EXPECT_TRUE(same_state(one.state, other.state));
  other.change<Organisation>(other.source, [](Organisation& row) { row.name = "Annan"; });
  EXPECT_FALSE(same_state(one.state, other.state));
}

TEST(State, ErasingWhatIsNotThereOrIsNotAKeyChangesNothing) {
  World world;
  const State before = world.state;
  EXPECT_FALSE(world.state.erase({Fullmakt::kTable, {1, 2, 3}}));
  EXPECT_FALSE(world.state.erase({999, to_bytes(world.person.value())}));
  EXPECT_FALSE(world.state.erase(row_id_of<Fullmakt>(id<FullmaktId>(99))));
  EXPECT_TRUE(same_state(world.state, before));
}

}  // namespace
}  // namespace flikvakt::policy::test
