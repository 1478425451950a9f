#include "dns/master_file.h"

#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "dns/input_file.h"
#include "dns/master_file_lexer.h"
#include "dns/rdata.h"
#include "dns/rdata_text.h"

namespace maildiag::dns {
namespace {

/// A zone to lint or a test fixture, not a registry: about ten times the largest that we have seen
/// at a mail provider. Bounds memory to about 500 MiB.
constexpr std::size_t max_file_size = std::size_t{64} << 20U;
constexpr std::size_t max_file_records = 1'000'000;
/// Names and data as they are held, and each $ORIGIN: a relative name of three octets may take 255,
/// and an SOA three of them. Twice the text of a file in which all names are written out.
constexpr std::size_t max_held_octets = std::size_t{128} << 20U;

constexpr std::uint32_t max_ttl = 0x7fffffff;  // RFC 2181 section 8
constexpr std::uint32_t default_ttl =
    3600;  // of a first record without any; as nsd and ldns have it

using Tokens = std::span<const MasterToken>;

std::optional<std::uint32_t> seconds_in(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return 3600;
    case 'd':
      return 86400;
    case 'w':
      return 604800;
    default:
      return std::nullopt;
  }
}

/// "3600", "1h30m". nullopt: neither, or more than a TTL may be.
std::optional<std::uint32_t> parse_period(std::string_view period) {
  const auto lower = text::ascii_lower(period);
  const char* at = lower.data();
  const char* const end = at + lower.size();
  std::uint64_t total = 0;
  while (at != end) {
    std::uint32_t count = 0;
    const auto [after, fault] = std::from_chars(at, end, count);
    if (fault != std::errc()) return std::nullopt;
    const auto unit = after == end ? 1 : seconds_in(*after);
    if (!unit) return std::nullopt;
    total += std::uint64_t{count} * *unit;
    if (total > max_ttl) return std::nullopt;
    at = after == end ? end : after + 1;
  }
  return period.empty() ? std::nullopt : std::optional(static_cast<std::uint32_t>(total));
}

/// True if the last dot of a name's text ends it; `\.` does not.
bool is_absolute(std::string_view name) {
  if (!name.ends_with('.')) return false;
  const auto before = name.substr(0, name.size() - 1);
  const auto backslashes = before.size() - (before.find_last_not_of('\\') + 1);
  return backslashes % 2 == 0;
}

bool starts_like_number(const MasterToken& token) {
  return !token.quoted && !token.text.empty() && token.text[0] >= '0' && token.text[0] <= '9';
}

/// IN, another class's mnemonic (RFC 1035 section 3.2.4) or CLASS1234 (RFC 3597 section 5).
bool is_class(const MasterToken& token) {
  if (token.quoted) return false;
  for (const std::string_view name : {"IN", "CH", "CS", "HS"}) {
    if (text::equals_ignore_case(token.text, name)) return true;
  }
  constexpr std::string_view prefix = "CLASS";
  return text::starts_with_ignore_case(token.text, prefix) && token.text.size() > prefix.size();
}

bool is_class_in(const MasterToken& token) {
  return text::equals_ignore_case(token.text, "IN") ||
         text::equals_ignore_case(token.text, "CLASS1");
}

class Parser {
 public:
  explicit Parser(std::string path) { file_.path = std::move(path); }

  Result<void> read(const MasterEntry& entry);
  MasterFile take() { return std::move(file_); }

 private:
  struct Header {  // what stands before the RDATA
    DomainName owner;
    std::optional<std::uint32_t> ttl;
    RecordType type{};
    Tokens rdata;
  };

  Result<void> read_directive(Tokens tokens);
  Result<void> read_record(const MasterEntry& entry);
  Result<Header> read_header(const MasterEntry& entry);
  Result<void> read_ttl_and_class(Header& header, Tokens& rest) const;
  Result<DomainName> read_name(const MasterToken& token) const;
  Result<void> enter(DomainName origin);
  Result<void> hold(std::size_t octets);

