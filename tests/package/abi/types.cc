// Every type of the installed headers, as a parameter: abidw reads the debug information of this
// file, so that the library itself needs none.
#include <maildiag/cancellation.h>
#include <maildiag/configuration.h>
#include <maildiag/maildiag.h>
#include <maildiag/monitoring.h>
#include <maildiag/render.h>
#include <maildiag/session.h>

namespace maildiag {

MAILDIAG_EXPORT void types(BimiOptions&, Cancellation&, Configuration&, ConfigurationSources&,
                           DkimOptions&, DmarcOptions&, DnsblCheckOptions&, DnsblProgress&,
                           DomainOptions&, Error&, ErrorCode, ErrorSink&, Evidence&,
                           ExplainOptions&, ExplainProgress&, Finding&, Language, ListKey&, Member&,
                           NagiosStatus&, Progress&, PrometheusText&, PtrOptions&, Report&,
                           ReportSink&, Session&, SessionOptions&, Severity, SmtpOptions&,
                           SpfOptions&, SweepText&, TextOptions&, Value&, WatchHistoryOptions&,
                           WatchOptions&, WatchPruneOptions&, WatchRound&, WhoisOptions&);
void types(BimiOptions&, Cancellation&, Configuration&, ConfigurationSources&, DkimOptions&,
           DmarcOptions&, DnsblCheckOptions&, DnsblProgress&, DomainOptions&, Error&, ErrorCode,
           ErrorSink&, Evidence&, ExplainOptions&, ExplainProgress&, Finding&, Language, ListKey&,
           Member&, NagiosStatus&, Progress&, PrometheusText&, PtrOptions&, Report&, ReportSink&,
           Session&, SessionOptions&, Severity, SmtpOptions&, SpfOptions&, SweepText&, TextOptions&,
           Value&, WatchHistoryOptions&, WatchOptions&, WatchPruneOptions&, WatchRound&,
           WhoisOptions&) {}

}  // namespace maildiag
