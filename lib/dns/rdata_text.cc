#include "dns/rdata_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "dns/hex.h"
#include "dns/ldns_handle.h"
#include "dns/rdata.h"

namespace maildiag::dns {
namespace {

/// ldns 1.8.3 cuts longer RDATA off without a word.
constexpr std::size_t max_rdata_text = 65'535;

/// The most of a line that an error message repeats.
constexpr std::size_t max_excerpt = 80;

/// Numbers that ldns 1.8.3 takes modulo their size: MX 70000 becomes 4464.
struct NumberField {
  RecordType type;
  std::size_t first, count;
  std::uint64_t maximum;
};
constexpr std::array<NumberField, 5> number_fields{{
    {RecordType::mx, 0, 1, 0xffff},
    {RecordType::srv, 0, 3, 0xffff},
    {RecordType::soa, 2, 1, 0xffffffff},
    {RecordType::tlsa, 0, 3, 0xff},
    {RecordType::caa, 0, 1, 0xff},
}};

std::string join(std::span<const MasterToken> tokens) {
  std::string line;
  for (const auto& token : tokens) {
    if (!line.empty()) line += ' ';
    const std::string_view quote = token.quoted ? "\"" : "";
    line += fmt::format("{0}{1}{0}", quote, token.text);
  }
  return line;
}

std::string excerpt(std::string_view line) {
  return text::truncate(text::sanitize(line.substr(0, 4 * max_excerpt)), max_excerpt);
}

template <class Number>
std::optional<Number> number_from(std::string_view digits) {
  Number number = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (fault != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

bool numbers_fit(RecordType type, std::span<const MasterToken> tokens) {
  for (const auto& field : number_fields) {
    if (field.type != type) continue;
    for (auto i = field.first; i < std::min(field.first + field.count, tokens.size()); ++i) {
      const auto number = number_from<std::uint64_t>(tokens[i].text);
      if (!number || *number > field.maximum) return false;
    }
  }
  return true;
}

/// CERT with the type 0, which RFC 4398 section 2.1 reserves: ldns 1.8.3 refuses it, and leaks it.
/// So it does with whatever strtol() takes for a number and 16 bits make 0 of: nothing, a number
/// behind blanks and a sign, one that is clamped or cut. Names of types begin with a letter.
bool leaks_in_ldns(RecordType type, std::string_view first_field) {
  constexpr auto cert = static_cast<RecordType>(37);
  if (type != cert) return false;
  const auto letter = first_field.empty() ? '\0' : static_cast<char>(first_field.front() | 0x20);
  if (letter >= 'a' && letter <= 'z') return false;
  return number_from<std::uint16_t>(first_field).value_or(0) == 0;
}

/// RFC 3597 section 5: `\#`, the length, and the octets in hexadecimal, with blanks anywhere.
std::optional<RecordData> generic_rdata(RecordType type, std::span<const MasterToken> tokens) {
  if (tokens.size() < 2) return std::nullopt;
  const auto length = number_from<std::uint16_t>(tokens[1].text);
  std::string digits;
  for (const auto& token : tokens.subspan(2)) digits += token.text;
  const auto octets = from_hex(digits);
  if (!length || !octets || octets->size() != *length) return std::nullopt;
  return rdata_from_wire(type, *octets);
}

/// The RDATA of a record at the root, by ldns.
std::optional<RecordData> parsed_by_ldns(RecordType type, const std::string& rdata,
                                         const DomainName& origin) {
  const LdnsRdf origin_rdf(ldns_dname_new_frm_data(static_cast<std::uint16_t>(origin.wire().size()),
                                                   origin.wire().data()));
  if (origin_rdf == nullptr) return std::nullopt;
  const auto line = fmt::format(". 0 IN TYPE{} {}", static_cast<unsigned>(type), rdata);
  ldns_rr* parsed = nullptr;
  const auto status = ldns_rr_new_frm_str(&parsed, line.c_str(), 0, origin_rdf.get(), nullptr);
  if (status != LDNS_STATUS_OK || parsed == nullptr) return std::nullopt;
  const LdnsRr rr(parsed);
  auto record = record_from(*rr);
  if (!record) return std::nullopt;
  return std::move(record->data);
}

}  // namespace

std::optional<RecordType> zone_record_type(const std::string& mnemonic) {
  const auto number = static_cast<unsigned>(ldns_get_rr_type_by_name(mnemonic.c_str()));
  constexpr unsigned opt = 41, first_meta = 128, last_meta = 255;
  if (number == 0 || number > 0xffff || number == opt) return std::nullopt;
  if (number >= first_meta && number <= last_meta) return std::nullopt;
  return static_cast<RecordType>(number);
}

Result<RecordData> rdata_from_tokens(RecordType type, std::span<const MasterToken> tokens,
                                     const DomainName& origin) {
  std::vector<MasterToken> fields(tokens.begin(), tokens.end());
  // ldns 1.8.3 wants the value in quotes, which RFC 8659 section 4.1.1 leaves to the writer.
  if (type == RecordType::caa && fields.size() == 3) fields[2].quoted = true;
  const auto line = join(fields);
  if (line.size() > max_rdata_text) {
    return fail_with(ErrorCode::bad_data, "RDATA of more than {} characters", max_rdata_text);
  }
  const bool generic = !fields.empty() && !fields[0].quoted && fields[0].text == "\\#";
  std::optional<RecordData> data;
  if (generic) {
    data = generic_rdata(type, fields);
  } else if (!fields.empty() && numbers_fit(type, fields) && !leaks_in_ldns(type, fields[0].text)) {
    data = parsed_by_ldns(type, line, origin);
  }
  if (!data) {
    return fail_with(ErrorCode::bad_data, "not the data of a record of type {}: {}",
                     to_string(type), excerpt(line));
  }
  return std::move(*data);
}

}  // namespace maildiag::dns
