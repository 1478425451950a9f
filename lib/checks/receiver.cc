#include "checks/receiver.h"

#include <algorithm>
#include <utility>

#include "checks/exchangers.h"
#include "checks/public_suffix.h"
#include "checks/smtp.h"
#include "checks/smtp_servers.h"
#include "core/text.h"

namespace maildiag::checks {

namespace {

using std::string_view;

/// A receiver that is slower than this is not worth more of the reader's time: it stays unknown.
constexpr std::chrono::seconds patience{20};

Finding make(string_view id, Severity severity, const ReceiverRequest& request) {
  Finding finding;
  finding.id = std::string(id);
  finding.severity = severity;
  finding.subject = request.domain.to_string();
  finding.data.set("domain", finding.subject);
  return finding;
}

/// nullopt: only an address is known of who replied.
std::optional<DomainName> replier_name(const ReceiverRequest& request) {
  const auto host = std::string_view(request.remote_host);
  const bool bracketed = host.size() > 1 && host.front() == '[' && host.back() == ']';
  if (IpAddress::parse(bracketed ? host.substr(1, host.size() - 2) : host)) return std::nullopt;
  return DomainName::from_user(host);
}

std::string who_replied(const ReceiverRequest& request) {
  if (!request.remote_host.empty()) return text::sanitize(request.remote_host);
  return request.remote_ip ? request.remote_ip->to_string() : std::string();
}

bool replied(const ReceiverRequest& request, const DomainName& host, const IpAddress& address) {
  if (request.remote_ip) return request.remote_ip->unmapped() == address.unmapped();
  const auto name = replier_name(request);
  return name && *name == host;
}

/// Every exchanger by its name, and whether one of them replied.
struct Route {
  Value hosts = Value::array();
  bool found = false, complete = true;
  bool stranger = false;  ///< the name of who replied leads to public addresses
  std::vector<Evidence> evidence;
};

Route follow(const Exchangers& exchangers, const ReceiverRequest& request) {
  Route route;
  route.evidence.push_back(exchangers.evidence);
  const auto name = replier_name(request);
  for (const auto& host : exchangers.hosts) {
    route.hosts.push(host.name.to_string());
    route.complete = route.complete && !host.unknown;
    route.found = route.found || (name && *name == host.name);
    for (const auto& address : host.addresses)
      route.found = route.found || replied(request, host.name, address);
    route.evidence.insert(route.evidence.end(), host.evidence.begin(), host.evidence.end());
  }
  route.complete = route.complete && exchangers.state != MailRoute::unknown;
  return route;
}

/// A greeting's name of the receiver's own site is no stranger's, wherever it leads to: servers
/// greet with names that are web mail's outside. A name that was looked up, and an address, say who
/// was talked to.
bool is_of_site(const DomainName& name, const Exchangers& exchangers,
                const ReceiverRequest& request) {
  if (!request.greeted || request.remote_ip) return false;
  const PublicSuffixes suffixes;
  const auto site = suffixes.registered_domain(name);
  return site == suffixes.registered_domain(request.domain) ||
         std::any_of(exchangers.hosts.begin(), exchangers.hosts.end(), [&](const auto& host) {
           return site == suffixes.registered_domain(host.name);
         });
}

/// A name that is no exchanger's may still lead to an exchanger's address. One that leads nowhere
/// is not what the sender looked up: servers greet with names of the inside.
Task<void> follow_name(Context context, const Exchangers& exchangers, DomainName name, bool of_site,
                       Route& route) {
  auto looking = find_host(context, std::move(name));
  const auto found = co_await std::move(looking);
  for (const auto& finding : found.findings)
    route.complete = route.complete && finding.severity != Severity::unknown;
  for (const auto& server : found.servers) {
    for (const auto& host : exchangers.hosts) {
      for (const auto& address : host.addresses)
        route.found = route.found || address.unmapped() == server.address;
    }
  }
  // Addresses of the inside differ from network to network: they may be an exchanger's own there.
  route.stranger = !of_site && !found.servers.empty() &&
                   std::all_of(found.servers.begin(), found.servers.end(),
                               [](const auto& server) { return server.address.is_public(); });
}

/// An address that no exchanger has now may still be one's: behind a balancer, or it has moved. Its
/// reverse name may tell that it is, and nothing that it is not.
Task<void> follow_address(Context context, const Exchangers& exchangers, IpAddress ip,
                          Route& route) {
  const auto ptr_name = *DomainName::parse(ip.ptr_name());
  const auto answer = co_await context.resolver.query(ptr_name, dns::RecordType::ptr);
  route.complete = route.complete && answer.definite();
  route.evidence.push_back(dns::to_evidence(answer));
  for (const auto& record : answer.records) {
    const auto* data = std::get_if<dns::NameData>(&record.data);
    for (const auto& host : exchangers.hosts)
      route.found = route.found || (data != nullptr && data->name == host.name);
  }
}

/// What the servers of one receiver show together.
class Receiver {
 public:
  Receiver(Context context, ReceiverRequest request)
      : context_(context), request_(std::move(request)) {}

