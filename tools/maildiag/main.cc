#include <cstdio>
#include <exception>
#include <fcntl.h>
#include <unistd.h>

#include "command_line.h"
#include "program.h"

namespace maildiag::tool {
namespace {

/// A file or a socket that is opened later must not become what a closed standard stream stands
/// for. Opened the wrong way round: whoever reads or writes it is told.
void keep_standard_streams() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number) {
    if (::fcntl(number, F_GETFD) >= 0) continue;
    // The lowest number that is free, which is this one.
    static_cast<void>(::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

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
  maildiag::tool::keep_standard_streams();
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
