/// Reputation that no DNS list shows: the catalogue's entries for one target.
#pragma once

#include <optional>
#include <string_view>

#include <maildiag/finding.h>

#include "session/impl.h"
#include "session/targets.h"

namespace maildiag::session {

/// One entry ("cisco"; of a provider of rules, its id), with its links ready for `target`; nullopt:
/// there is none, or it is not for this kind of target.
std::optional<Finding> reputation_of(const Session::Impl& impl, std::string_view entry,
                                     const Target& target);

}  // namespace maildiag::session
