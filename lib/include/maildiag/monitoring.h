/// The reports of one run as one answer for a monitoring system.
///
/// Both take any number of reports and keep little of each, so that a sweep of a whole network
/// does not fill the memory. Not thread-safe; use one a thread.
#pragma once

#include <memory>
#include <string>

#include <maildiag/error.h>
#include <maildiag/export.h>
#include <maildiag/report.h>

namespace maildiag {

/// Nagios, Icinga, Naemon: the plug-in interface, one line with performance data.
class MAILDIAG_EXPORT NagiosStatus {
 public:
  NagiosStatus();
  NagiosStatus(NagiosStatus&&) noexcept;
  NagiosStatus& operator=(NagiosStatus&&) noexcept;
  ~NagiosStatus();

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
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The text exposition format of Prometheus, for the textfile collector of node_exporter.
class MAILDIAG_EXPORT PrometheusText {
 public:
  PrometheusText();
  PrometheusText(PrometheusText&&) noexcept;
  PrometheusText& operator=(PrometheusText&&) noexcept;
  ~PrometheusText();

  void add(const Report& report);
  void add(const Error& error);
  /// Families with HELP and TYPE, no timestamps, each series once. Labels hold names of ours, the
  /// target and the zone of a list, never a text of strangers.
  std::string text() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace maildiag
