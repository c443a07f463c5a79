// The life of fullmakter and access requests a second time, written from spec/fullmakt.md alone: tables as the page has
// them, every cause of a refusal looked for, no order among them. Knows the few people of World. Slow.
#pragma once

#include <algorithm>
#include <map>

#include "tests/policy/world.h"

namespace flikvakt::policy::test {

// The columns of LIFE-1.
enum Column { pause, resume, revoke, expire, supersede, last_reading, komplettering, last_recipient };
inline const std::map<std::string, std::array<const char*, 8>> kLifeTable = {
    {"active", {"paused", "no", "revoked", "expired", "superseded", "exhausted", "active", "relinquished"}},
    {"paused",
     {"-", "active, or exhausted when used up", "revoked", "expired", "superseded", "", "paused", "relinquished"}},
    {"exhausted",
     {"paused", "no", "revoked", "expired", "superseded", "", "active when readings are left", "relinquished"}},
    {"expired", {"-", "no", "-", "-", "superseded", "", "no", "-"}},
    {"revoked", {"-", "no", "-", "-", "no", "", "no", "-"}},
    {"relinquished", {"-", "no", "-", "-", "no", "", "no", "-"}},
    {"superseded", {"-", "no", "-", "-", "no", "", "no", "-"}}};

class LifeReference {
public:
  struct Life {  // of one fullmakt
    PersonId person;
    std::string status = "active";
    FullmaktTerms terms;
    std::uint32_t readings = 0, revision = 1;
    Fingerprint signed_sha256{};
    std::optional<RequestId> request;
    std::set<Recipient> gone;
  };
  struct Asked {  // one request
    PersonId person;
    StaffId staff;
    RequestTerms terms;
    std::string status = "open";
    UtcTime until;
    std::optional<FullmaktId> fullmakt;
  };

  explicit LifeReference(const World& world) : w(world) {
    const Fullmakt& given = world.get<Fullmakt>(world.fullmakt);
    fullmakter[given.id] = {given.person, "active", given.terms, 0, 1, {}, {}, {}};
    people = {{world.person_index, world.person}, {world.relative_index, world.relative}};
    versions = {{world.person, 0}, {world.relative, 0}};
  }

  std::map<FullmaktId, Life> fullmakter;
  std::map<RequestId, Asked> requests;
  std::map<SparrId, std::pair<PersonId, bool>> sparrar;
  std::map<PersonId, std::uint64_t> versions;
  UtcTime now;
  Fingerprint hash{};  // of the act that is being played

  // Every cause for which the act is refused; none: it is permitted, and has happened.
  using Causes = std::set<Reason>;

  Causes play(const PersonId& actor, const SignFullmakt& act, bool saw_what_stands) {
    Causes out = version_causes(saw_what_stands);
    if (fullmakter.contains(act.id)) out.insert(Reason::already_exists);
    if (act.text.empty()) out.insert(Reason::terms_invalid);
    merge(out, terms_causes(actor, act.terms));
    if (act.terms.supersedes && !may_supersede(actor, *act.terms.supersedes)) out.insert(Reason::wrong_state);
    Life fresh{actor, "active", act.terms, 0, 1, hash, act.request, {}};
    merge(out, answer_causes(act.request, fresh, act.terms, {}));
    if (!out.empty()) return out;
    answer(act.request, act.id, fresh);
    if (act.terms.supersedes) (void)step(*act.terms.supersedes, supersede);
    fullmakter[act.id] = fresh;
    grow(actor);
    return out;
  }

  Causes play(const PersonId& actor, const PauseFullmakt& act) { return narrow(actor, act.id, pause); }
  Causes play(const PersonId& actor, const RevokeFullmakt& act) { return narrow(actor, act.id, revoke); }

  Causes play(const PersonId& actor, const ResumeFullmakt& act, bool saw_what_stands) {
    Causes out = version_causes(saw_what_stands);
    if (!is_own(actor, act.id)) return merge(out, {Reason::unknown});
    const Life& f = fullmakter[act.id];
    if (cell(f, resume) == "no") out.insert(Reason::wrong_state);
    if (now >= f.terms.valid_to) out.insert(Reason::expired);  // LIFE-2
    if (!out.empty()) return out;
    (void)step(act.id, resume);
    grow(actor);
    return out;
  }

