// Random histories of fullmakter and access requests, after each act against a slow second reading of spec/fullmakt.md.
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>

#include "tests/policy/reference_life.h"

namespace flikvakt::policy::test {
namespace {

constexpr unsigned kSeed = 20261128;
constexpr int kActs = 30;

// `./dev test --long` plays a hundred times as many.
int histories(int usually) {
  const char* is_long = std::getenv("FLIKVAKT_LONG");
  return is_long && std::string_view(is_long) == "1" ? 100 * usually : usually;
}

struct Count {
  int permitted = 0, refused = 0;
};
using Counts = std::map<std::string, Count>;
using Seen = std::map<std::string, int>;

class History {
public:
  History(const World& world, std::mt19937& random) : w(world), model(world), random_(random) {}

  void play_one(Counts& counts) {
    model.now = w.time;
    switch (below(20)) {
      case 0:
      case 1:
        return by_person(counts, sign());
      case 2:
      case 3:
      case 17:
        return by_person(counts, answer());
      case 4:
        return by_person(counts, PauseFullmakt{any_fullmakt()});
      case 5:
        return by_person(counts, ResumeFullmakt{any_fullmakt()});
      case 6:
        return by_person(counts, RevokeFullmakt{any_fullmakt()});
      case 7:
      case 8:
        return by_person(counts, complete());
      case 9:
      case 10:
        return by_staff(counts, RelinquishFullmakt{any_fullmakt()});
      case 11:
        return read(counts);
      case 12:
      case 13:
        return by_staff(counts, ask());
      case 14:
        return by_staff(counts, WithdrawRequest{any_request()});
      case 15:
        return by_person(counts, DeclineRequest{any_request()});
      case 16:
        return one_in(3) ? by_person(counts, SetSparr{id<SparrId>(1 + below(4)), {}})
                         : by_person(counts, LiftSparr{id<SparrId>(1 + below(4))});
      default:
        return pass_time(counts);
    }
  }

  // The rows say what the reference says.
  void compare() const {
    ASSERT_EQ(w.state.all<Fullmakt>().size(), model.fullmakter.size());
    for (const auto& [key, f] : model.fullmakter) {
      const Fullmakt& row = w.get<Fullmakt>(key);
      ASSERT_EQ(describe(row.status), f.status);
      ASSERT_EQ(to_json(row.terms), to_json(f.terms));
      ASSERT_EQ(row.readings, f.readings);
      ASSERT_EQ(row.revision, f.revision);
      ASSERT_EQ(row.signed_sha256, f.signed_sha256);
      ASSERT_EQ(row.request, f.request);
      ASSERT_EQ(row.relinquished, std::vector<Recipient>(f.gone.begin(), f.gone.end()));
    }
    ASSERT_EQ(w.state.all<AccessRequest>().size(), model.requests.size());
    for (const auto& [key, asked] : model.requests) {
      const AccessRequest& row = w.get<AccessRequest>(key);
      ASSERT_EQ(describe(row.status), asked.status);
      ASSERT_EQ(row.person, asked.person);
      ASSERT_EQ(row.expires, asked.until);
      ASSERT_EQ(row.fullmakt, asked.fullmakt);
    }
    for (const auto& [key, sparr] : model.sparrar) ASSERT_EQ(w.get<Sparr>(key).in_force, sparr.second);
    for (const auto& [key, version] : model.versions) ASSERT_EQ(w.get<Person>(key).consent_version, version);
  }

  void note_states(Seen& seen) const {
    for (const auto& [key, f] : model.fullmakter) ++seen["fullmakt " + f.status];
    for (const auto& [key, asked] : model.requests) ++seen["request " + asked.status];
  }

private:
  unsigned below(unsigned most) { return static_cast<unsigned>(random_() % most); }
  bool one_in(unsigned most) { return below(most) == 0; }
  template <class T>
  T of(const std::vector<T>& choices) {
    return choices[below(static_cast<unsigned>(choices.size()))];
  }
  template <class Enum>
  static std::string describe(Enum status) {
    return std::string(to_json(status).as_string());
  }

