// A small universe, played whole: every combination of what the rules look at, at every edge, decided by the product
// and by the reference. Dimensions that meet in a rule are crossed in full; all dimensions are crossed with a few
// values of each
// (`./dev test --long`: with more).
#include <array>
#include <iostream>
#include <map>

#include "tests/policy/random_world.h"
#include "tests/policy/reference_decide.h"

namespace flikvakt::policy::test {
namespace {

// The rows that vary, as plain values. An absent one is not in the state.
struct Draft {
  Fullmakt fullmakt;
  Organisation organisation, home;  // the reader's; the team's
  Staff reader;
  Unit unit;
  Team team;
  std::optional<RosterEntry> entry;
  std::optional<Sparr> sparr;
  std::optional<Kontrakt> kontrakt;
  std::optional<Authorisation> authorisation;
  Person person;
  std::string purpose = kPurpose;
};

struct Value {
  std::string what;
  std::function<void(Draft&)> set;
};

// Each value sets all that its dimension is about. The first `few` values are those played with all other dimensions,
// the first `more` under --long.
struct Dimension {
  std::string name;
  std::size_t few, more;
  std::vector<Value> values;
  std::function<void(const Draft&, State&)> put;
};

template <class T>
void put_or_erase(const std::optional<T>& row, const typename T::Key& key, State& state) {
  if (row)
    state.put(*row);
  else
    state.erase(row_id_of<T>(key));
}

class SmallUniverse : public ::testing::Test {
protected:
  SmallUniverse() {
    // Few rows: the reference walks them all.
    for (const StaffId& one : {w.source_colleague, w.provider_staff, w.other_registrar, w.outsider_registrar,
                               w.source_registrar, w.source_officer})
      w.state.erase(row_id_of<Staff>(one));
    for (const OrganisationId& one : {w.source, w.provider, w.outsider}) {
      w.state.erase(row_id_of<Certificate>(w.certificate_of(one)));
      w.state.erase(row_id_of<AssertionKey>(w.assertion_key_of(one)));
    }
    w.state.erase(row_id_of<RosterEntry>({w.team, w.lead}));
    // `document` replaced 2; 3 is another one.
    Document document = w.get<Document>(w.document);
    for (const unsigned number : {2u, 3u}) {
      document.id = id<DocumentId>(number);
      w.state.put(document);
    }
    w.change<Document>(w.document, [](Document& one) { one.version = 2, one.facts.replaces = id<DocumentId>(2); });
    draft_.fullmakt = w.get<Fullmakt>(w.fullmakt);
    draft_.organisation = w.get<Organisation>(w.other);
    draft_.home = w.get<Organisation>(w.source);
    draft_.reader = w.get<Staff>(w.reader);
    draft_.unit = w.get<Unit>(w.unit);
    draft_.team = w.get<Team>(w.team);
    draft_.person = w.get<Person>(w.person);
    dimensions_ = {recipient(), flik(),      status(), period(),   limit(),         purpose(), discloser(),
                   right(),     confirmed(), kind(),   kontrakt(), authorisation(), sparr()};
  }

  // Plays every combination of the first counts[i] values of each dimension.
  void play(const std::string& name, const std::vector<std::size_t>& counts) {
    std::vector<std::size_t> digits(dimensions_.size(), 0);
    for (std::size_t i = 0; i < digits.size(); ++i) apply(i, 0);
    std::uint64_t combinations = 0;
    std::map<int, std::uint64_t> by_rule;
    do {
      const ReadRequest request{reader_, w.document, draft_.purpose};
      const Decision decision = decide_read(w.state, request, w.now);
      const auto [rule, by] = Reference(w.state, request, w.now).decide();
      ++combinations, ++by_rule[rule];
      ASSERT_EQ(decision.is_permitted(), rule == 0) << describe(digits);
      ASSERT_EQ(static_cast<int>(decision.rule), rule) << describe(digits);
      ASSERT_EQ(decision.fullmakt, by) << describe(digits);
    } while (next(digits, counts));
    std::cout << "counts: " << name << ": " << combinations << " combinations";
    for (const auto& [rule, count] : by_rule)
      std::cout << (rule == by_rule.begin()->first ? "; " : ", ") << "rule " << rule << ": " << count;
    std::cout << "\n";
    total_ += combinations;
    for (const auto& [rule, count] : by_rule) by_rule_[rule] += count;
  }