  Causes play(const PersonId& actor, const SignKomplettering& act, bool saw_what_stands) {
    Causes out = version_causes(saw_what_stands);
    if (!is_own(actor, act.fullmakt)) return merge(out, {Reason::unknown});  // KOMP-1
    const Life& old = fullmakter[act.fullmakt];
    if (cell(old, komplettering) == "no") out.insert(Reason::wrong_state);            // KOMP-2
    if (now >= old.terms.valid_to) out.insert(Reason::expired);                       // KOMP-2
    if (act.previous != old.signed_sha256) out.insert(Reason::state_changed);         // KOMP-3
    if (act.text.empty() || act.language.empty()) out.insert(Reason::terms_invalid);  // KOMP-5
    merge(out, delta_causes(old.terms, act.delta));
    Life result = old;
    add(result.terms, act.delta);
    FullmaktTerms anew = result.terms;
    merge(out, terms_causes(actor, anew));
    FullmaktTerms given;
    add(given, act.delta);
    given.purpose = old.terms.purpose;
    merge(out, answer_causes(act.request, result, given, act.fullmakt));
    if (!out.empty()) return out;
    result.signed_sha256 = hash;
    ++result.revision;
    answer(act.request, act.fullmakt, result);
    fullmakter[act.fullmakt] = result;
    (void)step(act.fullmakt, komplettering);
    grow(actor);
    return out;
  }

  Causes play(const StaffId& actor, const RelinquishFullmakt& act) {
    if (!fullmakter.contains(act.id)) return {Reason::unknown};
    Life& f = fullmakter[act.id];
    std::set<Recipient> theirs;
    for (const Recipient& one : f.terms.recipients) {
      if (speaks_for(actor).contains(one)) theirs.insert(one);
    }
    if (theirs.empty()) return {Reason::not_entitled};
    const bool is_news = std::ranges::any_of(theirs, [&](const Recipient& one) { return !f.gone.contains(one); });
    if (!is_news || cell(f, last_recipient) == "-") return {};
    f.gone.insert(theirs.begin(), theirs.end());
    if (f.gone == f.terms.recipients) (void)step(act.id, last_recipient);
    grow(f.person);
    return {};
  }

  // The fullmakt under which World's document is opened now, by RULE-14, RULE-15, RULE-16, RULE-18, RULE-23 and
  // RULE-30.
  std::optional<FullmaktId> play(const StaffId& actor, const OpenReading& act) {
    for (const auto& [id, sparr] : sparrar) {
      if (sparr.first == w.person && sparr.second) return {};
    }
    std::optional<FullmaktId> best;
    for (const auto& [id, f] : fullmakter) {  // ascending, so that the lowest id comes first
      if (!opens(f, actor, act.purpose)) continue;
      if (!best || rank(f) > rank(fullmakter[*best])) best = id;
    }
    if (!best) return {};
    Life& f = fullmakter[*best];
    if (f.terms.max_readings) {
      ++f.readings;
      if (f.readings == *f.terms.max_readings && step(*best, last_reading)) grow(f.person);
    }
    return best;
  }

  Causes play(const StaffId& actor, const RequestAccess& act) {
    Causes out;
    if (!receives_for(actor).contains(act.terms.recipient)) out.insert(Reason::not_entitled);  // REQ-1
    if (requests.contains(act.id)) out.insert(Reason::already_exists);                         // REQ-2
    if (act.terms.disclosers.empty() || act.terms.flikar.empty() || act.terms.rights.empty())
      out.insert(Reason::terms_invalid);
    if (act.terms.valid_to <= now || act.terms.valid_to > now + std::chrono::days{1830})
      out.insert(Reason::period_invalid);
    if (!are_known(act.terms.flikar)) out.insert(Reason::flik_unknown);
    if (!out.empty()) return out;
    PersonId person;
    if (people.contains(act.person)) person = people[act.person];
    requests[act.id] = {person, actor, act.terms, "open", now + std::chrono::days{30}, {}};
    return {};
  }

  Causes play(const StaffId& actor, const WithdrawRequest& act) {
    const bool is_theirs = requests.contains(act.id) &&
                           w.get<Staff>(requests[act.id].staff).organisation == w.get<Staff>(actor).organisation;
    return is_theirs ? end(act.id, "withdrawn") : Causes{Reason::unknown};
  }
  Causes play(const PersonId& actor, const DeclineRequest& act) {
    const bool is_theirs = requests.contains(act.id) && is_shown_to(requests[act.id], actor);
    return is_theirs ? end(act.id, "declined") : Causes{Reason::unknown};
  }

