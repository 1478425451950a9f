/// maildiag_manual_generator RULES_DIRECTORY LANGUAGE TEMPLATE PAGE: writes a page of the manual
/// out of rules/ and a template.
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include "rulebook/loader/loader.h"
#include "rulebook/manual/pages.h"

namespace {

using namespace maildiag;

int fault(const std::string& where, const std::string& what, ErrorCode code) {
  std::fprintf(stderr, "%s: %s\n", where.c_str(), what.c_str());
  return static_cast<int>(code);
}

int run(const std::string& rules, const std::string& language, const std::string& input,
        const std::string& output) {
  const auto spoken = language_from(language);
  if (!spoken) return fault(language, "no such language", ErrorCode::usage);
  const auto library = rulebook::load_directories({}, {{rules, "rules", 0}});
  if (!library) return fault(rules, library.error().message, library.error().code);
  std::ifstream file(input, std::ios::binary);
  if (!file) return fault(input, "cannot be read", ErrorCode::no_input);
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const auto filled = rulebook::fill_page(page, library->tables(), *spoken);
  if (!filled) return fault(input, filled.error().message, filled.error().code);
  std::ofstream written(output, std::ios::binary | std::ios::trunc);
  written << *filled;
  written.close();
  return written.good() ? 0 : fault(output, "cannot be written", ErrorCode::cannot_write);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: %s RULES_DIRECTORY LANGUAGE TEMPLATE PAGE\n", argv[0]);
    return static_cast<int>(ErrorCode::usage);
  }
  try {
    return run(argv[1], argv[2], argv[3], argv[4]);
  } catch (const std::exception& error) {
    return fault(argv[0], error.what(), ErrorCode::internal);
  }
}
