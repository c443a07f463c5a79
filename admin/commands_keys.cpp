#include "admin/administrator_act.h"
#include "admin/commands.h"
#include "admin/personnummer_input.h"

namespace flikvakt::admin {
namespace {

Outcome<void> status(const Arguments& arguments, const Output& output) {
  AdminClient client = TRY(connect_to_gateway(arguments));
  const json::value all = TRY(client.status());
  const json::value* keys = all.is_object() ? all.get_object().if_contains("keys") : nullptr;
  if (!keys) return Failure(ExitCode::refused, "the gateway says nothing of its keys");
  output.data(*keys);
  return {};
}

Outcome<void> shred_document(const Arguments& arguments, const Output& output) {
  return send_act(arguments, output, {{"kind", "shred"}, {"scope", "document"}, {"document", arguments.text("ID")}});
}

Outcome<void> shred_of_person(const Arguments& arguments, const Output& output, json::object act) {
  const std::string number = TRY(read_number(arguments));
  AdminClient client = TRY(connect_to_gateway(arguments));
  act["person"] = TRY(client.handle_of(number));
  return send_act(arguments, output, std::move(act));
}

Outcome<void> shred_flik(const Arguments& arguments, const Output& output) {
  return shred_of_person(arguments, output, {{"kind", "shred"}, {"scope", "flik"}, {"flik", arguments.text("CODE")}});
}

Outcome<void> shred_person(const Arguments& arguments, const Output& output) {
  return shred_of_person(arguments, output, {{"kind", "shred"}, {"scope", "person"}});
}

}  // namespace

std::vector<Command> keys_commands() {
  std::vector<Command> out{{"keys status",
                            "Count the gateway's keys: active and shredded",
                            {"flikvakt keys status --data data"},
                            {data_option(), socket_option()},
                            status,
                            ""}};
  out.push_back(
      administrator_command("keys shred-document", "Erase one document for ever (takes two)", "ID --second bo.key",
                            {required_option("ID", "ID", "id of the document"), second_option()}, shred_document));
  out.push_back(administrator_command(
      "keys shred-flik", "Erase a person's flik for ever (takes two)", "CODE --second bo.key --number-file number.txt",
      {required_option("CODE", "CODE", "flik type"), second_option(), number_file_option()}, shred_flik));
  out.push_back(administrator_command("keys shred-person", "Erase everything of a person for ever (takes two)",
                                      "--second bo.key --number-file number.txt",
                                      {second_option(), number_file_option()}, shred_person));
  return out;
}

}  // namespace flikvakt::admin
