#include "support/scripted_server.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <openssl/ssl.h>

namespace maildiag::test {

namespace {

constexpr int poll_ms = 20;  // how soon the end of the test is seen

[[noreturn]] void fail_here(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int listen_at(const std::string& host, std::uint16_t& port) {
  const bool v6 = host.find(':') != std::string::npos;
  const int listener = ::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) fail_here("socket");
  sockaddr_storage storage{};
  socklen_t size = 0;
  if (v6) {
    auto& address = reinterpret_cast<sockaddr_in6&>(storage);
    address.sin6_family = AF_INET6;
    ::inet_pton(AF_INET6, host.c_str(), &address.sin6_addr);
    size = sizeof address;
  } else {
    auto& address = reinterpret_cast<sockaddr_in&>(storage);
    address.sin_family = AF_INET;
    ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    size = sizeof address;
  }
  auto* generic = reinterpret_cast<sockaddr*>(&storage);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    ::close(listener);
    fail_here("listen");
  }
  port = ntohs(v6 ? reinterpret_cast<sockaddr_in6&>(storage).sin6_port
                  : reinterpret_cast<sockaddr_in&>(storage).sin_port);
  return listener;
}

/// From this thread alone, as the tested code has to see to it by itself: OpenSSL writes without
/// MSG_NOSIGNAL.
void keep_broken_pipes_away() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

struct Peer::Tls {
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_server_method()),
                                                            SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> session{nullptr, SSL_free};
};

Peer::Peer(int socket, const std::atomic<bool>& stopping) : socket_(socket), stopping_(stopping) {}

Peer::~Peer() {
  if (socket_ < 0) return;
  if (tls_) SSL_shutdown(tls_->session.get());
  ::close(socket_);
}

bool Peer::send(std::string_view octets) {
  while (!octets.empty()) {
    pollfd writable{socket_, POLLOUT, 0};
    while (::poll(&writable, 1, poll_ms) == 0) {
      if (stopping_) return false;
    }
    const auto sent =
        tls_ ? SSL_write(tls_->session.get(), octets.data(), static_cast<int>(octets.size()))
             : ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent <= 0 && !(errno == EAGAIN && !tls_)) return false;
    if (sent > 0) octets.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool Peer::wait_readable() const {
  if (tls_ && SSL_pending(tls_->session.get()) > 0) return true;
  pollfd readable{socket_, POLLIN, 0};
  while (!stopping_) {
    if (::poll(&readable, 1, poll_ms) > 0) return true;
  }
  return false;
}

long Peer::receive() {
  std::array<char, 4096> buffer{};
  if (socket_ < 0 || !wait_readable()) return 0;
  const long got = tls_ ? SSL_read(tls_->session.get(), buffer.data(), buffer.size())
                        : ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got > 0) unread_.append(buffer.data(), static_cast<std::size_t>(got));
  return got;
}

std::optional<std::string> Peer::line() {
  while (unread_.find('\n') == std::string::npos) {
    if (receive() <= 0) return std::nullopt;
  }
  const auto end = unread_.find('\n');
  auto text = unread_.substr(0, end);
  unread_.erase(0, end + 1);
  if (!text.empty() && text.back() == '\r') text.pop_back();
  lines_.push_back(text);
  return text;
}

void Peer::answer(const std::vector<std::string>& replies) {
  for (const auto& reply : replies) {
    if (!line() || !send(reply)) return;
  }
}

void Peer::wait_for_end() {
  while (line()) {
  }
}

bool Peer::start_tls(const MadeCertificate& certificate, int max_version) {
  auto tls = std::make_unique<Tls>();
  SSL_CTX_use_certificate(tls->context.get(), certificate.x509());
  SSL_CTX_use_PrivateKey(tls->context.get(), certificate.key());
  SSL_CTX_set_max_proto_version(tls->context.get(), max_version);
  tls->session.reset(SSL_new(tls->context.get()));
  SSL_set_fd(tls->session.get(), socket_);
  if (!wait_readable() || SSL_accept(tls->session.get()) != 1) return false;
  tls_ = std::move(tls);
  const char* name = SSL_get_servername(tls_->session.get(), TLSEXT_NAMETYPE_host_name);
  server_name_ = name == nullptr ? "" : name;
  return true;
}

void Peer::ask_for_handshake() {
  SSL_renegotiate(tls_->session.get());
  SSL_do_handshake(tls_->session.get());
}

void Peer::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  tls_.reset();
  ::close(std::exchange(socket_, -1));
}

ScriptedServer::ScriptedServer(Script script, const std::string& host)
    : script_(std::move(script)), listener_(listen_at(host, port_)) {
  thread_ = std::thread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  thread_.join();
  join_scripts();
  ::close(listener_);
}

void ScriptedServer::serve() {
  pollfd readable{listener_, POLLIN, 0};
  while (!stopping_) {
    if (::poll(&readable, 1, poll_ms) <= 0) continue;
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const std::lock_guard lock(mutex_);
    scripts_.emplace_back([this, socket] {
      keep_broken_pipes_away();
      Peer peer(socket, stopping_);
      script_(peer);
      const std::lock_guard noting(mutex_);
      lines_.insert(lines_.end(), peer.lines().begin(), peer.lines().end());
      server_names_.push_back(peer.server_name());
    });
  }
}

void ScriptedServer::join_scripts() {
  std::vector<std::thread> scripts;
  {
    const std::lock_guard lock(mutex_);
    scripts.swap(scripts_);
  }
  for (auto& script : scripts) script.join();
}

std::vector<std::string> ScriptedServer::lines() {
  join_scripts();
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::vector<std::string> ScriptedServer::server_names() {
  join_scripts();
  const std::lock_guard lock(mutex_);
  return server_names_;
}

}  // namespace maildiag::test
