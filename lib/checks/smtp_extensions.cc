#include "checks/smtp_extensions.h"

#include <algorithm>
#include <charconv>

#include "core/text.h"

namespace maildiag::checks {

namespace {

constexpr int success = 2;  // 2yz
constexpr int class_of_code = 100;

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return result;
}

std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find(' '));
}

}  // namespace

const SmtpExtension* SmtpExtensions::find(std::string_view keyword) const {
  const auto found = std::find_if(list.begin(), list.end(), [keyword](const SmtpExtension& each) {
    return each.keyword == keyword;
  });
  return found != list.end() ? &*found : nullptr;
}

std::optional<std::uint64_t> SmtpExtensions::size() const {
  const auto* extension = find("SIZE");
  if (extension == nullptr) return std::nullopt;
  const auto& text = extension->parameters;
  std::uint64_t octets = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), octets);
  // "SIZE" alone: no fixed limit is known (RFC 1870 section 4).
  if (text.empty()) return 0;
  return read.ec == std::errc{} ? std::optional(octets) : std::nullopt;
}

std::vector<std::string> SmtpExtensions::auth() const {
  constexpr std::string_view old_form = "AUTH=";
  std::vector<std::string> mechanisms;
  const auto add = [&mechanisms](std::string_view words) {
    for (const auto word : text::split(words, ' ')) {
      auto mechanism = upper(word);
      if (!mechanism.empty() &&
          std::find(mechanisms.begin(), mechanisms.end(), mechanism) == mechanisms.end())
        mechanisms.push_back(std::move(mechanism));
    }
  };
  for (const auto& extension : list) {
    if (extension.keyword.starts_with(old_form)) add(extension.keyword.substr(old_form.size()));
    if (extension.keyword == "AUTH" || extension.keyword.starts_with(old_form))
      add(extension.parameters);
  }
  return mechanisms;
}

std::vector<std::string> SmtpExtensions::texts() const {
  std::vector<std::string> all;
  all.reserve(list.size());
  for (const auto& extension : list) all.push_back(extension.text());
  return all;
}

SmtpExtensions read_extensions(const net::SmtpReply& reply) {
  SmtpExtensions extensions;
  if (reply.code / class_of_code != success || reply.lines.empty()) return extensions;
  extensions.name = first_word(text::trim(reply.lines.front()));
  for (std::size_t at = 1; at < reply.lines.size(); ++at) {
    const auto line = text::trim(reply.lines[at]);
    const auto keyword = first_word(line);
    if (keyword.empty()) continue;
    extensions.list.push_back(
        {upper(keyword), std::string(text::trim(line.substr(keyword.size())))});
  }
  return extensions;
}

std::vector<std::string> only_in(const SmtpExtensions& a, const SmtpExtensions& b) {
  std::vector<std::string> missing;
  const auto others = b.texts();
  for (auto& text : a.texts()) {
    if (std::find(others.begin(), others.end(), text) == others.end())
      missing.push_back(std::move(text));
  }
  return missing;
}

}  // namespace maildiag::checks
