/// What to watch and how: /etc/maildiag/watch.toml, and what the command line says over it.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/watch.h>

#include "core/result.h"
#include "net/post.h"
#include "watch/item.h"

namespace maildiag::session {

struct WatchTarget {
  std::string name;                 ///< an address, a network, a range or a name
  std::vector<std::string> checks;  ///< empty: the usual ones of its kind
  std::vector<std::string> selectors;
  std::vector<std::string> lists;  ///< empty: those that are on by default
  std::string plan;                ///< see watch::Observation

  /// `usual`: whether it is checked so where no checks are named.
  bool wants(std::string_view check, bool usual) const {
    if (checks.empty()) return usual;
    return std::find(checks.begin(), checks.end(), check) != checks.end();
  }
};

struct Webhook {
  net::PostUrl url;
  std::string ca_file;  ///< empty: the system's certificates
};

struct WatchPlan {
  std::vector<WatchTarget> targets;
  watch::Policy policy;
  watch::Seconds keep = 400L * 86400;  ///< a year, and a month to look back from
  watch::Seconds splay = 0;
  std::optional<Webhook> webhook;
};

/// configuration: names file, line and fix. usage: an option is malformed.
Result<WatchPlan> read_watch_plan(const WatchOptions& options);

/// "90s", "10m", "1h", "7d", "2w" or "0". usage: none of these.
Result<watch::Seconds> read_span(const std::string& text);

/// configuration: no URL to post to, or the file of certificates cannot be read.
Result<Webhook> read_webhook(const std::string& url, const std::string& ca_file);

/// --state, else $STATE_DIRECTORY (systemd), /var/lib/maildiag for root, $XDG_STATE_HOME.
std::string watch_state_file(const std::string& option);

}  // namespace maildiag::session
