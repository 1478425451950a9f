#include "net/name_server.h"

#include <utility>

#include "dns/server_recording.h"
#include "net/network.h"

namespace maildiag::net {

Task<NameServerReply> ask_name_server(const AccessOptions& access, NameServerRequest request) {
  NameServerReply answer;
  if (access.recorded != nullptr) {
    if (const auto* known = access.recorded->find(request.question)) {
      answer.reply = *known;
      if (access.recorder != nullptr) access.recorder->add(request.question, *known);
      co_return answer;
    }
  }
  const auto asked = request.question;  // as it is known in a recording, wherever rules lead
  auto& server = request.question.server;
  const auto wanted = access.endpoint(request.host, {server.address, server.port}, request.reach);
  if (!wanted) {
    answer.fault = Fault::offline;
    co_return answer;
  }
  server.address = wanted->address;
  server.port = wanted->port;
  request.question.source = server.address.is_v4() ? access.source4 : access.source6;
  answer.reply = co_await dns::ask_server(std::move(request.question));
  if (access.recorder != nullptr) access.recorder->add(asked, answer.reply);
  co_return answer;
}

}  // namespace maildiag::net
