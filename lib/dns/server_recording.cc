#include "dns/server_recording.h"

#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "dns/mask_answer.h"
#include "dns/record_json.h"

namespace maildiag::dns {
namespace {

constexpr std::string_view asked_member = "{\"asked\":";

std::string key_of(const ServerQuestion& asked) {
  return fmt::format("{} {} {} {:d}{:d}{:d}", asked.server.to_string(), asked.question.name.key(),
                     to_string(asked.question.type), asked.tcp, asked.edns, asked.recursion);
}

ServerQuestion read_asked(const Json& object, std::optional<std::string>& fault) {
  RecordedMembers members(object, fault);
  ServerQuestion asked;
  const auto server = ServerAddress::parse(members.string("server"));
  if (!server) members.refuse("\"server\" is not an address");
  asked.server = server.value_or(ServerAddress());
  asked.question = {members.name("name"), members.type("type")};
  asked.tcp = members.boolean("tcp");
  asked.edns = members.boolean("edns");
  asked.recursion = members.boolean("recursion");
  return asked;
}

ServerReply read_server_reply(const Json& object, std::optional<std::string>& fault) {
  RecordedMembers members(object, fault);
  ServerReply reply;
  reply.outcome = members.outcome("outcome");
  reply.rcode = static_cast<int>(members.integer("rcode", -1, 0xfff));  // RFC 6891 section 6.1.3
  reply.octets = static_cast<std::size_t>(members.integer("octets", 0, 0xffff));
  reply.authoritative = members.boolean("aa");
  reply.truncated = members.boolean("tc");
  reply.recursion_available = members.boolean("ra");
  reply.edns = members.boolean("edns");
  reply.answers = members.records("answers");
  reply.authorities = members.records("authorities");
  reply.additionals = members.records("additionals");
  reply.elapsed = members.elapsed("ms");
  const auto number = members.integer("errno", 0, std::numeric_limits<std::int16_t>::max());
  reply.error = {static_cast<int>(number), std::generic_category()};
  reply.detail = members.string("detail");
  const bool nothing = reply.outcome == Outcome::timeout || reply.outcome == Outcome::network_error;
  if (reply.came() == nothing && (nothing || reply.outcome != Outcome::malformed))
    members.refuse("\"rcode\" is -1 where nothing came, and only there");
  if (reply.outcome == Outcome::answer && reply.rcode != 0)
    members.refuse("the outcome \"answer\" goes with \"rcode\" 0");
  return reply;
}

}  // namespace

std::string server_reply_to_json(const ServerQuestion& question, const ServerReply& reply) {
  const OrderedJson object = {{"asked",
                               {{"server", question.server.to_string()},
                                {"name", question.question.name.to_string()},
                                {"type", to_string(question.question.type)},
                                {"tcp", question.tcp},
                                {"edns", question.edns},
                                {"recursion", question.recursion}}},
                              {"outcome", std::string(to_string(reply.outcome))},
                              {"rcode", reply.rcode},
                              {"octets", reply.octets},
                              {"aa", reply.authoritative},
                              {"tc", reply.truncated},
                              {"ra", reply.recursion_available},
                              {"edns", reply.edns},
                              {"answers", records_to_json(reply.answers)},
                              {"authorities", records_to_json(reply.authorities)},
                              {"additionals", records_to_json(reply.additionals)},
                              {"ms", static_cast<double>(reply.elapsed.count()) / 1000.0},
                              {"errno", reply.error.value()},
                              {"detail", reply.detail}};
  return object.dump(-1, ' ', true, OrderedJson::error_handler_t::replace);
}

bool is_server_reply(std::string_view line) {
  return line.starts_with(asked_member);
}

Result<RecordedReply> server_reply_from_json(std::string_view line) {
  const auto object = Json::parse(line, nullptr, false);
  if (object.is_discarded()) return fail_with(ErrorCode::bad_data, "not a line of JSON");
  std::optional<std::string> fault;
  RecordedMembers members(object, fault);
  RecordedReply recorded;
  recorded.question = read_asked(members.member("asked"), fault);
  recorded.reply = read_server_reply(object, fault);
  if (fault) return fail(ErrorCode::bad_data, *fault);
  return recorded;
}

Result<std::shared_ptr<ServerRecorder>> ServerRecorder::open(
    const std::string& file, std::shared_ptr<const SecretMask> mask) {
  auto lines = LineFile::open(file);
  if (!lines) return tl::unexpected(lines.error());
  return std::shared_ptr<ServerRecorder>(new ServerRecorder(std::move(*lines), std::move(mask)));
}

ServerRecorder::ServerRecorder(LineFile file, std::shared_ptr<const SecretMask> mask)
    : file_(std::move(file)), mask_(std::move(mask)) {}

void ServerRecorder::add(ServerQuestion question, ServerReply reply) {
  if (mask_ != nullptr) {
    question.question.name = mask_name(*mask_, question.question.name);
    for (auto* section : {&reply.answers, &reply.authorities, &reply.additionals})
      mask_records(*mask_, *section);
    reply.detail = mask_->apply(reply.detail);
  }
  file_.append(server_reply_to_json(question, reply));
}

void ServerReplies::add(RecordedReply recorded) {
  auto& reply = recorded.reply;
  const auto [found, added] = replies_.try_emplace(key_of(recorded.question), reply);
  if (added) return;
  if (is_definite(reply.outcome) || !is_definite(found->second.outcome))
    found->second = std::move(reply);
}

const ServerReply* ServerReplies::find(const ServerQuestion& question) const {
  auto recorded = question;
  if (mask_ != nullptr) recorded.question.name = mask_name(*mask_, question.question.name);
  const auto found = replies_.find(key_of(recorded));
  return found == replies_.end() ? nullptr : &found->second;
}

}  // namespace maildiag::dns
