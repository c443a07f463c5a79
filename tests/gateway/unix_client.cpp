#include "tests/gateway/unix_client.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/gateway/described.h"

namespace flikvakt::gateway::test {
namespace {

ApiReply described(const std::string& method, const std::string& target, ApiReply reply) {
  for (const std::string& complaint : find_undescribed(method, target, reply)) {
    ADD_FAILURE() << method << " " << target << " " << reply.status << ": " << complaint << "\n" << reply.body;
  }
  return reply;
}

}  // namespace

ApiReply UnixClient::get(const std::string& target) const {
  return described("GET", target, ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
}

ApiReply UnixClient::post(const std::string& target, const json::value& body) const {
  const std::string text = json::serialize(body);
  const std::string fields =
      "Host: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ";
  const std::string request =
      "POST " + target + " HTTP/1.1\r\n" + fields + std::to_string(text.size()) + "\r\n\r\n" + text;
  return described("POST", target, ask(request));
}

ApiReply UnixClient::ask(const std::string& request) const {
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy_n(path_.c_str(), path_.string().size(), address.sun_path);
  EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::send(descriptor, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string received;
  char piece[4096];
  for (ssize_t got = 0; (got = ::recv(descriptor, piece, sizeof piece, 0)) > 0;) received.append(piece, got);
  ::close(descriptor);
  const std::size_t end = received.find("\r\n\r\n");
  if (end == std::string::npos) return {};
  return {static_cast<unsigned>(std::stoi(received.substr(9, 3))), received.substr(0, end + 4),
          received.substr(end + 4)};
}

}  // namespace flikvakt::gateway::test