  FullmaktId any_fullmakt() {
    std::vector<FullmaktId> all;
    for (const auto& [key, f] : model.fullmakter) all.push_back(key);
    return one_in(12) ? id<FullmaktId>(99) : of(all);
  }
  RequestId any_request() {
    std::vector<RequestId> all{id<RequestId>(99)};
    for (const auto& [key, asked] : model.requests) all.insert(all.end(), 4, key);
    return of(all);
  }
  Recipient any_recipient() {
    return of<Recipient>({to_organisation(w.other), to_unit(w.unit), to_staff(w.reader), to_team(w.team),
                          to_organisation(w.source), to_staff(w.lead)});
  }
  std::set<std::string> any_flikar() {
    return one_in(15) ? std::set<std::string>{"nope"}
                      : of<std::set<std::string>>({{kFlik}, {kFlik}, {"plan"}, {kFlik, "plan"}, {}});
  }
  UtcTime any_end() {
    return w.time + of<std::chrono::hours>({-1h, 0h, 1h, 5h, 24h, 24h * 20, 24h * 20, 24h * 50, 24h * 400, 24h * 2000});
  }
  std::string any_purpose() { return one_in(8) ? "statistics" : kPurpose; }
  template <class T>
  T fresh(unsigned& next) {
    return id<T>(one_in(15) ? next - 1 : next++);
  }

  SignFullmakt sign() {
    SignFullmakt act{fresh<FullmaktId>(next_fullmakt_), w.get<Fullmakt>(w.fullmakt).terms, one_in(20) ? "" : "text"};
    act.terms = model.fullmakter.begin()->second.terms;
    act.terms.disclosers = {w.source};
    act.terms.recipients = {any_recipient()};
    if (one_in(2)) act.terms.recipients.insert(any_recipient());
    act.terms.flikar = any_flikar();
    act.terms.documents = one_in(4) ? std::set<DocumentId>{w.document} : std::set<DocumentId>{};
    act.terms.rights = {Right::read};
    act.terms.purpose = any_purpose();
    act.terms.valid_from = w.time - 1h + (one_in(6) ? 3h : 0h);
    act.terms.valid_to = any_end();
    act.terms.max_readings = one_in(2) ? std::optional(below(3)) : std::nullopt;
    if (one_in(4)) act.terms.supersedes = any_fullmakt();
    if (one_in(12)) act.request = any_request();
    return act;
  }

  // What a request asks for, or a part of it, or once in a while more.
  Act answer() {
    std::vector<RequestId> open;
    for (const auto& [key, one] : model.requests) {
      if (one.status == "open" && one.person == w.person) open.push_back(key);
    }
    const RequestId request = open.empty() || one_in(10) ? any_request() : of(open);
    if (!model.requests.contains(request)) return sign();
    const RequestTerms& asked = model.requests[request].terms;
    if (asked.fullmakt && !one_in(8)) return complete(request, asked);
    SignFullmakt act = sign();
    act.request = request;
    act.terms.recipients = {one_in(12) ? any_recipient() : asked.recipient};
    act.terms.disclosers = asked.disclosers;
    if (one_in(12)) act.terms.disclosers.insert(w.provider);
    act.terms.flikar = one_in(4) ? any_flikar() : asked.flikar;
    act.terms.rights = asked.rights;
    if (one_in(4)) act.terms.rights = {of<Right>({Right::read, Right::deposit})};
    if (!one_in(12)) act.terms.documents = {};
    if (!one_in(12)) act.terms.purpose = asked.purpose;
    if (!one_in(4)) act.terms.valid_to = asked.valid_to;
    return act;
  }

