#include "net/fault.h"

namespace maildiag::net {

std::string_view to_string(Fault fault) {
  switch (fault) {
    case Fault::none:
      return "none";
    case Fault::refused:
      return "refused";
    case Fault::unreachable:
      return "unreachable";
    case Fault::timeout:
      return "timeout";
    case Fault::closed:
      return "closed";
    case Fault::certificate:
      return "certificate";
    case Fault::handshake:
      return "handshake";
    case Fault::protocol:
      return "protocol";
    case Fault::too_large:
      return "too-large";
    case Fault::offline:
      return "offline";
    case Fault::no_library:
      return "no-library";
    case Fault::trust_store:
      return "trust-store";
  }
  return "none";
}

bool is_own(Fault fault) {
  return fault == Fault::no_library || fault == Fault::trust_store;
}

}  // namespace maildiag::net
