// What a script or a user of a web form hands to the program: one word a line.
#include "command_line.h"

#include <string>
#include <vector>

#include "core/text.h"
#include "fuzz/pieces.h"
#include "fuzz/targets.h"
#include "program.h"

namespace maildiag::fuzz {

void command_line(std::string_view octets) {
  constexpr std::size_t most_words = 40;
  constexpr int usage = 64, worst_of_plugin = 3;
  std::vector<std::string> words;
  while (!octets.empty() && words.size() < most_words) {
    const auto line = take_line(octets);
    words.emplace_back(line.substr(0, line.find('\0')));  // where an argument ends
  }
  std::vector<const char*> argv{"maildiag"};
  for (const auto& word : words) argv.push_back(word.c_str());

  tool::Program program;
  const auto said = tool::read_command_line(static_cast<int>(argv.size()), argv.data(), program);
  if (!said) {
    require(static_cast<bool>(program.action), "a command line that is good asks for something");
    return require(program.command.starts_with("maildiag "), "and names a command");
  }
  require(said->output.empty() != said->error.empty(), "one stream tells why nothing runs");
  require(said->status == 0 || said->status == usage || said->status == worst_of_plugin,
          "the status is one of the contract");
  require((said->status == 0) <= said->error.empty(), "what was asked for is no error");
  for (auto rest = std::string_view(said->output.empty() ? said->error : said->output);
       !rest.empty();)
    require(is_one_safe_line(take_line(rest)), "a terminal can show it");
}

}  // namespace maildiag::fuzz
