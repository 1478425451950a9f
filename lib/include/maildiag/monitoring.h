/// The reports of one run as one answer for a monitoring system.
///
/// Both take any number of reports and keep little of each, so that a sweep of a whole network
/// does not fill the memory. Not thread-safe; use one a thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <maildiag/error.h>
#include <maildiag/export.h>
#include <maildiag/report.h>

namespace maildiag {

/// Nagios, Icinga, Naemon: the plug-in interface, one line with performance data.
class MAILDIAG_EXPORT NagiosStatus {
 public:
  void add(const Report& report);
  /// What could not be checked makes the whole unknown, never ok.
  void add(const Error& error);
  /// "MAILDIAG RBLCHECK CRITICAL - ... | targets=1;;;0 ..." without a line end. Characters by which
  /// the words of strangers could end the text, start performance data or reach a shell or a
  /// browser are replaced.
  std::string line() const;
  /// 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; nothing else.
  int exit_status() const;

 private:
  struct Count {
    std::size_t targets = 0;
    std::int64_t listed = 0, answered = 0, queried = 0;
    std::int64_t elapsed_ms = 0;
  };
  std::string headline() const;

  std::string command_;
  Severity worst_ = Severity::ok;
  std::map<Severity, std::size_t> severities_;
  std::map<Severity, std::vector<std::string>> problems_;  ///< a few of each
  std::string good_;                                       ///< said where nothing is wrong
  Count count_;
  bool has_lists_ = false;
};

/// The text exposition format of Prometheus, for the textfile collector of node_exporter.
class MAILDIAG_EXPORT PrometheusText {
 public:
  void add(const Report& report);
  void add(const Error& error);
  /// Families with HELP and TYPE, no timestamps, each series once. Labels hold names of ours, the
  /// target and the zone of a list, never a text of strangers.
  std::string text() const;

 private:
  using Labels = std::string;  ///< rendered: {a="b"}
  void add_smtp(const Report& report, const Labels& labels);
  bool admit(const char* family, const Labels& labels, double value, bool keep_larger);

  std::map<std::string, std::map<Labels, double>> families_;
  std::size_t series_ = 0, omitted_ = 0, errors_ = 0;
  struct Run {
    std::string first_target;
    double end, seconds;
  };
  std::map<std::string, Run> runs_;  ///< by command
};

}  // namespace maildiag
