#include "admin/staff_act.h"

#include "admin/act_members.h"
#include "admin/json_text.h"

namespace flikvakt::admin {
namespace {

std::vector<std::string> whose_numbers(const StaffAct& what, const Arguments& arguments) {
  std::vector<std::string> out;
  if (what.about != About::nobody && !arguments.has("--person")) out.emplace_back("the person");
  if (what.about == About::person_and_representative) out.emplace_back("the representative");
  return out;
}

Outcome<void> name_people(const StaffAct& what, const Arguments& arguments, const std::vector<std::string>& numbers,
                          PartnerClient& client, json::object& act) {
  std::vector<std::string> handles;
  if (const auto person = arguments.find("--person"); person && what.about != About::nobody) handles.push_back(*person);
  for (const std::string& number : numbers) handles.push_back(TRY(client.handle_of(number)));
  if (what.about != About::nobody) act["person"] = handles.at(0);
  if (what.about == About::person_and_representative) act["representative"] = handles.at(1);
  return {};
}

// What a paper, or a colleague, later names.
void add_names(json::object& answer, const json::object& act) {
  for (const std::string_view name : {"id", "sparr", "thumbprint"}) {
    if (const std::string value = text_of(act, name); !value.empty()) answer.emplace(name, value);
  }
  if (const Result<Bytes> scan = from_base64url(text_of(act, "scan_sha256")); scan && !scan->empty())
    answer.emplace("scan_sha256", to_hex(*scan));
}

// Nothing when the act has no such member.
std::optional<std::string> filled_in(const std::string& line, const json::object& act) {
  const std::size_t from = line.find('{');
  const std::size_t to = line.find('}', from);
  if (from == line.npos || to == line.npos) return line;
  const std::string value = text_of(act, line.substr(from + 1, to - from - 1));
  if (value.empty()) return std::nullopt;
  return line.substr(0, from) + value + line.substr(to + 1);
}

void tell(const StaffAct& what, const Output& output, const json::object& act, const json::object& answer) {
  if (what.sent) output.note("sent: " + what.sent(act));
  for (const std::string& line : what.then) {
    if (const std::optional<std::string> told = filled_in(line, act)) output.note(*told);
  }
  if (const std::string proposal = text_of(answer, "proposal"); !proposal.empty()) {
    output.note("nothing has changed yet, this takes two: " + what.who + ". The second runs `flikvakt desk approve " +
                proposal + "` within 14 days");
  }
}

Outcome<void> send(const StaffAct& what, const Arguments& arguments, const Output& output) {
  const Profile profile = TRY(staff_profile(arguments));
  json::object act = TRY(what.members(arguments));
  act["kind"] = what.kind;
  if (what.registers == Registers::an_id) act["id"] = TRY(id_for(arguments));
  const auto numbers = TRY(read_numbers(arguments, whose_numbers(what, arguments)));
  PartnerClient client = TRY(PartnerClient::connect(profile));
  TRY_VOID(name_people(what, arguments, numbers, client, act));
  if (what.complete) TRY_VOID(what.complete(arguments, client, act));
  json::value answer =
      TRY(with_hint_if_denied(client.act(act), "nothing was done; the gateway gives no reason. Who may do this: " +
                                                   what.who + "; or an id, time or recipient in it does not count"));
  if (!answer.is_object()) return Failure(ExitCode::refused, "the gateway's answer is not understood");
  add_names(answer.get_object(), act);
  output.data(answer);
  tell(what, output, act, answer.get_object());
  return {};
}

std::vector<std::string> all_examples(const StaffAct& act) {
  std::vector<std::string> out{act.example};
  out.insert(out.end(), act.more_examples.begin(), act.more_examples.end());
  return out;
}

}  // namespace

Command staff_command(StaffAct act) {
  std::vector<Option> options = act.options;
  if (act.about != About::nobody) {
    options.push_back(person_option());
    options.push_back(number_file_option());
  }
  if (act.registers == Registers::an_id) options.push_back(id_option());
  std::vector<std::string> examples;
  for (const std::string& words : all_examples(act)) {
    examples.push_back("flikvakt " + act.name + (words.empty() ? "" : " " + words) + " --profile partner.toml" +
                       (act.about == About::nobody ? "" : " < number.txt"));
  }
  std::string notes = "Who may: " + act.who + ".";
  if (act.about == About::person) notes += "\nThe personnummer is read from standard input.";
  if (act.about == About::person_and_representative)
    notes +=
        "\nTwo personnummer are read from standard input: the person's, and on the next line the representative's.";
  if (!act.notes.empty()) notes += "\n" + act.notes;
  const auto run = [what = act](const Arguments& arguments, const Output& output) {
    return send(what, arguments, output);
  };
  return {
      std::move(act.name), std::move(act.summary), std::move(examples), with_staff_connection(std::move(options)), run,
      std::move(notes)};
}

Outcome<json::object> no_members(const Arguments&) { return json::object(); }

std::function<Outcome<json::object>(const Arguments&)> by_id(std::string argument, std::string member) {
  return [argument = std::move(argument), member = std::move(member)](const Arguments& a) -> Outcome<json::object> {
    if (!ActId::parse(a.text(argument)))
      return usage_failure(argument + ": expected an id of 32 lower-case hex digits");
    return json::object{{member, a.text(argument)}};
  };
}

}  // namespace flikvakt::admin