  // The named dimensions in full, a few values of those in `few`, the first value of the others.
  std::vector<std::size_t> crossing(const std::set<std::string>& full, const std::set<std::string>& few) const {
    std::vector<std::size_t> out;
    std::size_t named = 0;
    for (const Dimension& one : dimensions_) {
      const bool is_full = full.count(one.name) != 0, is_few = few.count(one.name) != 0;
      named += is_full || is_few;
      out.push_back(is_full ? one.values.size() : is_few ? one.few : 1);
    }
    EXPECT_EQ(named, full.size() + few.size()) << "a dimension is misspelt";
    return out;
  }
  std::vector<std::size_t> crossing_of_all(std::size_t Dimension::*how_many) const {
    std::vector<std::size_t> out;
    for (const Dimension& one : dimensions_) out.push_back(std::min(one.*how_many, one.values.size()));
    return out;
  }

  std::uint64_t total_ = 0;
  std::map<int, std::uint64_t> by_rule_;

private:
  void apply(std::size_t dimension, std::size_t value) {
    const Dimension& one = dimensions_[dimension];
    one.values[value].set(draft_);
    one.put(draft_, w.state);
  }
  // Counts up, the last dimension fastest; false when all were played.
  bool next(std::vector<std::size_t>& digits, const std::vector<std::size_t>& counts) {
    for (std::size_t i = digits.size(); i-- > 0;) {
      digits[i] = digits[i] + 1 == counts[i] ? 0 : digits[i] + 1;
      apply(i, digits[i]);
      if (digits[i] != 0) return true;
    }
    return false;
  }
  std::string describe(const std::vector<std::size_t>& digits) const {
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i)
      out += dimensions_[i].name + ": " + dimensions_[i].values[digits[i]].what + "\n";
    return out;
  }
  static void put_fullmakt(const Draft& draft, State& state) { state.put(draft.fullmakt); }

  // SPEC RULE-16
  Dimension recipient() {
    const auto make = [this](
                          Recipient who, std::function<void(Draft&)> otherwise = [](Draft&) {}) {
      return [this, who, otherwise = std::move(otherwise)](Draft& d) {
        d.fullmakt.terms.recipients = {who};
        d.fullmakt.relinquished = {};
        d.reader.unit = w.unit;
        d.unit.standing = d.team.standing = d.home.standing = Standing::active;
        d.unit.epoch = d.team.epoch = d.home.epoch = 1;
        d.team.accepted_by = w.source_officer;
        d.entry = RosterEntry{w.team, w.reader, TeamRole::member, w.other_officer, w.lead, 1};
        otherwise(d);
      };
    };
    const Recipient unit = to_unit(w.unit), team = to_team(w.team);
    return {
        "recipient",
        7,
        14,
        {{"the organisation", make(to_organisation(w.other))},
         {"the reader", make(to_staff(w.reader))},
         {"the unit", make(unit)},
         {"a team, complete entry", make(team)},
         {"a team, half an entry", make(team, [](Draft& d) { d.entry->officer = {}; })},
         {"another organisation", make(to_organisation(w.outsider))},
         {"the unit, which gave it up", make(unit, [=](Draft& d) { d.fullmakt.relinquished = {unit}; })},
         {"the unit, while the team gave it up", make(unit, [=](Draft& d) { d.fullmakt.relinquished = {team}; })},
         {"a team that gave it up", make(team, [=](Draft& d) { d.fullmakt.relinquished = {team}; })},
         {"the unit, suspended", make(unit, [](Draft& d) { d.unit.standing = Standing::suspended; })},
         {"a team, suspended", make(team, [](Draft& d) { d.team.standing = Standing::suspended; })},
         {"a team, entry of an older epoch", make(team, [](Draft& d) { d.entry->epoch = 0; })},
         {"a team, no entry", make(team, [](Draft& d) { d.entry = {}; })},
         {"a colleague", make(to_staff(w.other_officer))},
         {"the unit, not the reader's", make(unit, [](Draft& d) { d.reader.unit = {}; })},
         {"another unit", make(to_unit(id<UnitId>(2)))},
         {"the unit, of an older epoch", make(unit, [](Draft& d) { d.unit.epoch = 0; })},
         {"a team, the other half", make(team, [](Draft& d) { d.entry->lead = {}; })},
         {"a team, of an older epoch", make(team, [](Draft& d) { d.team.epoch = 0; })},
         {"a team, not accepted", make(team, [](Draft& d) { d.team.accepted_by = {}; })},
         {"a team, its organisation suspended", make(team, [](Draft& d) { d.home.standing = Standing::suspended; })},
         {"a team, its organisation of an older epoch", make(team, [](Draft& d) { d.home.epoch = 0; })}},
        [this](const Draft& d, State& state) {
          state.put(d.fullmakt), state.put(d.reader), state.put(d.unit), state.put(d.team), state.put(d.home);
          put_or_erase(d.entry, {w.team, w.reader}, state);
        }};
  }

