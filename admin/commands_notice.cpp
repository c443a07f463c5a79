#include <unistd.h>

#include "admin/commands.h"
#include "admin/webhook.h"

namespace flikvakt::admin {
namespace {

constexpr const char* kSystemRoots = "/etc/ssl/certs/ca-certificates.crt";

Outcome<std::string> url_of(const Arguments& arguments) {
  const auto file = arguments.find("--url-file");
  if (file && arguments.has("--url")) return usage_failure("expected --url or --url-file, not both");
  return file ? read_url(*file) : Outcome<std::string>(arguments.text("--url"));
}

Outcome<void> notify_webhook(const Arguments& arguments, const Output&) {
  std::optional<std::filesystem::path> headers;
  if (const auto file = arguments.find("--header-file")) headers = *file;
  const Webhook webhook =
      TRY(webhook_of(TRY(url_of(arguments)), arguments.find("--ca").value_or(kSystemRoots), headers));
  return post_lines(webhook, STDIN_FILENO, STDOUT_FILENO);
}

}  // namespace

std::vector<Command> notice_commands() {
  return {
      {"notify-webhook",
       "Send the lines of the notice hook to a web address; `notice_hook` in the configuration starts it",
       {"flikvakt notify-webhook --url https://notices.example/flikvakt --header-file notice-headers"},
       {optional_option("--url", "URL", "https:// address that each line is posted to"),
        optional_option("--url-file", "FILE", "the same from a file, when there is a secret in it; mode 0600"),
        optional_option("--ca", "FILE", "whose certificates to trust; default: the system's"),
        optional_option("--header-file", "FILE", "more headers, a line `Name: value` each; mode 0600")},
       notify_webhook,
       "The gateway starts it: notice_hook = [\"/usr/bin/flikvakt\", \"notify-webhook\", \"--url\", \"https://…\"].\n"
       "Each line is posted as application/json, over TLS 1.3, and acknowledged when the answer is 2xx. Anything\n"
       "else is tried again, later each time, at most a minute apart. What the address refuses for two minutes (4xx,\n"
       "but for 401, 403, 408 and 429) is given up, with a warning: one line must not silence all others. Whoever may\n"
       "run programs can see the words of a running one: a secret stands in --url-file or --header-file."}};
}

}  // namespace flikvakt::admin
