#include "session/network_access.h"

#include <array>
#include <fstream>
#include <unistd.h>
#include <utility>

#include "checks/trusted_file.h"
#include "config/setting_table.h"
#include "core/domain_name.h"
#include "core/ip_address.h"

namespace maildiag::session {

namespace {

bool is_full_name(const std::string& name) {
  return name.find('.') != std::string::npos && DomainName::from_user(name).has_value();
}

/// RFC 5321 section 4.1.1.1: the full name of this machine; empty where it has none.
std::string own_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) == 0 && is_full_name(host.data()))
    return host.data();
  std::ifstream file("/etc/mailname");
  std::string name;
  file >> name;
  return is_full_name(name) ? name : std::string();
}

/// With none that works no connection says anything, and each would complain for itself.
Result<void> check_ca_file(const std::string& path) {
  if (path.empty()) return {};
  switch (checks::look_at_trusted(path)) {
    case checks::TrustedFile::unreadable:
      return fail_with(ErrorCode::no_input, "{}: cannot read these certificates", path);
    case checks::TrustedFile::no_certificate:
      return fail_with(ErrorCode::bad_data, "{}: no certificates in PEM format can be read from it",
                       path);
    case checks::TrustedFile::good:
      break;
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<net::Network>> open_network(const SessionOptions& options,
                                                   ServerAnswers servers) {
  net::AccessOptions how;
  how.recorder = std::move(servers.recorder);
  how.recorded = std::move(servers.recorded);
  for (const auto& text : options.connect_to) {
    auto rule = net::ConnectTo::parse(text);
    if (!rule) return tl::unexpected(at_place("--connect-to", rule.error()));
    how.connect_to.push_back(std::move(*rule));
  }
  for (const auto& text : options.sources) {
    if (const auto address = IpAddress::parse(text))
      (address->is_v4() ? how.source4 : how.source6) = address;
  }
  if (auto read = check_ca_file(options.ca_file); !read) return tl::unexpected(read.error());
  how.ca_file = options.ca_file;
  how.helo_name = config::ehlo_name(options.helo_name).value_or(own_name());
  how.offline = !options.zone_files.empty() || !options.replay_file.empty();
  return net::make_network(std::move(how));
}

}  // namespace maildiag::session
