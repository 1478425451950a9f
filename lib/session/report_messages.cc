#include "session/report_messages.h"

#include <utility>

namespace maildiag::session {

void report_messages(Session::Impl& impl, const std::vector<std::string>& paths,
                     const std::function<Result<Report>(bounce::Message)>& work,
                     const ReportSink& sink, const ErrorSink& errors) {
  bool go_on = true;
  for (const auto& path : paths) {
    bounce::for_each_message(
        path,
        [&](bounce::Message message) {
          const auto name = message.name;
          const auto report = work(std::move(message));
          if (report) return go_on = sink(*report);
          errors(at_place(name, report.error()));
          return go_on = report.error().code != ErrorCode::cancelled;
        },
        errors, impl.options.cancellation);
    if (!go_on) return;
    if (impl.cancelled()) return errors(cancelled_error(impl, "run.left.input"));
  }
}

}  // namespace maildiag::session
