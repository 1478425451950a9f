#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/table.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

/// The providers in the order of the rules.
std::vector<std::string> providers_of(const Value& bulk) {
  std::vector<std::string> names;
  for (const auto& requirement : bulk["requirements"].as_array()) {
    auto name = requirement["provider"].to_text();
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  return names;
}

/// Whom the provider demands the point of; "-": of nobody.
std::string cell(const TextContext& context, const Value& bulk, const std::string& check,
                 const std::string& provider) {
  for (const auto& requirement : bulk["requirements"].as_array()) {
    if (requirement["check"].as_string() != check ||
        requirement["provider"].as_string() != provider)
      continue;
    if (requirement["level"].as_string() == "recommended")
      return std::string(context.labels("bulk.recommended"));
    return std::string(context.labels("bulk.senders." + requirement["senders"].as_string()));
  }
  return "-";
}

std::string addresses_text(const Value& bulk) {
  std::string all;
  for (const auto& address : bulk["addresses"].as_array())
    all += fmt::format("{}{} (FCrDNS {})", all.empty() ? "" : ", ", address["ip"].to_text(),
                       address["fcrdns"].to_text());
  return all;
}

}  // namespace

void write_bulk(const TextContext& context) {
  const Value& bulk = context.report.result["bulk"];
  write_fields(context, {{"check.sending", addresses_text(bulk)}});
  const auto providers = providers_of(bulk);
  std::vector<std::string> heading = {std::string(context.labels("check.state")),
                                      std::string(context.labels("check.point"))};
  heading.insert(heading.end(), providers.begin(), providers.end());
  heading.emplace_back();  // the last column would be wrapped
  Table table(std::move(heading));
  for (const auto& point : bulk["points"].as_array()) {
    const auto& check = point["check"].as_string();
    std::vector<std::string> row = {
        std::string(context.labels("bulk.state." + point["state"].as_string())),
        std::string(context.labels("bulk.check." + check))};
    for (const auto& provider : providers) row.push_back(cell(context, bulk, check, provider));
    row.emplace_back();
    table.add(std::move(row));
  }
  table.write(context.out);
  for (const auto& requirement : bulk["requirements"].as_array()) {
    if (requirement["state"].as_string() != "failed") continue;
    context.out.line(2,
                     fmt::format("{} ({}): {} {}", requirement["provider"].to_text(),
                                 requirement["since"].to_text(), requirement["text"].to_text(),
                                 requirement["link"].to_text()),
                     Style::dim, 2);
  }
}

}  // namespace maildiag::report
