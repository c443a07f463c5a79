// What the commands of persons have in common: how they reach the gateway, and as whom.
#pragma once

#include "admin/command.h"
#include "admin/person_client.h"

namespace flikvakt::admin {

// Whether who represents somebody may run the command for them, with --as.
enum class Represents { no, yes };

std::vector<Option> with_person_connection(std::vector<Option> own, Represents represents = Represents::yes);
// Errors: usage, without a key; as PersonClient::connect().
Outcome<PersonClient> connect_as_person(const Arguments& arguments);

}  // namespace flikvakt::admin
