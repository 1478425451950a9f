#include "session/watch_plan.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include <fmt/format.h>

#include <maildiag/ranges.h>

#include "core/domain_name.h"
#include "core/text.h"
#include "rulebook/loader/node.h"
#include "session/targets.h"

namespace maildiag::session {

namespace {

using rulebook::Node;

constexpr const char* usual_file = "/etc/maildiag/watch.toml";
constexpr std::string_view known_checks = "dnsbl, ptr, mx, spf, dkim, dmarc, smtp, tls";

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

Result<watch::Seconds> read_heartbeat(const std::string& text) {
  constexpr watch::Seconds day = 86400;
  if (text == "never") return 0;
  if (text == "daily") return day;
  if (text == "weekly") return 7 * day;
  if (text == "monthly") return 30 * day;
  return fail_with(ErrorCode::usage, "`{}` is no interval: daily, weekly, monthly or never", text);
}

/// The same from whatever directory it is named.
std::string whole_path(const std::string& file) {
  std::error_code failed;
  const auto whole = std::filesystem::weakly_canonical(file, failed);
  return failed ? file : whole.string();
}

/// Reads one file; the first fault ends it.
class PlanReader {
 public:
  explicit PlanReader(std::string file) : file_(std::move(file)), plan_name_(whole_path(file_)) {}

  Result<WatchPlan> read(const Node& root) {
    for (const auto& [key, value] : root.members) read_member(key, value);
    read_webhook_keys();
    if (!fault_ && plan_.targets.empty())
      set_fault(1,
                make_error(ErrorCode::configuration, "no [[target]]: name what is to be watched"));
    if (fault_) return tl::unexpected(*fault_);
    return std::move(plan_);
  }

 private:
  void set_fault(unsigned line, Error what) {
    if (fault_) return;
    what.code = ErrorCode::configuration;
    fault_ = at_place(fmt::format("{}:{}", file_, line), std::move(what));
  }

  bool is(const Node& node, Node::Kind kind, std::string_view key) {
    if (node.kind == kind) return true;
    set_fault(node.line, make_error(ErrorCode::configuration, "`{}` must be {}, not {}", key,
                                    describe(kind), describe(node.kind)));
    return false;
  }

  std::vector<std::string> texts(const Node& node, std::string_view key) {
    std::vector<std::string> result;
    if (!is(node, Node::Kind::list, key)) return result;
    for (const auto& item : node.items) {
      if (is(item, Node::Kind::text, key)) result.push_back(item.text);
    }
    return result;
  }

  template <class Parse>
  void span(const Node& node, std::string_view key, Parse parse, watch::Seconds& to) {
    if (!is(node, Node::Kind::text, key)) return;
    const auto value = parse(node.text);
    if (value) {
      to = *value;
    } else {
      set_fault(node.line, at_place(std::string(key), value.error()));
    }
  }

  void read_member(const std::string& key, const Node& value) {
    if (key == "target") {
      if (!is(value, Node::Kind::list, key)) return;
      for (const auto& table : value.items) {
        if (is(table, Node::Kind::table, key)) read_target(table);
      }
    } else if (key == "lists") {
      lists_ = zones(value, key);
      for (auto& target : plan_.targets) {
        if (target.lists.empty()) target.lists = lists_;
      }
    } else if (key == "confirm") {
      if (!is(value, Node::Kind::integer, key)) return;
      if (value.integer < confirming_runs.least || value.integer > confirming_runs.most)
        set_fault(value.line,
                  make_error(ErrorCode::configuration, "`{}` must be a whole number from {} to {}",
                             key, confirming_runs.least, confirming_runs.most));
      plan_.policy.confirm = static_cast<int>(value.integer);
    } else if (key == "quorum") {
      const double share =
          value.kind == Node::Kind::integer ? static_cast<double>(value.integer) : value.number;
      if (share <= 0 || share > 1)
        set_fault(value.line,
                  make_error(ErrorCode::configuration, "`quorum` must be above 0 and at most 1"));
      plan_.policy.quorum = share;
    } else if (key == "renotify") {
      span(value, key, read_span, plan_.policy.renotify);
    } else if (key == "webhook") {
      if (is(value, Node::Kind::text, key)) webhook_ = &value;
    } else if (key == "webhook_ca") {
      if (is(value, Node::Kind::text, key)) webhook_ca_ = &value;
    } else if (key == "keep") {
      span(value, key, read_span, plan_.keep);
    } else if (key == "splay") {
      span(value, key, read_span, plan_.splay);
    } else if (key == "heartbeat") {
      span(value, key, read_heartbeat, plan_.policy.heartbeat);
    } else {
      set_fault(value.line, make_error(ErrorCode::configuration,
                                       "unknown `{}`; known: target, lists, confirm, renotify, "
                                       "heartbeat, splay, quorum, keep, webhook, webhook_ca",
                                       text::sanitize(key)));
    }
  }

