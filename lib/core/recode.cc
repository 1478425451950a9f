#include "core/recode.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <iconv.h>
#include <memory>
#include <string>
#include <vector>

namespace maildiag {
namespace {

class Converter {
 public:
  Converter(const char* from, const char* to)
      : from_(from), to_(to), handle_(iconv_open(to, from)) {}
  ~Converter() {
    if (ok()) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool ok() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
  bool is(std::string_view from, std::string_view to) const { return from == from_ && to == to_; }

  /// nullopt: the octets do not fit, and `replace` is false.
  std::optional<std::string> convert(std::string_view octets, bool replace) {
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);  // whatever the last text left
    std::string out;
    out.reserve(octets.size() * 3 / 2);
    auto* in = const_cast<char*>(octets.data());  // iconv's interface; it does not write there
    std::size_t left = octets.size();
    while (left > 0) {
      if (step(&in, &left, out) || errno == E2BIG) continue;
      if (!replace) return {};
      out += "\xEF\xBF\xBD";
      ++in;
      --left;
    }
    // Where a sign may follow that belongs to it, the last letter is still held.
    step(nullptr, nullptr, out);
    return out;
  }

 private:
  bool step(char** in, std::size_t* left, std::string& out) {
    auto* to = buffer_.data();
    std::size_t room = buffer_.size();
    const auto result = iconv(handle_, in, left, &to, &room);
    out.append(buffer_.data(), buffer_.size() - room);
    return result != static_cast<std::size_t>(-1);
  }

  std::string from_, to_;
  iconv_t handle_;
  std::array<char, 4096> buffer_{};
};

}  // namespace

std::optional<std::string> convert(std::string_view octets, const char* from, const char* to,
                                   bool replace) {
  // A module of iconv is loaded when it is opened, and unloaded soon after: a hundred times what a
  // word costs. The names are few, as they are our own.
  thread_local std::vector<std::unique_ptr<Converter>> converters;
  auto found = std::find_if(converters.begin(), converters.end(),
                            [=](const auto& converter) { return converter->is(from, to); });
  if (found == converters.end())
    found = converters.insert(found, std::make_unique<Converter>(from, to));
  return (*found)->ok() ? (*found)->convert(octets, replace) : std::nullopt;
}

}  // namespace maildiag
