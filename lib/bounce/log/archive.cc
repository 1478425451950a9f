// libarchive is loaded when the first compressed file is met: with the libraries that it needs
// (libxml2, ICU, OpenSSL's relatives) it would cost every run of the program 2.3 ms, and a single
// bounce takes about ten.

#include "bounce/log/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <array>
#include <dlfcn.h>
#include <string>
#include <utility>

namespace maildiag::bounce::log {
namespace {

using std::string_view;
using std::string_literals::operator""s;

/// Packed octets that libarchive gets at once.
constexpr std::size_t packed_bytes = 64UL << 10;

struct CloseLibrary {
  void operator()(void* library) const { dlclose(library); }
};

/// The functions that are used, under libarchive's own types.
struct Library {
  std::unique_ptr<void, CloseLibrary> handle;
  decltype(&archive_read_new) read_new = nullptr;
  decltype(&archive_read_free) read_free = nullptr;
  decltype(&archive_read_support_format_raw) format_raw = nullptr;
  decltype(&archive_read_support_format_empty) format_empty = nullptr;
  std::array<decltype(&archive_read_support_filter_gzip), 4> filters{};
  decltype(&archive_read_open) open = nullptr;
  decltype(&archive_read_next_header) next_header = nullptr;
  decltype(&archive_read_data) data = nullptr;
  decltype(&archive_filter_count) filter_count = nullptr;
  decltype(&archive_error_string) error = nullptr;

  bool load() {
    // NODELETE: the libraries behind it keep memory for as long as they are loaded.
    handle.reset(dlopen(MAILDIAG_LIBARCHIVE, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
    return handle && get("archive_read_new", read_new) && get("archive_read_free", read_free) &&
           get("archive_read_support_format_raw", format_raw) &&
           get("archive_read_support_format_empty", format_empty) &&
           get("archive_read_support_filter_gzip", filters[0]) &&
           get("archive_read_support_filter_xz", filters[1]) &&
           get("archive_read_support_filter_zstd", filters[2]) &&
           get("archive_read_support_filter_bzip2", filters[3]) && get("archive_read_open", open) &&
           get("archive_read_next_header", next_header) && get("archive_read_data", data) &&
           get("archive_filter_count", filter_count) && get("archive_error_string", error);
  }

 private:
  template <class Function>
  bool get(const char* name, Function& function) {
    // POSIX gives functions as void*.
    function = reinterpret_cast<Function>(dlsym(handle.get(), name));  // NOLINT
    return function != nullptr;
  }
};

}  // namespace

struct Unpacker::Impl {
  explicit Impl(Source octets) : source(std::move(octets)) {}
  ~Impl() {
    if (stream != nullptr) library.read_free(stream);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::string message() const {
    const char* text = library.error(stream);
    return text == nullptr ? "cannot be unpacked"s : "cannot be unpacked: "s + text;
  }

  static la_ssize_t fill(archive*, void* self, const void** octets) {
    auto& impl = *static_cast<Impl*>(self);
    const auto count = impl.source(impl.buffer.data(), impl.buffer.size());
    impl.packed += count;
    *octets = impl.buffer.data();
    return static_cast<la_ssize_t>(count);
  }

  Library library;
  archive* stream = nullptr;
  Source source;
  bool empty = false;  // nothing was packed
  std::size_t packed = 0;
  std::size_t unpacked = 0;
  std::array<char, packed_bytes> buffer{};
};

bool is_compressed(string_view start) {
  static const std::array marks{"\x1F\x8B"s, "\xFD"s + "7zXZ\0"s, "\x28\xB5\x2F\xFD"s, "BZh"s};
  for (const auto& mark : marks) {
    if (start.starts_with(mark)) return true;
  }
  return false;
}

Result<Unpacker> Unpacker::open(Source source) {
  auto impl = std::make_unique<Impl>(std::move(source));
  auto& library = impl->library;
  if (!library.load()) {
    return fail_with(
        ErrorCode::configuration,
        "compressed, and {} is not installed: install libarchive13, or unpack it first",
        MAILDIAG_LIBARCHIVE);
  }
  impl->stream = library.read_new();
  if (impl->stream == nullptr) throw std::bad_alloc();
  library.format_raw(impl->stream);
  library.format_empty(impl->stream);
  for (const auto filter : library.filters) filter(impl->stream);
  if (library.open(impl->stream, impl.get(), nullptr, &Impl::fill, nullptr) != ARCHIVE_OK)
    return fail(ErrorCode::bad_data, impl->message());
  archive_entry* entry = nullptr;
  const int header = library.next_header(impl->stream, &entry);
  impl->empty = header == ARCHIVE_EOF;
  if (header != ARCHIVE_OK && !impl->empty) return fail(ErrorCode::bad_data, impl->message());
  // libarchive counts "none" too. Packed twice is a bomb's way, not logrotate's.
  if (library.filter_count(impl->stream) > 2)
    return fail_with(ErrorCode::bad_data, "is compressed more than once; not read");
  return Unpacker(std::move(impl));
}

Result<std::size_t> Unpacker::read(char* buffer, std::size_t size) {
  if (impl_->empty) return 0;
  const auto count = impl_->library.data(impl_->stream, buffer, size);
  if (count < 0) return fail(ErrorCode::bad_data, impl_->message());
  impl_->unpacked += static_cast<std::size_t>(count);
  if (impl_->unpacked > unpack_ratio_from && impl_->unpacked / max_unpack_ratio > impl_->packed)
    return fail_with(ErrorCode::bad_data, "unpacks to more than 1,100 times its size; no log does");
  return static_cast<std::size_t>(count);
}

Unpacker::Unpacker(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Unpacker::Unpacker(Unpacker&&) noexcept = default;
Unpacker& Unpacker::operator=(Unpacker&&) noexcept = default;
Unpacker::~Unpacker() = default;

}  // namespace maildiag::bounce::log
