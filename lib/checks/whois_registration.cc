#include "checks/whois_registration.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"

namespace maildiag::checks::whois {

namespace {

Value time_or_null(const std::optional<WallTime>& time) {
  return time ? Value(to_rfc3339(*time)) : Value();
}

Value contact_value(const Contact& contact) {
  return Value::object(
      {{"name", contact.name}, {"email", contact.email}, {"phone", contact.phone}});
}

std::string text_of(const Value& value) {
  return clean_text(value.as_string());
}

Contact contact_from(const Value& value) {
  return {text_of(value["name"]), clean_email(value["email"].as_string()), text_of(value["phone"])};
}

std::vector<std::string> texts_from(const Value& value) {
  std::vector<std::string> texts;
  for (const auto& item : value.as_array()) {
    if (texts.size() < max_texts) texts.push_back(text_of(item));
  }
  return texts;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// "14", "Feb", "1996": runs of letters or of digits, at most `most`.
std::vector<std::string_view> words_of(std::string_view text, std::size_t most) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size() && words.size() < most;) {
    auto end = at;
    if (is_digit(text[at])) {
      while (end < text.size() && is_digit(text[end])) ++end;
    } else {
      while (end < text.size() && is_letter(text[end])) ++end;
    }
    if (end > at) words.push_back(text.substr(at, end - at));
    at = std::max(end, at + 1);
  }
  return words;
}

int month_of(std::string_view word) {
  constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
  const auto name = text::ascii_lower(word.substr(0, 3));
  const auto* const found = std::find(months.begin(), months.end(), name);
  return found == months.end() ? 0 : static_cast<int>(found - months.begin()) + 1;
}

/// REQUIRES: digits, at most four.
int number_of(std::string_view digits) {
  int number = 0;
  for (const char c : digits) number = number * 10 + (c - '0');
  return number;
}

std::optional<WallTime> day(int year, int month, int day_of_month) {
  return from_rfc3339(fmt::format("{:04}-{:02}-{:02}T00:00:00Z", year, month, day_of_month));
}

}  // namespace

Value Registration::to_value() const {
  return Value::object({{"kind", kind},
                        {"name", name},
                        {"handle", handle},
                        {"range", range},
                        {"networks", Value::strings(networks)},
                        {"type", type},
                        {"holder", holder},
                        {"provider", provider},
                        {"country", country},
                        {"abuse", contact_value(abuse)},
                        {"technical", contact_value(technical)},
                        {"registrar", registrar},
                        {"registrar_id", registrar_id},
                        {"registered", time_or_null(registered)},
                        {"changed", time_or_null(changed)},
                        {"expires", time_or_null(expires)},
                        {"name_servers", Value::strings(name_servers)},
                        {"status", Value::strings(status)},
                        {"signed", is_signed ? Value(*is_signed) : Value()}});
}

Registration registration_from(const Value& value) {
  Registration found;
  const auto set = [&value](std::string& member, std::string_view key) {
    member = text_of(value[key]);
  };
  set(found.kind, "kind");
  set(found.name, "name");
  set(found.handle, "handle");
  set(found.range, "range");
  found.networks = texts_from(value["networks"]);
  set(found.type, "type");
  set(found.holder, "holder");
  set(found.provider, "provider");
  set(found.country, "country");
  found.abuse = contact_from(value["abuse"]);
  found.technical = contact_from(value["technical"]);
  set(found.registrar, "registrar");
  set(found.registrar_id, "registrar_id");
  found.registered = from_rfc3339(value["registered"].as_string());
  found.changed = from_rfc3339(value["changed"].as_string());
  found.expires = from_rfc3339(value["expires"].as_string());
  found.name_servers = texts_from(value["name_servers"]);
  found.status = texts_from(value["status"]);
  if (value["signed"].is_bool()) found.is_signed = value["signed"].as_bool();
  return found;
}

std::string clean_text(std::string_view text) {
  // Long before it is measured: what is cut needs no cleaning.
  const auto safe = text::sanitize(text::to_valid_utf8(text.substr(0, 8 * max_text)));
  return text::truncate(text::collapse_spaces(safe), max_text);
}

std::string clean_email(std::string_view text) {
  auto email = clean_text(text);
  const auto at = email.find('@');
  const bool good = at != std::string::npos && at > 0 && at + 1 < email.size() &&
                    email.find_first_of(" \t,;<>()\\\"") == std::string::npos;
  return good ? email : std::string();
}

std::optional<WallTime> registry_date(std::string_view text) {
  text = text::trim(text.substr(0, 64));
  if (const auto time = from_rfc3339(text)) return time;
  const auto words = words_of(text, 3);
  if (words.empty()) return std::nullopt;
  const auto& first = words.front();
  if (is_digit(first.front()) && first.size() == 8)
    return day(number_of(first.substr(0, 4)), number_of(first.substr(4, 2)),
               number_of(first.substr(6)));
  if (words.size() < 3 || !is_digit(words[2].front())) return std::nullopt;
  const auto is_short = [](std::string_view word) {
    return is_digit(word.front()) && word.size() <= 2;
  };
  if (is_digit(first.front()) && first.size() == 4 && is_short(words[1]) && is_short(words[2]))
    return day(number_of(first), number_of(words[1]), number_of(words[2]));
  if (!is_short(first) || words[2].size() != 4) return std::nullopt;
  if (!is_digit(words[1].front()))
    return day(number_of(words[2]), month_of(words[1]), number_of(first));
  // 13.08.2026; with slashes day and month could be either.
  const bool dots = text.find('.') != std::string_view::npos;
  return dots && is_short(words[1])
             ? day(number_of(words[2]), number_of(words[1]), number_of(first))
             : std::nullopt;
}

std::optional<WallTime> registry_deadline(std::string_view text) {
  const auto date = registry_date(text);
  const bool exact = !date || from_rfc3339(text::trim(text.substr(0, 64)));
  constexpr std::chrono::seconds rest_of_day{24 * 60 * 60 - 1};
  return exact ? date : *date + rest_of_day;
}

std::string status_words(std::string_view text) {
  // "clientHold https://icann.org/epp#clientHold", "client hold", "clientHold"
  const auto end = text.find("http");
  const auto plain = clean_text(text.substr(0, end));
  std::string words;
  for (const char c : plain) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool after_lower = !words.empty() && words.back() >= 'a' && words.back() <= 'z';
    if (upper && after_lower) words += ' ';
    words += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  while (!words.empty() && (words.back() == '(' || words.back() == ' ')) words.pop_back();
  return clean_text(words);  // the spaces made it longer
}

}  // namespace maildiag::checks::whois
