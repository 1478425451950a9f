/// The commands by name, for the C interface.
#pragma once

#include <string_view>
#include <variant>

#include <maildiag/session.h>

#include "session/c_members.h"

namespace maildiag::session {

/// Runs a command with what stands in `request`. usage to `errors`: there is no such command, or
/// the request is not one.
void run_command(Session& session, std::string_view command, Members& request,
                 const ReportSink& sink, const ErrorSink& errors);

/// What SessionOptions can be told in JSON. usage: of `members`.
std::variant<SessionOptions, Error> read_session_options(Members& members);

}  // namespace maildiag::session