  void read_webhook_keys() {
    if (webhook_ == nullptr) {
      if (webhook_ca_ != nullptr)
        set_fault(webhook_ca_->line,
                  make_error(ErrorCode::configuration, "`webhook_ca` needs `webhook`"));
      return;
    }
    auto webhook = read_webhook(webhook_->text, webhook_ca_ == nullptr ? "" : webhook_ca_->text);
    if (!webhook) return set_fault(webhook_->line, at_place("webhook", webhook.error()));
    plan_.webhook = std::move(*webhook);
  }

  /// As the list files write them: lower case, no final dot.
  std::vector<std::string> zones(const Node& node, std::string_view key) {
    std::vector<std::string> result;
    for (const auto& text : texts(node, key)) {
      const auto name = DomainName::from_user(text);
      if (!name && text.find("{key}") == std::string::npos)
        set_fault(node.line,
                  make_error(ErrorCode::configuration, "{}: `{}` is not the zone of a list", key,
                             text::sanitize(text)));
      result.push_back(name ? name->key() : text);
    }
    return result;
  }

  void read_check(const Node& node, WatchTarget& target, const std::string& check) {
    constexpr std::array<std::string_view, 8> known{"dnsbl", "ptr",   "mx",   "spf",
                                                    "dkim",  "dmarc", "smtp", "tls"};
    if (std::find(known.begin(), known.end(), check) == known.end()) {
      set_fault(node.line, make_error(ErrorCode::configuration, "unknown check `{}`; known: {}",
                                      text::sanitize(check), known_checks));
    }
    target.checks.push_back(check);
  }

  void read_target(const Node& table) {
    WatchTarget target;
    target.plan = plan_name_;
    for (const auto& [key, value] : table.members) {
      if (key == "name") {
        if (is(value, Node::Kind::text, key)) target.name = value.text;
      } else if (key == "checks") {
        for (const auto& check : texts(value, key)) read_check(value, target, check);
      } else if (key == "selectors") {
        target.selectors = texts(value, key);
        for (const auto& selector : target.selectors) {
          if (const auto parsed = parse_selector(selector); !parsed)
            set_fault(value.line, parsed.error());
        }
      } else if (key == "lists") {
        target.lists = zones(value, key);
      } else {
        set_fault(value.line,
                  make_error(ErrorCode::configuration,
                             "unknown `{}` of a target; known: name, checks, selectors, "
                             "lists",
                             text::sanitize(key)));
      }
    }
    if (target.lists.empty()) target.lists = lists_;
    check_target(table, target);
    plan_.targets.push_back(std::move(target));
  }

  void check_target(const Node& table, const WatchTarget& target) {
    if (target.name.empty())
      return set_fault(table.line, make_error(ErrorCode::configuration, "a target needs a `name`"));
    bool is_name = false;
    const auto expanded = expand_target(target.name, [&](const Target& each) {
      is_name = std::holds_alternative<DomainName>(each);
      return false;
    });
    if (!expanded) return set_fault(table.line, expanded.error());
    const auto& checks = target.checks;
    const auto has = [&checks](std::string_view check) {
      return std::find(checks.begin(), checks.end(), check) != checks.end();
    };
    if (!is_name && (has("mx") || has("spf") || has("dkim") || has("dmarc")))
      set_fault(
          table.line,
          make_error(ErrorCode::configuration,
                     "`{}` is no domain: mx, spf, dkim and dmarc cannot be checked", target.name));
    if (has("dkim") && target.selectors.empty())
      set_fault(table.line,
                make_error(ErrorCode::configuration, "`{}`: dkim needs `selectors`", target.name));
    if (!has("dkim") && !checks.empty() && !target.selectors.empty())
      set_fault(table.line, make_error(ErrorCode::configuration,
                                       "`{}`: `selectors` needs the check dkim", target.name));
  }

