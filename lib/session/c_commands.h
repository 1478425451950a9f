/// The commands by name, for the C interface.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <variant>

#include <maildiag/session.h>

#include "session/c_members.h"

namespace maildiag::session {

/// Done, and of how many; 0: not known.
using CountSink = std::function<void(std::uint64_t, std::uint64_t)>;

/// Runs a command with what stands in `request`. usage to `errors`: there is no such command, or
/// the request is not one. `counted` hears of commands that count something else than targets.
void run_command(Session& session, std::string_view command, Members& request,
                 const ReportSink& sink, const ErrorSink& errors, const CountSink& counted);

/// What SessionOptions can be told in JSON. usage: of `members`.
std::variant<SessionOptions, Error> read_session_options(Members& members);

}  // namespace maildiag::session
