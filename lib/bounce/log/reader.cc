#include "bounce/log/reader.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "bounce/dsn.h"
#include "bounce/fields.h"
#include "bounce/log/exchange.h"
#include "bounce/log/found.h"
#include "bounce/log/input.h"
#include "bounce/log/open_mails.h"
#include "bounce/log/stamp.h"
#include "bounce/reply_remote.h"
#include "bounce/reply_text.h"
#include "bounce/returned_message.h"
#include "core/text.h"

namespace maildiag::bounce {
namespace {

using log::Found;
using log::LogLine;
using std::string_view;

/// Lines between two calls of LogOptions::progress.
constexpr std::size_t progress_lines = 4096;

std::string address(string_view octets) {
  return text::to_valid_utf8(octets.substr(0, log::max_kept_address));
}

/// The log's "5.0.0" beside a reply without a status says nothing that the reply's code does not.
void add_status(string_view status, Reply& reply) {
  const auto length = status_length(status);
  const bool vague = status.substr(0, length).ends_with(".0.0") && reply.code != 0;
  if (length > 0 && reply.status.empty() && !vague) reply.status = status.substr(0, length);
}

/// The host that the mail was given to, where its reply did not come with a name.
void add_remote(const Found& found, DeliveryFailure& failure) {
  if (failure.remote_ip && !failure.remote_host.empty()) return;
  Unwrapped remote;
  read_remote(found.relay.substr(0, log::max_kept_address), remote);
  if (remote.remote_host.empty()) remote.remote_host = host_of(found.relay);
  // "lost connection with mx.example.net[192.0.2.1]"
  const bool own_words = failure.reply.code == 0 && failure.remote_host.empty();
  if (own_words && remote.remote_host.empty() && !remote.remote_ip) {
    read_remote(failure.reply.text, remote);
    if (remote.remote_host.empty() || !remote.remote_ip) return;
  }
  if (failure.remote_host.empty()) failure.remote_host = std::move(remote.remote_host);
  if (!failure.remote_ip) failure.remote_ip = remote.remote_ip;
}

DeliveryFailure failure_of(const Found& found) {
  DeliveryFailure failure;
  failure.action = found.action;
  failure.recipient = address(found.recipient);
  failure.original_recipient = address(found.original_recipient);
  failure.sender = address(found.sender);
  if (!failure.sender.empty()) failure.sender_source = "log";
  failure.reporting_mta = host_of(found.reporter);
  apply_diagnostic(found.text, failure);
  add_status(found.status, failure.reply);
  add_remote(found, failure);
  find_sending_host(Fields(), {}, failure);
  if (failure.reply.code == 0 && failure.sending_ip) {
    // Our own server's words: the address in them is the other side's.
    failure.sending_ip.reset();
    failure.sending_ip_source.clear();
  }
  const auto own = IpAddress::parse(found.sending_ip);
  if (own && own->is_public()) {
    failure.sending_ip = own->unmapped();
    failure.sending_ip_source = "log";
  }
  return failure;
}

}  // namespace

class LogReader::State {
 public:
  explicit State(const LogOptions& options) : options_(options) {}

  bool read(const std::string& path, const LogSink& sink,
            const std::function<void(Error)>& problem) {
    const auto tell = [&](const Error& error) { problem(at_place(path, error)); };
    auto input = log::Input::open(path, options_.cancellation);
    if (!input) {
      if (!options_.cancellation.requested()) tell(input.error());
      return true;
    }
    begin(path, *input, sink);
    while (const auto line = input->next_line()) {
      if (++number_ % progress_lines == 0 && !tell_progress(*input)) return false;
      read_line(*line);
      if (open_.take_expired_full() && is_asked_for(stamps_->read(stamp_))) ++full_mails_;
      if (stopped_) return false;
    }
    if (full_mails_ > 0) {
      tell(make_error(ErrorCode::bad_data,
                      "of {} expired mails with many recipients some may not be told",
                      full_mails_));
    }
    if (!tell_progress(*input)) return false;
    if (options_.cancellation.requested()) return true;
    if (input->error()) {
      tell(*input->error());
    } else if (number_ > 0 && !known_) {
      tell(make_error(ErrorCode::bad_data, "no line of a mail server's log in it"));
    }
    return true;
  }

 private:
  bool tell_progress(log::Input& input) {
    return !options_.progress || options_.progress(input.take_count());
  }

  void begin(const std::string& path, const log::Input& input, const LogSink& sink) {
    path_ = path;
    number_ = full_mails_ = 0;
    known_ = stopped_ = false;
    sink_ = &sink;
    exchange_ = {};
    // With the first line's year known, the years go on from file to file.
    if (!stamps_ || !options_.year)
      stamps_.emplace(input.changed().value_or(std::chrono::system_clock::now()), options_.year);
  }

  void read_line(string_view octets) {
    if (number_ == 1 && octets.starts_with("\xEF\xBB\xBF")) octets.remove_prefix(3);
    if (octets.empty()) return;
    if ((octets[0] == '#' || octets[0] == '"' || number_ <= 2) && exchange_.read_header(octets)) {
      known_ = true;
      return;
    }
    if (exchange_.has_columns()) return exchange_.read_row(octets, stamp_, report_);
    const auto line = log::split_line(octets);
    stamp_ = line.stamp;
    // A time alone says nothing: what stands behind it may be laid out as we cannot read it.
    known_ = known_ || (line.stamp.form != log::StampForm::none && !line.program.empty());
    if (line.program.empty()) {
      known_ = read_qmail(line, open_, report_) || read_exim(line, open_, report_) || known_;
    } else {
      read_postfix(line, open_, report_) || read_sendmail(line, open_, report_) ||
          read_exim(line, open_, report_) || read_opensmtpd(line, report_) ||
          read_qmail(line, open_, report_);
    }
  }

  /// A line without a time may belong to the time that is asked for.
  bool is_asked_for(const std::optional<WallTime>& time) const {
    return !time || ((!options_.since || *time >= *options_.since) &&
                     (!options_.until || *time < *options_.until));
  }

  void report(const Found& found) {
    if (stopped_) return;
    const auto time = stamps_->read(stamp_);
    if (!is_asked_for(time)) return;
    LogFailure result;
    result.format = found.format;
    result.queue_id = address(found.queue_id);
    result.name = result.queue_id.empty()
                      ? fmt::format("{}:{}", path_, number_)
                      : fmt::format("{}:{}:{}", path_, number_, result.queue_id);
    result.failure = failure_of(found);
    result.failure.time = time;
    stopped_ = !(*sink_)(std::move(result));
  }

  LogOptions options_;
  log::OpenMails open_;
  log::ExchangeLog exchange_;
  std::optional<log::StampReader> stamps_;
  log::Stamp stamp_;
  const LogSink* sink_ = nullptr;
  std::string path_;
  std::size_t number_ = 0;
  std::size_t full_mails_ = 0;  ///< expired ones of which not all recipients were kept
  bool known_ = false;
  bool stopped_ = false;
  const log::FoundSink report_ = [this](const Found& found) { report(found); };
};

LogReader::LogReader(const LogOptions& options) : state_(std::make_unique<State>(options)) {}
LogReader::~LogReader() = default;

bool LogReader::read(const std::string& path, const LogSink& sink,
                     const std::function<void(Error)>& problem) {
  return state_->read(path, sink, problem);
}

}  // namespace maildiag::bounce
