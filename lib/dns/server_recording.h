/// What single servers answered (ask_server.h), written to a recording and found in one. A line of
/// such an answer begins with {"asked":, which no line of a resolver's answer does.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/result.h"
#include "core/secret_mask.h"
#include "dns/ask_server.h"
#include "dns/line_file.h"

namespace maildiag::dns {

/// Without the line's end. Pure ASCII, whatever the answer holds.
std::string server_reply_to_json(const ServerQuestion& question, const ServerReply& reply);
bool is_server_reply(std::string_view line);

struct RecordedReply {
  ServerQuestion question;
  ServerReply reply;
};
/// The error's message says what is wrong with the line, without file and number.
Result<RecordedReply> server_reply_from_json(std::string_view line);

class ServerRecorder {
 public:
  /// `mask`: secrets that are not written; nullptr: there are none. Error: cannot_write.
  static Result<std::shared_ptr<ServerRecorder>> open(const std::string& file,
                                                      std::shared_ptr<const SecretMask> mask);
  /// Throws std::system_error where it cannot be written.
  void add(ServerQuestion question, ServerReply reply);

 private:
  ServerRecorder(LineFile file, std::shared_ptr<const SecretMask> mask);

  LineFile file_;
  std::shared_ptr<const SecretMask> mask_;
};

/// The replies of a recording.
class ServerReplies {
 public:
  explicit ServerReplies(std::shared_ptr<const SecretMask> mask) : mask_(std::move(mask)) {}
  /// Of several to one question the last definite one counts; without one, the last.
  void add(RecordedReply recorded);
  /// By server, question, transport and flags; nullptr: it is not in the recording.
  const ServerReply* find(const ServerQuestion& question) const;

 private:
  std::shared_ptr<const SecretMask> mask_;
  std::unordered_map<std::string, ServerReply> replies_;
};

}  // namespace maildiag::dns
