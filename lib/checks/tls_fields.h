/// What the records of MTA-STS (RFC 8461 section 3.1) and TLS-RPT (RFC 8460 section 3) share: a
/// version, then fields between semicolons.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <maildiag/finding.h>

namespace maildiag::checks::tls_text {

/// A record with more fields is nobody's honest one.
inline constexpr std::size_t max_fields = 100;

/// What is wrong or odd in a record or a policy: a finding's id and what it is about. Only critical
/// ones keep the text from counting.
struct Problem {
  std::string id;
  Severity severity = Severity::critical;
  std::string text;      ///< the part at fault, raw octets
  std::size_t line = 0;  ///< of a policy, from 1
};
bool is_usable(const std::vector<Problem>& problems);
/// Problems of one text that are kept, and beyond them the first critical one.
inline constexpr std::size_t max_problems = 30;
void add_problem(std::vector<Problem>& problems, Problem problem);

struct Field {
  std::string name, value;  ///< the name is well-formed; the value is anything up to ";"
};
struct Fields {
  std::vector<Field> fields;  ///< after the version, in order, up to the fault
  bool valid = true;
  std::string at;          ///< the part at fault
  bool odd_space = false;  ///< white space where receivers that go by the letter want none
};

/// "v=STSv1" and then nothing, white space or ";".
bool has_version(std::string_view text, std::string_view version);
/// REQUIRES: has_version(text, version).
Fields read_fields(std::string_view text, std::string_view version);

/// (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / ".")
bool is_field_name(std::string_view text);
/// Of an extension in a record: 1*(%x21-3A / %x3C / %x3E-7E)
bool is_extension_value(std::string_view text);
bool is_alphanumeric(char c);
/// Without spaces and tabs at its ends.
std::string_view trim_blanks(std::string_view text);

}  // namespace maildiag::checks::tls_text
