/// What a message from a server says about the question that it answers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer.h"

namespace maildiag::dns {

/// The most CNAMEs that are followed for one question, in one message or over several.
inline constexpr std::size_t most_cnames = 10;

struct Reply {
  Outcome outcome = Outcome::malformed;
  int rcode = -1;
  bool authenticated = false;
  std::uint32_t ttl = 0;
  std::vector<Record> records;
  std::vector<DomainName> cname_chain;
  /// The chain ends outside of what this server told: ask for this name. `outcome` is nodata then.
  std::optional<DomainName> ask_on;
  std::string detail;
};

/// REQUIRES: the packet's header and question were compared with what was asked; it is not
/// truncated.
Reply read_reply(std::string_view packet, const Question& question);

}  // namespace maildiag::dns
