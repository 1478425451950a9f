#include <cstdio>
#include <exception>

#include "command_line.h"
#include "program.h"

namespace maildiag::tool {
namespace {

int run(int argc, char** argv) {
  Program program;
  if (const auto said = read_command_line(argc, argv, program)) {
    std::fputs(said->output.c_str(), stdout);
    std::fputs(said->error.c_str(), stderr);
    return said->status;
  }
  return program.run();
}

}  // namespace
}  // namespace maildiag::tool

int main(int argc, char** argv) {
  try {
    return maildiag::tool::run(argc, argv);
  } catch (const std::exception& error) {
    if (maildiag::tool::wants_nagios(argc, argv)) {
      maildiag::NagiosStatus status;
      status.add(maildiag::Error{maildiag::ErrorCode::internal, error.what()});
      std::puts(status.line().c_str());
      return status.exit_status();
    }
    std::fprintf(stderr, "maildiag: internal error: %s\n", error.what());
    return static_cast<int>(maildiag::ErrorCode::internal);
  }
}
