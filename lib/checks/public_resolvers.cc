#include "checks/public_resolvers.h"

#include <array>

namespace maildiag::checks {

namespace {

struct Row {
  std::string_view network, name;
};

/// From the operators' own pages. An access provider's resolver is shared by all of its customers,
/// and so refused like a public one.
constexpr std::array rows{
    Row{"8.8.8.8", "Google Public DNS"},
    Row{"8.8.4.4", "Google Public DNS"},
    Row{"2001:4860:4860::/48", "Google Public DNS"},
    Row{"1.1.1.0/30", "Cloudflare"},
    Row{"1.0.0.0/30", "Cloudflare"},
    Row{"2606:4700:4700::/48", "Cloudflare"},
    Row{"9.9.9.0/28", "Quad9"},
    Row{"149.112.112.0/24", "Quad9"},
    Row{"2620:fe::/48", "Quad9"},
    Row{"208.67.220.0/24", "OpenDNS"},
    Row{"208.67.222.0/24", "OpenDNS"},
    Row{"2620:119:35::/48", "OpenDNS"},
    Row{"2620:119:53::/48", "OpenDNS"},
    Row{"4.2.2.0/29", "Level 3"},
    Row{"64.6.64.0/23", "Neustar UltraDNS Public"},
    Row{"156.154.70.0/23", "Neustar UltraDNS Public"},
    Row{"84.200.69.80", "DNS.WATCH"},
    Row{"84.200.70.40", "DNS.WATCH"},
    Row{"94.140.14.0/23", "AdGuard DNS"},
    Row{"2a10:50c0::/48", "AdGuard DNS"},
    Row{"76.76.2.0/24", "Control D"},
    Row{"76.76.10.0/24", "Control D"},
    Row{"77.88.8.0/24", "Yandex DNS"},
    Row{"185.228.168.0/23", "CleanBrowsing"},
    Row{"185.222.222.222", "DNS.SB"},
    Row{"45.11.45.11", "DNS.SB"},
    Row{"195.46.39.39", "SafeDNS"},
    Row{"195.46.39.40", "SafeDNS"},
    Row{"114.114.114.114", "114DNS"},
    Row{"114.114.115.115", "114DNS"},
    Row{"223.5.5.5", "Alibaba Public DNS"},
    Row{"223.6.6.6", "Alibaba Public DNS"},
    Row{"119.29.29.29", "DNSPod"},
    Row{"180.76.76.76", "Baidu DNS"},
    Row{"101.101.101.101", "Quad101"},
    Row{"74.82.42.42", "Hurricane Electric"},
    Row{"168.126.63.0/30", "KT"},
    Row{"210.220.163.82", "SK Broadband"},
    Row{"219.250.36.130", "SK Broadband"},
    Row{"164.124.101.2", "LG U+"},
    Row{"203.248.252.2", "LG U+"},
};

}  // namespace

std::string_view public_resolver(const IpAddress& address) {
  const auto ip = address.unmapped();
  for (const auto& row : rows) {
    const auto network = IpNetwork::parse(row.network);
    if (network && network->contains(ip)) return row.name;
  }
  return {};
}

}  // namespace maildiag::checks