  Causes play(const PersonId& actor, const SetSparr& act) {
    if (sparrar.contains(act.id)) return {Reason::already_exists};
    sparrar[act.id] = {actor, true};
    grow(actor);
    return {};
  }
  Causes play(const PersonId& actor, const LiftSparr& act, bool saw_what_stands) {
    Causes out = version_causes(saw_what_stands);
    if (!sparrar.contains(act.id) || sparrar[act.id].first != actor) return merge(out, {Reason::unknown});
    if (!sparrar[act.id].second) out.insert(Reason::wrong_state);
    if (!out.empty()) return out;
    sparrar[act.id].second = false;
    grow(actor);
    return out;
  }

  void time_comes() {  // expire_due
    std::set<PersonId> changed;
    for (auto& [id, f] : fullmakter) {
      if (now >= f.terms.valid_to && step(id, expire)) changed.insert(f.person);
    }
    for (const PersonId& person : changed) grow(person);
    for (auto one = requests.begin(); one != requests.end();) {
      const bool is_due = now >= one->second.until;
      const bool is_open = one->second.status == "open";
      if (is_due && is_open) (void)end(one->first, "lapsed");
      one = is_due && !is_open ? requests.erase(one) : std::next(one);
    }
  }

private:
  static Causes merge(Causes& into, const Causes& more) {
    into.insert(more.begin(), more.end());
    return into;
  }
  static Causes version_causes(bool saw) { return saw ? Causes{} : Causes{Reason::state_changed}; }
  bool is_own(const PersonId& person, const FullmaktId& id) const {
    const auto found = fullmakter.find(id);
    return found != fullmakter.end() && found->second.person == person;
  }
  static std::string cell(const Life& f, Column column) { return kLifeTable.at(f.status)[column]; }

  // Did the status change?
  bool step(const FullmaktId& id, Column column) {
    Life& f = fullmakter[id];
    std::string to = cell(f, column);
    const bool has_left = !f.terms.max_readings || f.readings < *f.terms.max_readings;
    if (to == "active, or exhausted when used up") to = has_left ? "active" : "exhausted";
    if (to == "active when readings are left") to = has_left ? "active" : "exhausted";
    if (to == "-" || to == "no" || to == "" || to == f.status) return false;
    f.status = to;
    return true;
  }
  bool is_shown_to(const Asked& asked, const PersonId& person) const {  // REQ-3
    return asked.person == person && (!asked.terms.fullmakt || is_own(person, *asked.terms.fullmakt));
  }
  void grow(const PersonId& person) { ++versions[person]; }

  Causes narrow(const PersonId& actor, const FullmaktId& id, Column column) {  // CONSENT-3, CONSENT-9
    if (!is_own(actor, id)) return {Reason::unknown};
    (void)step(id, column);
    grow(actor);
    return {};
  }
  bool may_supersede(const PersonId& actor, const FullmaktId& id) const {
    return is_own(actor, id) && cell(fullmakter.at(id), supersede) != "no";
  }

  static bool are_known(const std::set<std::string>& flikar) {
    return std::ranges::all_of(flikar, [](const std::string& one) { return one == kFlik || one == "plan"; });
  }
  Causes terms_causes(const PersonId& person, const FullmaktTerms& t) const {  // CONSENT-1
    Causes out;
    const bool names =
        !t.disclosers.empty() && !t.recipients.empty() && !t.rights.empty() && t.flikar.size() + t.documents.size() > 0;
    if (!names || t.max_readings == 0u) out.insert(Reason::terms_invalid);
    if (t.valid_from >= t.valid_to || t.valid_to <= now || t.valid_to > now + std::chrono::days{1830})
      out.insert(Reason::period_invalid);
    if (!are_known(t.flikar)) out.insert(Reason::flik_unknown);
    for (const DocumentId& one : t.documents) {
      if (one != w.document || person != w.person) out.insert(Reason::other_person);
    }
    return out;
  }

  template <class T>
  static bool is_any_there(const std::set<T>& more, const std::set<T>& there) {
    for (const T& one : more) {
      if (there.count(one)) return true;
    }
    return false;
  }
  static Causes delta_causes(const FullmaktTerms& t, const FullmaktDelta& d) {  // KOMP-4
    Causes out;
    const std::size_t named = d.disclosers.size() + d.recipients.size() + d.flikar.size() + d.documents.size() +
                              d.rights.size() + d.valid_to.has_value() + d.max_readings.has_value();
    const bool repeats = is_any_there(d.disclosers, t.disclosers) || is_any_there(d.recipients, t.recipients) ||
                         is_any_there(d.flikar, t.flikar) || is_any_there(d.documents, t.documents) ||
                         is_any_there(d.rights, t.rights);
    if (named == 0 || repeats) out.insert(Reason::terms_invalid);
    if (d.valid_to && *d.valid_to <= t.valid_to) out.insert(Reason::period_invalid);
    if (d.max_readings && (!t.max_readings || *d.max_readings <= *t.max_readings)) out.insert(Reason::terms_invalid);
    return out;
  }
  static void add(FullmaktTerms& t, FullmaktDelta d) {  // KOMP-6
    t.disclosers.merge(d.disclosers);
    t.recipients.merge(d.recipients);
    t.flikar.merge(d.flikar);
    t.documents.merge(d.documents);
    t.rights.merge(d.rights);
    if (d.valid_to) t.valid_to = *d.valid_to;
    if (d.max_readings) t.max_readings = d.max_readings;
  }

