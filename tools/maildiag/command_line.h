/// The arguments of the program: what they ask for, or what is wrong with them.
#pragma once

#include <optional>
#include <string>

namespace maildiag::tool {

struct Program;

/// What is said instead of running: help, the version, a fault with its cure.
struct Said {
  std::string output, error;
  int status = 0;
};

/// Reads the arguments into a new program, which is ready to run then (nullopt). Runs nothing.
std::optional<Said> read_command_line(int argc, const char* const* argv, Program& program);

}  // namespace maildiag::tool
