#include "net/smtp_lanes.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

#include "unit/net/smtp_talk.h"

using namespace maildiag;
using namespace maildiag::net;
using namespace maildiag::test;

namespace {

/// Counts its connections and never says a word.
class MuteServer {
 public:
  /// Waits until as many have come.
  bool had(int connections) const {
    for (int tries = 0; connections_ < connections && tries < 1000; ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return connections_ == connections;
  }
  SmtpRequest request(const std::string& host) const {
    auto request = hasty_request_to(server_);
    request.host = host;
    return request;
  }

 private:
  std::atomic<int> connections_{0};
  ScriptedServer server_{[this](Peer& peer) {
    ++connections_;
    peer.wait_for_end();
  }};
};

/// All at once.
std::vector<SmtpTalk> talk_to_all(Network& network, const std::vector<SmtpRequest>& requests) {
  std::vector<SmtpTalk> talks(requests.size());
  const auto one = [&](std::size_t index) -> Task<void> {
    auto talking = network.talk(requests[index]);
    talks[index] = co_await std::move(talking);
  };
  run_task(for_each_index(requests.size(), requests.size(), one));
  return talks;
}

std::size_t repeated(const std::vector<SmtpTalk>& talks) {
  return static_cast<std::size_t>(std::count_if(
      talks.begin(), talks.end(), [](const SmtpTalk& talk) { return talk.repeated; }));
}

}  // namespace

TEST_CASE("who waits for a server that does not answer is told so with the first") {
  const MuteServer server;
  const auto network = make_network({});
  const auto talks = talk_to_all(
      *network,
      {server.request("a.example"), server.request("b.example"), server.request("a.example")});
  CHECK(server.had(1));
  CHECK(repeated(talks) == 2);
  for (const auto& talk : talks) {
    CHECK(talk.fault == Fault::timeout);
    CHECK(talk.stage == SmtpStage::greeting);
  }
}

TEST_CASE("who comes just after is told so, too") {
  const MuteServer server;
  const auto network = make_network({});
  CHECK(repeated(talk_to_all(*network, {server.request("a.example")})) == 0);
  CHECK(repeated(talk_to_all(*network, {server.request("b.example")})) == 1);
  CHECK(server.had(1));
}

TEST_CASE("another question is asked by itself") {
  const MuteServer server;
  const auto network = make_network({});
  const auto first = server.request("a.example");
  auto patient = first, relay = first, clear = first, named = first;
  patient.greeting_timeout *= 2;
  relay.relay = RelayQuestion{"", "a@example.org"};
  clear.tls = SmtpTls::none;
  named.helo_name = "other.example";
  CHECK(repeated(talk_to_all(*network, {first, patient, relay, clear, named})) == 0);
  CHECK(server.had(5));
}

TEST_CASE("what a server said to one is not said to have been said to the next") {
  ScriptedServer server([](Peer& peer) {
    peer.send("554 5.7.1 No\r\n");
    peer.wait_for_end();
  });
  const auto network = make_network({});
  CHECK(repeated(talk_to_all(*network, {hasty_request_to(server), hasty_request_to(server)})) == 0);
  CHECK(server.lines() == std::vector<std::string>{"QUIT", "QUIT"});
}

TEST_CASE("a certificate is none of another name's") {
  SmtpTalk ended;
  ended.fault = Fault::timeout;
  ended.stage = SmtpStage::ehlo_again;
  ended.tls = TlsFacts{};
  SmtpRequest request;
  request.host = "a.example";
  auto other = request;
  other.host = "b.example";
  CHECK(repeat_of(ended, request, request).tls);
  CHECK(!repeat_of(ended, request, other).tls);
}
