#include <algorithm>
#include <utility>

#include "checks/lookup.h"

namespace maildiag::checks {

const std::vector<dns::RecordType>& usual_types() {
  using dns::RecordType;
  static const std::vector<RecordType> types{RecordType::a,  RecordType::aaaa, RecordType::mx,
                                             RecordType::ns, RecordType::soa,  RecordType::txt,
                                             RecordType::caa};
  return types;
}

namespace {

Value answer_value(const dns::Answer& answer) {
  const auto ms = static_cast<double>(answer.elapsed.count()) / 1000.0;
  return Value::object({{"type", dns::to_string(answer.question.type)},
                        {"outcome", dns::to_string(answer.outcome)},
                        {"ttl", answer.ttl},
                        {"server", answer.server},
                        {"authenticated", answer.authenticated},
                        {"ms", ms}});
}

/// By preference for people; other records stay in the server's order.
void sort_exchangers(std::vector<dns::Record>& records) {
  std::stable_sort(records.begin(), records.end(), [](const dns::Record& a, const dns::Record& b) {
    const auto* left = std::get_if<dns::MxData>(&a.data);
    const auto* right = std::get_if<dns::MxData>(&b.data);
    return left != nullptr && right != nullptr && left->preference < right->preference;
  });
}

/// The outcome of all together: what was found, else what is not known, else what there is not.
dns::Outcome outcome_of(const std::vector<dns::Answer>& answers) {
  auto outcome = answers.front().outcome;
  for (const auto& answer : answers) {
    if (answer.found()) return answer.outcome;
    if (!answer.definite()) outcome = answer.outcome;
  }
  return outcome;
}

class RecordLookup {
 public:
  RecordLookup(std::string type, DomainName name)
      : type_(std::move(type)), name_(std::move(name)) {}

  LookupReport report(std::vector<dns::Answer> answers) {
    Value records = Value::array(), list = Value::array(), chain = Value::array();
    std::size_t count = 0;
    for (auto& answer : answers) {
      sort_exchangers(answer.records);
      for (const auto& record : answer.records) {
        records.push(Value::object({{"name", record.name.to_string()},
                                    {"type", dns::to_string(record.type)},
                                    {"ttl", record.ttl},
                                    {"data", dns::rdata_text(record)}}));
        ++count;
      }
      list.push(answer_value(answer));
    }
    for (const auto& target : answers.front().cname_chain) chain.push(target.to_string());
    const auto outcome = outcome_of(answers);
    report_.result = Value::object({{"type", type_},
                                    {"name", name_.to_string()},
                                    {"outcome", dns::to_string(outcome)},
                                    {"records", std::move(records)},
                                    {"cname_chain", std::move(chain)},
                                    {"answers", std::move(list)}});
    judge(answers, outcome, count);
    return std::move(report_);
  }

 private:
  Finding& add(std::string id, Severity severity) {
    Finding finding;
    finding.id = std::move(id);
    finding.severity = severity;
    finding.subject = name_.to_string();
    finding.data.set("name", name_.to_string()).set("type", type_);
    return report_.findings.emplace_back(std::move(finding));
  }

  void judge(const std::vector<dns::Answer>& answers, dns::Outcome outcome, std::size_t count) {
    if (outcome == dns::Outcome::answer) {
      Finding& found = add("lookup.found", Severity::ok);
      found.data.set("count", count);
      for (const auto& answer : answers) found.evidence.push_back(dns::to_evidence(answer));
    } else if (dns::is_definite(outcome)) {
      const bool missing = outcome == dns::Outcome::nxdomain;
      add(missing ? "lookup.nxdomain" : "lookup.nodata", Severity::warning)
          .evidence.push_back(dns::to_evidence(answers.front()));
    }
    for (const auto& answer : answers) {
      if (answer.definite()) continue;
      Finding& unknown = add("lookup.unknown", Severity::unknown);
      unknown.data.set("type", dns::to_string(answer.question.type))
          .set("outcome", dns::to_string(answer.outcome));
      unknown.evidence.push_back(dns::to_evidence(answer));
    }
  }

  std::string type_;
  DomainName name_;
  LookupReport report_;
};

}  // namespace

Task<LookupReport> look_up_records(Context context, std::string type, DomainName name,
                                   std::vector<dns::RecordType> types) {
  std::vector<dns::Answer> answers(types.size());
  const std::function<Task<void>(std::size_t)> ask = [&](std::size_t index) -> Task<void> {
    const DomainName asked = name;
    auto answer = co_await context.resolver.query(asked, types[index]);
    answers[index] = std::move(answer);
  };
  co_await for_each_index(types.size(), types.size(), ask);
  RecordLookup lookup(std::move(type), std::move(name));
  co_return lookup.report(std::move(answers));
}

}  // namespace maildiag::checks
