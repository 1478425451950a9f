/// Where the output goes: standard output, or a file that appears whole or not at all.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <maildiag/error.h>

namespace maildiag::tool {

class OutputFile {
 public:
  OutputFile() = default;  ///< standard output
  ~OutputFile();
  OutputFile(OutputFile&&) = delete;
  OutputFile& operator=(OutputFile&&) = delete;

  /// Writes go to a new file beside `path` from now on. A link is followed; a device or a pipe is
  /// written directly.
  std::optional<Error> open(const std::string& path);
  bool is_file() const { return file_ != nullptr; }
  /// The path of a file with old content, which commit() replaces; empty: there is none.
  const std::string& replaced() const { return replaced_; }
  std::optional<Error> write(std::string_view text);
  /// Puts the new file into the place of the old one; without this, or where a write failed, the
  /// old one stays as it was.
  std::optional<Error> commit();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  Error failure() const;
  /// What is no file. `follow`: a link of the kernel's, as /dev/stdout leads to.
  std::optional<Error> open_directly(bool follow);

  std::unique_ptr<std::FILE, Close> file_;
  std::string path_;
  std::string replaced_;
  std::string temporary_;  ///< empty: written directly
  bool broken_ = false;    ///< a write failed: not whole
};

}  // namespace maildiag::tool
