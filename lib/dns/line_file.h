/// A file that lines are added to.
#pragma once

#include <string>
#include <string_view>

#include "core/descriptor.h"
#include "core/result.h"

namespace maildiag::dns {

/// Each line by one write(2): a run that is killed leaves whole lines, and two runs do not mix
/// theirs.
class LineFile {
 public:
  /// Error: cannot_write.
  static Result<LineFile> open(const std::string& path);
  /// Throws std::system_error, which names the file.
  void append(std::string line);

 private:
  LineFile(Descriptor descriptor, std::string path);

  Descriptor descriptor_;
  std::string path_;
};

}  // namespace maildiag::dns
