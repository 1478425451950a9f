#include <string>
#include <string_view>

#include <fmt/format.h>

#include "report/table.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

/// "192.0.2.1 (--ip)", "<> (Return-Path)"
std::string with_source(const TextContext& context, const std::string& text, const Value& source) {
  const auto& word = source.as_string();
  if (text.empty() || word.empty()) return text;
  const std::string_view id = word == "option"     ? "source.option"
                              : word == "received" ? "source.received"
                                                   : "source.return-path";
  return fmt::format("{} ({})", text, context.labels(id));
}

std::string aligned_text(const TextContext& context, const Value& aligned) {
  if (aligned.is_null()) return "?";
  return context.label(aligned.as_bool() ? "yes" : "no");
}

/// "reject (p, _dmarc.example.com)"
std::string found_policy(const Value& author) {
  const auto policy = author["policy"].to_text();
  if (policy.empty()) return {};
  const auto tag = author["policy_tag"].to_text();
  return fmt::format("{} ({}{}{}_dmarc.{})", policy, tag, tag.empty() ? "" : ", ",
                     author["test_mode"].as_bool() ? "t=y, " : "", author["found_at"].to_text());
}

std::string signature_reason(const Value& signature) {
  auto reason = signature["problems"].to_text();
  for (const auto& change : signature["changes"].as_array())
    reason += (reason.empty() ? "" : ", ") + change["change"].to_text();
  return reason;
}

void write_author(const TextContext& context, const Value& author) {
  write_fields(context, {{"check.author", author["domain"].to_text()},
                         {"check.dmarc", author["result"].to_text()},
                         {"check.policy", found_policy(author)},
                         {"check.disposition", author["disposition"].to_text()}});
}

/// One row for each mechanism; the alignment is that with the first author domain.
void write_mechanisms(const TextContext& context) {
  const Value& result = context.report.result;
  Table table({context.label("check.method"), context.label("check.result"),
               context.label("check.domain"), context.label("check.aligned"),
               context.label("check.reason")});
  const auto& authors = result["authors"].as_array();
  const Value none;
  const auto& identifiers = (authors.empty() ? none : authors.front())["identifiers"].as_array();
  const auto aligned = [&](std::size_t index) {
    return index < identifiers.size() ? aligned_text(context, identifiers[index]["aligned"]) : "-";
  };
  if (const Value& spf = result["spf"]; !spf.is_null()) {
    table.add({"SPF", spf["result"].to_text(), spf["identity"].to_text(), aligned(0),
               spf["mechanism"].to_text()});
  }
  if (const Value& helo = result["spf_helo"]; !helo.is_null()) {
    table.add({"SPF HELO", helo["result"].to_text(), helo["identity"].to_text(), "-",
               helo["mechanism"].to_text()});
  }
  std::size_t index = 0;
  for (const auto& signature : result["dkim"]["signatures"].as_array()) {
    ++index;  // the first identifier is SPF's
    table.add(
        {"DKIM", signature["result"].to_text(),
         fmt::format("{} ({})", signature["domain"].to_text(), signature["selector"].to_text()),
         aligned(index), signature_reason(signature)});
  }
  table.write(context.out);
}

}  // namespace

void write_message_auth(const TextContext& context) {
  const Value& result = context.report.result;
  const Value& envelope = result["envelope"];
  const Value* sender = envelope.find("sender");
  const auto path = sender == nullptr || sender->is_null() ? std::string()
                                                           : fmt::format("<{}>", sender->to_text());
  write_fields(
      context,
      {{"check.from", result["from"].to_text()},
       {"check.sender", with_source(context, path, envelope["sender_source"])},
       {"check.client", with_source(context, envelope["ip"].to_text(), envelope["ip_source"])},
       {"check.helo", with_source(context, envelope["helo"].to_text(), envelope["helo_source"])}});
  for (const auto& author : result["authors"].as_array()) write_author(context, author);
  write_mechanisms(context);
}

}  // namespace maildiag::report