  std::string file_, plan_name_;
  WatchPlan plan_;
  std::vector<std::string> lists_;
  const Node* webhook_ = nullptr;
  const Node* webhook_ca_ = nullptr;
  std::optional<Error> fault_;
};

Result<WatchPlan> read_file(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string content(rulebook::max_file_bytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  const auto failure = errno;
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > rulebook::max_file_bytes) {
    return fail_with(ErrorCode::configuration, "{}: larger than {} MiB, the most that is read",
                     path, rulebook::max_file_bytes >> 20U);
  }
  if (!file.eof() && failure != 0 && failure != ENOENT && failure != ENOTDIR) {
    return fail_with(ErrorCode::no_input,
                     "{}: {}; let this user read it, or name targets on the command line", path,
                     std::strerror(failure));
  }
  if (!file.eof()) {
    return fail_with(ErrorCode::no_input,
                     "{}: there is no such file; write it (man maildiag-watch.toml), or name "
                     "targets on the command line",
                     path);
  }
  const auto root = rulebook::parse_toml(content, path);
  if (!root) return tl::unexpected(root.error());
  return PlanReader(path).read(*root);
}

template <class Read>
Result<void> override_span(const std::string& option, const char* name, Read read,
                           watch::Seconds& to) {
  if (option.empty()) return {};
  const auto value = read(option);
  if (!value) return tl::unexpected(at_place(fmt::format("--{}", name), value.error()));
  to = *value;
  return {};
}

/// A URL brings its own certificates: those of the file belong to the file's.
Result<void> override_webhook(const WatchOptions& options, std::optional<Webhook>& to) {
  if (options.webhook.empty() && options.webhook_ca.empty()) return {};
  if (options.webhook.empty() && !to)
    return fail_with(ErrorCode::usage, "--webhook-ca: there is no webhook; name it with --webhook");
  const auto url = options.webhook.empty() ? to->url.text() : options.webhook;
  auto webhook = read_webhook(url, options.webhook_ca);
  if (!webhook) {
    webhook.error().code = ErrorCode::usage;
    return tl::unexpected(at_place("--webhook", webhook.error()));
  }
  to = std::move(*webhook);
  return {};
}

}  // namespace

Result<watch::Seconds> read_span(const std::string& text) {
  constexpr watch::Seconds longest = 10L * 366 * 86400;
  watch::Seconds number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const watch::Seconds factor = unit == "s"   ? 1
                                : unit == "m" ? 60
                                : unit == "h" ? 3600
                                : unit == "d" ? 86400
                                : unit == "w" ? 7 * 86400
                                              : 0;
  if (text == "0") return 0;
  if (error != std::errc() || factor == 0 || number < 0 || number > longest / factor)
    return fail_with(ErrorCode::usage, "`{}` is no span: write 90s, 10m, 1h, 7d or 2w", text);
  return number * factor;
}

Result<WatchPlan> read_watch_plan(const WatchOptions& options) {
  WatchPlan plan;
  if (options.targets.empty() || !options.targets_file.empty()) {
    auto read = read_file(options.targets_file.empty() ? usual_file : options.targets_file);
    if (!read) return read;
    plan = std::move(*read);
  }
  for (const auto& name : options.targets) {
    const auto valid = expand_target(name, [](const Target&) { return false; });
    if (!valid) return tl::unexpected(valid.error());
    plan.targets.push_back({name, {}, {}, {}, name});
  }
  if (options.confirm) plan.policy.confirm = *options.confirm;
  for (const auto& done :
       {override_span(options.renotify, "renotify", read_span, plan.policy.renotify),
        override_span(options.heartbeat, "heartbeat", read_heartbeat, plan.policy.heartbeat),
        override_span(options.splay, "splay", read_span, plan.splay),
        override_webhook(options, plan.webhook)}) {
    if (!done) return tl::unexpected(done.error());
  }
  return plan;
}

std::string watch_state_file(const std::string& option) {
  if (!option.empty()) return option;
  std::string directory(environment("STATE_DIRECTORY"));
  if (directory.empty() && geteuid() == 0) directory = "/var/lib/maildiag";
  if (directory.empty()) {
    directory = environment("XDG_STATE_HOME");
    if (directory.empty()) directory = std::string(environment("HOME")) + "/.local/state";
    directory += "/maildiag";
  }
  return directory + "/watch.db";
}

}  // namespace maildiag::session
