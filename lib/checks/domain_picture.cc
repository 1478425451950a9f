#include "checks/domain_picture.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "checks/dnsbl_judge.h"
#include "checks/domain_finding.h"
#include "checks/exchangers.h"

namespace maildiag::checks {

namespace {

constexpr std::size_t parallel_addresses = 8;
/// More, as one that drips takes a minute: the whole is over after two.
constexpr std::size_t parallel_dialogues = 32;

class Painter {
 public:
  Painter(Context context, DomainName domain, PictureOptions options)
      : context_(context), domain_(std::move(domain)), options_(std::move(options)) {}

  Task<DomainPicture> run() {
    const std::vector<std::function<Task<void>()>> parts{
        [this] { return paint_exchangers(); },   [this] { return paint_lists(); },
        [this] { return paint_spf(); },          [this] { return paint_dmarc(); },
        [this] { return paint_dkim(); },         [this] { return paint_transport(); },
        [this] { return paint_name_servers(); }, [this] { return paint_servers(); },
    };
    const std::function<Task<void>(std::size_t)> paint = [&parts](std::size_t index) {
      return parts[index]();
    };
    co_await for_each_index(parts.size(), parts.size(), paint);
    if (route_ == MailRoute::nxdomain) forget_policies();
    picture_.findings = join_findings();
    picture_.now = options_.now;
    co_return std::move(picture_);
  }

 private:
  Task<void> paint_exchangers() {
    auto result = co_await check_mx(context_, domain_);
    picture_.mx = std::move(result);
  }

  Task<void> paint_lists() {
    // The same questions as check_mx() asks, which the resolver joins.
    const auto exchangers = co_await find_exchangers(context_, domain_);
    route_ = exchangers.state;
    choose_addresses(exchangers);
    if (!options_.lists) co_return;
    std::vector<AddressLists> seen(addresses_.size());
    const std::function<Task<void>(std::size_t)> look = [&](std::size_t index) -> Task<void> {
      seen[index].ip = addresses_[index];
      const DnsblTarget target = addresses_[index];
      const DnsblOptions options;
      auto result = co_await check_dnsbl(context_, target, options);
      seen[index].lists = std::move(result);
    };
    co_await for_each_index(seen.size(), parallel_addresses, look);
    keep_lists(std::move(seen));
  }

  Task<void> paint_servers() {
    if (!options_.smtp) co_return;
    const auto exchangers = co_await find_exchangers(context_, domain_);
    auto talks = choose_servers(exchangers);
    const std::function<Task<void>(std::size_t)> talk = [&](std::size_t index) -> Task<void> {
      auto question = talks[index].report.question;
      auto report = co_await check_smtp(context_, std::move(question));
      talks[index].report = std::move(report);
    };
    co_await for_each_index(talks.size(), parallel_dialogues, talk);
    keep_talks(std::move(talks));
  }

  std::vector<ExchangerTalk> choose_servers(const Exchangers& exchangers) const {
    std::vector<ExchangerTalk> talks;
    for (std::size_t host = 0; host < exchangers.hosts.size(); ++host) {
      for (const auto& ip : exchangers.hosts[host].addresses) {
        if (ip.is_special() || talks.size() >= max_picture_addresses) continue;
        auto& talk = talks.emplace_back();
        talk.host = host;
        talk.report.question.address = ip;
        talk.report.question.host = exchangers.hosts[host].name;
        talk.report.question.now = options_.now;
      }
    }
    return talks;
  }

  /// What must not be tried is said once.
  void keep_talks(std::vector<ExchangerTalk> talks) {
    const bool untried = std::ranges::all_of(talks, [](const ExchangerTalk& talk) {
      return talk.report.talk.fault == net::Fault::offline;
    });
    if (untried && !talks.empty()) {
      notes_.push_back(note("smtp.not-tried", Severity::info));
    } else {
      picture_.talks = std::move(talks);
    }
  }

  void choose_addresses(const Exchangers& exchangers) {
    std::size_t count = 0;
    for (const auto& host : exchangers.hosts) {
      for (const auto& ip : host.addresses) {
        // No list speaks of an address that the Internet does not have.
        if (ip.is_special() || std::ranges::find(addresses_, ip) != addresses_.end()) continue;
        ++count;
        if (addresses_.size() < max_picture_addresses) addresses_.push_back(ip);
      }
    }
    if (count == addresses_.size()) return;
    auto finding = note("mx.too-many-addresses", Severity::info);
    finding.data.set("count", count).set("limit", max_picture_addresses);
    notes_.push_back(std::move(finding));
  }

  /// Zone files of a domain hold no lists: that they do not answer is no fault of theirs.
  void keep_lists(std::vector<AddressLists> seen) {
    const bool silent = std::ranges::all_of(
        seen, [](const AddressLists& address) { return address.lists.answered == 0; });
    if (options_.from_files && silent) {
      if (!seen.empty()) notes_.push_back(note("dnsbl.not-in-files", Severity::info));
      return;
    }
    const bool asked = std::ranges::any_of(
        seen, [](const AddressLists& address) { return address.lists.queried > 0; });
    for (auto& address : seen) {
      if (asked) excuse_unserved(address.lists);
    }
    picture_.lists = std::move(seen);
  }

  Task<void> paint_spf() {
    auto result = co_await lint_spf(context_, domain_);
    picture_.spf = std::move(result);
  }

