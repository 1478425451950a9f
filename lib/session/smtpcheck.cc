#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "checks/smtp.h"
#include "checks/smtp_servers.h"
#include "session/impl.h"
#include "session/smtp_target.h"

namespace maildiag {

namespace {

constexpr std::uint16_t smtp_port = 25;

/// Neither end is anybody: example.org takes no mail (RFC 2606, RFC 7505), and the null
/// reverse-path (RFC 5321 section 4.5.5) is of no domain that a server could look up.
const net::RelayQuestion strangers{"", "relay-test@example.org"};

/// Octets of a path (RFC 5321 section 4.5.3.1.3); the rest keeps it one word on one line.
bool is_path(std::string_view text) {
  constexpr std::size_t longest = 254;
  return text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
           return c > ' ' && c < '\x7f' && c != '<' && c != '>';
         });
}

Result<std::optional<net::RelayQuestion>> read_relay(const std::optional<std::string>& text) {
  if (!text) return std::optional<net::RelayQuestion>();
  if (text->empty()) return std::optional(strangers);
  const auto comma = text->find(',');
  const auto from = text->substr(0, comma);
  const auto to = comma == std::string::npos ? std::string() : text->substr(comma + 1);
  if (!is_path(from) || !is_path(to) || to.find('@') == std::string::npos ||
      to.find(',') != std::string::npos || (!from.empty() && from.find('@') == std::string::npos))
    return fail_with(ErrorCode::usage, "`{}` is not FROM,TO (example: a@example.net,b@example.org)",
                     *text);
  return std::optional(net::RelayQuestion{from, to});
}

/// One report to come: of a server, or of a name without one.
struct Piece {
  std::string target;
  std::optional<checks::SmtpQuestion> question;
  std::vector<Finding> findings;
};

/// Turns targets into pieces.
class Plan {
 public:
  Plan(checks::Context context, const SmtpOptions& options, checks::SmtpQuestion pattern)
      : context_(context), options_(options), pattern_(std::move(pattern)) {}

  Task<std::vector<Piece>> pieces(session::SmtpTarget target) const {
    std::vector<Piece> result;
    if (const auto* address = std::get_if<IpAddress>(&target.name)) {
      add(target, std::nullopt, address->unmapped(), result);
      co_return result;
    }
    const auto name = std::get<DomainName>(target.name);
    const bool host = options_.hosts || target.port;
    checks::SmtpServers found;
    if (host) {
      found = co_await checks::find_host(context_, name);
    } else {
      found = co_await checks::find_servers(context_, name);
    }
    for (const auto& server : found.servers) add(target, server.host, server.address, result);
    if (!found.findings.empty())
      result.push_back({target.text, std::nullopt, std::move(found.findings)});
    co_return result;
  }

 private:
  void add(const session::SmtpTarget& target, const std::optional<DomainName>& host,
           const IpAddress& address, std::vector<Piece>& result) const {
    auto ports = target.port ? std::vector{*target.port} : options_.ports;
    if (ports.empty()) ports.push_back(smtp_port);
    for (const auto port : ports) {
      auto question = pattern_;
      question.host = host;
      question.address = address;
      question.port = port;
      auto text = checks::server_text(question);
      result.push_back({std::move(text), std::move(question), {}});
    }
  }

  checks::Context context_;
  const SmtpOptions& options_;
  checks::SmtpQuestion pattern_;
};

/// nullopt: cancelled.
std::optional<std::vector<Piece>> plan_all(const Session::Impl& impl,
                                           const std::vector<session::SmtpTarget>& targets,
                                           const Plan& plan) {
  std::vector<std::vector<Piece>> parts(targets.size());
  const auto one = [&](std::size_t index) -> Task<void> {
    auto pieces = co_await plan.pieces(targets[index]);
    parts[index] = std::move(pieces);
  };
  if (!impl.run(for_each_index(targets.size(), session::parallel_targets, one)))
    return std::nullopt;
  std::vector<Piece> all;
  for (auto& part : parts) {
    all.insert(all.end(), std::make_move_iterator(part.begin()),
               std::make_move_iterator(part.end()));
  }
  return all;
}

}  // namespace

void Session::smtpcheck(const std::vector<std::string>& texts, const SmtpOptions& options,
                        const ReportSink& sink, const ErrorSink& errors) {
  const auto relay = read_relay(options.relay_test);
  if (!relay) return errors(relay.error());
  std::vector<session::SmtpTarget> targets;
  for (const auto& text : texts) {
    auto target = session::parse_smtp_target(text);
    if (target) {
      targets.push_back(std::move(*target));
    } else {
      errors(target.error());
    }
  }
  checks::SmtpQuestion pattern;
  pattern.relay = *relay;
  pattern.greeting_timeout = std::chrono::seconds(options.greeting_timeout);
  if (options.warning_days >= 0) pattern.limits.warning_days = options.warning_days;
  if (options.critical_days >= 0) pattern.limits.critical_days = options.critical_days;
  pattern.now = std::chrono::system_clock::now();
  const Plan plan(impl_->context(), options, pattern);

  std::size_t done = 0, known = 0;
  const std::function<Task<Report>(Piece)> work = [&](Piece piece) -> Task<Report> {
    auto report = session::new_report("smtpcheck", piece.target);
    report.result = Value::object();
    report.findings = std::move(piece.findings);
    if (piece.question) {
      auto result = co_await checks::check_smtp(impl_->context(), *piece.question);
      report.result = result.to_value();
      report.findings = std::move(result.findings);
    }
    impl_->finish(report);
    ++done;
    if (options.progress) options.progress(done, known);
    co_return report;
  };
  bool go_on = true;
  for (std::size_t start = 0; go_on && start < targets.size(); start += session::chunk_size) {
    const auto end = std::min(start + session::chunk_size, targets.size());
    const auto begin = targets.begin() + static_cast<std::ptrdiff_t>(start);
    const auto pieces =
        plan_all(*impl_, {begin, targets.begin() + static_cast<std::ptrdiff_t>(end)}, plan);
    if (!pieces) {
      const auto missing = targets.size() - start;
      return errors(session::targets_left_out(*impl_, missing, targets.size()));
    }
    known += pieces->size();
    go_on = session::run_all<Piece>(*impl_, *pieces, work, sink, errors);
  }
}

}  // namespace maildiag
