// The registrar's desk: what another registrar proposed, seen and approved by the second.
#include "admin/act_members.h"
#include "admin/ask_for_yes.h"
#include "admin/commands.h"
#include "admin/json_text.h"
#include "admin/proposal_words.h"
#include "admin/staff_options.h"

namespace flikvakt::admin {
namespace {

Outcome<json::object> waiting_proposal(PartnerClient& client, const std::string& id) {
  const json::value shown = TRY(with_hint_if_denied(
      client.get_list("/v1/proposals/" + id),
      "it waits no more, or is not for you: its second is a registrar of another organisation, of a masking a "
      "colleague"));
  const std::vector<json::object> found = rows_of(shown, "proposals");
  if (found.size() != 1) return Failure(ExitCode::refused, "the gateway does not say what waits");
  return found.front();
}

Outcome<void> show_proposal(const Arguments& a, const Output& output) {
  const std::string id = TRY(a.id<ProposalId>("PROPOSAL")).text();
  PartnerClient client = TRY(connect_as_staff(a));
  const json::object waiting = TRY(waiting_proposal(client, id));
  output.data(waiting, proposal_in_words(waiting, TRY(client.catalogue())));
  return {};
}

// A handle tells a human nothing, and `desk proposal` shows it: whom it is about is checked by the number on the second
// registrar's own paper, and by nothing that came from the gateway.
Outcome<void> check_people(const Arguments& a, PartnerClient& client, const json::object& act) {
  std::vector<std::string> whose, proposed;
  for (const std::string name : {"person", "representative"}) {
    const auto handle = text_member(act, name);
    if (!handle) continue;
    whose.push_back("the " + name);
    proposed.push_back(*handle);
  }
  const std::vector<std::string> numbers = TRY(read_numbers(a, whose));
  for (std::size_t i = 0; i < whose.size(); ++i) {
    if (TRY(client.handle_of(numbers[i])) != proposed[i])
      return Failure(ExitCode::refused, whose[i] + " that it names has another number: nothing was approved",
                     "compare the papers; of somebody with several numbers the newest counts");
  }
  return {};
}

Outcome<void> check_scan(const Arguments& a, const json::object& act) {
  const auto proposed = text_member(act, "scan_sha256");
  if (!a.has("--scan")) return {};
  if (!proposed) return usage_failure("--scan: what waits has no paper");
  if (TRY(scan_of(a)) != *proposed)
    return Failure(ExitCode::refused, "--scan: this is not the scan that was proposed: nothing was approved");
  return {};
}

Outcome<void> approve(const Arguments& a, const Output& output) {
  const std::string id = TRY(a.id<ProposalId>("PROPOSAL")).text();
  PartnerClient client = TRY(connect_as_staff(a));
  const json::object waiting = TRY(waiting_proposal(client, id));
  const json::object act = TRY(needed_object(waiting, "act"));
  output.note(proposal_in_words(waiting, TRY(client.catalogue())));
  TRY_VOID(check_people(a, client, act));
  TRY_VOID(check_scan(a, act));
  if (!a.has("--yes")) TRY_VOID(ask_for_yes("flikvakt desk proposal " + id));
  output.data(TRY(with_hint_if_denied(
      client.act(json::object{{"kind", "approve"}, {"proposal", id}, {"act", act}}),
      "nothing was approved; the gateway gives no reason. The second is somebody else than the first, and neither may "
      "the person have changed anything since: then it is proposed anew")));
  return {};
}

void add_proposals(std::vector<Command>& out) {
  const Option proposal = required_option("PROPOSAL", "ID", "id of the proposal, as it was told to the first");
  out.push_back({"desk proposal",
                 "Look at what another registrar proposed and waits for a second",
                 {"flikvakt desk proposal PROPOSAL --profile partner.toml"},
                 with_staff_connection({proposal}),
                 show_proposal,
                 "That you looked is in the person's log."});
  out.push_back(
      {"desk approve",
       "Look at what another registrar proposed, and approve it",
       {"flikvakt desk approve PROPOSAL --scan scan.pdf --profile partner.toml < number.txt"},
       with_staff_connection({proposal, number_file_option(),
                              optional_option("--scan", "FILE", "approve only what has this very scan"),
                              flag_option("--yes", "do not ask: you have looked at it before")}),
       approve,
       "The personnummer on your paper is read from standard input: what was proposed for another is not approved. "
       "Where\nsomebody is to act for the person, the representative's follows on the next line. A masking needs "
       "none."});
}

}  // namespace

std::vector<Command> desk_approve_commands() {
  std::vector<Command> out;
  add_proposals(out);
  return out;
}

}  // namespace flikvakt::admin
