#include "net/network.h"

#include <utility>

#include "net/smtp_lanes.h"
#include "net/transports.h"

namespace maildiag::net {

namespace {

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
    auto talking = lanes_.talk(options_, *endpoint, std::move(request));
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
  SmtpLanes lanes_;
};

}  // namespace

std::unique_ptr<Network> make_network(AccessOptions options) {
  return std::make_unique<RealNetwork>(std::move(options));
}

}  // namespace maildiag::net
