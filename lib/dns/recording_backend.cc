/// Writes down what another backend answers.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "dns/answer_json.h"
#include "dns/backends.h"

namespace maildiag::dns {
namespace {

/// A file that lines are added to, each by one write(2): a run that is killed leaves whole lines,
/// and two runs do not mix theirs.
class LineFile {
 public:
  LineFile(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  ~LineFile() { ::close(descriptor_); }
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  void append(std::string line) {
    line += '\n';
    for (std::string_view rest = line; !rest.empty();) {
      const auto count = ::write(descriptor_, rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) throw std::system_error(errno, std::generic_category(), path_);
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  int descriptor_;
  std::string path_;
};

class RecordingBackend : public Backend {
 public:
  RecordingBackend(std::shared_ptr<Backend> inner, int descriptor, const std::string& path)
      : inner_(std::move(inner)), file_(descriptor, path) {}

  Task<Answer> ask(Question question) override {
    auto answer = co_await inner_->ask(std::move(question));
    file_.append(answer_to_json(answer));
    co_return answer;
  }

  Task<void> ask_batch(std::vector<Question> questions,
                       std::function<void(std::size_t, Answer)> done) override {
    std::function<void(std::size_t, Answer)> record = [&](std::size_t index, Answer answer) {
      file_.append(answer_to_json(answer));
      done(index, std::move(answer));
    };
    co_await inner_->ask_batch(std::move(questions), std::move(record));
  }

 private:
  std::shared_ptr<Backend> inner_;
  LineFile file_;
};

}  // namespace

Result<std::shared_ptr<Backend>> make_recording_backend(std::shared_ptr<Backend> inner,
                                                        const std::string& file) {
  constexpr mode_t mode = 0666;  // less the umask
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, mode);
  if (descriptor < 0) {
    return fail(ErrorCode::cannot_write, fmt::format("{}: {}", file, std::strerror(errno)));
  }
  return std::make_shared<RecordingBackend>(std::move(inner), descriptor, file);
}

}  // namespace maildiag::dns
