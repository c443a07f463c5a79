#include "admin/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <set>

#include "admin/suggest.h"

namespace flikvakt::admin {
namespace {

constexpr std::string_view kProgram = "flikvakt";
constexpr std::size_t kMostSuggested = 3;

std::string first_word(std::string_view name) { return std::string(name.substr(0, name.find(' '))); }

bool wants_help(std::string_view word) { return word == "--help" || word == "-h" || word == "help"; }

// The words that may stand where the user wrote something unknown.
std::vector<std::string> words_after(std::span<const Command> commands, std::string_view group) {
  std::set<std::string> out;
  for (const Command& command : commands) {
    if (group.empty())
      out.insert(first_word(command.name));
    else if (command.name.starts_with(std::string(group) + " "))
      out.insert(command.name.substr(group.size() + 1));
  }
  return {out.begin(), out.end()};
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

std::vector<std::string> names_of(std::span<const Command> commands) {
  std::vector<std::string> out;
  for (const Command& command : commands) out.push_back(command.name);
  return out;
}

// The commands of other groups that end in this word; none when there are many.
std::vector<std::string> names_ending_in(const std::string& word, std::span<const Command> commands) {
  std::vector<std::string> out = names_of(commands);
  std::erase_if(out, [&](const std::string& name) { return !name.ends_with(" " + word); });
  return out.size() <= kMostSuggested ? out : std::vector<std::string>();
}

Failure did_you_mean(const std::string& what, const std::vector<std::string>& names) {
  std::string meant;
  for (const std::string& name : names)
    meant += (meant.empty() ? "`" : " or `") + std::string(kProgram) + " " + name + "`";
  return usage_failure(what + "; did you mean " + meant + "?",
                       "run `" + std::string(kProgram) + " " + names.front() + " --help`");
}

Failure unknown_word(const std::string& word, const std::string& group, std::span<const Command> commands) {
  const std::vector<std::string> known = words_after(commands, group);
  const std::string before = group.empty() ? "" : group + " ";
  const std::string what = "`" + word + "` is no command";
  if (const auto meant = nearest(word, known)) return did_you_mean(what, {before + *meant});
  if (const auto names = names_ending_in(word, commands); !names.empty()) return did_you_mean(what, names);
  return usage_failure(what + (group.empty() ? "" : ": expected " + joined(known)),
                       "run `" + std::string(kProgram) + " --help`");
}

Failure one_word_more(const std::string& group, const std::vector<std::string>& within,
                      std::span<const Command> commands) {
  const std::string listing = group + "s";  // `notices` beside `notice acknowledge`
  const bool has_listing = std::ranges::find(commands, listing, &Command::name) != commands.end();
  return usage_failure("`flikvakt " + group + "` needs one more word: " + joined(within),
                       has_listing ? "to list them: `flikvakt " + listing + "`" : "");
}

bool takes_words(const Command& command) {
  return std::ranges::any_of(command.options, [](const Option& option) { return !option.name.starts_with("-"); });
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text + "\n" + std::string(width + 2, ' ')
                              : text + std::string(width - text.size(), ' ');
}

std::string option_line(const Option& option) {
  std::string left = option.name + (option.value.empty() || !option.name.starts_with("-") ? "" : " " + option.value);
  std::string right = option.help;
  if (option.use == Option::Use::required) right += " (required)";
  if (option.use == Option::Use::repeated) right += " (may be repeated)";
  return "  " + padded(left, 30) + right + "\n";
}

std::string usage_line(const Command& command) {
  std::string out = std::string(kProgram) + " " + command.name;
  for (const Option& option : command.options) {
    if (option.use == Option::Use::required && option.name.starts_with("-"))
      out += " " + option.name + " " + option.value;
  }
  for (const Option& option : command.options) {
    if (!option.name.starts_with("-"))
      out += option.use == Option::Use::required ? " " + option.name : " [" + option.name + "]";
  }
  return out + " [options]\n";
}

// What CLI11 fills: one list of values for each option, a bool for each flag.
struct Slot {
  const Option* option = nullptr;
  std::vector<std::string> values;
  bool given = false;
};

void declare(CLI::App& app, Slot& slot) {
  const Option& option = *slot.option;
  if (option.use == Option::Use::flag) {
    app.add_flag(option.name, slot.given);
    return;
  }
  // Without allow_extra_args(false) a list takes every word that follows, a positional argument too.
  CLI::Option* added = app.add_option(option.name, slot.values)->expected(1)->allow_extra_args(false);
  added->required(option.use == Option::Use::required);
  added->multi_option_policy(option.use == Option::Use::repeated ? CLI::MultiOptionPolicy::TakeAll
                                                                 : CLI::MultiOptionPolicy::Throw);
}

Failure unknown_option(const Command& command, std::span<const std::string> words, const CLI::ParseError& error) {
  std::vector<std::string> known{"--json", "--help"};
  for (const Option& option : command.options) known.push_back(option.name);
  const std::string next = "run `" + std::string(kProgram) + " " + command.name + " --help`";
  for (const std::string& word : words) {
    const std::string name = word.substr(0, word.find('='));
    if (!name.starts_with("--") || std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::optional<std::string> meant = nearest(name, known);
    return usage_failure(
        "`" + name + "` is no option of this command" + (meant ? "; did you mean `" + *meant + "`?" : ""), next);
  }
  return usage_failure(error.what(), next);
}

// A fingerprint in base64url, one in 64 of which begins with a hyphen.
bool is_hyphenated_fingerprint(const std::string& word) {
  constexpr std::size_t kLength = 43;
  constexpr std::string_view kBase64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return word.size() == kLength && word.front() == '-' && word.find_first_not_of(kBase64url) == std::string::npos;
}

// Behind `--`, where no word is taken for an option.
std::vector<std::string> with_fingerprints_last(std::span<const std::string> words) {
  std::vector<std::string> out(words.begin(), words.end());
  const auto moved = std::stable_partition(out.begin(), out.end(), std::not_fn(is_hyphenated_fingerprint));
  if (moved != out.end()) out.insert(moved, "--");
  return out;
}

}  // namespace

std::string overview_text(std::span<const Command> commands) {
  std::string out =
      "Examples:\n"
      "  flikvakt key new --kind administrator alice.key\n"
      "  flikvakt init --data data --name flikvakt-example --origin flikvakt.example/log \\\n"
      "      --administrator Alice=alice.key --administrator Bo=bo.key --recovery recovery.key\n"
      "  flikvakt serve --config flikvakt.toml\n"
      "  flikvakt fetch DOCUMENT --profile partner.toml --purpose rehab --out journal.pdf\n"
      "\nCommands:\n";
  for (const Command& command : commands) out += "  " + padded(command.name, 24) + command.summary + "\n";
  return out +
         "\nEvery command and group knows --help, and every command --json. `flikvakt --version` says which this is.\n"
         "Exit codes: 0 done, 1 refused or failed, 2 wrong usage or\n"
         "configuration, 3 the gateway stopped because it could not know what reached the disk, 4 the gateway is "
         "locked.\n";
}

std::string help_text(const Command& command) {
  std::string out;
  if (!command.examples.empty()) out += "Examples:\n";
  for (const std::string& example : command.examples) out += "  " + example + "\n";
  out += "\n" + command.summary + "\n\nUsage:\n  " + usage_line(command) + "\nOptions:\n";
  for (const Option& option : command.options) out += option_line(option);
  out += option_line(flag_option("--json", "print the result as one line of JSON"));
  out += option_line(flag_option("--help", "print this"));
  if (!command.notes.empty()) out += "\n" + command.notes + "\n";
  return out;
}

std::string group_text(const std::string& group, std::span<const Command> commands) {
  std::string out;
  for (const Command& command : commands) {
    if (command.name.starts_with(group + " ")) out += "  " + padded(command.name, 24) + command.summary + "\n";
  }
  return out.empty() ? out : "Commands:\n" + out + "\nEach knows --help: `flikvakt " + group + " … --help`.\n";
}

Outcome<Found> find_command(std::span<const std::string> words, std::span<const Command> commands) {
  const std::string group = words.empty() ? "" : words[0];
  const std::string both = words.size() < 2 ? group : group + " " + words[1];
  for (const Command& command : commands) {
    if (command.name == both && words.size() > 1) return Found{&command, 2};
    if (command.name != group) continue;
    const bool has_word_too_many = words.size() > 1 && !words[1].starts_with("-") && !takes_words(command);
    if (!has_word_too_many) return Found{&command, 1};
    const std::string what = "`flikvakt " + group + "` takes no `" + words[1] + "`";
    if (const auto meant = nearest(both, names_of(commands))) return did_you_mean(what, {*meant});
    return usage_failure(what, "run `" + std::string(kProgram) + " " + group + " --help`");
  }
  const std::vector<std::string> within = words_after(commands, group);
  if (group.empty() || within.empty()) return unknown_word(group, "", commands);
  if (words.size() < 2 || words[1].starts_with("-")) {
    return one_word_more(group, within, commands);
  }
  return unknown_word(words[1], group, commands);
}

Outcome<Arguments> read_arguments(const Command& command, std::span<const std::string> words) {
  CLI::App app;
  app.set_help_flag();
  std::vector<Slot> slots(command.options.size());
  for (std::size_t i = 0; i < slots.size(); ++i) {
    slots[i].option = &command.options[i];
    declare(app, slots[i]);
  }
  bool json = false;
  app.add_flag("--json", json);
  try {
    std::vector<std::string> ordered = with_fingerprints_last(words);
    std::ranges::reverse(ordered);  // CLI11 takes them last first
    app.parse(std::move(ordered));
  } catch (const CLI::ParseError& error) {
    return unknown_option(command, words, error);
  }
  Arguments arguments;
  if (json) arguments.add("--json", "");
  for (Slot& slot : slots) {
    if (slot.given) arguments.add(slot.option->name, "");
    for (std::string& value : slot.values) arguments.add(slot.option->name, std::move(value));
  }
  return arguments;
}

namespace {

int show(const Output& output, const json::value& value, const std::string& text) {
  output.data(value, text);
  return static_cast<int>(ExitCode::ok);
}

int run(const Command& command, std::span<const std::string> words) {
  const Outcome<Arguments> arguments = read_arguments(command, words);
  const Output output(arguments && arguments->has("--json") ? Output::Form::json : Output::Form::text);
  const Outcome<void> outcome = arguments ? command.run(*arguments, output) : Outcome<void>(arguments.error());
  if (outcome) return static_cast<int>(ExitCode::ok);
  output.failure(std::string(kProgram) + " " + command.name, outcome.error());
  return static_cast<int>(outcome.error().exit);
}

}  // namespace

int run_command_line(std::span<const std::string> words, std::span<const Command> commands) {
  const Output plain(Output::Form::text);
  // `flikvakt help staff` is `flikvakt staff --help`.
  if (words.size() > 1 && words[0] == "help") {
    std::vector<std::string> asked(words.begin() + 1, words.end());
    asked.emplace_back("--help");
    return run_command_line(asked, commands);
  }
  if (words.empty() || wants_help(words[0])) return show(plain, {}, overview_text(commands));
  if (words[0] == "--version") return show(plain, {}, std::string(kProgram) + " " + FLIKVAKT_VERSION);
  if (words.size() > 1 && wants_help(words[1])) {
    if (const std::string text = group_text(words[0], commands); !text.empty()) return show(plain, {}, text);
  }
  const Outcome<Found> found = find_command(words, commands);
  if (!found) {
    plain.failure(kProgram, found.error());
    return static_cast<int>(found.error().exit);
  }
  const auto rest = words.subspan(found->words);
  const bool asks = std::ranges::any_of(rest, [](const auto& word) { return word == "--help" || word == "-h"; });
  return asks ? show(plain, {}, help_text(*found->command)) : run(*found->command, rest);
}

}  // namespace flikvakt::admin