  SignKomplettering complete() {
    SignKomplettering act;
    act.fullmakt = any_fullmakt();
    if (const Fullmakt* found = w.state.find<Fullmakt>(act.fullmakt)) act.previous = found->signed_sha256;
    if (one_in(10)) act.previous = fingerprint(3);
    if (one_in(3)) act.delta.recipients = {any_recipient()};
    if (one_in(3)) act.delta.flikar = any_flikar();
    if (one_in(8)) act.delta.documents = {w.document};
    if (one_in(6)) act.delta.disclosers = {of<OrganisationId>({w.source, w.provider})};
    if (one_in(5)) act.delta.rights = {of<Right>({Right::read, Right::deposit})};
    if (one_in(3)) act.delta.valid_to = any_end();
    if (one_in(3)) act.delta.max_readings = 1 + below(5);
    act.language = "sv";
    act.text = one_in(20) ? "" : "text";
    const Fullmakt* found = w.state.find<Fullmakt>(act.fullmakt);
    if (found && one_in(2)) act.delta = one_addition(found->terms);
    return act;
  }
  FullmaktDelta one_addition(const FullmaktTerms& terms) {
    FullmaktDelta delta;
    if (terms.max_readings && !one_in(4)) {
      delta.max_readings = *terms.max_readings + 1 + below(2);
    } else if (one_in(2)) {
      delta.valid_to = terms.valid_to + 24h;
    } else {
      delta.recipients = {any_recipient()};
    }
    return delta;
  }
  SignKomplettering complete(const RequestId& request, const RequestTerms& asked) {
    SignKomplettering act = complete();
    const Fullmakt* found = w.state.find<Fullmakt>(*asked.fullmakt);
    if (!found) return act;
    act.fullmakt = found->id;
    act.previous = found->signed_sha256;
    act.request = request;
    act.delta = {};
    const auto missing = [](auto wanted, const auto& there) {
      for (const auto& one : there) wanted.erase(one);
      return wanted;
    };
    const FullmaktTerms& t = found->terms;
    act.delta.recipients = missing(std::set<Recipient>{one_in(12) ? any_recipient() : asked.recipient}, t.recipients);
    if (one_in(6)) act.delta.recipients = {};  // then who asked gets nothing
    act.delta.disclosers = missing(asked.disclosers, t.disclosers);
    act.delta.flikar = missing(one_in(4) ? any_flikar() : asked.flikar, t.flikar);
    act.delta.rights = missing(asked.rights, t.rights);
    if (asked.valid_to > t.valid_to && !one_in(4)) act.delta.valid_to = asked.valid_to;
    if (one_in(12)) act.delta.valid_to = any_end();
    if (one_in(12)) act.delta.documents = {w.document};
    return act;
  }

  RequestAccess ask() {
    RequestAccess act{
        fresh<RequestId>(next_request_),
        of<BlindIndex>({w.person_index, w.person_index, w.person_index, w.relative_index, w.unknown_index}),
        {}};
    act.terms.recipient = any_recipient();
    act.terms.disclosers = {w.source};
    act.terms.flikar = any_flikar();
    act.terms.purpose = any_purpose();
    act.terms.rights = one_in(2) ? std::set<Right>{Right::read} : std::set<Right>{Right::read, Right::deposit};
    act.terms.valid_to = any_end();
    if (one_in(2)) act.terms.fullmakt = any_fullmakt();
    const Fullmakt* found = act.terms.fullmakt ? w.state.find<Fullmakt>(*act.terms.fullmakt) : nullptr;
    if (found && one_in(2)) act.terms.recipient = *found->terms.recipients.begin();
    act.terms.message = "Vi behöver journalen.";
    return act;
  }

  // The person, or now and then somebody whose it is not; having seen what stands, or not.
  void by_person(Counts& counts, const Act& act) {
    const bool is_other = one_in(12);
    const PersonActor actor = is_other ? PersonActor{w.relative, w.relative_key} : PersonActor{w.person, w.key};
    const bool saw = !one_in(15);
    w.seen = w.get<Person>(actor.person).consent_version + (saw ? 0 : 1);
    check(counts, actor, act, [&]<class T>(const T& one) {
      if constexpr (requires { model.play(actor.person, one, saw); })
        return model.play(actor.person, one, saw);
      else if constexpr (requires { model.play(actor.person, one); })
        return model.play(actor.person, one);
      return LifeReference::Causes{Reason::not_entitled};
    });
    w.seen = {};
  }
  void by_staff(Counts& counts, const Act& act) {
    StaffId who = of<StaffId>({w.reader, w.lead, w.other_officer});
    if (const auto* request = get_if<RequestAccess>(&act); request && !one_in(3)) {
      const std::set<Recipient> of_lead{to_team(w.team), to_organisation(w.source), to_staff(w.lead)};
      who = of_lead.contains(request->terms.recipient) ? w.lead : w.reader;
    }
    check(counts, w.staff(who), act, [&]<class T>(const T& one) {
      if constexpr (requires { model.play(who, one); }) {
        if constexpr (!std::is_same_v<T, OpenReading>) return model.play(who, one);
      }
      return LifeReference::Causes{Reason::not_entitled};
    });
  }

