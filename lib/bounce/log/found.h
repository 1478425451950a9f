/// What one line of a log says about a failed delivery, as views into it and the open mails.
#pragma once

#include <functional>
#include <string_view>

#include "bounce/delivery_failure.h"
#include "bounce/log/line.h"
#include "bounce/log/open_mails.h"

namespace maildiag::bounce::log {

struct Found {
  std::string_view format;
  std::string_view queue_id;
  std::string_view sender;
  std::string_view recipient;
  std::string_view original_recipient;
  std::string_view relay;       ///< "mx.example.net[192.0.2.1]:25", "mx.example.net. [192.0.2.1]"
  std::string_view status;      ///< the log's own status code, weaker than the reply's
  std::string_view text;        ///< the reply in its wrapper
  std::string_view sending_ip;  ///< our side's address
  std::string_view reporter;    ///< the host that wrote the line
  Action action = Action::failed;
};
using FoundSink = std::function<void(const Found&)>;

/// One reader for each program. They take the line's text, remember what later lines need and
/// report failures; lines of no interest cost them a few comparisons. False: the line is not
/// theirs.
bool read_postfix(const LogLine& line, OpenMails& open, const FoundSink& sink);
bool read_sendmail(const LogLine& line, OpenMails& open, const FoundSink& sink);
bool read_exim(const LogLine& line, OpenMails& open, const FoundSink& sink);
bool read_qmail(const LogLine& line, OpenMails& open, const FoundSink& sink);
bool read_opensmtpd(const LogLine& line, const FoundSink& sink);

}  // namespace maildiag::bounce::log
