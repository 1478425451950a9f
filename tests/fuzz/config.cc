// What an administrator writes: maildiag.toml, watch.toml, variables and options.
#include <string>

#include <maildiag/configuration.h>

#include "config/layer.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "session/watch_plan.h"

namespace maildiag::fuzz {

namespace {

void check_error(const Error& error) {
  require(!error.message.empty(), "a fault has words");
}

void document(std::string_view octets) {
  const auto layer = config::read_document(octets, "maildiag.toml");
  if (!layer) {
    require(layer.error().message.starts_with("maildiag.toml:"), "a fault names the file");
    return require(is_one_safe_line(layer.error().message), "a fault is one safe line");
  }
  Configuration configuration;
  const auto done = config::put_over(configuration, *layer, ErrorCode::configuration);
  if (!done) return check_error(done.error());
  const auto& session = configuration.session;
  require(session.tries <= 20 && session.window >= 1 && session.window <= 10000,
          "numbers are in range");
  require(session.timeout >= 0 && session.timeout <= 60, "a time-out is in range");
}

/// NAME=VALUE on each line.
void variables(std::string_view octets) {
  std::map<std::string, std::string> environment;
  while (!octets.empty()) {
    const auto line = take_line(octets);
    const auto name = line.substr(0, line.find('='));
    environment.emplace(name, line.substr(std::min(line.size(), name.size() + 1)));
  }
  (void)config::unknown_variables(environment);
  const auto layer = config::read_environment(environment);
  Configuration configuration;
  const auto done = config::put_over(configuration, layer, ErrorCode::configuration);
  if (!done) check_error(done.error());
}

void watch_plan(std::string_view octets) {
  const MemoryFile file(octets);
  WatchOptions options;
  options.targets_file = file.path();
  const auto plan = session::read_watch_plan(options);
  if (!plan) return check_error(plan.error());
  require(!plan->targets.empty(), "a plan has a target");
  require(plan->policy.confirm >= 1 && plan->policy.confirm <= 100, "confirm is in range");
  require(plan->policy.quorum > 0 && plan->policy.quorum <= 1, "a quorum is a share");
  for (const auto span : {plan->keep, plan->splay, plan->policy.renotify, plan->policy.heartbeat})
    require(span >= 0, "a span is not negative");
}

void span_or_url(std::string_view octets) {
  const std::string text(octets);
  if (const auto span = session::read_span(text)) require(*span >= 0, "a span is not negative");
  const auto webhook = session::read_webhook(text, "");
  if (!webhook) return check_error(webhook.error());
  require(is_one_safe_line(webhook->url.masked()), "a URL that is shown is safe");
}

}  // namespace

void config_file(std::string_view octets) {
  switch (take_choice(octets, 4)) {
    case 0:
      return document(octets);
    case 1:
      return variables(octets);
    case 2:
      return watch_plan(octets);
    default:
      return span_or_url(octets);
  }
}

}  // namespace maildiag::fuzz
