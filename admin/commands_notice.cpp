#include <unistd.h>

#include "admin/commands.h"
#include "admin/webhook.h"

namespace flikvakt::admin {
namespace {

constexpr const char* kSystemRoots = "/etc/ssl/certs/ca-certificates.crt";

Outcome<void> notify_webhook(const Arguments& arguments, const Output&) {
  std::optional<std::filesystem::path> headers;
  if (const auto file = arguments.find("--header-file")) headers = *file;
  const Webhook webhook =
      TRY(webhook_of(arguments.text("--url"), arguments.find("--ca").value_or(kSystemRoots), headers));
  return post_lines(webhook, STDIN_FILENO, STDOUT_FILENO);
}

}  // namespace

std::vector<Command> notice_commands() {
  return {
      {"notify-webhook",
       "Send the lines of the notice hook to a web address; `notice_hook` in the configuration starts it",
       {"flikvakt notify-webhook --url https://notices.example/flikvakt --header-file notice-headers"},
       {required_option("--url", "URL", "https:// address that each line is posted to"),
        optional_option("--ca", "FILE", "whose certificates to trust; default: the system's"),
        optional_option("--header-file", "FILE", "more headers, a line `Name: value` each; mode 0600")},
       notify_webhook,
       "The gateway starts it: notice_hook = [\"/usr/bin/flikvakt\", \"notify-webhook\", \"--url\", \"https://…\"].\n"
       "Each line is posted as application/json, over TLS 1.3, and acknowledged when the answer is 2xx. Anything\n"
       "else is tried again, later each time, at most a minute apart."}};
}

}  // namespace flikvakt::admin
