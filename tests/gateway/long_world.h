// A small world that is as long as it may be: names, texts and lists at their bounds, and of each list more than a page
// holds. For what must stay short all the same.
#pragma once

#include "tests/gateway/portal_world.h"

namespace flikvakt::gateway::test {

class LongWorld : public PortalWorld {
public:
  LongWorld();

  std::string path_of_person(const TestOrganisation& organisation) const {
    return "/staff/people/" + handle(organisation);
  }
  // Ids that addresses hold.
  FullmaktId fullmakt, paused;
  SparrId sparr;
  RequestId request;
  KontraktId kontrakt, proposed;
  CaseId led_case;  // of the team that the handler leads
  TemplateId template_id;
  OrganisationId organisation, catalogued;
  std::string document;
  ProposalId of_person, of_registrars, of_administrators;
  TeamId team;

  std::uint64_t log_size() const { return world.core->sequencer().log_view().size; }

private:
  // Each is permitted, or the test fails.
  void must(policy::Actor actor, policy::Act act);
  void by_two(policy::Act act);
  void by_milo(policy::Act act);  // with the consent version that stands
  ProposalId waits(policy::Actor actor, policy::Act act);

  void registry();
  void teams();
  void providers();
  void fullmakter();
  void plans();
  void documents();
  void rest_of_the_person();
  void reviewed();
  void waiting();
  void figures();

  TeamId other_team_;
  std::vector<OrganisationId> organisations_;
  std::set<policy::Recipient> recipients_;
  std::set<std::string> flikar_;
  std::set<OrganisationId> disclosers_;
};

// So many bytes of words.
std::string words(std::size_t bytes);

}  // namespace flikvakt::gateway::test