  Task<std::vector<Finding>> run() {
    auto looking = find_servers(context_, request_.domain);
    auto found = co_await std::move(looking);
    // Only who has seen all servers may say that none of them is there.
    complete_ = found.findings.empty() && found.servers.size() <= max_receiver_servers;
    choose(found.servers);
    reports_.resize(found.servers.size());
    const auto ask = [this, &found](std::size_t index) -> Task<void> {
      SmtpQuestion question;
      question.address = found.servers[index].address;
      question.host = found.servers[index].host;
      question.reach = net::Reach::public_only;
      question.greeting_timeout = patience;
      question.now = std::chrono::system_clock::now();
      auto asking = check_smtp(context_, std::move(question));
      reports_[index] = co_await std::move(asking);
    };
    co_await for_each_index(reports_.size(), max_receiver_servers, ask);
    const auto untried = std::erase_if(
        reports_, [](const SmtpReport& report) { return report.state == SmtpState::untried; });
    complete_ = complete_ && untried == 0;
    if (!reports_.empty()) {
      judge_state();
      judge_size();
    }
    co_return std::move(findings_);
  }

 private:
  /// Who replied comes first: it is the one that the sender met.
  void choose(std::vector<SmtpServer>& servers) const {
    std::stable_partition(servers.begin(), servers.end(), [this](const SmtpServer& server) {
      return replied(request_, server.host, server.address);
    });
    if (servers.size() > max_receiver_servers) servers.resize(max_receiver_servers);
  }

  std::size_t count(std::initializer_list<SmtpState> states) const {
    return static_cast<std::size_t>(
        std::count_if(reports_.begin(), reports_.end(), [states](const SmtpReport& report) {
          return std::find(states.begin(), states.end(), report.state) != states.end();
        }));
  }

  void add(string_view id, Severity severity, std::size_t agreeing) {
    auto finding = make(id, severity, request_);
    Value servers = Value::array();
    for (const auto& report : reports_) {
      servers.push(server_text(report.question));
      if (report.findings.empty()) continue;
      // The first says how the server received us.
      const auto& evidence = report.findings.front().evidence;
      finding.evidence.insert(finding.evidence.end(), evidence.begin(), evidence.end());
    }
    finding.data.set("servers", std::move(servers))
        .set("asked", reports_.size())
        .set("count", agreeing);
    findings_.push_back(std::move(finding));
  }

