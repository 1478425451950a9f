/// Runs one check on one backend, with the shipped rules.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <maildiag/finding.h>

#include "checks/context.h"
#include "core/task.h"

namespace maildiag::test {

inline const rulebook::Rulebook& shipped_rulebook() {
  static const auto rules = rulebook::Rulebook::load({});
  if (!rules) throw std::runtime_error(rules.error().message);
  return **rules;
}

/// `check(context)` to its end, on a resolver of its own; without a `network`, on DNS only.
template <class T>
T run_check(std::shared_ptr<dns::Backend> backend,
            const std::function<Task<T>(checks::Context)>& check, net::Network* network = nullptr) {
  dns::Resolver resolver(std::move(backend));
  std::optional<T> result;
  std::function<Task<void>()> body = [&]() -> Task<void> {
    const checks::Context context{resolver, shipped_rulebook(), nullptr, network};
    auto done = co_await check(context);
    result = std::move(done);
  };
  run_task(body());
  return std::move(result.value());
}

/// What the catalogue's texts for this finding lack: "" where it has texts in both languages and
/// data for every placeholder.
inline std::string text_fault(const Finding& finding) {
  const auto* text = shipped_rulebook().finding_text(finding.id);
  if (text == nullptr) return finding.id + " has no text";
  std::vector<std::string> all;
  const auto add = [&](const auto& each) { all.emplace_back(each); };
  add(text->title.en);
  add(text->title.ko);
  add(text->detail.en);
  add(text->detail.ko);
  for (const auto& each : text->remedy.en) add(each);
  for (const auto& each : text->remedy.ko) add(each);
  for (const auto& each : all) {
    for (auto open = each.find('{'); open != std::string::npos; open = each.find('{', open + 1)) {
      const auto key = each.substr(open + 1, each.find('}', open) - open - 1);
      if (key != "subject" && finding.data.find(key) == nullptr)
        return finding.id + " lacks " + key;
    }
  }
  return {};
}

/// The first finding with this id, or nullptr.
inline const Finding* find(const std::vector<Finding>& findings, std::string_view id) {
  for (const auto& finding : findings) {
    if (finding.id == id) return &finding;
  }
  return nullptr;
}

/// The same where it has to be there; throws std::out_of_range.
inline const Finding& get(const std::vector<Finding>& findings, std::string_view id) {
  const auto* finding = find(findings, id);
  if (finding == nullptr) throw std::out_of_range("no finding " + std::string(id));
  return *finding;
}

}  // namespace maildiag::test
