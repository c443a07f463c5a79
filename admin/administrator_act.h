// What every command of an administrator does: open the key or keys, sign one act, say what became of it.
#pragma once

#include "admin/admin_client.h"
#include "admin/command.h"
#include "crypto/sign.h"

namespace flikvakt::admin {

Option data_option();
Option socket_option();
Option gateway_name_option();
Option administrator_option();
Option second_option();  // of acts that take two

Outcome<AdminClient> connect_to_gateway(const Arguments& arguments);

// The gateway's name, beside its data: `init` and `restore` write it there.
inline constexpr std::string_view kGatewayNameFile = "gateway-name";
Result<void> write_gateway_name(const std::filesystem::path& data, const std::string& name);

// The second is there when --second was given.
struct AdministratorKeys {
  crypto::SigningKey first;
  std::optional<crypto::SigningKey> second;
  const crypto::SigningKey* second_or_none() const { return second ? &*second : nullptr; }
};
Outcome<AdministratorKeys> open_administrator_keys(const Arguments& arguments);

// `shown`: members to print beside the gateway's answer, such as the id that was made.
Outcome<void> send_act(const Arguments& arguments, const Output& output, json::object act,
                       const json::object& shown = {});

// A command with the options that all of these have.
Command administrator_command(std::string name, std::string summary, std::string example, std::vector<Option> own,
                              std::function<Outcome<void>(const Arguments&, const Output&)> run);

}  // namespace flikvakt::admin
