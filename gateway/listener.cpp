#include "gateway/listener.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/characters.h"
#include "base/files.h"

namespace flikvakt::gateway {

namespace {

using boost::system::error_code;

Error listen_error(std::string_view doing, const error_code& error) {
  return fail(ErrorCode::io, std::string(doing) + ": " + error.message());
}

}  // namespace

void Listener::close() {
  error_code ignored;
  if (tcp_acceptor) tcp_acceptor->close(ignored);
  if (!unix_acceptor || !unix_acceptor->is_open()) return;
  unix_acceptor->close(ignored);
  std::error_code also_ignored;
  std::filesystem::remove(unix_path, also_ignored);
}

Result<asio::ip::tcp::endpoint> parse_address(std::string_view text) {
  const auto bad = [&] { return fail(ErrorCode::malformed, "expected address:port, not `" + std::string(text) + "`"); };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return bad();
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || problem != std::errc() || end != digits.data() + digits.size()) return bad();
  error_code error;
  const asio::ip::address address = asio::ip::make_address(std::string(host), error);
  if (error) return bad();
  return asio::ip::tcp::endpoint(address, port);
}

Result<crypto::TcpAcceptor> open_tcp_acceptor(asio::io_context& context, const asio::ip::tcp::endpoint& address) {
  crypto::TcpAcceptor acceptor(context.get_executor());
  error_code error;
  acceptor.open(address.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(address, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    std::ostringstream text;
    text << address;
    return listen_error("listening on `" + text.str() + "`", error);
  }
  return acceptor;
}

Result<UnixAcceptor> open_unix_acceptor(asio::io_context& context, const std::filesystem::path& path) {
  if (path.native().size() >= 108) return fail(ErrorCode::malformed, "the path of the Unix socket is too long");
  const asio::local::stream_protocol::endpoint address(path.native());
  error_code error;
  UnixSocket probe(context.get_executor());
  probe.connect(address, error);
  if (!error) return fail(ErrorCode::io, "another process answers on the Unix socket");
  if (error == boost::system::errc::connection_refused) {
    std::error_code removing;
    std::filesystem::remove(path, removing);
  }
  error = {};
  UnixAcceptor acceptor(context.get_executor());
  acceptor.open(address.protocol(), error);
  if (!error) acceptor.bind(address, error);
  if (error) return listen_error("binding the Unix socket", error);
  // Until listen() nobody can connect, so no one slips in before the mode is set.
  if (::chmod(path.c_str(), 0600) != 0) return os_error("setting the mode of", path);
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return listen_error("listening on the Unix socket", error);
  return acceptor;
}

}  // namespace flikvakt::gateway
