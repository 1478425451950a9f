/// The entries of a master file as tokens (RFC 1035 section 5.1): comments, parentheses, quotes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace maildiag::dns {

struct MasterToken {
  std::string_view text;  ///< as it stands in the file: escapes kept, quotes stripped
  bool quoted = false;
};

/// A directive or a record.
struct MasterEntry {
  std::size_t line = 0;       ///< where it begins, from 1
  bool starts_blank = false;  ///< the owner is left out
  std::vector<MasterToken> tokens;
};

/// Entries one after another, in time proportional to the text, which must outlive the tokens.
class MasterFileLexer {
 public:
  explicit MasterFileLexer(std::string_view text);

  /// The next entry that has a token; nullopt at the end. The error's message is "LINE: ...".
  Result<std::optional<MasterEntry>> next();

 private:
  Result<void> read_token(MasterEntry& entry);
  Result<void> read_quoted(MasterEntry& entry);
  void skip_comment();
  static tl::unexpected<Error> fault(std::size_t line, Error error);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace maildiag::dns