  // SPEC RULE-15
  Dimension flik() {
    const auto make = [](std::set<std::string> flikar, std::set<DocumentId> documents) {
      return [=](Draft& d) { d.fullmakt.terms.flikar = flikar, d.fullmakt.terms.documents = documents; };
    };
    return {"flik",
            3,
            4,
            {{"covered", make({kFlik}, {})},
             {"the single document", make({}, {w.document})},
             {"another flik and its older version", make({"plan"}, {id<DocumentId>(2)})},
             {"another flik and the document", make({"plan"}, {w.document})}},
            put_fullmakt};
  }
  Dimension purpose() {
    return {"purpose",
            2,
            2,
            {{"right", [](Draft& d) { d.purpose = kPurpose; }}, {"wrong", [](Draft& d) { d.purpose = "statistics"; }}},
            [](const Draft&, State&) {}};
  }
  Dimension discloser() {
    const auto make = [](const OrganisationId& one) { return [=](Draft& d) { d.fullmakt.terms.disclosers = {one}; }; };
    return {"discloser", 2, 2, {{"the source", make(w.source)}, {"another", make(w.outsider)}}, put_fullmakt};
  }
  Dimension right() {
    const auto make = [](std::set<Right> rights) { return [=](Draft& d) { d.fullmakt.terms.rights = rights; }; };
    return {"right",
            2,
            2,
            {{"read", make({Right::read})},
             {"deposit", make({Right::deposit})},
             {"both", make({Right::read, Right::deposit})}},
            put_fullmakt};
  }

  // SPEC RULE-14
  Dimension status() {
    std::vector<Value> values;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<FullmaktStatus>>([&](auto one) {
      values.push_back({one.name, [=](Draft& d) { d.fullmakt.status = one.value; }});
    });
    return {"status", 3, values.size(), values, put_fullmakt};
  }
  Dimension period() {
    std::vector<Value> values;
    const std::array<std::chrono::milliseconds, 3> edges{-1ms, 0ms, 1ms};
    for (const auto to : {1ms, 0ms, -1ms}) {  // one that holds, one that ends now and one that begins later are first
      for (const auto from : edges) {
        values.push_back({"from " + std::to_string(from.count()) + " to " + std::to_string(to.count()) + " ms",
                          [this, from, to](Draft& d) {
                            d.fullmakt.terms.valid_from = w.now + from, d.fullmakt.terms.valid_to = w.now + to;
                          }});
      }
    }
    return {"period", 4, values.size(), values, put_fullmakt};
  }

  // SPEC RULE-23
  Dimension limit() {
    const auto make = [](std::optional<std::uint32_t> most, std::uint32_t readings) {
      return [=](Draft& d) { d.fullmakt.terms.max_readings = most, d.fullmakt.readings = readings; };
    };
    return {"limit",
            2,
            3,
            {{"none", make({}, 9)}, {"used up", make(2, 2)}, {"one left", make(2, 1)}, {"used more", make(2, 3)}},
            put_fullmakt};
  }

  // SPEC RULE-17
  Dimension confirmed() {
    const auto make = [](std::uint32_t epoch, std::optional<Date> died = {}) {
      return [=](Draft& d) { d.person.epoch = epoch, d.person.died = died; };
    };
    const std::vector<Value> values = {
        {"yes", make(1)}, {"no", make(0)}, {"dead", make(1, parse_date("2026-11-01").value())}};
    return {"confirmed", 2, 3, values, [](const Draft& d, State& s) { s.put(d.person); }};
  }

