/// libcurl, loaded when it is needed: with the 25 libraries behind it, it would cost every run of
/// the program some milliseconds, and most runs post nothing.
#pragma once

#include <memory>

#include <curl/curl.h>

namespace maildiag::net {

struct CloseCurl {
  void operator()(void* library) const;
};

/// The functions that are used, under libcurl's own types. REQUIRES: load() was true.
class CurlLibrary {
 public:
  CurlLibrary() = default;
  ~CurlLibrary();
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
  bool load();
  /// A function of a library behind libcurl (OpenSSL's); nullptr: there is none of this name.
  /// REQUIRES: load() was true.
  void* find(const char* name) const;
  /// The same with its own type.
  template <class Function>
  Function* find_as(const char* name) const {
    return reinterpret_cast<Function*>(find(name));  // NOLINT: POSIX gives functions as void*
  }

  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_easy_setopt) setopt = nullptr;
  decltype(&curl_easy_getinfo) getinfo = nullptr;
  decltype(&curl_easy_perform) perform = nullptr;
  decltype(&curl_easy_strerror) error_text = nullptr;
  decltype(&curl_easy_send) send = nullptr;
  decltype(&curl_easy_recv) receive = nullptr;
  decltype(&curl_multi_init) multi_init = nullptr;
  decltype(&curl_multi_cleanup) multi_cleanup = nullptr;
  decltype(&curl_multi_add_handle) multi_add = nullptr;
  decltype(&curl_multi_remove_handle) multi_remove = nullptr;
  decltype(&curl_multi_setopt) multi_setopt = nullptr;
  decltype(&curl_multi_socket_action) multi_act = nullptr;
  decltype(&curl_multi_info_read) multi_read_info = nullptr;
  decltype(&curl_slist_append) list_append = nullptr;
  decltype(&curl_slist_free_all) list_free = nullptr;
  decltype(&curl_url) new_url = nullptr;
  decltype(&curl_url_cleanup) url_cleanup = nullptr;
  decltype(&curl_url_set) url_set = nullptr;
  decltype(&curl_url_get) url_get = nullptr;
  decltype(&curl_free) free = nullptr;

 private:
  template <class Function>
  bool get(const char* name, Function& function);
  bool get_all();
  bool get_multi();

  std::unique_ptr<void, CloseCurl> handle_;
  decltype(&curl_global_init) global_init_ = nullptr;
  decltype(&curl_global_cleanup) global_cleanup_ = nullptr;
  bool ready_ = false;
};

/// Frees what the library made; the library outlives it.
template <class T, class Free>
std::unique_ptr<T, Free> owned(T* object, Free free) {
  return {object, free};
}

}  // namespace maildiag::net
