#include "tests/policy/random_world.h"

namespace flikvakt::policy::test {

Recipient any_recipient(const World& w, Dice& dice) {
  return dice.of<Recipient>({to_organisation(w.other), to_organisation(w.provider), to_organisation(w.source),
                             to_unit(w.unit), to_team(w.team), to_staff(w.reader), to_staff(w.provider_staff),
                             to_unit(id<UnitId>(2))});
}
namespace {

UtcTime around_now(const World& w, Dice& dice) {
  return w.now + std::chrono::hours(static_cast<int>(dice.below(5)) - 2);
}
// Every value that the enum has, also those that come.
template <class Enum>
Enum any(Dice& dice) {
  return static_cast<Enum>(dice.below(boost::mp11::mp_size<boost::describe::describe_enumerators<Enum>>::value));
}

void change_fullmakt(World& w, Dice& dice, Fullmakt& f) {
  switch (dice.below(15)) {
    case 0:
      f.status = any<FullmaktStatus>(dice);
      break;
    case 1:
      f.terms.valid_from = around_now(w, dice);
      break;
    case 2:
      f.terms.valid_to = around_now(w, dice);
      break;
    case 3:
      f.terms.disclosers = {dice.of<OrganisationId>({w.source, w.outsider})};
      break;
    case 4:
      f.terms.rights = {dice.of<Right>({Right::read, Right::deposit})};
      break;
    case 5:
      f.terms.flikar = {dice.of<std::string>({kFlik, "plan"})};
      break;
    case 6:
      f.terms.documents = {id<DocumentId>(1 + dice.below(3))};
      break;
    case 7:
      f.terms.purpose = dice.of<std::string>({kPurpose, "statistics"});
      break;
    case 8:
      f.terms.max_readings = 1 + dice.below(3);
      f.readings = dice.below(3);
      break;
    case 9:
      f.terms.kontrakt = id<KontraktId>(1 + dice.below(2));
      break;
    case 10:
      f.person = dice.of<PersonId>({w.person, w.relative});
      break;
    case 11:
      f.status = FullmaktStatus::active;
      break;
    case 12:
      f.relinquished = {dice.one_in(2) ? *f.terms.recipients.begin() : any_recipient(w, dice)};
      break;
    default:
      f.terms.recipients = {any_recipient(w, dice), any_recipient(w, dice)};
  }
}

void add_fullmakt(World& w, Dice& dice) {
  Fullmakt f = w.get<Fullmakt>(w.fullmakt);
  f.id = id<FullmaktId>(2 + dice.below(5));
  f.person = dice.of<PersonId>({w.person, w.person, w.relative});
  f.terms.valid_to += 24h * static_cast<int>(dice.below(3));
  for (unsigned times = dice.below(4); times > 0; --times) change_fullmakt(w, dice, f);
  w.state.put(f);
}

void add_sparr(World& w, Dice& dice) {
  SparrTerms terms;
  terms.target = any<SparrTarget>(dice);
  if (!dice.one_in(4)) terms.flik = dice.of<std::string>({kFlik, "plan"});
  if (!dice.one_in(4)) terms.document = id<DocumentId>(1 + dice.below(3));
  if (dice.one_in(2))
    terms.from = dice.of<Date>({*parse_date("2026-09-01"), *parse_date("2026-10-01"), *parse_date("2026-10-02")});
  if (dice.one_in(2))
    terms.to = dice.of<Date>({*parse_date("2026-09-30"), *parse_date("2026-10-01"), *parse_date("2026-10-02")});
  terms.everyone = dice.one_in(3);
  if (!dice.one_in(6)) terms.recipients = {any_recipient(w, dice)};
  if (dice.one_in(3)) terms.until = around_now(w, dice);
  w.state.put(Sparr{id<SparrId>(dice.below(4)), dice.of<PersonId>({w.person, w.relative}), terms, !dice.one_in(5)});
}

void change_document(World& w, Dice& dice) {
  w.change<Document>(w.document, [&](Document& d) {
    switch (dice.below(6)) {
      case 0:
        d.facts.other_subjects = {w.relative};
        break;
      case 1:
        d.masking = Masking{w.source_staff, w.source_colleague};
        break;
      case 2:
        d.status = DocumentStatus::erased;
        break;
      case 3:
        d.source = w.outsider;
        break;
      case 4:
        d.facts.flik = "plan";
        break;
      default:
        d.version = 2, d.facts.replaces = id<DocumentId>(2);
    }
  });
  Document old = w.get<Document>(w.document);
  old.id = id<DocumentId>(2);
  old.version = 1;
  old.facts.replaces = {};
  if (dice.one_in(2)) w.state.put(old);
}

void change_credentials(World& w, Dice& dice) {
  const OrganisationId whose = dice.of<OrganisationId>({w.other, w.provider, w.source});
  w.change<Certificate>(w.certificate_of(whose), [&](Certificate& c) {
    if (dice.one_in(3)) c.standing = any<Standing>(dice);
    if (dice.one_in(3)) c.epoch = dice.below(3);
    if (dice.one_in(3)) c.valid_to = around_now(w, dice);
  });
  w.change<AssertionKey>(w.assertion_key_of(whose), [&](AssertionKey& k) {
    if (dice.one_in(3)) k.standing = any<Standing>(dice);
  });
  w.change<Issuer>(w.issuer, [&](Issuer& i) {
    if (dice.one_in(4)) i.revoked = {to_hex(dice.of<OrganisationId>({w.other, w.provider}).value())};
    if (dice.one_in(5)) i.crl_next_update = around_now(w, dice);
    if (dice.one_in(9)) i.crl_number = 0;
  });
}

void change_registry(World& w, Dice& dice) {
  switch (dice.below(8)) {
    case 0:
      return w.change<Organisation>(dice.of<OrganisationId>({w.other, w.provider, w.source}),
                                    [&](Organisation& o) { o.standing = any<Standing>(dice); });
    case 1:
      return w.change<Organisation>(dice.of<OrganisationId>({w.other, w.source}),
                                    [&](Organisation& o) { o.epoch = dice.below(3); });
    case 2:
      return w.change<Staff>(w.reader, [&](Staff& s) { s.standing = any<Standing>(dice); });
    case 3:
      return w.change<Staff>(w.reader, [&](Staff& s) { s.unit = dice.of<std::optional<UnitId>>({{}, w.unit}); });
    case 4:
      return w.change<Unit>(w.unit, [&](Unit& u) { u.standing = any<Standing>(dice); });
    case 5:
      return w.change<Team>(w.team, [&](Team& t) {
        t.standing = any<Standing>(dice);
        if (dice.one_in(3)) t.accepted_by = {};
      });
    case 6:
      return w.change<FlikType>(kFlik, [&](FlikType& f) {
        if (dice.one_in(3))
          f.only_person = dice.one_in(2);
        else
          f.standing = any<Standing>(dice);
      });
    default:
      return w.change<Person>(dice.of<PersonId>({w.person, w.relative}), [&](Person& p) {
        p.epoch = dice.below(2);
        if (dice.one_in(2)) p.died = *parse_date("2026-11-01");
      });
  }
}

void change_roster(World& w, Dice& dice) {
  RosterEntry entry{w.team, w.reader, TeamRole::member, w.other_officer, w.lead, 1};
  if (dice.one_in(5)) entry.officer = {};
  if (dice.one_in(5)) entry.lead = {};
  if (dice.one_in(5)) entry.epoch = 0;
  w.state.put(entry);
}

void change_provider(World& w, Dice& dice) {
  const UtcTime from = around_now(w, dice);
  const std::string area = dice.of<std::string>({"coaching", "training"});
  w.state.put(Authorisation{id<AuthorisationId>(1 + dice.below(2)),
                            w.provider,
                            {area},
                            from,
                            from + 3h,
                            dice.one_in(6) ? Standing::removed : Standing::active,
                            w.state.instance().epoch - (dice.one_in(8) ? 1 : 0)});
  w.state.put(Kontrakt{id<KontraktId>(1 + dice.below(2)),
                       dice.of<PersonId>({w.person, w.person, w.relative}),
                       {{"Insats", dice.of<OrganisationId>({w.provider, w.provider, w.outsider}), "coaching",
                         around_now(w, dice), w.now + 1h, ""}},
                       dice.one_in(6) ? Standing::removed : Standing::active,
                       w.state.instance().epoch - (dice.one_in(8) ? 1 : 0)});
}

// SPEC RULE-7: by a passkey or an issuer's token instead of certificate and assertion, mostly rightly.
void come_by_browser(World& w, StaffActor& reader, Dice& dice) {
  const std::uint32_t epoch = w.state.instance().epoch - (dice.one_in(10) ? 1 : 0);
  const Standing standing = dice.one_in(10) ? Standing::suspended : Standing::active;
  reader.certificate = reader.assertion_key = {};
  if (dice.one_in(20)) reader.certificate = w.certificate_of(w.other);
  const bool by_both = dice.one_in(20), by_passkey = dice.one_in(2);
  if (by_passkey || by_both) {
    StaffKey key{fingerprint(570), reader.staff, reader.organisation, {}, {{1}, "portal.example", 0}, standing, epoch};
    if (dice.one_in(10)) key.staff = w.other_registrar;
    reader.passkey = key.thumbprint;
    w.state.put(std::move(key));
  }
  if (by_passkey && !by_both) return;
  OidcIssuer issuer;
  issuer.code = "kommun";
  issuer.organisation = dice.one_in(10) ? w.source : reader.organisation;
  issuer.standing = standing;
  issuer.epoch = epoch;
  w.state.put(std::move(issuer));
  if (dice.one_in(3)) w.change<Staff>(w.reader, [](Staff& s) { s.subject = "SE1"; });
  reader.token = StaffToken{"kommun", dice.one_in(4) ? "SE1" : reader.staff.text()};
}

void change_the_fullmakt(World& w, Dice& dice) {
  w.change<Fullmakt>(w.fullmakt, [&](Fullmakt& f) { change_fullmakt(w, dice, f); });
}

}  // namespace

const std::vector<WorldChange>& world_changes() {
  static const std::vector<WorldChange> all = {{"another fullmakt", add_fullmakt},
                                               {"the fullmakt", change_the_fullmakt},
                                               {"a Sparr", add_sparr},
                                               {"the document", change_document},
                                               {"credentials", change_credentials},
                                               {"the registry", change_registry},
                                               {"the roster", change_roster},
                                               {"kontrakt and authorisation", change_provider}};
  return all;
}

ReadRequest random_world(World& w, Dice& dice) {
  const bool by_provider = dice.one_in(3);
  if (by_provider) w.let_provider_read();
  if (dice.one_in(3)) change_roster(w, dice);
  for (unsigned times = dice.below(4); times > 0; --times) add_fullmakt(w, dice);
  for (unsigned times = dice.below(3); times > 0; --times) {
    switch (dice.below(8)) {
      case 0:
        change_credentials(w, dice);
        break;
      case 1:
        change_registry(w, dice);
        break;
      case 2:
        change_document(w, dice);
        break;
      case 3:
        add_sparr(w, dice);
        break;
      case 4:
        change_provider(w, dice);
        break;
      default:
        change_the_fullmakt(w, dice);
    }
  }
  StaffActor reader = w.staff(by_provider ? w.provider_staff : w.reader);
  if (dice.one_in(40)) reader.staff = id<StaffId>(99);
  if (dice.one_in(40)) reader.certificate = w.certificate_of(w.source);
  if (dice.one_in(8)) come_by_browser(w, reader, dice);
  return {reader, dice.one_in(40) ? id<DocumentId>(77) : w.document, dice.one_in(20) ? "statistics" : kPurpose};
}

}  // namespace flikvakt::policy::test
