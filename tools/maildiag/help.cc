#include "help.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include <maildiag/interface.h>
#include <maildiag/lookup.h>

namespace maildiag::tool {

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

const CLI::App& root_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app : root_of(*app.get_parent());
}

bool is_help(const CLI::App& app, const CLI::Option* option) {
  return option == app.get_help_ptr() || option == app.get_help_all_ptr();
}

/// "-f, --file FILE"; of an argument "FILE...".
std::string entry_name(const CLI::Option& option) {
  const bool many = option.get_items_expected_max() > 1;
  if (option.get_positional()) return option.get_name() + (many ? "..." : "");
  std::string name;
  for (const auto& each : option.get_snames()) name += (name.empty() ? "-" : ", -") + each;
  for (const auto& each : option.get_lnames()) name += (name.empty() ? "--" : ", --") + each;
  if (option.get_items_expected_max() == 0) return name;
  const auto type = option.get_type_name();  // and behind it what validators say
  return name + ' ' + type.substr(0, type.find(':'));
}

std::string described(const std::string& id, Language language) {
  std::string types;
  for (const auto& type : lookup_types()) types += (types.empty() ? "" : " ") + type;
  return interface_text(id, language, {{"types", types}});
}

Entries option_entries(const std::vector<const CLI::Option*>& options, Language language) {
  Entries entries;
  for (const auto* option : options)
    entries.emplace_back(entry_name(*option), described(option->get_description(), language));
  return entries;
}

Entries command_entries(const CLI::App& app, const std::string& group, Language language) {
  Entries entries;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_group() == group)
      entries.emplace_back(command->get_name(), described(command->get_description(), language));
  }
  return entries;
}

/// The groups of commands, in the order in which the first of each was added.
std::vector<std::string> command_groups(const CLI::App& app) {
  std::vector<std::string> groups;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (std::find(groups.begin(), groups.end(), command->get_group()) == groups.end())
      groups.push_back(command->get_group());
  }
  return groups;
}

class Page {
 public:
  explicit Page(Language language) : language_(language) {}

  std::string word(const char* id) const { return interface_text(id, language_); }
  void line(const std::string& text) { text_ += text + '\n'; }
  void gap() { text_ += '\n'; }
  /// `column`: of the texts; 0: by the longest name.
  void entries(const Entries& entries, std::size_t column = 0) {
    std::size_t widest = 0;
    for (const auto& [name, text] : entries) widest = std::max(widest, name.size());
    for (const auto& [name, text] : entries)
      text_ += interface_entry(name, text, column > 0 ? column : widest + 2);
  }
  /// Without the gaps where they would push the beginning off a terminal of 24 lines.
  std::string take() {
    constexpr auto most = 23;  // and the prompt
    if (std::count(text_.begin(), text_.end(), '\n') <= most) return std::move(text_);
    std::string dense;
    for (std::size_t at = 0; at < text_.size(); ++at) {
      if (text_[at] != '\n' || at == 0 || text_[at - 1] != '\n') dense += text_[at];
    }
    return dense;
  }
  Language language() const { return language_; }

 private:
  Language language_;
  std::string text_;
};

void write_usage(Page& page, const CLI::App& app) {
  std::string line =
      page.word("help.usage") + ' ' + command_path(app) + " [" + page.word("help.option") + "]...";
  const bool root = app.get_parent() == nullptr;
  if (!app.get_subcommands([](const CLI::App*) { return true; }).empty()) {
    const auto word = page.word(root ? "help.command" : "help.action");
    line += app.get_require_subcommand_min() > 0 || root ? ' ' + word : " [" + word + ']';
  }
  if (root) line += " ...";
  for (const auto* option : app.get_options([](const CLI::Option*) { return true; })) {
    if (!option->get_positional()) continue;
    const auto name = option->get_name();
    const auto* dots = option->get_items_expected_max() > 1 ? "..." : "";
    line += option->get_required() ? ' ' + name + dots : " [" + name + ']' + dots;
  }
  page.line(line);
}

/// The options that every command has, group by group.
void write_common(Page& page, const CLI::App& root) {
  for (const auto& group : root.get_groups()) {
    const auto options = root.get_options([&group](const CLI::Option* option) {
      return option->get_group() == group && option->nonpositional();
    });
    if (options.empty()) continue;
    page.gap();
    page.line(page.word(group.c_str()) + ':');
    page.entries(option_entries(options, page.language()));
  }
}

void write_program(Page& page, const CLI::App& app, bool all) {
  constexpr std::size_t column = 12;  // the same for all groups
  for (const auto& group : command_groups(app)) {
    page.line(page.word(group.c_str()) + ':');
    page.entries(command_entries(app, group, page.language()), column);
  }
  if (all) write_common(page, app);
  page.line(page.word("help.more") + " maildiag " + page.word("help.command") + " --help" +
            (all ? "" : ", maildiag --help-all") + ", man maildiag");
}

/// Manual pages are about commands, not about what these can do.
const CLI::App& with_manual(const CLI::App& app) {
  const auto* parent = app.get_parent();
  return parent == nullptr || parent->get_parent() == nullptr ? app : with_manual(*parent);
}

void write_command(Page& page, const CLI::App& app, bool all) {
  const auto language = page.language();
  page.line(described(app.get_description(), language));
  const auto arguments =
      app.get_options([](const CLI::Option* option) { return option->get_positional(); });
  const auto options = app.get_options([&app](const CLI::Option* option) {
    return option->nonpositional() && !is_help(app, option);
  });
  page.entries(option_entries(arguments, language));
  for (const auto& group : command_groups(app)) {
    page.gap();
    page.line(page.word("help.actions"));
    page.entries(command_entries(app, group, language));
  }
  if (!options.empty()) {
    page.gap();
    page.line(page.word("help.options"));
  }
  page.entries(option_entries(options, language));
  if (all) write_common(page, root_of(app));
  page.gap();
  if (!app.get_footer().empty()) page.line(page.word("help.example") + ' ' + app.get_footer());
  page.line(page.word("help.more") +
            (all ? "" : " --help-all (" + page.word("help.common") + "),") + " man maildiag-" +
            with_manual(app).get_name());
}

}  // namespace

std::string command_path(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name()
                                     : command_path(*app.get_parent()) + ' ' + app.get_name();
}

std::string help_page(const CLI::App& app, bool all, Language language) {
  Page page(language);
  write_usage(page, app);
  if (app.get_parent() == nullptr) {
    write_program(page, app, all);
  } else {
    write_command(page, app, all);
  }
  return page.take();
}

std::string start_page(Language language) {
  const auto text = [language](const char* id) { return interface_text(id, language) + '\n'; };
  std::string page = text("start.title") + '\n';
  page += text("start.bounce") + "  maildiag explain bounce.eml\n";
  page += text("start.reply") +
          "  maildiag explain --ip 192.0.2.1 --sender me@example.com --reply '550 ...'\n";
  page += text("start.domain") + "  maildiag mxcheck example.com\n";
  page += text("start.address") + "  maildiag rblcheck 192.0.2.1\n\n";
  return page + text("start.more");
}

}  // namespace maildiag::tool