  MasterFile file_;
  std::size_t held_ = 0;
  std::optional<DomainName> owner_;       // of the record before
  std::optional<std::uint32_t> ttl_;      // $TTL
  std::uint32_t last_ttl_ = default_ttl;  // RFC 1035 section 5.1: of the record before
};

Result<void> Parser::read(const MasterEntry& entry) {
  const auto& first = entry.tokens.front();
  const bool directive = !entry.starts_blank && !first.quoted && first.text.starts_with('$');
  return directive ? read_directive(entry.tokens) : read_record(entry);
}

Result<void> Parser::read_directive(Tokens tokens) {
  const auto name = tokens[0].text;
  if (text::equals_ignore_case(name, "$ORIGIN")) {
    if (tokens.size() != 2) return fail_with(ErrorCode::bad_data, "$ORIGIN takes one name");
    auto origin = read_name(tokens[1]);
    if (!origin) return tl::unexpected(std::move(origin.error()));
    return enter(std::move(*origin));
  }
  if (text::equals_ignore_case(name, "$TTL")) {
    const auto ttl = tokens.size() == 2 ? parse_period(tokens[1].text) : std::nullopt;
    if (!ttl)
      return fail_with(ErrorCode::bad_data, "$TTL takes one number of seconds, at most 2147483647");
    ttl_ = ttl;
    return {};
  }
  if (text::equals_ignore_case(name, "$INCLUDE")) {
    return fail_with(
        ErrorCode::bad_data,
        "$INCLUDE is not supported: give the included file by a --zone option of its own");
  }
  return fail_with(ErrorCode::bad_data, "unknown or unsupported directive {}",
                   text::sanitize(name));
}

Result<void> Parser::read_record(const MasterEntry& entry) {
  if (file_.records.size() == max_file_records) {
    return fail_with(ErrorCode::bad_data, "more than {} records, the most that is read",
                     max_file_records);
  }
  auto header = read_header(entry);
  if (!header) return tl::unexpected(std::move(header.error()));
  if (file_.origins.empty()) {
    if (header->type != RecordType::soa)
      return fail_with(ErrorCode::bad_data, "no zone yet: begin with $ORIGIN or an SOA");
    if (auto entered = enter(header->owner); !entered) return entered;
  }
  auto data = rdata_from_tokens(header->type, header->rdata, file_.origins.back());
  if (!data) return tl::unexpected(std::move(data.error()));

  const auto octets = header->owner.wire().size() + rdata_to_wire(*data).size();
  if (auto held = hold(octets); !held) return held;
  owner_ = header->owner;
  if (header->ttl) last_ttl_ = *header->ttl;
  // RFC 2308 section 4: $TTL holds for records that state none.
  const auto ttl = header->ttl ? *header->ttl : ttl_.value_or(last_ttl_);
  file_.records.push_back({Record{std::move(header->owner), header->type, ttl, std::move(*data)},
                           entry.line, file_.origins.size() - 1});
  return {};
}

Result<Parser::Header> Parser::read_header(const MasterEntry& entry) {
  Tokens rest = entry.tokens;
  Header header;
  if (!entry.starts_blank) {
    auto owner = read_name(rest[0]);
    if (!owner) return tl::unexpected(std::move(owner.error()));
    header.owner = std::move(*owner);
    rest = rest.subspan(1);
  } else if (owner_) {
    header.owner = *owner_;
  } else {
    return fail_with(ErrorCode::bad_data,
                     "a record without a name, and none before it to take the name of");
  }
  if (auto read = read_ttl_and_class(header, rest); !read) {
    return tl::unexpected(std::move(read.error()));
  }
  if (rest.empty()) return fail_with(ErrorCode::bad_data, "a record without a type");
  const auto type = rest[0].quoted ? std::nullopt : zone_record_type(std::string(rest[0].text));
  if (!type) {
    return fail_with(ErrorCode::bad_data, "{} is not a record type",
                     text::sanitize(rest[0].text.substr(0, 80)));
  }
  header.type = *type;
  header.rdata = rest.subspan(1);
  return header;
}

/// In either order (RFC 1035 section 5.1); ldns 1.8.3 refuses "IN 60 A".
Result<void> Parser::read_ttl_and_class(Header& header, Tokens& rest) const {
  bool has_class = false;
  while (!rest.empty()) {
    const auto& token = rest[0];
    if (!header.ttl && starts_like_number(token)) {
      header.ttl = parse_period(token.text);
      if (!header.ttl) {
        return fail_with(ErrorCode::bad_data, "{} is no TTL of at most 2147483647 seconds",
                         text::sanitize(token.text.substr(0, 80)));
      }
    } else if (!has_class && is_class(token)) {
      if (!is_class_in(token))
        return fail_with(ErrorCode::bad_data, "a record of another class than IN");
      has_class = true;
    } else {
      break;
    }
    rest = rest.subspan(1);
  }
  return {};
}

Result<DomainName> Parser::read_name(const MasterToken& token) const {
  const auto shown = [&] { return text::sanitize(token.text.substr(0, 300)); };
  const bool at_sign = token.text == "@";
  const bool absolute = !at_sign && is_absolute(token.text);
  if (!absolute && file_.origins.empty()) {
    return fail_with(ErrorCode::bad_data, "{} is relative, and no $ORIGIN stands before it",
                     shown());
  }
  if (at_sign && !token.quoted) return file_.origins.back();
  auto name = token.quoted ? std::nullopt : DomainName::parse(token.text);
  if (name && !absolute) name = file_.origins.back().prepend(*name);
  if (!name) return fail_with(ErrorCode::bad_data, "{} is not a domain name", shown());
  return std::move(*name);
}

Result<void> Parser::enter(DomainName origin) {
  auto held = hold(sizeof(origin) + origin.wire().size());
  if (held) file_.origins.push_back(std::move(origin));
  return held;
}

Result<void> Parser::hold(std::size_t octets) {
  held_ += octets;
  if (held_ <= max_held_octets) return {};
  return fail_with(ErrorCode::bad_data, "more than {} MiB of names and data, the most that is read",
                   max_held_octets >> 20U);
}

}  // namespace

Result<MasterFile> parse_master_file(std::string path, std::string_view text) {
  const std::string prefix = path;
  const auto located = [&](Error error) {
    error.place = fmt::format("{}:{}", prefix, error.place);
    error.message = fmt::format("{}:{}", prefix, error.message);
    return tl::unexpected(std::move(error));
  };
  MasterFileLexer lexer(text);
  Parser parser(std::move(path));
  while (true) {
    auto entry = lexer.next();
    if (!entry) return located(std::move(entry.error()));
    if (!*entry) break;
    if (auto read = parser.read(**entry); !read) {
      read.error() = at_place(fmt::format("{}", (*entry)->line), std::move(read.error()));
      return located(std::move(read.error()));
    }
  }
  auto file = parser.take();
  if (file.records.empty()) {
    return fail_with(ErrorCode::bad_data, "{}: a zone file without a record", prefix);
  }
  return file;
}

Result<MasterFile> read_master_file(const std::string& path) {
  const auto octets = read_input_file(path, max_file_size);
  if (!octets) return tl::unexpected(octets.error());
  return parse_master_file(path, *octets);
}

}  // namespace maildiag::dns