  template <class T>
  static bool is_within(const std::set<T>& part, const std::set<T>& whole) {
    return std::ranges::all_of(part, [&](const T& one) { return whole.count(one) > 0; });
  }
  // REQ-7
  Causes answer_causes(const std::optional<RequestId>& id, const Life& result, const FullmaktTerms& given,
                       const std::optional<FullmaktId>& completes) const {
    if (!id) return {};
    const auto found = requests.find(*id);
    if (found == requests.end() || !is_shown_to(found->second, result.person)) return {Reason::unknown};
    const Asked& asked = found->second;
    Causes out;
    if (asked.status != "open" || asked.terms.fullmakt != completes) out.insert(Reason::wrong_state);
    if (now >= asked.until) out.insert(Reason::expired);
    const Recipient& r = asked.terms.recipient;
    bool within = result.terms.recipients.contains(r) && !result.gone.contains(r) && given.documents.empty();
    for (const Recipient& one : given.recipients) within = within && one == r;
    within = within && is_within(given.disclosers, asked.terms.disclosers) &&
             is_within(given.flikar, asked.terms.flikar) && is_within(given.rights, asked.terms.rights);
    if (!within || given.purpose != asked.terms.purpose || given.valid_to > asked.terms.valid_to)
      out.insert(Reason::not_asked_for);
    return out;
  }
  void answer(const std::optional<RequestId>& id, const FullmaktId& by, const Life& result) {  // REQ-8
    if (!id) return;
    const RequestTerms& asked = requests[*id].terms;
    const bool all = is_within(asked.disclosers, result.terms.disclosers) &&
                     is_within(asked.flikar, result.terms.flikar) && is_within(asked.rights, result.terms.rights) &&
                     !(result.terms.valid_to < asked.valid_to);
    (void)end(*id, all ? "granted" : "granted_in_part");
    requests[*id].fullmakt = by;
  }
  Causes end(const RequestId& id, const std::string& how) {  // REQ-6
    Asked& one = requests[id];
    if (one.status != "open") return {};
    one.status = how;
    one.until = now + std::chrono::days{30};
    return {};
  }

  // RULE-16, for the people of World who act in the histories.
  std::set<Recipient> receives_for(const StaffId& who) const {
    if (who == w.reader) return {to_organisation(w.other), to_unit(w.unit), to_staff(who)};
    if (who == w.lead) return {to_organisation(w.source), to_team(w.team), to_staff(who)};
    return {to_organisation(w.other), to_staff(who)};  // the roster officer
  }
  std::set<Recipient> speaks_for(const StaffId& who) const {  // RELINQ-2
    if (who == w.reader) return {to_staff(who)};
    if (who == w.lead) return {to_team(w.team), to_staff(who)};
    return {to_organisation(w.other), to_unit(w.unit), to_staff(who)};
  }

  bool opens(const Life& f, const StaffId& who, const std::string& purpose) const {
    const FullmaktTerms& t = f.terms;
    const std::set<Recipient> theirs = receives_for(who);
    const bool reaches = std::ranges::any_of(
        t.recipients, [&](const Recipient& one) { return theirs.contains(one) && !f.gone.contains(one); });
    const bool has_left = !t.max_readings || f.readings < *t.max_readings;
    return f.person == w.person && f.status == "active" && t.valid_from <= now && now < t.valid_to && reaches &&
           has_left && t.disclosers.contains(w.source) && t.rights.contains(Right::read) && t.purpose == purpose &&
           (t.flikar.contains(kFlik) || t.documents.contains(w.document));
  }
  static std::pair<bool, UtcTime> rank(const Life& f) { return {!f.terms.max_readings, f.terms.valid_to}; }

  const World w;
  std::map<BlindIndex, PersonId> people;
};

}  // namespace flikvakt::policy::test