  template <class Play>
  void check(Counts& counts, const Actor& actor, const Act& act, Play play) {
    const bool is_wrong_kind = one_in(25);
    const LifeReference::Causes causes = [&] {
      model.hash = w.next_act_sha256();
      if (is_wrong_kind) return LifeReference::Causes{Reason::not_entitled};
      return visit(play, act);
    }();
    const Outcome out = w.act(is_wrong_kind ? Actor(AdministratorActor{w.anna}) : actor, act);
    note(counts, act, out);
    ASSERT_EQ(out.decision.is_permitted(), causes.empty())
        << kind_of(act) << ", reason " << static_cast<int>(out.decision.reason) << ", the reference has "
        << (causes.empty() ? 0 : static_cast<int>(*causes.begin()));
    if (!causes.empty()) {
      ASSERT_TRUE(causes.contains(out.decision.reason))
          << kind_of(act) << " for reason " << static_cast<int>(out.decision.reason);
      ASSERT_TRUE(changes_nothing(out)) << kind_of(act);
    }
  }

  void read(Counts& counts) {
    const StaffId who = of<StaffId>({w.reader, w.reader, w.lead});
    const OpenReading act{id<ReadingId>(next_reading_++), w.document, any_purpose()};
    const std::optional<FullmaktId> by = model.play(who, act);
    const Outcome out = w.act(w.staff(who), act);
    note(counts, act, out);
    ASSERT_EQ(out.decision.is_permitted(), by.has_value());
    ASSERT_EQ(out.decision.fullmakt, by);
  }

  void pass_time(Counts& counts) {
    w.time += one_in(3) ? 24h * (5 + below(40)) : 1h * (1 + below(8));
    if (one_in(2)) return;  // what ran out stands as it is for a while
    const bool is_wrong_kind = one_in(10);
    model.now = w.time;
    if (!is_wrong_kind) model.time_comes();
    const Outcome out = w.act(is_wrong_kind ? Actor(AdministratorActor{w.anna}) : Actor(SystemActor{}), ExpireDue{});
    note(counts, ExpireDue{}, out);
    ASSERT_EQ(out.decision.is_permitted(), !is_wrong_kind);
  }

  static void note(Counts& counts, const Act& act, const Outcome& out) {
    Count& one = counts[std::string(kind_of(act))];
    ++(out.decision.is_permitted() ? one.permitted : one.refused);
  }

  World w;
  LifeReference model;
  std::mt19937& random_;
  unsigned next_fullmakt_ = 20, next_request_ = 20, next_reading_ = 20;
};

// Credentials that outlast every history.
World lasting_world() {
  World world;
  for (const OrganisationId& one : {world.source, world.other}) {
    world.change<Certificate>(world.certificate_of(one), [](Certificate& c) { c.valid_to += 24h * 20'000; });
  }
  world.change<Issuer>(world.issuer, [](Issuer& i) { i.crl_next_update += 24h * 20'000; });
  return world;
}

// SPEC LIFE-1, LIFE-2, REQ-6
TEST(RandomHistories, EveryActDoesWhatASecondReadingOfTheSpecSays) {
  const int count = histories(2'000);
  std::cout << "seed " << kSeed << ", " << count << " histories of " << kActs << " acts\n";
  const World beginning = lasting_world();
  std::mt19937 random(kSeed);
  Counts counts;
  Seen seen;
  for (int number = 0; number < count; ++number) {
    History history(beginning, random);
    for (int act = 0; act < kActs; ++act) {
      history.play_one(counts);
      if (!HasFatalFailure()) history.compare();
      if (HasFatalFailure()) FAIL() << "history " << number << ", act " << act;
    }
    history.note_states(seen);
  }
  for (const char* kind : {"sign_fullmakt", "pause_fullmakt", "resume_fullmakt", "revoke_fullmakt",
                           "sign_komplettering", "relinquish_fullmakt", "open_reading", "request_access",
                           "withdraw_request", "decline_request", "set_sparr", "lift_sparr", "expire_due"}) {
    const Count& one = counts[kind];
    std::cout << kind << ": " << one.permitted << " permitted, " << one.refused << " refused\n";
    EXPECT_GT(one.permitted, count / 100) << kind << " is too seldom permitted to tell";
    EXPECT_GT(one.refused, count / 100) << kind << " is too seldom refused to tell";
  }
  for (const char* state :
       {"fullmakt active", "fullmakt paused", "fullmakt exhausted", "fullmakt expired", "fullmakt revoked",
        "fullmakt relinquished", "fullmakt superseded", "request open", "request granted", "request granted_in_part",
        "request declined", "request withdrawn", "request lapsed"}) {
    std::cout << state << ": " << seen[state] << "\n";
    EXPECT_GT(seen[state], count / 200) << "no history ends with one that is " << state;
  }
}

}  // namespace
}  // namespace flikvakt::policy::test