  // SPEC RULE-20
  Dimension kind() {
    std::vector<Value> values;
    for (const OrganisationKind one : {OrganisationKind::authority, OrganisationKind::provider})
      values.push_back({std::string(to_json(one).as_string()), [=](Draft& d) { d.organisation.kind = one; }});
    return {"kind", 2, 2, values, [](const Draft& d, State& state) { state.put(d.organisation); }};
  }
  Dimension kontrakt() {
    const auto make = [this](std::function<void(Kontrakt&)> otherwise) {
      return [this, otherwise = std::move(otherwise)](Draft& d) {
        d.fullmakt.terms.kontrakt = w.kontrakt;
        d.kontrakt = Kontrakt{w.kontrakt, w.person, {part()}, Standing::active, 1};
        otherwise(*d.kontrakt);
      };
    };
    return {"kontrakt",
            3,
            5,
            {{"runs", make([](Kontrakt&) {})},
             {"none named", [](Draft& d) { d.fullmakt.terms.kontrakt = {}, d.kontrakt = {}; }},
             {"part ends now", make([this](Kontrakt& k) { k.parts[0].valid_to = w.now; })},
             {"wrong area", make([](Kontrakt& k) { k.parts[0].area = "training"; })},
             {"another person's", make([this](Kontrakt& k) { k.person = w.relative; })},
             {"removed", make([](Kontrakt& k) { k.standing = Standing::removed; })},
             {"suspended", make([](Kontrakt& k) { k.standing = Standing::suspended; })},
             {"of an older epoch", make([](Kontrakt& k) { k.epoch = 0; })},
             {"part ends next", make([this](Kontrakt& k) { k.parts[0].valid_to = w.now + 1ms; })},
             {"part begins now", make([this](Kontrakt& k) { k.parts[0].valid_from = w.now; })},
             {"part begins next", make([this](Kontrakt& k) { k.parts[0].valid_from = w.now + 1ms; })},
             {"part of another", make([this](Kontrakt& k) { k.parts[0].provider = w.outsider; })},
             {"no part", make([](Kontrakt& k) { k.parts = {}; })},
             {"second part runs", make([this](Kontrakt& k) {
                k.parts = {part(), part()}, k.parts[0].valid_to = w.now;
              })},
             {"named and unknown", [this](Draft& d) { d.fullmakt.terms.kontrakt = w.kontrakt, d.kontrakt = {}; }}},
            [this](const Draft& d, State& state) {
              state.put(d.fullmakt);
              put_or_erase(d.kontrakt, w.kontrakt, state);
            }};
  }
  KontraktPart part() const { return {"Insats", w.other, "coaching", w.now - 1h, w.now + 1h, ""}; }
  Dimension authorisation() {
    const auto make = [this](std::function<void(Authorisation&)> otherwise) {
      return [this, otherwise = std::move(otherwise)](Draft& d) {
        d.authorisation =
            Authorisation{w.authorisation, w.other, {"coaching"}, w.now - 1h, w.now + 1h, Standing::active, 1};
        otherwise(*d.authorisation);
      };
    };
    return {"authorisation",
            3,
            5,
            {{"active", make([](Authorisation&) {})},
             {"none", [](Draft& d) { d.authorisation = {}; }},
             {"ends now", make([this](Authorisation& a) { a.valid_to = w.now; })},
             {"wrong area", make([](Authorisation& a) { a.areas = {"training"}; })},
             {"removed", make([](Authorisation& a) { a.standing = Standing::removed; })},
             {"suspended", make([](Authorisation& a) { a.standing = Standing::suspended; })},
             {"of an older epoch", make([](Authorisation& a) { a.epoch = 0; })},
             {"ends next", make([this](Authorisation& a) { a.valid_to = w.now + 1ms; })},
             {"begins now", make([this](Authorisation& a) { a.valid_from = w.now; })},
             {"begins next", make([this](Authorisation& a) { a.valid_from = w.now + 1ms; })},
             {"another's", make([this](Authorisation& a) { a.organisation = w.outsider; })},
             {"both areas", make([](Authorisation& a) {
                a.areas = {"coaching", "training"};
              })}},
            [this](const Draft& d, State& state) { put_or_erase(d.authorisation, w.authorisation, state); }};
  }

