#include <algorithm>
#include <cctype>
#include <functional>
#include <memory>
#include <utility>

#include "checks/mta_sts.h"
#include "faults/stage.h"
#include "faults/talk_fault.h"
#include "net/post.h"
#include "support/check_context.h"
#include "support/memory_backend.h"

namespace maildiag::faults {
namespace {

using std::chrono::milliseconds;

const Step handshake{Step::Kind::handshake, ""};

/// What HTTPS adds to a play: a handshake, and a certificate that may be no good.
struct Cover {
  const test::MadeCertificate* certificate = nullptr;
  bool secure = false, trusted = true;
};

Cover choose_cover(Stage& stage, bool always) {
  Cover cover;
  if (!always && stage.dice.chance(50)) return cover;
  cover.secure = true;
  cover.certificate = &stage.any_certificate();
  cover.trusted = cover.certificate == &certificates().good;
  if (stage.dice.chance(10)) {  // clear text where TLS is expected
    cover.certificate = nullptr;
    cover.trusted = false;
  }
  return cover;
}

Script covered(Script script, const Cover& cover) {
  if (cover.certificate != nullptr) script.insert(script.begin(), handshake);
  return script;
}

/// As nothing of the play is seen then.
void hide(HttpPlay& play) {
  play.name = "no trusted TLS";
  play.outcome = Outcome::broken;
  play.fault.reset();
  play.status = 0;
}

bool is_cut(net::Fault fault) {
  return fault == net::Fault::closed || fault == net::Fault::timeout;
}

void judge(Stage& stage, const net::HttpReply& reply, const HttpPlay& play, std::size_t most) {
  const bool well = reply.fault == net::Fault::none;
  if (well) ++stage.end.ledger.definite;
  const auto came_to = "it came to " + std::to_string(reply.status) + " " +
                       std::string(to_string(reply.fault)) + " " + reply.reason;
  if (play.outcome == Outcome::whole) {
    stage.require(well && reply.status == play.status && reply.body == play.body, came_to);
  }
  if (play.outcome == Outcome::cut) stage.require(is_cut(reply.fault), "cut, and " + came_to);
  if (play.outcome == Outcome::broken) stage.require(!well, "nothing is said to be wrong");
  if (play.fault) stage.require(reply.fault == *play.fault, came_to);
  stage.require(reply.body.size() <= most, "the body is too large");
  for (const auto* text : {&reply.reason, &reply.content_type, &reply.location, &reply.server,
                           &reply.retry_after, &reply.strict_transport_security}) {
    stage.require_clean(*text, "a field");
    stage.require(text->size() <= net::max_http_header, "a field is too large");
  }
}

/// One octet of the policy becomes another. True: nobody can tell. That is so of the digits of
/// max_age alone, and letters' cases, and blanks, say the same.
bool damage_policy(std::string& policy, Dice& dice) {
  const auto place = dice.below(policy.size());
  const auto was = static_cast<unsigned char>(policy[place]);
  damage(policy, place, dice);
  const auto is = static_cast<unsigned char>(policy[place]);
  const auto is_blank = [](unsigned char c) { return std::isspace(c) != 0 || c == 0; };
  const bool in_age = place > policy.find("max_age:") + 7 && place + 1 < policy.size();
  return (in_age && (std::isdigit(is) != 0 || is_blank(is))) || place + 1 == policy.size() ||
         std::tolower(was) == std::tolower(is) || (is_blank(was) && is_blank(is));
}

}  // namespace

void play_http(Stage& stage) {
  auto play =
      http_play(stage.dice, "version: STSv1\r\n" + std::string(stage.dice.below(3000), 'b'));
  const auto cover = choose_cover(stage, false);
  if (!cover.trusted) hide(play);
  stage.end.title = (cover.secure ? "HTTPS, " : "HTTP, ") + play.name;
  HostileTcp server(stage.loop, {covered(play.script, cover)}, cover.certificate);
  const auto network = net::make_network(stage.options);
  net::HttpRequest request;
  request.url = (cover.secure ? "https://" : "http://") + std::string(host) + ":" +
                std::to_string(server.port()) + "/";
  request.plain = !cover.secure;
  request.addresses = {*IpAddress::parse("127.0.0.1")};
  net::HttpReply reply;
  std::function<Task<void>()> body = [&]() -> Task<void> {
    reply = co_await network->fetch(request);
  };
  constexpr milliseconds margin{1500};
  stage.play_out(body(), request.timeout + margin);
  judge(stage, reply, play, request.max_body);
  stage.require(server.connections() <= 1, std::to_string(server.connections()) + " connections");
  if (!cover.trusted) stage.require(server.heard().empty(), "a stranger was told what is asked");
}

void play_policy(Stage& stage) {
  std::string policy = "version: STSv1\nmode: enforce\nmx: mx.policy.test\nmax_age: 604800\n";
  const bool damaged = stage.dice.chance(20);
  const bool tells_the_same = !damaged || damage_policy(policy, stage.dice);
  auto play = http_play(stage.dice, policy, "Content-Type: text/plain\r\n");
  const auto cover = choose_cover(stage, true);
  if (!cover.trusted) hide(play);
  stage.end.title = "policy, " + play.name;
  HostileTcp server(stage.loop, {covered(play.script, cover)}, cover.certificate);
  const auto policy_host = std::string("mta-sts.") + host;
  stage.options.connect_to = {
      *net::ConnectTo::parse(policy_host + ":443:127.0.0.1:" + std::to_string(server.port()))};
  const auto network = net::make_network(stage.options);
  const auto records = std::make_shared<test::MemoryBackend>();
  records->add(std::string("_mta-sts.") + host, "v=STSv1; id=1;");
  records->add_address(policy_host, "198.41.0.4");
  dns::Resolver resolver(records);
  checks::MtaStsQuestion question;
  question.domain = test::raw_name(host);
  question.now = std::chrono::system_clock::now();
  question.route.state = checks::MailRoute::explicit_mx;
  question.route.hosts.resize(1);
  question.route.hosts.front().name = test::raw_name(std::string("mx.") + host);
  checks::MtaStsReport report;
  std::function<Task<void>()> body = [&]() -> Task<void> {
    const checks::Context context{resolver, test::shipped_rulebook(), nullptr, network.get()};
    report = co_await checks::check_mta_sts(context, question);
  };
  constexpr milliseconds longest{11'500};
  stage.play_out(body(), longest);
  if (!report.fetch.reply) return stage.require(false, "nobody was asked");
  judge(stage, *report.fetch.reply, play, checks::mta_sts::max_policy_octets);
  stage.require(server.connections() <= 1, std::to_string(server.connections()) + " connections");
  stage.require_clean(report.findings);
  const bool whole = play.outcome == Outcome::whole && play.status == 200;
  const bool enforced = test::find(report.findings, "mta-sts.enforced") != nullptr;
  if (damaged)
    stage.require(!enforced || tells_the_same, "a damaged policy is believed: " + policy);
  if (play.outcome != Outcome::unclear && !damaged) {
    stage.require(enforced == whole, whole ? "the policy is not seen" : "no policy is believed");
    stage.require(report.mode().has_value() == whole, "a mode, or none, that is not so");
  }
  const bool blamed =
      std::any_of(report.findings.begin(), report.findings.end(),
                  [](const Finding& each) { return each.severity == Severity::critical; });
  if (play.outcome == Outcome::cut)
    stage.require(!blamed, "a broken connection is held against it");
}

void play_post(Stage& stage) {
  const std::string events = R"({"schema":"maildiag.watch/1","transitions":[]})";
  auto play = http_play(stage.dice, "ok, thank you");
  auto cover = choose_cover(stage, false);
  // Clear text to an https URL looks as a certificate does that is none.
  if (!cover.trusted) hide(play);
  stage.end.title = "webhook, " + play.name;
  HostileTcp server(stage.loop, {covered(play.script, cover)}, cover.certificate);
  const auto url = net::PostUrl::read((cover.secure ? "https://127.0.0.1:" : "http://127.0.0.1:") +
                                      std::to_string(server.port()) + "/hook");
  net::PostOptions options;
  options.ca_file = stage.options.ca_file;
  net::PostResult result;
  stage.block([&] { result = net::post_json(*url, events, options); },
              options.patience + options.connect_timeout);
  // The status is the receiver's word, whatever becomes of what follows it.
  const bool taken = play.status >= 200 && play.status < 300;
  if (result.delivered) ++stage.end.ledger.definite;
  if (play.outcome != Outcome::unclear) {
    stage.require(result.delivered == taken, result.delivered ? "nobody took it" : result.reason);
  }
  stage.require(result.tries >= 1 && result.tries <= options.tries &&
                    server.connections() <= static_cast<std::size_t>(options.tries),
                std::to_string(result.tries) + " tries");
  const bool final = play.status >= 200 && play.status < 500;
  if (final) stage.require(result.tries == 1, "what was answered is asked again");
  if (!cover.trusted) stage.require(server.heard().empty(), "a stranger was told");
  stage.require(result.delivered || !result.reason.empty(), "no reason is given");
  stage.require_clean(result.reason, "the reason");
}

}  // namespace maildiag::faults
