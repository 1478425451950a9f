/// One report for each message of files, for `dkimcheck --message` and its like.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bounce/reader.h"
#include "session/impl.h"

namespace maildiag::session {

/// One message in memory at a time; `errors` hears of what cannot be read or judged, and the rest
/// goes on. Ends where the sink wants no more, or with a cancellation, which `errors` hears of.
void report_messages(Session::Impl& impl, const std::vector<std::string>& paths,
                     const std::function<Result<Report>(bounce::Message)>& work,
                     const ReportSink& sink, const ErrorSink& errors);

}  // namespace maildiag::session
