// A command of `flikvakt`, as data: its name, its options and what it does. command_line.h reads the words of the user
// against a list of these.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "admin/outcome.h"
#include "admin/output.h"
#include "base/ids.h"

namespace flikvakt::admin {

struct Option {
  enum class Use { required, optional, flag, repeated };  // repeated: any number of times, none too
  std::string name;                                       // "--data"; without dashes a positional argument
  std::string value;                                      // what stands in the help: "DIR"; empty for a flag
  std::string help;
  Use use = Use::optional;
};

// What the user gave. An option that the command does not list was never given.
class Arguments {
public:
  void add(const std::string& option, std::string value) { values_[option].push_back(std::move(value)); }

  bool has(const std::string& option) const { return values_.contains(option); }
  std::string text(const std::string& option) const;  // empty when not given
  std::optional<std::string> find(const std::string& option) const;
  std::vector<std::string> all(const std::string& option) const;

  template <class IdType>
  Outcome<IdType> id(const std::string& option) const {
    Result<IdType> parsed = IdType::parse(text(option));
    if (!parsed) return usage_failure(option + ": expected an id of 32 lower-case hex digits");
    return *parsed;
  }
  Outcome<std::uint64_t> number(const std::string& option, std::uint64_t otherwise) const;

private:
  std::map<std::string, std::vector<std::string>> values_;
};

struct Command {
  std::string name;     // "organisation add": a group and a word, or one word
  std::string summary;  // one line
  std::vector<std::string> examples;
  std::vector<Option> options;
  std::function<Outcome<void>(const Arguments&, const Output&)> run;
  std::string notes;  // more help, after the options
};

// Options that many commands share.
Option optional_option(std::string name, std::string value, std::string help);  // optional
Option required_option(std::string name, std::string value, std::string help);
Option flag_option(std::string name, std::string help);
Option repeated_option(std::string name, std::string value, std::string help);
Option passphrase_option();

}  // namespace flikvakt::admin
