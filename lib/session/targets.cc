#include "session/targets.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <istream>
#include <streambuf>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "core/descriptor.h"
#include "core/text.h"
#include "core/typed_domain.h"

namespace maildiag::session {

namespace {

/// A name has at most 255 octets; what is longer is no list of targets.
constexpr std::size_t max_line = 1024;
/// How much of a longer line is passed over in search of its end; after that the file is no list of
/// targets (/dev/zero, an image) and would otherwise be read for ever.
constexpr std::streamsize max_passed_over = 1 << 20;
/// What editors of Windows write before the first line.
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

/// A file, or standard input ("-"), which ends when it is cancelled.
class TargetReader::Input : private std::streambuf, public std::istream {
 public:
  Input(const std::string& file, Cancellation cancellation)
      : std::istream(this),
        descriptor_(open_input(file)),
        failure_(descriptor_.is_open() ? 0 : errno),
        cancellation_(std::move(cancellation)) {}

  /// errno of what ended it; 0: it has not ended, or it was whole.
  int failure() const { return failure_; }

 private:
  std::streambuf::int_type underflow() override {
    if (failure_ != 0) return std::streambuf::traits_type::eof();
    const auto count = read_some(descriptor_, buffer_.data(), buffer_.size(), cancellation_);
    if (count < 0 && errno != ECANCELED) failure_ = errno;
    if (count <= 0) return std::streambuf::traits_type::eof();
    setg(buffer_.data(), buffer_.data(), buffer_.data() + count);
    return std::streambuf::traits_type::to_int_type(buffer_.front());
  }

