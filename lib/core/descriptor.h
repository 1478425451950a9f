/// Files, pipes and sockets by the numbers that the kernel gives them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

#include <maildiag/cancellation.h>

namespace maildiag {

/// Closes what was opened; the standard streams, which others opened, stay open.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      close();
      number_ = other.release();
    }
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }  ///< below 0: it is not open
  int release() { return std::exchange(number_, -1); }
  /// False: what was written last may be lost, and errno says why. It is closed in any case.
  bool close();

 private:
  int number_ = -1;
};

/// For reading; "-" is standard input. Not open: errno says why.
Descriptor open_input(const std::string& path);

/// As read(2): what is there now, 0 at the end, -1 and errno. Waits for input, but no longer than
/// until the cancellation: ECANCELED, within a tenth of a second. Signals do not end it.
ssize_t read_some(const Descriptor& descriptor, char* buffer, std::size_t size,
                  const Cancellation& cancellation);

/// Adds what is left of a file, or its beginning: more than `most` octets, if it has more. False:
/// errno says what ended it before.
bool read_rest(const Descriptor& descriptor, std::size_t most, std::string& octets);

/// By as many calls of write(2) as it takes; signals do not end it. False: errno says why.
bool write_all(const Descriptor& descriptor, std::string_view octets);

}  // namespace maildiag
