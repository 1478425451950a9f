/// What a user may give to rblcheck: addresses, networks, ranges, names; as arguments and in files.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <maildiag/cancellation.h>
#include <maildiag/error.h>

#include "core/domain_name.h"
#include "core/ip_address.h"
#include "core/result.h"

namespace maildiag::session {

/// A /16; more is a list operator's work.
inline constexpr std::uint32_t max_network_addresses = 65536;

using Target = std::variant<IpAddress, DomainName>;

/// One or more targets in a row: `count` addresses from an IPv4 one, or one of anything.
struct TargetRange {
  Target first;
  std::uint32_t count = 1;

  /// REQUIRES: index < count.
  Target at(std::uint32_t index) const;
};

/// "192.0.2.1", "192.0.2.0/28", "192.0.2.1-192.0.2.9", "2001:db8::1", or a name. usage: none of
/// these, or more than max_network_addresses.
Result<TargetRange> parse_target(const std::string& text);

/// Calls `sink` with each target of a text; stops when it returns false. usage: see parse_target().
Result<void> expand_target(const std::string& text, const std::function<bool(Target)>& sink);

/// A domain, and how the user wrote it.
using DomainTarget = std::pair<std::string, DomainName>;
/// The domains among the words of a command line; the others go to `errors` (usage).
std::vector<DomainTarget> domain_targets(const std::vector<std::string>& texts,
                                         const std::function<void(const Error&)>& errors);
/// The selector of DKIM and BIMI records (RFC 6376 section 3.1). usage: it is none.
Result<DomainName> parse_selector(const std::string& text);

struct NamedTarget {
  std::string text;  ///< an address in its canonical form, a name as it was given
  Target target;
};

/// Reads targets one by one, so that files and networks of any size take no memory.
class TargetReader {
 public:
  /// `files` are read after `texts`; "-" is standard input, which ends when the call is
  /// cancelled. Faults go to `errors` and reading goes on: with the next file after no_input, which
  /// also says that a file broke off.
  TargetReader(std::vector<std::string> texts, std::vector<std::string> files,
               std::function<void(const Error&)> errors, Cancellation cancellation = {});
  ~TargetReader();
  TargetReader(const TargetReader&) = delete;
  TargetReader& operator=(const TargetReader&) = delete;

  std::optional<NamedTarget> next();
  /// next() had no more because the call was cancelled.
  bool is_cut_short() const { return cut_short_; }
  /// All that are left, without what they are. Reads to the end.
  std::uint64_t count_rest();

 private:
  class Input;

  bool next_range();
  bool next_line(std::string& line);
  void pass_over_line();
  bool open_file();
  void fail(Error error) const;
  void tell_failure() const;

  std::deque<std::string> texts_, files_;
  std::function<void(const Error&)> errors_;
  Cancellation cancellation_;
  bool cut_short_ = false;
  std::unique_ptr<Input> input_;
  std::string file_;
  std::size_t line_ = 0;
  std::string text_;  // of the range
  TargetRange range_;
  std::uint32_t index_ = 0;  // in the range
};

}  // namespace maildiag::session
