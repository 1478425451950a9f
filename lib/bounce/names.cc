// The words of delivery_failure.h's enumerations.

#include "bounce/delivery_failure.h"

namespace maildiag::bounce {

std::string_view to_string(Action action) {
  switch (action) {
    case Action::failed:
      return "failed";
    case Action::delayed:
      return "delayed";
    case Action::delivered:
      return "delivered";
    case Action::relayed:
      return "relayed";
    case Action::expanded:
      return "expanded";
    case Action::unknown:
      break;
  }
  return "unknown";
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::failure:
      return "failure";
    case Kind::delay:
      return "delay";
    case Kind::delivered:
      return "delivered";
    case Kind::auto_reply:
      return "auto_reply";
    case Kind::feedback_report:
      return "feedback_report";
    case Kind::challenge:
      return "challenge";
    case Kind::not_a_bounce:
      break;
  }
  return "not_a_bounce";
}

}  // namespace maildiag::bounce
