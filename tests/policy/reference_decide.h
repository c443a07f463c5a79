// Rules 1 to 7 a second time, written from spec/decision-rules.md alone: no index, no early exit, every table walked.
// Slow.
#pragma once

#include <algorithm>
#include <vector>

#include "policy/evaluate.h"

namespace flikvakt::policy::test {

class Reference {
public:
  Reference(const State& state, const ReadRequest& ask, UtcTime t) : s_(state), ask_(ask), t_(t) {}

  // The failing rule, or 0; and who decided.
  std::pair<int, std::optional<FullmaktId>> decide() const {
    std::vector<int> failing;
    if (!actor_holds()) failing.push_back(1);
    const auto documents = where<Document>([&](const Document& d) { return d.id == ask_.document; });
    if (documents.empty()) return {failing.empty() ? 2 : 1, {}};
    const Document& d = *documents[0];
    const bool is_there = d.status == DocumentStatus::sealed && one<Person>(d.person) &&
                          !where<FlikType>([&](auto& f) {
                             return f.code == d.facts.flik && on(f) && now(f) && f.only_person != true;
                           }).empty();
    if (!is_there) failing.push_back(2);
    if (!failing.empty() && (!one<Staff>(ask_.reader.staff) || !one<Organisation>(ask_.reader.organisation))) {
      return {failing[0], {}};
    }
    if (blocked(d, d.person)) failing.push_back(3);
    const auto [rule, by] = best(d, d.person);
    if (rule) failing.push_back(rule);
    if (!d.masking && std::ranges::any_of(d.facts.other_subjects, [&](const PersonId& other) {
          return best(d, other).first != 0 || blocked(d, other);
        })) {
      failing.push_back(6);
    }
    if (!failing.empty()) return {*std::ranges::min_element(failing), {}};
    return {0, by};
  }

private:
  template <class T, class Test>
  std::vector<const T*> where(Test test) const {
    std::vector<const T*> out;
    for (const auto& [key, row] : s_.all<T>()) {
      if (test(row)) out.push_back(&row);
    }
    return out;
  }
  template <class T, class Key>
  const T* one(const Key& key) const {
    const auto found = where<T>([&](const T& row) { return row.key() == key; });
    return found.empty() ? nullptr : found[0];
  }
  template <class T>
  bool on(const T& row) const {
    return row.standing == Standing::active;
  }
  template <class T>
  bool now(const T& row) const {
    return row.epoch == s_.instance().epoch;
  }
  template <class T>
  bool holds(const T& row) const {
    return !(t_ < row.valid_from) && t_ < row.valid_to;
  }

  bool by_browser(const StaffActor& a, const Organisation* o, const Staff* s) const {  // RULE-7
    const bool alone = a.certificate == Fingerprint{} && a.assertion_key == Fingerprint{} && !(a.passkey && a.token);
    if (!alone || !o || !s || !on(*o) || !on(*s) || !now(*o) || !now(*s) || s->organisation != o->id) return false;
    const auto k = a.passkey ? one<StaffKey>(*a.passkey) : nullptr;
    const auto i = a.token ? one<OidcIssuer>(a.token->issuer) : nullptr;
    if (k) return on(*k) && now(*k) && k->staff == s->id && k->organisation == o->id;
    return i && on(*i) && now(*i) && i->organisation == o->id &&
           (a.token->subject == s->id.text() || s->subject == a.token->subject);
  }

  bool actor_holds() const {  // RULE-2, RULE-3, RULE-4, RULE-5
    const StaffActor& a = ask_.reader;
    const auto o = one<Organisation>(a.organisation);
    const auto s = one<Staff>(a.staff);
    if (a.passkey || a.token) return by_browser(a, o, s);
    const auto c = one<Certificate>(a.certificate);
    const auto k = one<AssertionKey>(a.assertion_key);
    const auto i = c ? one<Issuer>(c->issuer) : nullptr;
    if (!o || !s || !c || !k || !i) return false;
    const bool standing = on(*o) && on(*s) && on(*c) && on(*k) && on(*i);
    const bool current = now(*o) && now(*s) && now(*c) && now(*k) && now(*i);
    const bool belongs = s->organisation == o->id && c->organisation == o->id && k->organisation == o->id;
    return standing && current && belongs && holds(*c) && i->crl_number != 0 && t_ < i->crl_next_update &&
           i->revoked.count(c->serial) == 0;
  }

  std::vector<DocumentId> versions(DocumentId id) const {  // the document and all that it replaced
    std::vector<DocumentId> out{id};
    for (const Document* d = one<Document>(id); d && d->facts.replaces; d = one<Document>(*d->facts.replaces)) {
      out.push_back(*d->facts.replaces);  // known here or not
    }
    return out;
  }

