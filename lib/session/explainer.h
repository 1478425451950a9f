/// The way of every failure through explain, whatever it was read from: classified, checked once
/// for each distinct subject, reported in the order of the input or counted in a summary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include <maildiag/session.h>

#include "bounce/delivery_failure.h"
#include "diagnose/diagnose.h"
#include "diagnose/own_hosts.h"
#include "diagnose/provider_index.h"
#include "diagnose/subject.h"
#include "diagnose/summary.h"
#include "session/impl.h"

namespace maildiag::session {

/// From so many failures on the table of all literals is worth the time to build it.
inline constexpr std::size_t bulk_threshold = 32;
/// Failures that wait for their checks are worked on together; so much of their mails is held.
inline constexpr std::size_t max_waiting_bytes = 16UL << 20;
/// Diagnoses that are remembered: whole ones for reports, small ones for a summary.
inline constexpr std::size_t max_known_diagnoses = 1024;
inline constexpr std::size_t max_known_outcomes = 50'000;
/// Recipients' domains whose servers one run connects to; a log may name thousands, and none of
/// them asked for our visit.
inline constexpr std::size_t max_receivers = 32;

/// A failure, or a message that reports none.
struct ExplainItem {
  std::string name;  ///< for the report: "bounces.mbox:17"
  bounce::Kind kind = bounce::Kind::failure;
  std::string format;
  std::optional<bounce::DeliveryFailure> failure;
  std::shared_ptr<const bounce::ReturnedMessage> returned;
  /// nullopt: found out by the options' own hosts. A log of one's own server knows it.
  std::optional<diagnose::Passage> passage;
};

class Explainer {
 public:
  Explainer(Session::Impl& impl, const ExplainOptions& options, diagnose::OwnHosts own,
            const ReportSink& sink);

  /// All failures of a message. False: the sink wants no more.
  bool add(const std::string& name, bounce::Bounce found);
  bool add(ExplainItem&& item);
  void count_unreadable() { summary_.count_unreadable(); }
  /// Reports what still waits, then the summary and the statistics.
  bool finish();
  /// Distinct failures whose checks were cancelled.
  std::size_t unchecked() const { return unchecked_; }

 private:
  struct Judgement {
    diagnose::Diagnosis diagnosis;  ///< with findings in a run of reports only
    Severity status = Severity::ok;
    std::string first_step;  ///< of a summary
    std::chrono::system_clock::time_point started;
    std::int64_t elapsed_ms = 0;
    bool checked = true;
  };
  struct Waiting {
    ExplainItem item;
    diagnose::Classification classification;
    diagnose::Subject subject;
    std::string key;
    bool shared = true;  ///< the judgement may serve others with the same key
  };

  diagnose::Classification classify(const bounce::DeliveryFailure& failure);
  /// Whether the servers of this recipient's domain must be left alone.
  bool is_passive(const diagnose::Subject& subject);
  bool wait_for_checks(ExplainItem item, diagnose::Classification classification);
  bool flush();
  void judge_waiting();
  Judgement without_checks(const diagnose::Classification& classification) const;
  Task<void> judge(const Waiting& waiting, std::shared_ptr<const Judgement>& result);
  bool emit(const ExplainItem& item, const diagnose::Classification& classification,
            const Judgement& judgement);
  bool report(const ExplainItem& item, const diagnose::Classification& classification,
              const Judgement& judgement);
  bool report_other(const ExplainItem& item);
  /// `judgement`: nullptr where nothing was checked.
  void summarise(const ExplainItem& item, const diagnose::Classification& classification,
                 const Judgement* judgement);
  Report summary_report();
  Report stats_report() const;

  Session::Impl& impl_;
  const ExplainOptions& options_;
  diagnose::OwnHosts own_;
  const ReportSink& sink_;
  std::optional<IpAddress> ip_;
  diagnose::ProviderIndex providers_;
  std::unique_ptr<rulebook::Rulebook::BulkMatcher> bulk_;
  std::size_t failures_ = 0;
  std::size_t unchecked_ = 0;
  std::unordered_map<const rulebook::Rule*, std::uint64_t> hits_;
  diagnose::Summary summary_;
  std::vector<Waiting> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::set<std::string> receivers_;  ///< domains that may be connected to
  std::unordered_map<std::string, std::shared_ptr<const Judgement>> known_;
  std::chrono::system_clock::time_point started_;
};

}  // namespace maildiag::session
