#include "core/recode.h"

#include <array>
#include <cerrno>
#include <iconv.h>

namespace maildiag {
namespace {

class Converter {
 public:
  Converter(const char* from, const char* to) : handle_(iconv_open(to, from)) {}
  ~Converter() {
    if (ok()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool ok() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  /// nullopt: the octets do not fit, and `replace` is false.
  std::optional<std::string> convert(std::string_view octets, bool replace) {
    std::string out;
    out.reserve(octets.size() * 3 / 2);
    std::array<char, 4096> buffer{};
    auto* in = const_cast<char*>(octets.data());  // iconv's interface; it does not write there
    std::size_t left = octets.size();
    while (left > 0) {
      auto* to = buffer.data();
      std::size_t room = buffer.size();
      const auto result = iconv(handle_, &in, &left, &to, &room);
      out.append(buffer.data(), buffer.size() - room);
      if (result != static_cast<std::size_t>(-1) || errno == E2BIG) continue;
      if (!replace) return {};
      out += "\xEF\xBF\xBD";
      ++in;
      --left;
    }
    return out;
  }

 private:
  iconv_t handle_;
};

}  // namespace

std::optional<std::string> convert(std::string_view octets, const char* from, const char* to,
                                   bool replace) {
  Converter converter(from, to);
  return converter.ok() ? converter.convert(octets, replace) : std::nullopt;
}

}  // namespace maildiag
