#include "rulebook/lint.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "core/domain_name.h"
#include "core/text.h"

namespace maildiag::rulebook {

namespace {

template <class T>
bool is_subset(std::span<const T> part, std::span<const T> whole) {
  return std::all_of(part.begin(), part.end(), [whole](const T& item) {
    return std::find(whole.begin(), whole.end(), item) != whole.end();
  });
}

bool covers_status(std::string_view wide, std::string_view narrow) {
  const auto a = text::split(wide, '.'), b = text::split(narrow, '.');
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](auto x, auto y) { return x == "*" || x == y; });
}

/// Every reply that passes the guards of `later` passes those of `earlier`.
bool guards_cover(const Rule& earlier, const Rule& later) {
  if (earlier.from_provider && !(later.from_provider && later.provider == earlier.provider))
    return false;
  if (!earlier.names.empty() && earlier.names != later.names) return false;
  if (!earlier.unless.empty() && earlier.unless != later.unless) return false;
  if (!earlier.reply.empty() &&
      (later.reply.empty() || !is_subset<int>(later.reply, earlier.reply))) {
    return false;
  }
  if (earlier.status.empty()) return true;
  return !later.status.empty() &&
         std::all_of(later.status.begin(), later.status.end(), [&earlier](auto narrow) {
           return std::any_of(earlier.status.begin(), earlier.status.end(),
                              [narrow](auto wide) { return covers_status(wide, narrow); });
         });
}

class Linter {
 public:
  Linter(const Rulebook& rulebook, const ParseExample& parse) : rulebook_(rulebook) {
    find_shadowed();
    for (auto& fault : test_examples(rulebook, parse)) {
      const auto& positive = fault.rule->examples;
      if (std::find(positive.begin(), positive.end(), fault.example) != positive.end())
        lost_[fault.rule].push_back(fault.winner);
    }
  }

  std::vector<LintFault> run() {
    for (const auto& rule : rulebook_.rules()) {
      look_for_unreachable(rule);
      look_at_texts(rule);
      if (rule.examples.empty()) add(rule, LintKind::no_example, "");
      if (!rule.match.empty() && rule.literals.empty()) add(rule, LintKind::no_literal, rule.match);
      for (const auto link : rule.links) {
        if (!is_good_link(link)) add(rule, LintKind::bad_link, link);
      }
    }
    return std::move(faults_);
  }

 private:
  void add(const Rule& rule, LintKind kind, std::string_view detail) {
    faults_.push_back({&rule, kind, std::string(detail)});
  }

  /// Rules with the pattern of one that wins before them, under guards that leave them nothing.
  void find_shadowed() {
    std::map<std::string_view, std::vector<const Rule*>> before;  // by pattern
    for (const auto index : rulebook_.winning_order()) {
      const Rule& rule = rulebook_.rules()[index];
      auto& same = before[rule.match];
      const auto winner = std::find_if(same.begin(), same.end(), [&rule](const Rule* earlier) {
        return guards_cover(*earlier, rule);
      });
      if (winner != same.end()) shadowed_.emplace(&rule, (*winner)->id);
      same.push_back(&rule);
    }
  }

  void look_for_unreachable(const Rule& rule) {
    if (const auto winner = shadowed_.find(&rule); winner != shadowed_.end())
      return add(rule, LintKind::unreachable, winner->second);
    // Of a rule that wins not one of its examples nothing shows that it can win at all.
    const auto lost = lost_.find(&rule);
    if (lost != lost_.end() && lost->second.size() == rule.examples.size())
      add(rule, LintKind::unreachable, lost->second.front());
  }

  void look_at_texts(const Rule& rule) {
    if (rule.meaning.ko.empty()) add(rule, LintKind::no_korean, "meaning");
    if (rule.fix.ko.size() < rule.fix.en.size()) add(rule, LintKind::no_korean, "fix");
  }

  const Rulebook& rulebook_;
  std::map<const Rule*, std::string_view> shadowed_;
  std::map<const Rule*, std::vector<std::string>> lost_;
  std::vector<LintFault> faults_;
};

}  // namespace

std::string_view to_string(LintKind kind) {
  switch (kind) {
    case LintKind::unreachable:
      return "unreachable";
    case LintKind::no_korean:
      return "no-korean";
    case LintKind::no_example:
      return "no-example";
    case LintKind::no_literal:
      return "no-literal";
    case LintKind::bad_link:
      break;
  }
  return "bad-link";
}

bool is_good_link(std::string_view link) {
  std::string_view rest = link;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    return false;
  }
  const bool strange = std::any_of(link.begin(), link.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7F ||
           std::string_view("<>\"{}|\\^`").find(c) != std::string_view::npos;
  });
  // A sentence's end that was copied with it, an abbreviation.
  if (strange || link.find("...") != std::string_view::npos || link.ends_with('.') ||
      link.ends_with(',') || (link.ends_with(')') && link.find('(') == std::string_view::npos)) {
    return false;
  }
  auto host = rest.substr(0, rest.find_first_of("/?#"));
  if (host.find('@') != std::string_view::npos) return false;
  host = host.substr(0, host.find(':'));
  const auto name = DomainName::from_user(host);
  if (!name || name->label_count() < 2) return false;
  static constexpr std::array<std::string_view, 7> reserved = {
      "example", "test", "invalid", "localhost", "local", "example.com", "example.net"};
  const auto key = name->key();
  return std::none_of(reserved.begin(), reserved.end(), [&key](std::string_view domain) {
    return key == domain || key.ends_with("." + std::string(domain));
  });
}

std::vector<LintFault> lint(const Rulebook& rulebook, const ParseExample& parse) {
  return Linter(rulebook, parse).run();
}

}  // namespace maildiag::rulebook
