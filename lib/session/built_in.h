/// The rulebook as it is compiled in, whatever a user's files add.
#pragma once

namespace maildiag::rulebook {
class Rulebook;
}

namespace maildiag::session {

/// Loaded with the first call. Thread-safe.
const rulebook::Rulebook& built_in_rulebook();

}  // namespace maildiag::session
