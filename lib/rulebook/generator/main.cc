/// maildiag_rules_generator RULES_DIRECTORY OUTPUT_DIRECTORY: checks rules/ and writes it as C++
/// constants.
#include <cstdio>
#include <exception>
#include <fstream>
#include <iterator>
#include <string>

#include "rulebook/generator/sources.h"
#include "rulebook/loader/loader.h"

namespace {

using namespace maildiag;

// An unchanged file keeps its time, so that nothing is compiled again for it.
bool write_if_changed(const std::string& path, const std::string& content) {
  if (std::ifstream old(path, std::ios::binary); old) {
    const std::string present((std::istreambuf_iterator<char>(old)),
                              std::istreambuf_iterator<char>());
    if (present == content) return true;
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << content;
  file.close();
  return file.good();
}

int run(const std::string& rules, const std::string& output) {
  const auto library = rulebook::load_directories({}, {{rules, "rules", 0}});
  if (!library) {
    std::fprintf(stderr, "%s\n", library.error().message.c_str());
    return static_cast<int>(library.error().code);
  }
  for (const auto& source : rulebook::write_sources(library->tables())) {
    if (write_if_changed(output + "/" + source.name, source.content)) continue;
    std::fprintf(stderr, "%s/%s: cannot be written\n", output.c_str(), source.name.c_str());
    return static_cast<int>(ErrorCode::cannot_write);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s RULES_DIRECTORY OUTPUT_DIRECTORY\n", argv[0]);
    return static_cast<int>(ErrorCode::usage);
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return static_cast<int>(ErrorCode::internal);
  }
}
