/// Octets of a compressed stream, through libarchive.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>

#include "core/result.h"

namespace maildiag::bounce::log {

/// gzip, xz, zstd or bzip2, by the first octets.
bool is_compressed(std::string_view start);

/// A compressed file may unpack to this multiple of its size: deflate's bound is 1,032, real logs
/// reach 100. zstd's is far higher: a megabyte of it can hold 30 GB of nothing.
inline constexpr std::size_t max_unpack_ratio = 1100;
/// Below this nothing is worth a complaint.
inline constexpr std::size_t unpack_ratio_from = 64UL << 20;

class Unpacker {
 public:
  /// Fills a buffer with packed octets; 0 at the end.
  using Source = std::function<std::size_t(char* buffer, std::size_t size)>;

  /// configuration: libarchive is not installed. bad_data: not readable as a compressed stream.
  static Result<Unpacker> open(Source source);
  Unpacker(Unpacker&&) noexcept;
  Unpacker& operator=(Unpacker&&) noexcept;
  ~Unpacker();

  /// 0 at the end. bad_data: broken, cut off, or a bomb.
  Result<std::size_t> read(char* buffer, std::size_t size);

 private:
  struct Impl;
  explicit Unpacker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace maildiag::bounce::log
