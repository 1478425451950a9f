/// Whom to ask about a target: the IANA bootstrap (RFC 9224), shipped or refreshed.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "checks/whois_target.h"
#include "core/result.h"
#include "rulebook/rulebook.h"

namespace maildiag::checks::whois {

/// IANA's files of RDAP servers.
enum class BootstrapFile { dns, ipv4, ipv6, asn };
inline constexpr std::array bootstrap_files = {BootstrapFile::dns, BootstrapFile::ipv4,
                                               BootstrapFile::ipv6, BootstrapFile::asn};
std::string_view to_string(BootstrapFile file);  ///< "dns"
/// Octets of one; the largest of 2026 has some 60 KB.
inline constexpr std::size_t max_bootstrap = 1UL << 20;

/// What refreshed files say. Only https URLs of well-formed hosts are in it.
class Bootstrap {
 public:
  /// Adds what a file says; entries that are malformed, or have no https URL, are left out. An
  /// error: it is no such file, or nothing in it is of use.
  Result<void> add(BootstrapFile file, std::string_view json);
  /// The base URL with a final slash; empty: no entry.
  std::string find(const Target& target) const;
  std::size_t size() const { return domains_.size() + networks_.size() + as_ranges_.size(); }

 private:
  bool add_entry(BootstrapFile file, const std::string& entry, const std::string& url);

  std::map<std::string, std::string, std::less<>> domains_;
  std::vector<std::pair<IpNetwork, std::string>> networks_;
  std::vector<std::pair<AsRange, std::string>> as_ranges_;
};

struct Servers {
  std::string name;  ///< of the registry; may be empty
  std::string rdap;  ///< base URL; empty: none is known
  std::string whois;
  std::string question;  ///< for the port-43 server
  std::string charset;
};
/// The most specific entry, refreshed ones first. The port-43 server is IANA's where no other is
/// known.
Servers find_servers(const rulebook::Rulebook& rulebook, const Bootstrap& refreshed,
                     const Target& target);
/// What a port-43 server that was referred to is asked, by the name of the server.
std::string question_for(const rulebook::Rulebook& rulebook, const DomainName& server,
                         const Target& target);
std::string charset_of(const rulebook::Rulebook& rulebook, const DomainName& server);
/// Whether a name server is one of a registry's own.
bool is_registry_host(const rulebook::Rulebook& rulebook, const DomainName& host);

}  // namespace maildiag::checks::whois
