/// A file that lines are added to.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"

namespace maildiag::dns {

/// Each line by one write(2): a run that is killed leaves whole lines, and two runs do not mix
/// theirs.
class LineFile {
 public:
  /// Error: cannot_write.
  static Result<LineFile> open(const std::string& path);
  ~LineFile();
  LineFile(LineFile&& other) noexcept;
  LineFile& operator=(LineFile&&) = delete;

  /// Throws std::system_error, which names the file.
  void append(std::string line);

 private:
  LineFile(int descriptor, std::string path);

  int descriptor_;
  std::string path_;
};

}  // namespace maildiag::dns
