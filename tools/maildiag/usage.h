/// What is wrong with a command line, and the cure, in the user's language.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <CLI/Error.hpp>

#include <maildiag/language.h>

namespace CLI {
class App;
}

namespace maildiag::tool {

using Words = std::map<std::string, std::string>;

/// A fault that the parser does not know: a text of the catalogue with its words.
class UsageFault : public CLI::ParseError {
 public:
  UsageFault(std::string id, Words words);

  const std::string& id() const { return id_; }
  const Words& words() const { return words_; }

 private:
  std::string id_;
  Words words_;
};

/// One sentence or two, on one line: the fault, and what was probably meant. REQUIRES: a fault, not
/// a call for help.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error, Language language);

/// The innermost command that the command line names.
const CLI::App& chosen_command(const CLI::App& app);

}  // namespace maildiag::tool
