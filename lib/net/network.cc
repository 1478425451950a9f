#include "net/network.h"

#include <map>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "net/transports.h"

namespace maildiag::net {

namespace {

/// Lets one in at a time for each endpoint. It lives as long as the tasks of one event loop.
class Lanes {
 public:
  class Pass {
   public:
    Pass(Lanes& lanes, const Endpoint& endpoint) : lanes_(lanes), endpoint_(endpoint) {}
    ~Pass() { lanes_.leave(endpoint_); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    Lanes& lanes_;
    Endpoint endpoint_;
  };

  Task<std::unique_ptr<Pass>> enter(Endpoint endpoint) {
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

 private:
  void leave(const Endpoint& endpoint) {
    const auto place = open_.find(endpoint);
    const auto waiting = place->second;
    open_.erase(place);
    if (waiting) waiting->cancel();
  }

  std::map<Endpoint, std::shared_ptr<asio::steady_timer>> open_;
};

class RealNetwork : public Network {
 public:
  explicit RealNetwork(AccessOptions options) : options_(std::move(options)) {}

  Task<HttpReply> fetch(HttpRequest request) override {
    return fetch_http(options_, std::move(request));
  }
  Task<SmtpTalk> talk(SmtpRequest request) override {
    const auto endpoint =
        options_.endpoint(request.host, {request.address, request.port}, request.reach);
    if (!endpoint) {
      SmtpTalk none;
      none.fault = Fault::offline;
      co_return none;
    }
    auto entering = lanes_.enter(*endpoint);
    const auto pass = co_await std::move(entering);
    auto talking = talk_smtp(options_, std::move(request));
    co_return co_await std::move(talking);
  }
  Task<WhoisReply> whois(WhoisRequest request) override {
    return ask_whois(options_, std::move(request));
  }
  Task<TcpReply> connect(TcpRequest request) override {
    return net::connect_tcp(options_, std::move(request));
  }
  Task<PingReply> ping(PingRequest request) override {
    return net::ping(options_, std::move(request));
  }
  Task<TraceReply> trace(TraceRequest request) override {
    return net::trace(options_, std::move(request));
  }
  Task<NameServerReply> ask(NameServerRequest request) override {
    return ask_name_server(options_, std::move(request));
  }

 private:
  AccessOptions options_;
  Lanes lanes_;
};

}  // namespace

std::unique_ptr<Network> make_network(AccessOptions options) {
  return std::make_unique<RealNetwork>(std::move(options));
}

}  // namespace maildiag::net
