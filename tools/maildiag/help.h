/// The pages of --help, within 80 columns, in the user's language.
#pragma once

#include <string>

#include <maildiag/language.h>

namespace CLI {
class App;
}

namespace maildiag::tool {

/// Of the program, or of one of its commands; `all`: with the options that every command has.
/// Descriptions, groups and examples of the parser are ids of the catalogue.
std::string help_page(const CLI::App& app, bool all, Language language);

/// What `maildiag` alone prints.
std::string start_page(Language language);

/// "maildiag rules show": the words that lead to a command.
std::string command_path(const CLI::App& app);

}  // namespace maildiag::tool