  Descriptor descriptor_;
  int failure_;
  Cancellation cancellation_;
  std::array<char, 16UL << 10> buffer_{};
};

namespace {

std::uint32_t number_of(const IpAddress& ip) {
  const auto* octet = ip.data();
  return std::uint32_t{octet[0]} << 24U | std::uint32_t{octet[1]} << 16U |
         std::uint32_t{octet[2]} << 8U | octet[3];
}

IpAddress address_of(std::uint32_t number) {
  return IpAddress::from_v4(
      {static_cast<std::uint8_t>(number >> 24U), static_cast<std::uint8_t>(number >> 16U),
       static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)});
}

tl::unexpected<Error> too_large(const std::string& text) {
  return fail_with(ErrorCode::usage,
                   "`{}` has more than {} addresses: give a /16 or smaller, or several", text,
                   max_network_addresses);
}

Result<TargetRange> parse_network(const std::string& text, const IpNetwork& network) {
  const auto& ip = network.address();
  const auto host_bits = static_cast<unsigned>(8 * ip.size()) - network.prefix();
  if (ip.is_v6() && host_bits > 0)
    return fail_with(ErrorCode::usage, "`{}`: IPv6 networks are too large to sweep; give addresses",
                     text);
  if (host_bits > 16) return too_large(text);
  return TargetRange{ip, std::uint32_t{1} << host_bits};
}

Result<TargetRange> parse_range(const std::string& text, const IpAddress& first,
                                const IpAddress& last) {
  const std::uint64_t start = number_of(first), end = number_of(last);
  if (end < start) return fail_with(ErrorCode::usage, "`{}` ends before it starts", text);
  if (end - start >= max_network_addresses) return too_large(text);
  return TargetRange{first, static_cast<std::uint32_t>(end - start + 1)};
}

}  // namespace

Target TargetRange::at(std::uint32_t index) const {
  if (index == 0) return first;
  return address_of(number_of(std::get<IpAddress>(first)) + index);
}

Result<TargetRange> parse_target(const std::string& text) {
  if (const auto ip = IpAddress::parse(text)) return TargetRange{*ip};
  if (const auto network = IpNetwork::parse(text)) return parse_network(text, *network);
  if (const auto dash = text.find('-'); dash != std::string::npos) {
    const auto first = IpAddress::parse(text.substr(0, dash)),
               last = IpAddress::parse(text.substr(dash + 1));
    if (first && last && first->is_v4() && last->is_v4()) return parse_range(text, *first, *last);
  }
  const auto name = DomainName::from_user(text);
  // 203.0.113.300 is a mistyped address, which must not be asked about as a name.
  if (!name || name->label_count() < 2 || text.find('/') != std::string::npos ||
      ends_in_number(*name)) {
    return fail_with(ErrorCode::usage,
                     "`{}` is no address, network (192.0.2.0/28), range "
                     "(192.0.2.1-192.0.2.9) or domain name",
                     text);
  }
  return TargetRange{*name};
}

Result<void> expand_target(const std::string& text, const std::function<bool(Target)>& sink) {
  const auto range = parse_target(text);
  if (!range) return tl::unexpected(range.error());
  for (std::uint32_t index = 0; index < range->count; ++index) {
    if (!sink(range->at(index))) break;
  }
  return {};
}

std::vector<DomainTarget> domain_targets(const std::vector<std::string>& texts,
                                         const std::function<void(const Error&)>& errors) {
  std::vector<DomainTarget> targets;
  for (const auto& text : texts) {
    if (auto name = domain_from_user(text)) {
      targets.emplace_back(text, std::move(*name));
    } else {
      errors(
          make_error(ErrorCode::usage, "`{}` is not a domain name (example: example.com)", text));
    }
  }
  return targets;
}

Result<DomainName> parse_selector(const std::string& text) {
  auto name = DomainName::from_user(text);
  if (!name || text.find_first_of(" \t") != std::string::npos)
    return fail_with(ErrorCode::usage, "`{}` is not a selector (example: default)", text);
  return std::move(*name);
}

TargetReader::TargetReader(std::vector<std::string> texts, std::vector<std::string> files,
                           std::function<void(const Error&)> errors, Cancellation cancellation)
    : texts_(std::make_move_iterator(texts.begin()), std::make_move_iterator(texts.end())),
      files_(std::make_move_iterator(files.begin()), std::make_move_iterator(files.end())),
      errors_(std::move(errors)),
      cancellation_(std::move(cancellation)) {
  range_.count = 0;
}

TargetReader::~TargetReader() = default;

std::optional<NamedTarget> TargetReader::next() {
  if (index_ == range_.count && !next_range()) return std::nullopt;
  // Where answers come without a wait, from files, nobody else gets to notice.
  cut_short_ = cancellation_.requested();
  if (cut_short_) return std::nullopt;
  auto target = range_.at(index_++);
  const auto* ip = std::get_if<IpAddress>(&target);
  auto text = ip != nullptr ? ip->to_string() : text_;
  return NamedTarget{std::move(text), std::move(target)};
}

std::uint64_t TargetReader::count_rest() {
  std::uint64_t count = range_.count - index_;
  while (next_range()) count += range_.count;
  index_ = range_.count;
  return count;
}

bool TargetReader::next_range() {
  while (next_line(text_)) {
    auto range = parse_target(text_);
    if (range) {
      range_ = std::move(*range);
      index_ = 0;
      return true;
    }
    fail(std::move(range.error()));
  }
  range_.count = index_ = 0;
  return false;
}

/// The next argument, or the next line of the files that is not empty or a comment.
bool TargetReader::next_line(std::string& line) {
  if (!texts_.empty()) {
    line = std::move(texts_.front());
    texts_.pop_front();
    return true;
  }
  while (input_ != nullptr || open_file()) {
    std::array<char, max_line> buffer{};
    input_->getline(buffer.data(), buffer.size());
    cut_short_ = cancellation_.requested();
    if (cut_short_) return false;
    if (input_->eof() && input_->failure() != 0) {  // what it cut off is no line
      tell_failure();
      input_.reset();
      continue;
    }
    if (!*input_) {
      if (input_->eof() || input_->gcount() == 0) {
        input_.reset();
        continue;
      }
      pass_over_line();
      continue;
    }
    ++line_;
    // Where a line ends it was taken, and counted.
    const auto length = static_cast<std::size_t>(input_->gcount()) - (input_->eof() ? 0 : 1);
    std::string_view whole(buffer.data(), length);
    if (line_ == 1 && whole.starts_with(byte_order_mark))
      whole.remove_prefix(byte_order_mark.size());
    const auto trimmed = text::trim(whole.substr(0, whole.find('#')));
    if (trimmed.empty()) continue;
    line = trimmed;
    return true;
  }
  return false;
}

/// What is left of a line that is too long, or the whole file where that has no end.
void TargetReader::pass_over_line() {
  ++line_;
  input_->clear();
  input_->ignore(max_passed_over, '\n');
  const bool endless = input_->gcount() == max_passed_over;
  fail(endless
           ? make_error(ErrorCode::usage,
                        "longer than {} octets; one target a line; the rest of the file is "
                        "not read",
                        max_line)
           : make_error(ErrorCode::usage, "longer than {} octets; one target a line", max_line));
  if (endless) input_.reset();
}

bool TargetReader::open_file() {
  while (!files_.empty()) {
    file_ = std::move(files_.front());
    files_.pop_front();
    line_ = 0;
    input_ = std::make_unique<Input>(file_, cancellation_);
    if (input_->failure() == 0) return true;
    tell_failure();
    input_.reset();
  }
  return false;
}

/// Whatever it gave before: half of the targets must not pass for all.
void TargetReader::tell_failure() const {
  errors_(make_error(ErrorCode::no_input, "cannot read {}: {}", file_,
                     std::strerror(input_->failure())));
}

void TargetReader::fail(Error error) const {
  if (line_ > 0) error = at_place(fmt::format("{}:{}", file_, line_), std::move(error));
  errors_(error);
}

}  // namespace maildiag::session
