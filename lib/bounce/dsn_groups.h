/// Which fields of a delivery report are about whom.
#pragma once

#include <string_view>
#include <vector>

#include "bounce/fields.h"

namespace maildiag::bounce {

enum class Whose {
  known,           ///< about a recipient, or about the mail
  perhaps_his,     ///< a guess about the recipient in front
  his_or_nobodys,  ///< the same, but for a reply that is told at all events
  nobodys,         ///< perhaps about another one
};

struct Group {
  Fields fields;
  Whose whose = Whose::known;
};

/// Groups of the fields that are read: about the recipients, in their order, and about none. Those
/// of max_failures recipients and a few more: the caller leaves these out.
std::vector<Group> read_groups(std::string_view text);

}  // namespace maildiag::bounce
