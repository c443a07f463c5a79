// Protected identity: an alias, and nothing that locates.
#include "policy/terms.h"
#include "tests/policy/world.h"

namespace flikvakt::policy::test {
namespace {

class Protection : public ::testing::Test {
protected:
  Outcome try_to_protect(const std::string& alias) {
    return w.act(w.staff(w.other_registrar), ProtectIdentity{w.person_index, alias});
  }
  void protect() { EXPECT_TRUE(is_permitted(try_to_protect("Björken").decision)); }
  Listing list(const StaffId& who) const {
    return std::get<Listing>(w.ask(w.staff(who), ListDocuments{w.person_index, kPurpose}).answer);
  }

  World w;
};

// SPEC PROT-1
TEST_F(Protection, ARegistrarTurnsItOnAndTheAnswerIsTheSameForNobody) {
  EXPECT_TRUE(is_permitted(try_to_protect("Björken").decision));
  EXPECT_EQ(w.get<Person>(w.person).alias, "Björken");
  const Outcome nobody = w.ask(w.staff(w.other_registrar), ProtectIdentity{w.unknown_index, "Björken"});
  EXPECT_TRUE(is_permitted(nobody.decision));
  EXPECT_TRUE(changes_nothing(nobody));
}

// SPEC PROT-1
TEST_F(Protection, NobodyElseTurnsItOnAndNotWithoutAnAlias) {
  EXPECT_TRUE(
      is_refused(w.ask(w.staff(w.reader), ProtectIdentity{w.person_index, "A"}).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(w.ask(w.person_actor(), ProtectIdentity{w.person_index, "A"}).decision, Reason::not_entitled));
  EXPECT_TRUE(is_refused(try_to_protect("").decision, Reason::terms_invalid));
  EXPECT_TRUE(is_refused(try_to_protect(std::string(201, 'a')).decision, Reason::terms_invalid));
}

// SPEC PROT-1
TEST_F(Protection, ItWorksInClockDoubtAndAfterARestore) {
  w.clock_doubt = true;
  w.restore();
  EXPECT_TRUE(is_permitted(try_to_protect("Björken").decision));
}

// SPEC PROT-2
TEST_F(Protection, EndingItTakesRegistrarsOfTwoOrganisations) {
  protect();
  EXPECT_TRUE(is_permitted(w.act(w.staff(w.other_registrar), EndProtection{w.person_index}).decision));
  EXPECT_TRUE(w.get<Person>(w.person).alias) << "the first only proposes";
  EXPECT_TRUE(is_refused(w.ask_approval(w.staff(w.other_registrar)).decision, Reason::same_person));
  EXPECT_TRUE(is_permitted(w.approve(w.staff(w.outsider_registrar)).decision));
  EXPECT_FALSE(w.get<Person>(w.person).alias);
  EXPECT_TRUE(
      is_refused(w.ask(w.staff(w.other_registrar), EndProtection{w.person_index}).decision, Reason::wrong_state));
}

// SPEC PROT-2
TEST_F(Protection, TwoRecipientsDoNotEndIt) {
  protect();
  w.change_terms([&](FullmaktTerms& terms) { terms.recipients.insert(to_organisation(w.outsider)); });
  EXPECT_TRUE(is_permitted(w.act(w.staff(w.other_registrar), EndProtection{w.person_index}).decision));
  EXPECT_TRUE(is_refused(w.ask_approval(w.staff(w.outsider_registrar)).decision, Reason::only_recipients));
}

// SPEC ACT-45
TEST_F(Protection, WhatWaitedToEndItDoesNotUndoALaterWord) {
  protect();
  EXPECT_TRUE(is_permitted(w.act(w.staff(w.other_registrar), EndProtection{w.person_index}).decision));
  protect();
  EXPECT_TRUE(is_refused(w.approve(w.staff(w.outsider_registrar)).decision, Reason::state_changed));
  EXPECT_TRUE(w.get<Person>(w.person).alias);
}

// SPEC PROT-3
TEST_F(Protection, AReaderOfAnotherOrganisationSeesNothingThatLocates) {
  ASSERT_EQ(list(w.reader).documents.size(), 1u);
  EXPECT_EQ(list(w.reader).documents[0].document.source, w.source);
  EXPECT_FALSE(list(w.reader).alias);
  protect();
  const Listing seen = list(w.reader);
  ASSERT_EQ(seen.documents.size(), 1u);
  EXPECT_TRUE(seen.documents[0].document.source.is_none());
  EXPECT_EQ(seen.documents[0].document.facts.author, "");
  EXPECT_EQ(seen.documents[0].document.facts.title, w.get<FlikType>(kFlik).name_sv);
  EXPECT_EQ(seen.alias, "Björken");
}

// SPEC PROT-3
TEST_F(Protection, TheSourceItselfSeesWhatItWrote) {
  protect();
  w.change_terms([&](FullmaktTerms& terms) { terms.recipients.insert(to_organisation(w.source)); });
  const Listing seen = list(w.source_staff);
  ASSERT_EQ(seen.documents.size(), 1u);
  EXPECT_EQ(seen.documents[0].document.source, w.source);
}

// SPEC PROT-3
TEST_F(Protection, WhoSeesNoDocumentSeesNoAlias) {
  protect();
  EXPECT_FALSE(list(w.outsider_registrar).alias);
}

// SPEC PROT-3
TEST_F(Protection, AListOfFullmakterNamesNoDiscloserButOnesOwn) {
  protect();
  const Outcome of_reader = w.ask(w.staff(w.reader), ListFullmakter{w.person_index});
  const auto seen = std::get<std::vector<Fullmakt>>(of_reader.answer);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_TRUE(seen[0].terms.disclosers.empty());
  const Outcome of_source = w.ask(w.staff(w.source_staff), ListFullmakter{w.person_index});
  EXPECT_EQ(std::get<std::vector<Fullmakt>>(of_source.answer)[0].terms.disclosers, std::set{w.source});
}

// SPEC PROT-3
TEST_F(Protection, AListOfCasesSaysTheAliasAndNotWhoReferred) {
  Case one;
  one.id = id<CaseId>(1);
  one.person = w.person;
  one.team = w.team;
  one.referred_by = w.source;
  w.state.put(one);
  const auto seen = [&] { return std::get<std::vector<CaseView>>(w.ask(w.staff(w.lead), ListCases{}).answer).at(0); };
  EXPECT_EQ(seen().row.referred_by, w.source);
  EXPECT_FALSE(seen().alias);
  protect();
  EXPECT_FALSE(seen().row.referred_by);
  EXPECT_TRUE(seen().alias);
}

// SPEC PROT-4
TEST_F(Protection, WhatIsOpenStaysOpenAndWhatIsClosedClosed) {
  protect();
  EXPECT_TRUE(is_permitted(w.read()));
  EXPECT_FALSE(w.read(w.outsider_registrar).is_permitted());
  EXPECT_TRUE(is_permitted(w.ask(w.person_actor(), ReadOverview{}).decision));
}

}  // namespace
}  // namespace flikvakt::policy::test