  bool blocked(const Document& d, const PersonId& p) const {  // RULE-10, RULE-11, RULE-12, RULE-13
    const Staff& s = *one<Staff>(ask_.reader.staff);
    return !where<Sparr>([&](const Sparr& b) {
              const SparrTerms& x = b.terms;
              bool document = x.target == SparrTarget::everything;
              if (x.target == SparrTarget::flik) document = x.flik.value_or(d.facts.flik) == d.facts.flik;
              if (x.target == SparrTarget::dates) {
                document = x.from.value_or(d.facts.date) <= d.facts.date && d.facts.date <= x.to.value_or(d.facts.date);
              }
              if (x.target == SparrTarget::document) {
                document = !x.document || versions(*x.document).back() == versions(d.id).back();
              }
              bool reader = x.everyone || x.recipients.empty();
              for (const Recipient& r : x.recipients) {
                const auto entries = where<RosterEntry>(
                    [&](auto& e) { return e.team.value() == r.id && e.staff == s.id && e.officer && e.lead; });
                if (r.kind == RecipientKind::organisation) reader |= s.organisation.value() == r.id;
                if (r.kind == RecipientKind::unit) reader |= s.unit && s.unit->value() == r.id;
                if (r.kind == RecipientKind::staff) reader |= s.id.value() == r.id;
                if (r.kind == RecipientKind::team) reader |= !entries.empty();
              }
              const bool lasts = !x.until || t_ < *x.until;
              return b.person == p && b.in_force && lasts && document && reader;
            }).empty();
  }

  bool is_recipient(const Recipient& r) const {  // RULE-16
    const Staff& s = *one<Staff>(ask_.reader.staff);
    const auto is = [&](RecipientKind kind, const auto& id) { return r == Recipient{kind, id.value()}; };
    if (is(RecipientKind::organisation, s.organisation) || is(RecipientKind::staff, s.id)) return true;
    if (s.unit && is(RecipientKind::unit, *s.unit)) {
      return !where<Unit>([&](auto& u) { return u.id == *s.unit && on(u) && now(u); }).empty();
    }
    return !where<RosterEntry>([&](auto& e) {
              const Team* team = one<Team>(e.team);
              const Organisation* home = team ? one<Organisation>(team->organisation) : nullptr;
              return is(RecipientKind::team, e.team) && e.staff == s.id && e.officer && e.lead && now(e) && home &&
                     on(*team) && now(*team) && team->accepted_by && on(*home) && now(*home);
            }).empty();
  }

  bool covers(const Fullmakt& f, const Document& d) const {  // RULE-14, RULE-15, RULE-17, RULE-19
    const FullmaktTerms& x = f.terms;
    const Person* p = one<Person>(f.person);
    return p && now(*p) && !p->died && (f.status == FullmaktStatus::active || f.status == FullmaktStatus::exhausted) &&
           holds(x) && x.disclosers.count(d.source) && x.rights.count(Right::read) && x.purpose == ask_.purpose &&
           (x.flikar.count(d.facts.flik) || x.documents.count(d.id)) &&
           std::ranges::any_of(x.recipients, [&](const Recipient& r) {
             return is_recipient(r) && std::ranges::count(f.relinquished, r) == 0;  // RULE-18
           });
  }

  bool provider_may(const Fullmakt& f) const {  // RULE-20
    const Organisation& o = *one<Organisation>(ask_.reader.organisation);
    if (o.kind != OrganisationKind::provider) return true;
    const Kontrakt* k = f.terms.kontrakt ? one<Kontrakt>(*f.terms.kontrakt) : nullptr;
    if (!k || k->person != f.person || !on(*k) || !now(*k)) return false;
    return std::ranges::any_of(k->parts, [&](const KontraktPart& part) {
      return part.provider == o.id && holds(part) && !where<Authorisation>([&](auto& a) {
                                                        return a.organisation == o.id && on(a) && now(a) && holds(a) &&
                                                               a.areas.count(part.area);
                                                      }).empty();
    });
  }

  // RULE-24, RULE-30: the failing rule (4, 5 or 7) or 0, and the one that decides.
  std::pair<int, std::optional<FullmaktId>> best(const Document& d, const PersonId& p) const {
    auto four = where<Fullmakt>([&](const Fullmakt& f) { return f.person == p && covers(f, d); });
    if (four.empty()) return {4, {}};
    std::erase_if(four, [&](auto* f) { return !provider_may(*f); });
    if (four.empty()) return {5, {}};
    std::erase_if(four, [&](auto* f) {
      return f->status == FullmaktStatus::exhausted || f->readings >= f->terms.max_readings.value_or(UINT32_MAX);
    });
    if (four.empty()) return {7, {}};
    std::ranges::sort(four, {}, [&](auto* f) { return f->id; });
    std::ranges::stable_sort(four, std::greater{}, [&](auto* f) { return f->terms.valid_to; });
    std::ranges::stable_sort(four, {}, [&](auto* f) { return f->terms.max_readings.has_value(); });
    return {0, four[0]->id};
  }

  const State& s_;
  const ReadRequest& ask_;
  UtcTime t_;
};

}  // namespace flikvakt::policy::test
