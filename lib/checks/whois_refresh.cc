#include "checks/whois_refresh.h"

#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "checks/whois_fetch.h"

namespace maildiag::checks {

using namespace whois;

namespace {

constexpr std::chrono::milliseconds patience{20'000};

Task<RefreshedFile> refresh(Context context, BootstrapFile file) {
  RefreshedFile result;
  result.file = file;
  auto url = fmt::format("https://data.iana.org/rdap/{}.json", to_string(file));
  auto& finding = result.finding;
  finding.subject = url;
  finding.id = "whois.not-refreshed";
  finding.severity = Severity::unknown;
  finding.data.set("url", url);
  if (context.network == nullptr) {
    finding.data.set("reason", to_string(net::Fault::offline));
    co_return result;
  }
  std::string accept = "application/json";
  auto fetched =
      co_await fetch_public(context, std::move(url), std::move(accept), max_bootstrap, patience);
  finding.evidence = std::move(fetched.evidence);
  finding.data.set("reason", std::move(fetched.reason));
  if (!fetched.answered) co_return result;
  constexpr long ok = 200;
  Bootstrap read;
  const auto good = read.add(file, fetched.reply.body);
  if (fetched.reply.status != ok) {
    finding.data.set("reason", fmt::format("HTTP {}", fetched.reply.status));
  } else if (!good) {
    finding.data.set("reason", words(context.rulebook, "whois.reason.no-bootstrap"));
  } else {
    finding.id = "whois.refreshed";
    finding.severity = Severity::ok;
    finding.data.set("count", read.size());
    result.body = std::move(fetched.reply.body);
  }
  co_return result;
}

}  // namespace

Task<std::vector<RefreshedFile>> refresh_bootstrap(Context context) {
  std::vector<RefreshedFile> files;
  // One by one: it is one server.
  for (const auto file : bootstrap_files) {
    auto refreshed = co_await refresh(context, file);
    files.push_back(std::move(refreshed));
  }
  co_return files;
}

}  // namespace maildiag::checks
