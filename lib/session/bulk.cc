#include "session/bulk.h"

#include <functional>
#include <optional>
#include <utility>

#include "bounce/reader.h"
#include "checks/bulk.h"
#include "session/envelope.h"
#include "session/targets.h"

namespace maildiag::session {

namespace {

/// The first message of the files.
std::optional<bounce::Message> read_sample(const Session::Impl& impl,
                                           const std::vector<std::string>& paths,
                                           const ErrorSink& errors) {
  std::optional<bounce::Message> sample;
  for (const auto& path : paths) {
    if (sample) break;
    bounce::for_each_message(
        path,
        [&sample](bounce::Message message) {
          sample = std::move(message);
          return false;
        },
        errors, impl.options.cancellation);
  }
  if (!sample && impl.cancelled()) errors(cancelled_error(impl, "run.left.domain"));
  return sample;
}

/// Everything but the domain; nullopt: a fault was told.
std::optional<checks::BulkRequest> read_request(const Session::Impl& impl,
                                                const DmarcOptions& options,
                                                const ErrorSink& errors) {
  checks::BulkRequest request;
  for (const auto& text : options.ips) {
    const auto ip = IpAddress::parse(text);
    if (!ip) {
      errors(make_error(ErrorCode::usage, "--ip: `{}` is not an IP address", text));
      return std::nullopt;
    }
    request.addresses.push_back(*ip);
  }
  auto origin = read_envelope_options(options);
  if (!origin) {
    errors(origin.error());
    return std::nullopt;
  }
  if (!options.messages.empty()) {
    auto sample = read_sample(impl, options.messages, errors);
    if (!sample) return std::nullopt;
    fill_envelope(*origin, sample->octets);
    request.message = std::move(sample->octets);
    request.tls = origin->tls;
  }
  request.envelope = origin->envelope;
  return request;
}

/// bad_data: the sample is no message.
Result<Report> check_domain(Session::Impl& impl, const std::string& text,
                            checks::BulkRequest request) {
  auto report = new_report("dmarccheck", text);
  request.now = request.message ? received_at(*request.message, report.started) : report.started;
  request.today = report.started;
  std::optional<Result<checks::BulkReport>> result;
  const std::function<Task<void>()> work = [&]() -> Task<void> {
    auto done = co_await checks::check_bulk(impl.context(), std::move(request));
    result = std::move(done);
  };
  if (!impl.run(work())) return tl::unexpected(cancelled_error(impl, "run.left.domain"));
  if (!*result) return tl::unexpected(result->error());
  report.result = (*result)->dmarc.to_value();
  report.result.set("bulk", (*result)->to_value(*impl.rulebook, impl.options.language));
  report.findings = std::move((*result)->findings);
  impl.finish(report);
  return report;
}

}  // namespace

void check_bulk(Session::Impl& impl, const std::vector<std::string>& domains,
                const DmarcOptions& options, const ReportSink& sink, const ErrorSink& errors) {
  if (!options.messages.empty() && domains.size() > 1)
    return errors(make_error(
        ErrorCode::usage, "--bulk with --message takes one DOMAIN: the message is a sample of it"));
  const auto request = read_request(impl, options, errors);
  if (!request) return;
  for (const auto& [text, domain] : domain_targets(domains, errors)) {
    auto own = *request;
    own.domain = domain;
    const auto report = check_domain(impl, text, std::move(own));
    if (!report) {
      errors(report.error());
      if (report.error().code == ErrorCode::cancelled) return;
    } else if (!sink(*report)) {
      return;
    }
  }
}

}  // namespace maildiag::session
