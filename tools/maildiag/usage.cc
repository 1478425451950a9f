#include "usage.h"

#include <arpa/inet.h>
#include <array>
#include <optional>
#include <string_view>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include <maildiag/interface.h>

#include "help.h"
#include "program.h"

namespace maildiag::tool {

namespace {

/// A text of the catalogue with its words.
struct Sentence {
  std::string id;
  Words words;
};

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

/// Of a command and of those above it, whose options may stand behind it.
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const auto* option : app.get_options([](const CLI::Option*) { return true; })) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  if (app.get_parent() != nullptr) {
    for (auto& name : option_names(*app.get_parent())) names.push_back(std::move(name));
  }
  return names;
}

/// The two sides of the first `border`, where it comes.
std::optional<std::pair<std::string, std::string>> split(const std::string& text,
                                                         std::string_view border) {
  const auto at = text.find(border);
  if (at == std::string::npos) return std::nullopt;
  return std::pair(text.substr(0, at), text.substr(at + border.size()));
}

/// "0.050000" is how the parser prints 0.05.
std::string number(std::string text) {
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

bool is_address(const std::string& word) {
  std::array<unsigned char, sizeof(in6_addr)> octets{};
  return inet_pton(AF_INET, word.c_str(), octets.data()) == 1 ||
         inet_pton(AF_INET6, word.c_str(), octets.data()) == 1;
}

/// What a word in a command's place wants: a file to be explained, an address or a domain checked.
std::string command_for(const std::string& word) {
  if (access(word.c_str(), R_OK) == 0) return "maildiag explain " + word;
  if (is_address(word)) return "maildiag rblcheck " + word;
  const bool name = word.find('.') != std::string::npos && word.find('/') == std::string::npos;
  return name ? "maildiag mxcheck " + word : std::string();
}

std::vector<Sentence> unknown_option(const CLI::App& command, const std::string& word) {
  const auto name = word.substr(0, word.find('='));
  std::vector<Sentence> sentences{
      {"usage.unknown-option", {{"word", name}, {"command", command_path(command)}}}};
  if (const auto near = suggest(name, option_names(command)); !near.empty())
    sentences.push_back({"usage.did-you-mean-option", {{"word", near}}});
  return sentences;
}

std::vector<Sentence> unexpected(const CLI::App& app) {
  const auto& command = chosen_command(app);
  const auto rest = app.remaining(true);
  std::string word;
  for (const auto& each : rest) {
    if (each.starts_with("-") && each != "-") return unknown_option(command, each);
    if (word.empty()) word = each;
  }
  const auto names = command_names(command);
  if (names.empty() || (&command != &app && command.get_require_subcommand_min() == 0))
    return {{"usage.unexpected", {{"word", word}, {"command", command_path(command)}}}};
  std::vector<Sentence> sentences{{"usage.unknown-command", {{"word", word}}}};
  if (const auto near = suggest(word, names); !near.empty()) {
    sentences.push_back({"usage.did-you-mean", {{"word", command_path(command) + ' ' + near}}});
  } else if (const auto other = &command == &app ? command_for(word) : std::string();
             !other.empty()) {
    sentences.push_back({"usage.did-you-mean", {{"word", other}}});
  }
  return sentences;
}

std::vector<Sentence> missing(const CLI::App& app, const std::string& what) {
  if (what != "A subcommand") return {{"usage.missing", {{"word", what}}}};
  if (!app.remaining(true).empty()) return unexpected(app);
  std::string names;
  for (const auto& name : command_names(chosen_command(app)))
    names += (names.empty() ? "" : ", ") + name;
  return {{"usage.missing-action", {{"word", names}}}};
}

/// What a validator said of the value of `name`.
Sentence bad_value(const std::string& name, const std::string& reason) {
  if (reason == "must not be empty") return {"usage.empty", {{"word", name}}};
  if (auto parts = split(reason, " not in range ")) {
    auto& [value, range] = *parts;
    if (auto ends = split(range, " to "); ends && value.starts_with("Value ")) {
      return {"usage.range",
              {{"word", name},
               {"value", value.substr(std::string_view("Value ").size())},
               {"least", number(ends->first)},
               {"most", number(ends->second)}}};
    }
  }
  if (const auto parts = split(reason, " not in {"); parts && reason.ends_with("}")) {
    std::string known;
    for (const char c : parts->second.substr(0, parts->second.size() - 1))
      known += c == ',' ? ", " : std::string(1, c);
    return {"usage.one-of", {{"word", name}, {"value", parts->first}, {"known", known}}};
  }
  return {"usage.bad-value", {{"word", name}, {"reason", reason}}};
}

Sentence mismatch(const std::string& text) {
  if (const auto parts = split(text, " was given a disallowed flag override"))
    return {"usage.no-value", {{"word", parts->first}}};
  const auto parts = split(text, ": ");
  const auto name = parts ? parts->first : text;
  const bool twice = parts && parts->second.starts_with("At Most");
  return {twice ? "usage.once" : "usage.missing-value", {{"word", name}}};
}

Sentence not_convertible(const CLI::App& app, const std::string& name, const std::string& value) {
  const auto* option = chosen_command(app).get_option_no_throw(name);
  if (option != nullptr && option->get_items_expected_max() == 0)
    return {"usage.no-value", {{"word", name}}};
  return {"usage.number", {{"word", name}, {"value", value}}};
}

std::optional<Sentence> of_two_names(const std::string& text, std::string_view border,
                                     const char* id) {
  const auto parts = split(text, border);
  if (!parts) return std::nullopt;
  return Sentence{id, {{"word", parts->first}, {"other", parts->second}}};
}

/// The sentences for what CLI11 says in English; empty: as it stands.
std::vector<Sentence> sentences_of(const CLI::App& app, const CLI::ParseError& error) {
  const std::string text = error.what();
  const std::string kind = error.get_name();
  if (const auto* fault = dynamic_cast<const UsageFault*>(&error))
    return {{fault->id(), fault->words()}};
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) return unexpected(app);
  if (kind == "ArgumentMismatch") return {mismatch(text)};
  std::optional<Sentence> found;
  if (const auto parts = split(text, " is required"); parts && kind == "RequiredError")
    return missing(app, parts->first);
  if (const auto parts = split(text, ": "); parts && kind == "ValidationError")
    found = bad_value(parts->first, parts->second);
  if (const auto parts = split(text, " = "); parts && kind == "ConversionError") {
    if (const auto name = split(parts->first, "Could not convert: "))
      found = not_convertible(app, name->second, parts->second);
  }
  if (kind == "RequiresError") found = of_two_names(text, " requires ", "usage.needs");
  if (kind == "ExcludesError") found = of_two_names(text, " excludes ", "usage.excludes");
  if (!found) return {};
  return {*found};
}

}  // namespace

UsageFault::UsageFault(std::string id, Words words)
    : CLI::ParseError("UsageFault", interface_text(id, Language::en, words),
                      CLI::ExitCodes::ValidationError),
      id_(std::move(id)),
      words_(std::move(words)) {}

std::string usage_message(const CLI::App& app, const CLI::ParseError& error, Language language) {
  std::string message;
  for (const auto& [id, words] : sentences_of(app, error))
    message += (message.empty() ? "" : " ") + interface_text(id, language, words);
  return message.empty() ? error.what() : message;
}

const CLI::App& chosen_command(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : chosen_command(*chosen.back());
}

}  // namespace maildiag::tool
