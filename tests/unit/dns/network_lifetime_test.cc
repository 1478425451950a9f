#include <exception>

#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include "unit/dns/asking.h"

using namespace maildiag;
using namespace maildiag::dns;
using namespace maildiag::test;

TEST_CASE("a cancelled question leaves nothing behind") {
  bool over_tcp = false;
  SUBCASE("over UDP") {
    over_tcp = false;
  }
  SUBCASE("over TCP") {
    over_tcp = true;
  }
  const FakeDnsServer server([&](const FakeQuery& query) {
    return over_tcp && !query.tcp ? FakeReply().truncated() : FakeReply::drop();
  });
  auto options = hasty_options({server.address()});
  options.timeout = milliseconds(60'000);
  const auto backend = make_network_backend(options);
  auto work = [&]() -> Task<void> {
    Question question{name("silent.example"), RecordType::a};
    co_await backend->ask(std::move(question));
  };
  asio::io_context loop(1);
  asio::cancellation_signal signal;
  bool ended = false;
  asio::co_spawn(loop, work(),
                 asio::bind_cancellation_slot(signal.slot(), [&](const std::exception_ptr& thrown) {
                   ended = thrown != nullptr;
                 }));
  asio::steady_timer timer(loop, milliseconds(50));
  timer.async_wait([&](std::error_code) { signal.emit(asio::cancellation_type::terminal); });
  const auto begin = std::chrono::steady_clock::now();
  loop.run();
  CHECK(ended);
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds(5000));
}

TEST_CASE("an event loop may go away with questions under way") {
  const FakeDnsServer server([](const FakeQuery& query) {
    const bool truncate = query.question.type == RecordType::txt && !query.tcp;
    return truncate ? FakeReply().truncated() : FakeReply::drop();
  });
  const auto backend = make_network_backend(patient_options({server.address()}));
  auto work = [&](RecordType type) -> Task<void> {
    Question question{name("silent.example"), type};
    co_await backend->ask(std::move(question));
    FAIL("nobody answered");
  };
  {
    asio::io_context loop(1);
    asio::co_spawn(loop, work(RecordType::a), asio::detached);
    asio::co_spawn(loop, work(RecordType::txt), asio::detached);
    loop.run_for(milliseconds(50));
  }
  CHECK(server.queries().size() >= 3);
  const FakeDnsServer other(FakeZone("a.example A 192.0.2.1"));
  CHECK(ask(other, "a.example", RecordType::a).found());
}
