/// A small working name server in memory: records, CNAMEs, empty non-terminals, names and types
/// that never answer.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/task.h"
#include "dns/resolver.h"

namespace maildiag::test {

/// Labels at the dots, no escapes: "foo:bar/baz.example.com". A final dot is allowed.
inline DomainName raw_name(std::string_view text) {
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  if (text.empty()) return {};
  std::vector<std::string> labels;
  for (std::size_t start = 0;;) {
    const auto dot = text.find('.', start);
    labels.emplace_back(text.substr(start, dot == std::string_view::npos ? dot : dot - start));
    if (dot == std::string_view::npos) break;
    start = dot + 1;
  }
  return DomainName::from_labels(labels).value();
}

class MemoryBackend : public dns::Backend {
 public:
  /// What a name does for a type that it has no records of.
  struct Silence {
    std::set<dns::RecordType> types;  ///< never answered
    bool other_types = false;         ///< nor any type without records
  };

  void add(const DomainName& name, dns::RecordType type, dns::RecordData data) {
    records_[name].push_back({name, type, 300, std::move(data)});
  }
  void add(std::string_view name, std::string_view txt) {
    add(raw_name(name), dns::RecordType::txt, dns::TxtData{{std::string(txt)}});
  }
  void add_address(std::string_view name, std::string_view address) {
    const auto ip = IpAddress::parse(address).value();
    add(raw_name(name), ip.is_v4() ? dns::RecordType::a : dns::RecordType::aaaa, ip);
  }
  void add_mx(std::string_view name, std::uint16_t preference, std::string_view host) {
    add(raw_name(name), dns::RecordType::mx, dns::MxData{preference, raw_name(host)});
  }
  void silence(const DomainName& name, Silence silence) { silences_[name] = std::move(silence); }
  /// Answers every question about `name` with this outcome.
  void fail(std::string_view name, dns::Outcome outcome) { failures_[raw_name(name)] = outcome; }

  /// Every question, in order: "example.com TXT".
  const std::vector<std::string>& asked() const { return asked_; }

  Task<dns::Answer> ask(dns::Question question) override {
    asked_.push_back(question.name.key() + " " + dns::to_string(question.type));
    co_return answer(question);
  }

 private:
  dns::Answer answer(const dns::Question& question) const {
    dns::Answer answer;
    answer.question = question;
    answer.server = "memory";
    answer.ttl = 300;
    DomainName name = question.name;
    constexpr std::size_t longest_chain = 8;
    while (answer.cname_chain.size() <= longest_chain) {
      if (const auto failure = failures_.find(name); failure != failures_.end())
        return finish(answer, failure->second);
      const auto found = records_.find(name);
      const dns::Record* alias = nullptr;
      if (found != records_.end()) {
        for (const auto& record : found->second) {
          if (record.type == question.type) answer.records.push_back(record);
          if (record.type == dns::RecordType::cname) alias = &record;
        }
      }
      if (!answer.records.empty()) return finish(answer, dns::Outcome::answer);
      if (is_silent(name, question.type)) return finish(answer, dns::Outcome::timeout);
      if (alias == nullptr)
        return finish(answer, exists(name) ? dns::Outcome::nodata : dns::Outcome::nxdomain);
      name = std::get<dns::NameData>(alias->data).name;
      answer.cname_chain.push_back(name);
    }
    answer.detail = "CNAME loop";
    return finish(answer, dns::Outcome::servfail);
  }

  static dns::Answer finish(dns::Answer& answer, dns::Outcome outcome) {
    answer.outcome = outcome;
    answer.rcode = outcome == dns::Outcome::nxdomain ? 3 : dns::is_definite(outcome) ? 0 : -1;
    return std::move(answer);
  }

  bool is_silent(const DomainName& name, dns::RecordType type) const {
    const auto found = silences_.find(name);
    return found != silences_.end() &&
           (found->second.other_types || found->second.types.contains(type));
  }

  /// Also a name that only has descendants (RFC 8020).
  bool exists(const DomainName& name) const {
    return silences_.contains(name) ||
           std::any_of(records_.begin(), records_.end(),
                       [&](const auto& entry) { return entry.first.is_under(name); });
  }

  std::map<DomainName, std::vector<dns::Record>> records_;
  std::map<DomainName, Silence> silences_;
  std::map<DomainName, dns::Outcome> failures_;
  std::vector<std::string> asked_;
};

}  // namespace maildiag::test
