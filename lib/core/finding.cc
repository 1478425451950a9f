#include <maildiag/finding.h>

namespace maildiag {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::ok:
      return "ok";
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::critical:
      return "critical";
    case Severity::unknown:
      break;
  }
  return "unknown";
}

namespace {
int badness(Severity severity) {
  switch (severity) {
    case Severity::ok:
      return 0;
    case Severity::info:
      return 1;
    case Severity::warning:
      return 2;
    case Severity::unknown:
      return 3;
    case Severity::critical:
      break;
  }
  return 4;
}
}  // namespace

Severity worse(Severity a, Severity b) {
  return badness(a) >= badness(b) ? a : b;
}

int exit_status(Severity severity) {
  switch (severity) {
    case Severity::ok:
    case Severity::info:
      return 0;
    case Severity::warning:
      return 1;
    case Severity::critical:
      return 2;
    case Severity::unknown:
      break;
  }
  return 3;
}

}  // namespace maildiag
