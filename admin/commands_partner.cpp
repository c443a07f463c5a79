#include "admin/commands.h"
#include "admin/document_file.h"
#include "admin/new_file.h"
#include "admin/staff_options.h"

namespace flikvakt::admin {
namespace {

const Option kPerson = person_option();

Outcome<void> handle(const Arguments& arguments, const Output& output) {
  const Profile profile = TRY(staff_profile(arguments));
  const std::string number = TRY(read_number(arguments));
  PartnerClient client = TRY(PartnerClient::connect(profile));
  const std::string handle = TRY(client.handle_of(number));
  output.data(json::object{{"handle", handle}}, handle);
  return {};
}

Outcome<void> list(const Arguments& arguments, const Output& output) {
  PartnerClient client = TRY(connect_as_staff(arguments));
  const std::string person = TRY(person_of(arguments, client));
  output.data(TRY(client.list(person, arguments.text("--purpose"))));
  return {};
}

Outcome<void> fullmakter(const Arguments& arguments, const Output& output) {
  PartnerClient client = TRY(connect_as_staff(arguments));
  const std::string person = TRY(person_of(arguments, client));
  output.data(TRY(client.fullmakter(person)));
  return {};
}

Command list_command(std::string name, std::string summary, std::string path) {
  const std::string example = "flikvakt " + name + " --profile partner.toml";
  return {std::move(name),
          std::move(summary),
          {example},
          with_staff_connection({}),
          [path = std::move(path)](const Arguments& arguments, const Output& output) -> Outcome<void> {
            PartnerClient client = TRY(connect_as_staff(arguments));
            output.data(TRY(client.get_list(path)));
            return {};
          },
          ""};
}

Outcome<void> fetch_document(const Arguments& arguments, const Output& output) {
  PartnerClient client = TRY(connect_as_staff(arguments));
  const FetchOrder order{arguments.text("DOCUMENT"), arguments.text("--reading"), arguments.text("--purpose"),
                         arguments.text("--range")};
  return fetch_to_file(order, arguments.text("--out"), output,
                       [&](const FetchOrder& asked, const FetchSink& sink) { return client.fetch(asked, sink); });
}

Outcome<void> fetch_receipt(const Arguments& arguments, const Output& output) {
  const std::uint64_t entry = TRY(arguments.number("ENTRY", 0));
  PartnerClient client = TRY(connect_as_staff(arguments));
  const json::value receipt = TRY(client.get_list("/v1/receipts/" + std::to_string(entry)));
  return keep_proof(arguments, output, to_text(receipt) + "\n");
}

Outcome<void> deposit(const Arguments& arguments, const Output& output) {
  PartnerClient client = TRY(connect_as_staff(arguments));
  DepositOrder order;
  order.file = arguments.text("FILE");
  order.person = arguments.has("--deposit") ? "" : TRY(person_of(arguments, client));
  order.flik = arguments.text("--flik");
  order.title = arguments.text("--title");
  order.author = arguments.text("--author");
  order.date = arguments.text("--date");
  order.media_type = arguments.text("--type");
  if (arguments.has("--deposit")) order.id = TRY(arguments.id<DepositId>("--deposit"));
  output.data(TRY(client.deposit(order)));
  return {};
}

Outcome<void> act(const Arguments& arguments, const Output& output) {
  const std::filesystem::path file = arguments.text("FILE");
  PartnerClient client = TRY(connect_as_staff(arguments));
  Symbols symbols = TRY(Symbols::read(arguments.text("--ids")));
  const Expander expander{symbols, file.parent_path(),
                          [&](const std::string& number) { return client.handle_of(number); }};
  json::array answers;
  for (const json::value& written : TRY(read_act_file(file))) {
    json::object expanded = TRY(expand_act(written, expander));
    if (arguments.has("--ids")) TRY_VOID(symbols.write(arguments.text("--ids")));
    answers.push_back(TRY(client.act(std::move(expanded))));
  }
  const json::object ids = symbols.to_json();
  output.data(json::object{{"ids", ids}, {"acts", answers}}, as_plain_text(answers));
  return {};
}

std::vector<Option> deposit_options() {
  return with_staff_connection(
      {required_option("FILE", "FILE", "the document"), kPerson, number_file_option(),
       required_option("--flik", "CODE", "flik type"), required_option("--title", "TEXT", "title"),
       required_option("--author", "TEXT", "author"), required_option("--date", "DATE", "like 2026-11-22"),
       required_option("--type", "TYPE", "media type, like application/pdf"),
       optional_option("--deposit", "ID", "send the bytes of a deposit that broke off")});
}

}  // namespace

std::vector<Command> partner_commands() {
  const Option number_file = number_file_option();
  const Option purpose = required_option("--purpose", "CODE", "purpose code of the fullmakt");
  return {
      {"handle",
       "Ask for your organisation's handle of a person; the personnummer is read from standard input",
       {"flikvakt handle --profile partner.toml < number.txt"},
       with_staff_connection({number_file}),
       handle,
       ""},
      {"list",
       "List what a person opened to you",
       {"flikvakt list --profile partner.toml --person HANDLE --purpose rehab"},
       with_staff_connection({kPerson, number_file, purpose}),
       list,
       ""},
      {"fetch",
       "Fetch a document, or go on with one",
       {"flikvakt fetch DOCUMENT --profile partner.toml --purpose rehab --out journal.pdf",
        "flikvakt fetch --reading READING --profile partner.toml --out journal.pdf"},
       with_staff_connection(
           {optional_option("DOCUMENT", "ID", "id of the document"),
            optional_option("--purpose", "CODE", "purpose code of the fullmakt"),
            optional_option("--reading", "ID", "go on with a reading: its id was told when it broke off"),
            optional_option("--range", "FIRST-LAST", "only these bytes"),
            optional_option("--out", "FILE", "where to write; else stdout")}),
       fetch_document,
       ""},
      {"receipt",
       "Fetch the receipt of what your organisation's staff did: a reading, a paper fullmakt, …",
       {"flikvakt receipt ENTRY --profile partner.toml --out reading.receipt"},
       with_staff_connection({required_option("ENTRY", "N", "as `flikvakt fetch` and the answers to acts show it"),
                              required_option("--out", "FILE", "a new file")}),
       fetch_receipt,
       "It shows that and when the gateway permitted it, not whom it concerned: that is in the person's own receipt."},
      {"deposit",
       "Deposit a document in a person's flik",
       {"flikvakt deposit journal.pdf --profile partner.toml --person HANDLE --flik journal \\",
        "    --title 'Journal' --author 'Dr Ek' --date 2026-11-22 --type application/pdf"},
       deposit_options(),
       deposit,
       ""},
      {"act",
       "Send acts of staff from a file: roster_add, confirm_key, request_access, accept_case, …",
       {"flikvakt act accept.json --profile partner.toml"},
       with_staff_connection(
           {required_option("FILE", "FILE",
                            "one act, or {\"acts\": [ … ]}; kinds in spec/acts.md, members in spec/acts.schema.json"),
            optional_option("--ids", "FILE", "ids of symbols like \"$region\"")}),
       act,
       ""},
      {"fullmakter",
       "List a person's fullmakter that let you receive, or lift your organisation's secrecy",
       {"flikvakt fullmakter --profile partner.toml --person HANDLE"},
       with_staff_connection({kPerson, number_file}),
       fullmakter,
       ""},
      list_command("cases", "List the cases of your teams, those that wait first", "/v1/cases"),
      list_command("requests", "List what you asked people for, and what came of it", "/v1/requests"),
      list_command("notices", "List fullmakter that you relied on and that changed or ended", "/v1/notices"),
      list_command("erase-orders", "List what you are to erase, since a kontrakt ended", "/v1/erase-orders"),
  };
}

}  // namespace flikvakt::admin
