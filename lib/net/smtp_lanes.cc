#include "net/smtp_lanes.h"

#include <system_error>
#include <tuple>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "net/transports.h"

namespace maildiag::net {

namespace {

/// The name apart: it comes into play in the handshake only.
auto kind_of(const SmtpRequest& request) {
  const auto relay = request.relay.value_or(RelayQuestion{});
  return std::tuple(request.helo_name, request.tls, request.relay.has_value(), relay.reverse_path,
                    relay.forward_path, request.connect_timeout, request.greeting_timeout,
                    request.reply_timeout, request.timeout);
}

}  // namespace

/// The right to talk to one server. It lives as long as the tasks of one event loop.
class SmtpLanes::Pass {
 public:
  Pass(SmtpLanes& lanes, const Endpoint& endpoint) : lanes_(lanes), endpoint_(endpoint) {}
  ~Pass() { lanes_.leave(endpoint_); }
  Pass(const Pass&) = delete;
  Pass& operator=(const Pass&) = delete;

 private:
  SmtpLanes& lanes_;
  Endpoint endpoint_;
};

Task<std::unique_ptr<SmtpLanes::Pass>> SmtpLanes::enter(Endpoint endpoint) {
  const auto executor = co_await asio::this_coro::executor;
  std::error_code ignored;
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  while (true) {
    const auto [place, free] = open_.try_emplace(endpoint, nullptr);
    if (free) break;
    if (!place->second) {
      place->second =
          std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    }
    const auto turn = place->second;
    co_await turn->async_wait(token);
  }
  co_return std::make_unique<Pass>(*this, endpoint);
}

void SmtpLanes::leave(const Endpoint& endpoint) {
  const auto place = open_.find(endpoint);
  const auto waiting = place->second;
  open_.erase(place);
  if (waiting) waiting->cancel();
}

void SmtpLanes::forget_old() {
  const auto oldest = Clock::now() - timeout_memory;
  std::erase_if(ended_, [oldest](const auto& each) { return each.second.at < oldest; });
}

std::optional<SmtpTalk> SmtpLanes::known(const Endpoint& endpoint, const SmtpRequest& request) {
  forget_old();
  const auto [begin, end] = ended_.equal_range(endpoint);
  for (auto each = begin; each != end; ++each) {
    const auto& [first, talk, at] = each->second;
    if (kind_of(first) == kind_of(request)) return repeat_of(talk, first, request);
  }
  return std::nullopt;
}

Task<SmtpTalk> SmtpLanes::talk(const AccessOptions& options, Endpoint endpoint,
                               SmtpRequest request) {
  auto entering = enter(endpoint);
  const auto pass = co_await std::move(entering);
  if (auto talk = known(endpoint, request)) co_return std::move(*talk);
  auto talking = talk_smtp(options, request);
  auto talk = co_await std::move(talking);
  if (talk.fault == Fault::timeout)
    ended_.emplace(endpoint, Ended{std::move(request), talk, Clock::now()});
  co_return talk;
}

SmtpTalk repeat_of(SmtpTalk talk, const SmtpRequest& first, const SmtpRequest& second) {
  talk.repeated = true;
  if (first.host != second.host) talk.tls.reset();  // RFC 6066 section 3: chosen by the name
  return talk;
}

}  // namespace maildiag::net
