#include "dns/server_channels.h"

#include <arpa/inet.h>
#include <cstddef>
#include <map>
#include <set>
#include <sys/resource.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <doctest/doctest.h>

using namespace maildiag;
using namespace maildiag::dns;

namespace {

constexpr auto share = ServerChannels::questions_per_port;

/// Two servers; nobody sends anything to them.
struct World {
  asio::io_context context;
  Servers servers{{ServerAddress::parse("127.0.0.1").value(), "one"},
                  {ServerAddress::parse("127.0.0.2").value(), "two"}};
  ServerChannels channels{context.get_executor(), servers};
  std::size_t chance = 0;

  std::size_t take(std::size_t server = 0) {
    std::error_code error;
    const auto taken = channels.take(server, chance++, error);
    REQUIRE(taken.has_value());
    return taken->channel;
  }

  std::uint16_t port(std::size_t channel) const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(channels.socket(channel)->native(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

  std::size_t count_open() const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < channels.size(); ++i) count += channels.socket(i) ? 1U : 0U;
    return count;
  }
};

/// Lets nobody open another file.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest_free = ::dup(STDERR_FILENO);
    ::close(lowest_free);
    auto none = before_;
    none.rlim_cur = static_cast<rlim_t>(lowest_free);
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreFiles(const NoMoreFiles&) = delete;
  NoMoreFiles& operator=(const NoMoreFiles&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("questions are spread over four ports") {
  World world;
  std::map<std::size_t, std::size_t> asked;
  for (int i = 0; i < 400; ++i) ++asked[world.take()];
  CHECK(asked.size() == ServerChannels::asking);
  CHECK(world.count_open() == ServerChannels::asking);
}

TEST_CASE("a worn channel is closed with the end of its last question, others stay open") {
  World world;
  const auto channel = world.take();
  const auto port = world.port(channel);
  for (std::size_t i = 1; i < share; ++i) {
    world.channels.release(channel);
    world.chance = channel;
    CHECK(world.take() == channel);
  }
  world.chance = channel;
  CHECK(world.take() != channel);
  CHECK(world.port(channel) == port);  // one question is still under way
  world.channels.release(channel);
  CHECK(world.channels.socket(channel) == nullptr);
  CHECK(world.count_open() == 1);
  world.chance = channel;
  CHECK(world.take() == channel);
  CHECK(world.port(channel) != port);
}

TEST_CASE("where all ports are worn, others are opened, up to a limit") {
  World world;
  std::map<std::size_t, std::size_t> asked;
  for (std::size_t i = 0; i < ServerChannels::most_open * share; ++i) ++asked[world.take()];
  CHECK(asked.size() == ServerChannels::most_open);
  for (const auto& [channel, count] : asked) CHECK(count == share);
  std::set<std::uint16_t> ports;
  for (const auto& [channel, count] : asked) ports.insert(world.port(channel));
  CHECK(ports.size() == ServerChannels::most_open);

  // Beyond that a few go on; the others are left alone until they are drained.
  std::set<std::size_t> going_on;
  for (int i = 0; i < 100; ++i) going_on.insert(world.take());
  CHECK(going_on.size() == ServerChannels::asking);
  const auto drained = asked.begin()->first;
  CHECK(going_on.count(drained) == 0);
  for (std::size_t i = 0; i < share; ++i) world.channels.release(drained);
  CHECK(world.channels.socket(drained) == nullptr);
  for (int i = 0; i < 100; ++i) CHECK(world.take() == drained);

  // Each server has its own.
  const auto other = world.take(1);
  CHECK(asked.count(other) == 0);
  world.channels.close_all();
  CHECK(world.count_open() == 0);
}

TEST_CASE("without another file an open port goes on; without any the server is not reached") {
  World world;
  world.take(1);  // the event loop has opened what it needs
  std::error_code error;
  {
    const NoMoreFiles limit;
    CHECK_FALSE(world.channels.take(0, 0, error).has_value());
    CHECK(error == std::errc::too_many_files_open);
  }
  const auto channel = world.take();
  {
    const NoMoreFiles limit;
    error.clear();
    const auto taken = world.channels.take(0, channel + 1, error);
    REQUIRE(taken.has_value());
    CHECK(taken->channel == channel);
    CHECK_FALSE(taken->opened);
    CHECK_FALSE(error);
  }
}
