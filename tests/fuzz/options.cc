// JSON of strangers and of callers: any text as a value, and the objects of the C interface.
#include <memory>
#include <string>
#include <string_view>

#include <maildiag/maildiag.h>

#include "core/json_parse.h"
#include "core/secret_mask.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "report/json_text.h"
#include "session/c_commands.h"

namespace maildiag::fuzz {

namespace {

void check_depth(const Value& value, int depth) {
  require(depth <= max_json_depth, "nesting is bounded");
  for (const auto& item : value.as_array()) check_depth(item, depth + 1);
  for (const auto& member : value.as_object()) check_depth(member.value, depth + 1);
}

void json(std::string_view octets) {
  const auto value = parse_json(octets);
  if (!value) return;
  check_depth(*value, 0);
  std::string text;
  report::append_json(text, *value);
  for (const char c : text) require(c >= ' ' && c <= '~', "JSON that we write is printable ASCII");
  const auto again = parse_json(text);
  require(again && *again == *value, "JSON that we write is read");
  auto hidden = *value;
  const SecretMask mask({"hidden-key", "key"});
  mask.apply(hidden);
  std::string masked;
  report::append_json(masked, hidden);
  require(!mask.hits(masked) || masked.find("\\u") != std::string::npos, "no secret is left");
}

/// Whether a session may be opened with it; nothing is asked and nothing is written.
void session_options(std::string_view octets) {
  const std::string text(octets);
  session::Members members(text.c_str());
  const auto options = session::read_session_options(members);
  if (const auto* fault = std::get_if<Error>(&options))
    require(fault->code == ErrorCode::usage && !fault->message.empty(), "a fault has words");
}

struct CloseSession {
  void operator()(maildiag_session* session) const { maildiag_close(session); }
};
struct FreeText {
  void operator()(char* text) const { maildiag_string_free(text); }
};

/// An empty recording: without one, nothing would be offline.
maildiag_session* offline_session() {
  static const MemoryFile recording("");
  static const std::unique_ptr<maildiag_session, CloseSession> session(
      maildiag_open(("{\"replay_file\": \"" + recording.path() + "\"}").c_str(), nullptr));
  require(session != nullptr, "a session is opened");
  return session.get();
}

void run(const char* command, const std::string& request) {
  char* reports = nullptr;
  char* errors = nullptr;
  const int status =
      maildiag_collect(offline_session(), command, request.c_str(), &reports, &errors);
  const std::unique_ptr<char, FreeText> owned_reports(reports), owned_errors(errors);
  require(status != MAILDIAG_INTERNAL, "no request breaks the library");
  require((status >= MAILDIAG_USAGE) == (errors != nullptr), "what failed has words");
}

/// A request to a command that neither asks anybody nor reads what a request names.
void request(std::string_view octets) {
  const auto command = take_line(octets);
  for (const char* known :
       {"findings", "rules show", "rules list", "ptrcheck", "mxcheck", "bimicheck", "lookup"}) {
    if (command == known) run(known, std::string(octets));
  }
}

/// Summaries of other runs, which may come from other machines.
void summary(std::string_view octets) {
  const MemoryFile file(octets);
  for (const char* format : {"json", "text"})
    run("summary merge", "{\"paths\": [\"" + file.path() + "\"], \"format\": \"" + format + "\"}");
}

}  // namespace

void json_options(std::string_view octets) {
  switch (take_choice(octets, 4)) {
    case 0:
      return json(octets);
    case 1:
      return session_options(octets);
    case 2:
      return request(octets);
    default:
      return summary(octets);
  }
}

}  // namespace maildiag::fuzz