  // SPEC RULE-10, RULE-11, RULE-12, RULE-13
  Dimension sparr() {
    const Date day = *parse_date("2026-10-01"), before = *parse_date("2026-09-30"), after = *parse_date("2026-10-02");
    const std::vector<std::pair<std::string, SparrTerms>> targets = {
        {"everything", {}},
        {"the flik", {SparrTarget::flik, kFlik, {}, {}, {}, true, {}}},
        {"another flik", {SparrTarget::flik, "plan", {}, {}, {}, true, {}}},
        {"no flik named", {SparrTarget::flik, {}, {}, {}, {}, true, {}}},
        {"the document", {SparrTarget::document, {}, w.document, {}, {}, true, {}}},
        {"its older version", {SparrTarget::document, {}, id<DocumentId>(2), {}, {}, true, {}}},
        {"another document", {SparrTarget::document, {}, id<DocumentId>(3), {}, {}, true, {}}},
        {"no document named", {SparrTarget::document, {}, {}, {}, {}, true, {}}},
        {"that day", {SparrTarget::dates, {}, {}, day, day, true, {}}},
        {"the day before", {SparrTarget::dates, {}, {}, before, before, true, {}}},
        {"the day after", {SparrTarget::dates, {}, {}, after, {}, true, {}}},
        {"no dates named", {SparrTarget::dates, {}, {}, {}, {}, true, {}}}};
    const std::vector<std::pair<std::string, std::set<Recipient>>> readers = {
        {"the organisation", {to_organisation(w.other)}},
        {"another", {to_organisation(w.outsider)}},
        {"the unit", {to_unit(w.unit)}},
        {"the team", {to_team(w.team)}},
        {"the reader", {to_staff(w.reader)}},
        {"a colleague", {to_staff(w.other_officer)}},
        {"none named", {}}};
    std::vector<Value> values = {{"none", [](Draft& d) { d.sparr = {}; }}};
    const auto add = [&](const std::string& what, const SparrTerms& terms, const PersonId& whose, bool in_force) {
      values.push_back({what, [=](Draft& d) { d.sparr = Sparr{id<SparrId>(1), whose, terms, in_force}; }});
    };
    add("on everything against everyone", {}, w.person, true);
    SparrTerms team;
    team.everyone = false, team.recipients = {to_team(w.team)};
    add("on everything against the team", team, w.person, true);
    add("lifted", {}, w.person, false);
    for (const auto by : {-1, 0, 1}) {
      SparrTerms timed;
      timed.until = w.now + std::chrono::milliseconds(by);
      add("until now and " + std::to_string(by) + " ms", timed, w.person, true);
    }
    add("another person's", {}, w.relative, true);
    for (const auto& [target, terms] : targets) {
      add("on " + target + " against everyone", terms, w.person, true);
      for (const auto& [reader, recipients] : readers) {
        SparrTerms against = terms;
        against.everyone = false, against.recipients = recipients;
        add("on " + target + " against " + reader, against, w.person, true);
      }
    }
    return {"sparr", 3, 4, values, [](const Draft& d, State& state) { put_or_erase(d.sparr, id<SparrId>(1), state); }};
  }

  World w;
  const StaffActor reader_ = w.staff(w.reader);
  Draft draft_;
  std::vector<Dimension> dimensions_;
};

// SPEC RULE-1, RULE-10, RULE-14, RULE-15, RULE-16, RULE-17, RULE-18, RULE-19, RULE-20, RULE-23, RULE-24
TEST_F(SmallUniverse, EveryCombinationIsDecidedAsTheReferenceDecidesIt) {
  play("what a fullmakt says",
       crossing({"recipient", "flik", "status", "period", "limit", "purpose", "discloser", "right", "confirmed"}, {}));
  play("what a provider stands on",
       crossing({"status", "limit", "kind", "kontrakt", "authorisation"}, {"recipient", "period", "sparr"}));
  play("what a Sparr says", crossing({"recipient", "sparr"}, {"flik", "status", "limit", "kind", "kontrakt"}));
  const char* is_long = std::getenv("FLIKVAKT_LONG");
  if (is_long && std::string_view(is_long) == "1")
    play("more of each", crossing_of_all(&Dimension::more));
  else
    play("a few of each", crossing_of_all(&Dimension::few));
  std::cout << "counts: " << total_ << " combinations\n";
  EXPECT_GT(total_, 1'000'000u);
  for (const int rule : {0, 3, 4, 5, 7}) EXPECT_GT(by_rule_[rule], total_ / 1000) << "rule " << rule;
}

}  // namespace
}  // namespace flikvakt::policy::test
