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

// The passphrase is asked for only when the file is there and private.
Outcome<crypto::MasterKey> read_master_key(const MasterKeyPlace& place, const Passphrases& passphrases);

// The options of commands that open a data directory, and what they say.
std::vector<Option> master_key_options();  // --data, --master-key, --credential, --passphrase-file
Outcome<std::filesystem::path> data_of(const Arguments& arguments);
MasterKeyPlace master_key_place(const Arguments& arguments, const std::filesystem::path& data);

// While the master key is rotated there are two of them: FILE and FILE.new. Whoever meets the wrong one is told of the
// other, and never to remove one.
std::filesystem::path new_master_key_beside(const std::filesystem::path& file);
std::string other_master_key_hint(const MasterKeyPlace& place);

// Everything that a gateway needs lies there, and nobody else can open it. locked: a part of it is missing.
Outcome<void> check_files(const store::DataDirectory& directory);
// What to do about data that did not open with the key from `place`.
Failure opening_failed(const store::DataDirectory& directory, const MasterKeyPlace& place, const Error& error);

// The failure's exit code is `locked` when the data does not fit together; `refused` when the key is wrong, another
// process runs on it, and the like.
Outcome<std::unique_ptr<service::Core>> open_core(const std::filesystem::path& data, const MasterKeyPlace& place,
                                                  crypto::MasterKey master, const Clock& clock,
                                                  service::Core::Hooks hooks);

}  // namespace flikvakt::admin