  void judge_state() {
    for (const auto& report : reports_)
      findings_.insert(findings_.end(), report.findings.begin(), report.findings.end());
    const auto ready = count({SmtpState::ready});
    const auto turned = count({SmtpState::deferred, SmtpState::rejected, SmtpState::no_ehlo});
    const auto dead = count({SmtpState::refused, SmtpState::not_smtp});
    if (ready > 0) {
      add("receiver.ready", Severity::ok, ready);
    } else if (turned > 0) {
      const bool too_many =
          std::any_of(reports_.begin(), reports_.end(), [](const SmtpReport& report) {
            return report.cause && report.cause->cause != nullptr &&
                   report.cause->cause->id == "too-many-connections";
          });
      add(too_many ? "receiver.too-many-connections" : "receiver.turns-away", Severity::warning,
          turned);
    } else if (complete_ && dead == reports_.size()) {
      add("receiver.no-service", Severity::critical, dead);
    } else {
      add("receiver.no-answer", Severity::unknown, reports_.size());
    }
  }

  void judge_size() {
    // The smallest limit of those that announce one: 0 means "no fixed limit" (RFC 1870 section 4).
    const SmtpReport* tightest = nullptr;
    std::uint64_t limit = 0;
    bool ready = false, unlimited = false;
    for (const auto& report : reports_) {
      if (report.state != SmtpState::ready) continue;
      ready = true;
      const auto& offer = report.secured.list.empty() ? report.clear : report.secured;
      const auto size = offer.size();
      unlimited = unlimited || size == 0U;
      if (!size || *size == 0 || (limit != 0 && *size >= limit)) continue;
      limit = *size;
      tightest = &report;
    }
    if (!ready) return;
    if (tightest == nullptr) {
      findings_.push_back(
          make(unlimited ? "receiver.size-unlimited" : "receiver.size-not-announced",
               Severity::info, request_));
      return;
    }
    const auto octets = request_.message_octets;
    auto finding = make(octets == 0      ? "receiver.size-limit"
                        : octets > limit ? "receiver.size-exceeded"
                                         : "receiver.size-fits",
                        octets > limit ? Severity::critical : Severity::info, request_);
    finding.data.set("server", server_text(tightest->question))
        .set("limit", limit)
        .set("octets", octets)
        .set("over", octets > limit ? octets - limit : 0);
    findings_.push_back(std::move(finding));
  }

  Context context_;
  ReceiverRequest request_;
  std::vector<SmtpReport> reports_;
  bool complete_ = true;  ///< all servers of the domain were asked
  std::vector<Finding> findings_;
};

}  // namespace

Task<std::vector<Finding>> check_route(Context context, ReceiverRequest request) {
  std::vector<Finding> findings;
  if (who_replied(request).empty()) co_return findings;
  auto looking = find_exchangers(context, request.domain);
  const auto exchangers = co_await std::move(looking);
  auto route = follow(exchangers, request);
  auto name = replier_name(request);
  if (!route.found && name) {
    const bool of_site = is_of_site(*name, exchangers, request);
    auto following = follow_name(context, exchangers, std::move(*name), of_site, route);
    co_await std::move(following);
  }
  if (!route.found && request.remote_ip) {
    const auto ip = request.remote_ip->unmapped();
    auto following = follow_address(context, exchangers, ip, route);
    co_await std::move(following);
  }
  const bool stranger = !route.found && route.complete && route.stranger;
  const bool seen = route.found || route.complete;
  auto finding = make(route.found ? "route.is-mx"
                      : stranger  ? "route.not-an-mx"
                      : seen      ? "route.undecided"
                                  : "route.unknown",
                      stranger ? Severity::critical
                      : seen   ? Severity::info
                               : Severity::unknown,
                      request);
  finding.data.set("host", who_replied(request)).set("hosts", std::move(route.hosts));
  finding.evidence = std::move(route.evidence);
  findings.push_back(std::move(finding));
  co_return findings;
}

Task<std::vector<Finding>> check_receiver(Context context, ReceiverRequest request) {
  if (context.network == nullptr) co_return std::vector<Finding>();
  Receiver receiver(context, std::move(request));
  auto running = receiver.run();
  co_return co_await std::move(running);
}

}  // namespace maildiag::checks
