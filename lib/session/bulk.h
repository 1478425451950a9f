/// dmarccheck --bulk.
#pragma once

#include <string>
#include <vector>

#include "session/impl.h"

namespace maildiag::session {

/// What large providers demand of senders, for each domain. A sample message belongs to one domain.
void check_bulk(Session::Impl& impl, const std::vector<std::string>& domains,
                const DmarcOptions& options, const ReportSink& sink, const ErrorSink& errors);

}  // namespace maildiag::session
