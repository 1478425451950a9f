// What this process has not got is no fault of a server.

#include <array>
#include <optional>
#include <sys/resource.h>

#include <doctest/doctest.h>

#include "unit/net/smtp_talk.h"

using namespace maildiag;
using namespace maildiag::net;
using namespace maildiag::test;

namespace {

/// While it lives, no file can be opened.
class NoFiles {
 public:
  NoFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit none{3, before_.rlim_max};  // 0 to 2 are open
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  NoFiles(const NoFiles&) = delete;
  NoFiles& operator=(const NoFiles&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("without a socket nobody has refused anything") {
  ScriptedServer server([](Peer& peer) { peer.send("421 Busy\r\n"); });
  std::array<SmtpTalk, 2> talks;
  const AccessOptions options;
  const auto work = [&]() -> Task<void> {
    auto first = talk_smtp(options, request_to(server));
    talks[0] = co_await std::move(first);
    const NoFiles limit;  // not before the event loop stands
    auto second = talk_smtp(options, request_to(server));
    talks[1] = co_await std::move(second);
  };
  run_task(work());
  CHECK(talks[0].greeting.code == 421);
  CHECK(to_string(talks[1].fault) == to_string(Fault::unreachable));
  CHECK(!talks[1].reason.empty());
}

TEST_CASE("without a file for the handshake nothing is said of TLS") {
  std::optional<NoFiles> limit;
  ScriptedServer server([&](Peer& peer) {
    peer.send("220 mail.example.com ESMTP\r\n");
    peer.answer({"250-mail.example.com\r\n250 STARTTLS\r\n"});
    peer.line();
    limit.emplace();
    peer.send("220 Ready\r\n");
    peer.wait_for_end();
  });
  const auto result = talk(request_to(server));
  limit.reset();
  // The files may be gone before the client begins to wait for the reply.
  CHECK((result.stage == SmtpStage::handshake || result.stage == SmtpStage::starttls));
  CHECK(to_string(result.fault) == to_string(Fault::no_library));
  CHECK(!result.reason.empty());
}
