// Opens the data of one gateway: the directory, the master key, the core. Used by `serve`, and by the commands that
// work on the data while no gateway runs on it.
#pragma once

#include <filesystem>
#include <memory>

#include "admin/command.h"
#include "admin/config.h"
#include "admin/passphrases.h"
#include "crypto/master_key.h"
#include "service/core.h"

namespace flikvakt::admin {

struct MasterKeyPlace {
  MasterKeySource source = MasterKeySource::sealed_file;
  std::filesystem::path file;  // of a sealed one
};

Outcome<crypto::MasterKey> read_master_key(const MasterKeyPlace& place, const Passphrases& passphrases);

// The options of commands that open a data directory, and what they say.
std::vector<Option> master_key_options();  // --data, --master-key, --credential, --passphrase-file
Outcome<std::filesystem::path> data_of(const Arguments& arguments);
MasterKeyPlace master_key_place(const Arguments& arguments, const std::filesystem::path& data);

// The failure's exit code is `locked` when the data does not fit together; `refused` when the key is wrong, another
// process runs on it, and the like.
Outcome<std::unique_ptr<service::Core>> open_core(const std::filesystem::path& data, crypto::MasterKey master,
                                                  const Clock& clock, service::Core::Hooks hooks);

}  // namespace flikvakt::admin
