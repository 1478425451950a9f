/// What every check gets: the world's edge and the data.
#pragma once

#include <memory>
#include <string>

#include "core/clock.h"
#include "dns/resolver.h"
#include "net/network.h"
#include "rulebook/rulebook.h"

namespace maildiag::checks {

struct ListAccess;
struct WhoisAccess;

/// Names and addresses in, Findings out. A check never prints and never throws for what a server
/// answered. The referenced objects outlive every running check.
struct Context {
  dns::Resolver& resolver;
  const rulebook::Rulebook& rulebook;
  const ListAccess* lists = nullptr;  ///< how DNS lists may be asked; nullptr: as their files say
  net::Network* network = nullptr;    ///< nullptr: DNS only; what needs more stays unknown
  WhoisAccess* whois = nullptr;       ///< what is known of registries; nullptr: nothing is kept
};

}  // namespace maildiag::checks
