// Names, addresses, networks and URLs, as people type them and as strangers send them.
#include <algorithm>
#include <string>

#include <maildiag/closest.h>

#include "checks/author.h"
#include "checks/whois_target.h"
#include "core/domain_name.h"
#include "core/ip_address.h"
#include "core/text.h"
#include "core/typed_domain.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "net/network.h"
#include "net/post.h"
#include "session/targets.h"

namespace maildiag::fuzz {

namespace {

constexpr std::size_t longest_wire = 255;

void check_name(const std::optional<DomainName>& name) {
  if (!name) return;
  require(name->wire().size() <= longest_wire, "a name has at most 255 octets");
  require(DomainName::from_wire(name->wire()) == name, "the wire form is read");
  require(DomainName::parse(name->to_string()) == name, "the text form is read");
  require(DomainName::from_labels(name->labels()) == name, "labels make the name");
  require(name->is_under(name->parent()), "a name is under its parent");
  for (const char c : name->to_string()) require(c > ' ' && c <= '~', "text is printable ASCII");
}

void domain(std::string_view octets) {
  check_name(DomainName::parse(octets));
  check_name(DomainName::from_wire(octets));
  const auto typed = domain_from_user(octets);
  check_name(typed);
  const auto by_user = DomainName::from_user(octets);
  check_name(by_user);
  require(!typed || typed == by_user, "what a person may type is a name");
  if (by_user) require(DomainName::from_user(by_user->to_string()).has_value(), "A-labels stay");
  for (const auto& mailbox : checks::parse_mailboxes(octets).mailboxes) check_name(mailbox.domain);
}

void address(std::string_view octets) {
  if (const auto ip = IpAddress::parse(octets)) {
    require(IpAddress::parse(ip->to_string()) == ip, "an address is read as written");
    (void)ip->is_special();
    check_name(DomainName::parse(ip->ptr_name()));
    require(ip->unmapped().unmapped() == ip->unmapped(), "unmapped once is enough");
  }
  if (const auto network = IpNetwork::parse(octets)) {
    require(network->contains(network->address()), "a network contains its address");
    require(IpNetwork::parse(network->to_string()) == network, "a network is read as written");
  }
  (void)checks::whois::parse_as_range(octets);
  if (const auto target = checks::whois::parse_target(octets)) {
    const auto text = to_string(*target);
    const auto again = checks::whois::parse_target(text);
    require(again && to_string(*again) == text, "a target is read as written");
  }
}

void sweep_targets(std::string_view octets) {
  (void)session::parse_selector(std::string(octets.substr(0, octets.find('\n'))));
  const MemoryFile file(octets);
  session::TargetReader reader({}, {file.path()}, [](const Error& error) {
    require(error.message.size() <= 4096, "a fault is bounded");
  });
  constexpr std::size_t enough = 1000;
  for (std::size_t count = 0; count < enough; ++count) {
    const auto target = reader.next();
    if (!target) return;
    if (const auto* name = std::get_if<DomainName>(&target->target)) check_name(*name);
  }
}

void url(std::string_view octets) {
  if (const auto post = net::PostUrl::read(octets)) {
    require(is_one_safe_line(post->masked()), "a URL that is shown is safe");
    require(post->masked().starts_with("http"), "a URL has a scheme");
  }
  if (const auto rule = net::ConnectTo::parse(octets)) {
    require(!rule->port || *rule->port != 0, "a port is not 0");
    net::AccessOptions access;
    access.connect_to.push_back(*rule);
    (void)access.endpoint("mx.example.com", {*IpAddress::parse("192.0.2.1"), 25});
  }
}

void text_form(std::string_view octets) {
  const auto safe = text::sanitize(octets);
  require(text::sanitize(safe) == safe, "safe text stays");
  const auto valid = text::to_valid_utf8(octets);
  require(text::to_valid_utf8(valid) == valid, "valid UTF-8 stays");
  const std::size_t width = 1 + octets.size() % 40;
  for (const auto& line : text::wrap(safe, width)) {
    // A wide character does not fit into one column, and a URL stays whole.
    require(text::display_width(line) <= std::max<std::size_t>(width, 2) ||
                line.find("://") != std::string::npos,
            "a line fits");
  }
  require(text::display_width(text::truncate(safe, width)) <= width, "a cut text fits");
  require(text::collapse_spaces(text::collapse_spaces(octets)) == text::collapse_spaces(octets),
          "collapsed once is enough");
  (void)closest(octets.substr(0, 64), {"mxcheck", "rblcheck", "explain"});
}

}  // namespace

void names(std::string_view octets) {
  switch (take_choice(octets, 5)) {
    case 0:
      return domain(octets);
    case 1:
      return address(octets);
    case 2:
      return sweep_targets(octets);
    case 3:
      return url(octets);
    default:
      return text_form(octets);
  }
}

}  // namespace maildiag::fuzz
