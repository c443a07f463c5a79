// What `flikvakt notify-webhook` does: each line of the notice hook (spec/notice-hook.md) is posted to a web address,
// and acknowledged once the address has taken it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/outcome.h"
#include "crypto/tls_client.h"

namespace flikvakt::admin {

struct Webhook {
  crypto::TlsClientOptions server;
  std::string host;    // as the Host header has it
  std::string target;  // path and query
  std::vector<std::pair<std::string, std::string>> headers;
};

// The address from a file that nobody else may read: a secret may stand in it.
Outcome<std::string> read_url(const std::filesystem::path& file);

// usage: no https:// address, or a file that cannot be read or is open to others.
Outcome<Webhook> webhook_of(const std::string& url, const std::filesystem::path& ca,
                            const std::optional<std::filesystem::path>& header_file);

struct WebhookPauses {
  std::chrono::milliseconds first = std::chrono::seconds(1);
  std::chrono::milliseconds longest = std::chrono::minutes(1);
  // How long the address may refuse a line until it counts as taken: less than the five minutes of HOOK-3.
  std::chrono::milliseconds refused = std::chrono::minutes(2);
};
// Reads lines from `in` until it ends, one after the other; acknowledges on `out`. What goes wrong goes to stderr.
Outcome<void> post_lines(const Webhook& webhook, int in, int out, const WebhookPauses& pauses = {});

}  // namespace flikvakt::admin
