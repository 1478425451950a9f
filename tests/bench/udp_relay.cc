// Passes datagrams to a server and holds its answers back, and loses some on either way: a server
// elsewhere. Prints its port. Used by rbl_sweep.py.

#include <algorithm>
#include <arpa/inet.h>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <netinet/in.h>
#include <poll.h>
#include <random>
#include <string>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace {

using Nanoseconds = long long;
constexpr Nanoseconds second = 1'000'000'000;

Nanoseconds now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second + time.tv_nsec;
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int open_socket() {
  const int handle = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int size = 4 << 20;
  setsockopt(handle, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return handle;
}

/// The delay is the same for all, so what came first leaves first.
struct Held {
  Nanoseconds due = 0;
  sockaddr_in client{};
  std::string message;
};

class Relay {
 public:
  Relay(int port, double delay_ms, double loss, unsigned seed)
      : server_(loopback(port)),
        delay_(static_cast<Nanoseconds>(delay_ms * 1e6)),
        lost_(loss / 2),
        random_(seed) {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    polled_.push_back({open_socket(), POLLIN, 0});
    bind(polled_[0].fd, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(polled_[0].fd, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  [[noreturn]] void run() {
    while (true) {
      wait();
      if ((polled_[0].revents & POLLIN) != 0) take_questions();
      for (std::size_t i = 1; i < polled_.size(); ++i) {
        if ((polled_[i].revents & POLLIN) != 0) take_answers(polled_[i].fd);
      }
      send_due();
    }
  }

 private:
  void wait() {
    timespec left{};
    if (!held_.empty()) {
      const auto nanoseconds = std::max<Nanoseconds>(0, held_.front().due - now());
      left = {nanoseconds / second, nanoseconds % second};
    }
    ppoll(polled_.data(), polled_.size(), held_.empty() ? nullptr : &left, nullptr);
  }

  void take_questions() {
    sockaddr_in client{};
    socklen_t size = sizeof client;
    ssize_t count = 0;
    while ((count = recvfrom(polled_[0].fd, buffer_, sizeof buffer_, 0,
                             reinterpret_cast<sockaddr*>(&client), &size)) > 0) {
      if (lost_(random_)) continue;
      send(upstream_of(client), buffer_, static_cast<std::size_t>(count), 0);
    }
  }

  /// One socket for each client's port, so that the answers find back.
  int upstream_of(const sockaddr_in& client) {
    auto& handle = upstream_[client.sin_port];
    if (handle == 0) {
      handle = open_socket();
      connect(handle, reinterpret_cast<const sockaddr*>(&server_), sizeof server_);
      clients_[handle] = client;
      polled_.push_back({handle, POLLIN, 0});
    }
    return handle;
  }

  void take_answers(int handle) {
    ssize_t count = 0;
    while ((count = recv(handle, buffer_, sizeof buffer_, 0)) > 0) {
      if (lost_(random_)) continue;
      held_.push_back(
          {now() + delay_, clients_[handle], {buffer_, static_cast<std::size_t>(count)}});
    }
  }

  void send_due() {
    while (!held_.empty() && held_.front().due <= now()) {
      const auto& held = held_.front();
      sendto(polled_[0].fd, held.message.data(), held.message.size(), 0,
             reinterpret_cast<const sockaddr*>(&held.client), sizeof held.client);
      held_.pop_front();
    }
  }

  sockaddr_in server_;
  Nanoseconds delay_;
  std::bernoulli_distribution lost_;
  std::mt19937 random_;
  std::vector<pollfd> polled_;
  std::map<std::uint16_t, int> upstream_;
  std::map<int, sockaddr_in> clients_;
  std::deque<Held> held_;
  char buffer_[65536];
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("usage: udp_relay SERVER_PORT DELAY_MS LOSS SEED\n", stderr);
    return 64;
  }
  Relay(std::atoi(argv[1]), std::atof(argv[2]), std::atof(argv[3]),
        static_cast<unsigned>(std::atoi(argv[4])))
      .run();
}
