// `flikvakt init`: everything that must exist before a gateway can start, in the order in which it may fail: the key
// files are opened and the first act is signed before anything is made.
#pragma once

#include <filesystem>
#include <vector>

#include "admin/key_file.h"
#include "base/json.h"

namespace flikvakt::admin {

struct Founder {
  std::string name;
  std::filesystem::path key_file;
};

struct Founding {
  std::filesystem::path data;
  std::string name;
  std::string origin;
  std::vector<Founder> administrators;  // at least two
  std::filesystem::path recovery;
  bool use_credential = false;
  Stretching stretching = Stretching::normal;
};

// What to keep: name, origin, the log's verifier, administrators with their thumbprints.
Outcome<json::value> found_instance(const Founding& founding, const Passphrases& passphrases);

}  // namespace flikvakt::admin
