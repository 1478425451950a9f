/// Bounds-checked reading of untrusted octets, with a sticky error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace maildiag {

/// After the first read past the end, ok() is false and every further read returns zero or nothing.
class ByteReader {
 public:
  explicit ByteReader(std::string_view octets) : octets_(octets) {}

  bool ok() const { return ok_; }
  std::size_t position() const { return position_; }
  std::size_t remaining() const { return ok_ ? octets_.size() - position_ : 0; }

  std::uint8_t u8() {
    const auto part = take(1);
    return part.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(part[0]);
  }
  std::uint16_t u16() {
    const unsigned high = u8();
    return static_cast<std::uint16_t>(high << 8U | u8());
  }
  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16U | u16();
  }
  std::string_view take(std::size_t count) {
    if (!ok_ || count > octets_.size() - position_) {
      ok_ = false;
      return {};
    }
    const auto part = octets_.substr(position_, count);
    position_ += count;
    return part;
  }
  void seek(std::size_t position) {
    if (position > octets_.size()) ok_ = false;
    if (ok_) position_ = position;
  }

 private:
  std::string_view octets_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace maildiag