  Task<void> paint_dmarc() {
    const DmarcScope scope;
    auto result = co_await check_dmarc(context_, domain_, scope);
    picture_.dmarc = std::move(result);
  }

  Task<void> paint_dkim() {
    auto result = co_await check_dkim_keys(context_, domain_, options_.selectors);
    // That guesses miss says nothing about the domain; only who asks for its keys needs an answer.
    const bool missed = result.guessed && result.unanswered == 0;
    for (auto& finding : result.findings) {
      if (missed && finding.severity == Severity::unknown) finding.severity = Severity::info;
    }
    picture_.dkim = std::move(result);
  }

  /// What asks senders for TLS, and where they tell of its failures. A policy that must not be
  /// fetched is not known to be good.
  Task<void> paint_transport() {
    auto route = co_await find_exchangers(context_, domain_);
    MtaStsQuestion question{domain_, std::move(route), options_.now};
    auto policy = co_await check_mta_sts(context_, std::move(question));
    const bool needed = policy.mode().has_value();
    if (!policy.found.records.empty() && policy.fetch.untried())
      notes_.push_back(note("mta-sts.policy-not-tried", Severity::info));
    picture_.mta_sts = std::move(policy);
    auto reports = co_await check_tls_rpt(context_, domain_, needed);
    picture_.tls_rpt = std::move(reports);
  }

  Task<void> paint_name_servers() {
    if (!options_.name_servers || context_.network == nullptr) co_return;
    DnsHealthRequest request;
    request.domain = domain_;
    auto health = co_await check_dns_health(context_, std::move(request));
    // A recording need not hold what they said.
    if (options_.from_files && !health.asked()) co_return;
    picture_.dns = std::move(health);
  }

  /// Of a domain that does not exist there is nothing else to say.
  void forget_policies() {
    picture_.spf.reset();
    picture_.dmarc.reset();
    picture_.dkim.reset();
    picture_.mta_sts.reset();
    picture_.tls_rpt.reset();
    picture_.dns.reset();
  }

  Finding note(std::string id, Severity severity) const {
    Finding finding;
    finding.id = std::move(id);
    finding.severity = severity;
    finding.subject = domain_.to_string();
    finding.data.set("domain", domain_.to_string());
    return finding;
  }

  std::vector<Finding> join_findings() {
    std::vector<Finding> all;
    const auto take = [&all](std::vector<Finding>& findings) {
      std::move(findings.begin(), findings.end(), std::back_inserter(all));
      findings.clear();
    };
    take(picture_.mx.findings);
    for (auto& talk : picture_.talks) take(talk.report.findings);
    if (picture_.spf) take(picture_.spf->findings);
    if (picture_.dmarc) take(picture_.dmarc->findings);
    if (picture_.dkim) take(picture_.dkim->findings);
    if (picture_.mta_sts) take(picture_.mta_sts->findings);
    if (picture_.tls_rpt) take(picture_.tls_rpt->findings);
    if (picture_.lists) {
      for (auto& address : *picture_.lists) take(address.lists.findings);
    }
    if (picture_.dns) take(picture_.dns->findings);
    take(notes_);
    return without_duplicates(std::move(all));
  }

  Context context_;
  DomainName domain_;
  PictureOptions options_;
  MailRoute route_ = MailRoute::unknown;
  std::vector<IpAddress> addresses_;
  std::vector<Finding> notes_;
  DomainPicture picture_;
};

template <class Part>
Value value_or_null(const std::optional<Part>& part) {
  return part ? part->to_value() : Value();
}

/// As `smtp` of each exchanger's address.
void add_talks(const std::vector<ExchangerTalk>& talks, Value& value) {
  auto hosts = value["mx"].as_array();
  for (const auto& talk : talks) {
    if (talk.host >= hosts.size()) continue;
    auto addresses = hosts[talk.host]["addresses"].as_array();
    for (auto& address : addresses) {
      if (address["ip"].as_string() == talk.report.question.address.to_string())
        address.set("smtp", talk.report.to_value());
    }
    hosts[talk.host].set("addresses", std::move(addresses));
  }
  value.set("mx", std::move(hosts));
}

}  // namespace

Value DomainPicture::to_value(const rulebook::Rulebook& rulebook, Language language) const {
  auto value = mx.to_value();
  add_talks(talks, value);
  value.set("spf", value_or_null(spf));
  value.set("dmarc", value_or_null(dmarc));
  value.set("dkim", value_or_null(dkim));
  value.set("mta_sts", mta_sts ? mta_sts->to_value(now) : Value());
  value.set("tls_rpt", value_or_null(tls_rpt));
  Value addresses;
  if (lists) {
    addresses = Value::array();
    for (const auto& address : *lists) {
      auto entry = Value::object({{"ip", address.ip.to_string()}});
      const auto said = address.lists.to_value(rulebook, language, false);
      for (const auto& [key, member] : said.as_object()) entry.set(key, member);
      addresses.push(std::move(entry));
    }
  }
  value.set("dns", value_or_null(dns));
  value.set("dnsbl", lists ? Value::object({{"addresses", std::move(addresses)}}) : Value());
  return value;
}

Task<DomainPicture> check_domain_picture(Context context, DomainName domain,
                                         PictureOptions options) {
  Painter painter(context, std::move(domain), std::move(options));
  co_return co_await painter.run();
}

}  // namespace maildiag::checks
