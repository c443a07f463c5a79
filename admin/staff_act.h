// One act of staff as a command. commands_desk.cpp, commands_paper.cpp and commands_staff.cpp are tables of these: a
// new act is a new row.
#pragma once

#include "admin/staff_options.h"

namespace flikvakt::admin {

// Whose personnummer are read from standard input, one a line. --person HANDLE stands for all of them but the
// representative's.
enum class About { nobody, person, person_and_representative };
// Whether the act registers something under an id that is chosen here.
enum class Registers { nothing, an_id };

struct StaffAct {
  std::string name;     // of the command
  std::string summary;  // one line
  std::string kind;     // of the act, as spec/acts.md has it
  std::string example;  // the words after the name; more of them: more_examples
  About about = About::nobody;
  std::vector<Option> options;
  // The act's own members, from the command line and files alone: before anything is sent.
  std::function<Outcome<json::object>(const Arguments&)> members;
  std::string who;  // who may, in words: every "no" of the gateway is the same, so this is said with it
  // What to tell when it is done; {id}, {sparr} and {thumbprint} stand for what the act has under that name. A line
  // whose name the act lacks is left out.
  std::vector<std::string> then = {};
  Registers registers = Registers::nothing;
  std::string notes = {};
  // What must be asked of the gateway first.
  std::function<Outcome<void>(const Arguments&, PartnerClient&, json::object&)> complete = {};
  std::vector<std::string> more_examples = {};
  // What went away with the act, in words, where the gateway's answer does not say what came of it.
  std::function<std::string(const json::object& act)> sent = {};
};

inline const std::string kOneRegistrar = "a registrar";
inline const std::string kTwoRegistrars = "registrars of two organisations, one of which receives nothing by it";

Command staff_command(StaffAct act);

// Members of acts that have none but whom they are about; and of those that have just one, from one positional
// argument.
Outcome<json::object> no_members(const Arguments& arguments);
std::function<Outcome<json::object>(const Arguments&)> by_id(std::string argument, std::string member);

}  // namespace flikvakt::admin
