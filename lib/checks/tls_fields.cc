#include "checks/tls_fields.h"

#include <algorithm>
#include <utility>

#include "core/text.h"

namespace maildiag::checks::tls_text {

namespace {

constexpr std::string_view blanks = " \t";

/// False: the part is no field, or one too many.
bool add_field(std::string_view part, std::vector<Field>& fields) {
  const auto equals = part.find('=');
  if (equals == std::string_view::npos || !is_field_name(part.substr(0, equals)) ||
      fields.size() == max_fields)
    return false;
  fields.push_back({std::string(part.substr(0, equals)), std::string(part.substr(equals + 1))});
  return true;
}

}  // namespace

bool is_usable(const std::vector<Problem>& problems) {
  return std::none_of(problems.begin(), problems.end(), [](const Problem& problem) {
    return problem.severity == Severity::critical;
  });
}

void add_problem(std::vector<Problem>& problems, Problem problem) {
  const bool spoils = problem.severity == Severity::critical && is_usable(problems);
  if (problems.size() < max_problems || spoils) problems.push_back(std::move(problem));
}

bool has_version(std::string_view text, std::string_view version) {
  if (!text.starts_with(version)) return false;
  text.remove_prefix(version.size());
  return text.empty() || text.front() == ';' || blanks.find(text.front()) != std::string_view::npos;
}

Fields read_fields(std::string_view text, std::string_view version) {
  Fields result;
  // The letter of both RFCs drops what does not begin with the version and ";", though their
  // grammars allow white space between the two.
  const auto rest = text.substr(version.size());
  const auto after = trim_blanks(rest);
  result.odd_space = !after.empty() && rest.front() != ';';
  if (after.empty()) return result;
  const auto fail = [&result](std::string_view at) {
    result.valid = false;
    result.at = std::string(at);
    return result;
  };
  if (after.front() != ';') return fail(after);
  const auto parts = text::split(rest.substr(rest.find(';') + 1), ';');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto part = trim_blanks(parts[i]);
    const bool last = i + 1 == parts.size();
    if (last && part.empty()) break;
    if (!add_field(part, result.fields)) return fail(part);
    if (last && blanks.find(parts[i].back()) != std::string_view::npos) result.odd_space = true;
  }
  return result;
}

bool is_field_name(std::string_view text) {
  constexpr std::size_t longest = 32;
  return !text.empty() && text.size() <= longest && is_alphanumeric(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; });
}

bool is_extension_value(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= 0x21 && c <= 0x7e && c != ';' && c != '=';
  });
}

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string_view trim_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace maildiag::checks::tls_text
