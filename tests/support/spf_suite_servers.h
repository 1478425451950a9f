/// A scenario of the RFC 7208 table on a real socket and as a zone file.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/backends.h"
#include "support/fake_dns_server.h"
#include "support/spf_suite.h"
#include "support/temporary_file.h"

namespace maildiag::test {

/// What a name never answers: `types`, and with `others` every type that it has no records of.
inline bool is_silent(const SuiteScenario& scenario, const dns::Question& question) {
  for (const auto& name : scenario.names) {
    if (raw_name(name.name) != question.name) continue;
    if (name.silent_types.contains(question.type)) return true;
    const bool has =
        std::any_of(name.records.begin(), name.records.end(),
                    [&](const dns::Record& record) { return record.type == question.type; });
    return name.silent && !has;
  }
  return false;
}

/// The network backend in front of a server of its own.
class WireBackend : public dns::Backend {
 public:
  explicit WireBackend(const SuiteScenario& scenario) : server_(handler(scenario)) {
    dns::NetworkOptions options;
    options.servers = {server_.address()};
    options.timeout = std::chrono::milliseconds(60);
    options.tries = 1;
    network_ = dns::make_network_backend(options);
  }
  Task<dns::Answer> ask(dns::Question question) override {
    return network_->ask(std::move(question));
  }
  std::size_t questions() const { return server_.queries().size(); }

 private:
  static FakeDnsServer::Handler handler(const SuiteScenario& scenario) {
    FakeZone zone;
    for (const auto& name : scenario.names) {
      const auto owner = raw_name(name.name).to_string();
      for (const auto& record : name.records) add(zone, owner, record);
    }
    return [scenario, zone](const FakeQuery& query) {
      return is_silent(scenario, query.question) ? FakeReply::drop() : zone.reply_to(query);
    };
  }

  static void add(FakeZone& zone, const std::string& owner, const dns::Record& record) {
    const auto* txt = std::get_if<dns::TxtData>(&record.data);
    if (txt == nullptr) {
      zone.add(owner, record.type, dns::rdata_text(record));
      return;
    }
    std::string rdata;
    for (const auto& part : txt->strings) rdata += static_cast<char>(part.size()) + part;
    zone.add_raw(owner, record.type, rdata);
  }

  FakeDnsServer server_;
  std::shared_ptr<dns::Backend> network_;
};

/// The zone backend on one file that holds the scenario from the root on; what never answers cannot
/// stand in a file.
class ZoneFileBackend : public dns::Backend {
 public:
  explicit ZoneFileBackend(const SuiteScenario& scenario)
      : scenario_(scenario), file_(text(scenario)) {
    zone_ = dns::make_zone_backend({file_.path()}).value();
  }
  Task<dns::Answer> ask(dns::Question question) override {
    if (!is_silent(scenario_, question)) co_return co_await zone_->ask(std::move(question));
    dns::Answer answer;
    answer.question = std::move(question);
    co_return answer;
  }

 private:
  static std::string text(const SuiteScenario& scenario) {
    std::string lines =
        "$ORIGIN .\n$TTL 300\n@ SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 300\n@ NS "
        "ns.invalid.\n";
    for (const auto& name : scenario.names) {
      for (const auto& record : name.records) {
        auto rdata = dns::rdata_text(record);
        if (record.type == dns::RecordType::mx || record.type == dns::RecordType::ptr ||
            record.type == dns::RecordType::cname)
          rdata += rdata.ends_with('.') ? "" : ".";
        if (rdata.empty()) rdata = "\"\"";  // a file cannot say "no strings"
        lines += record.name.to_string() + ". " + dns::to_string(record.type) + " " + rdata + "\n";
      }
    }
    return lines;
  }

  SuiteScenario scenario_;
  TemporaryFile file_;
  std::shared_ptr<dns::Backend> zone_;
};

}  // namespace maildiag::test
