#include "net/curl_library.h"

#include <dlfcn.h>

namespace maildiag::net {

void CloseCurl::operator()(void* library) const {
  dlclose(library);
}

template <class Function>
bool CurlLibrary::get(const char* name, Function& function) {
  // POSIX gives functions as void*.
  function = reinterpret_cast<Function>(dlsym(handle_.get(), name));  // NOLINT
  return function != nullptr;
}

bool CurlLibrary::get_all() {
  return get("curl_global_init", global_init_) && get("curl_global_cleanup", global_cleanup_) &&
         get("curl_easy_init", easy_init) && get("curl_easy_cleanup", easy_cleanup) &&
         get("curl_easy_setopt", setopt) && get("curl_easy_getinfo", getinfo) &&
         get("curl_easy_perform", perform) && get("curl_easy_strerror", error_text) &&
         get("curl_easy_send", send) && get("curl_easy_recv", receive) &&
         get("curl_slist_append", list_append) && get("curl_slist_free_all", list_free) &&
         get("curl_url", new_url) && get("curl_url_cleanup", url_cleanup) &&
         get("curl_url_set", url_set) && get("curl_url_get", url_get) && get("curl_free", free) &&
         get_multi();
}

bool CurlLibrary::get_multi() {
  return get("curl_multi_init", multi_init) && get("curl_multi_cleanup", multi_cleanup) &&
         get("curl_multi_add_handle", multi_add) && get("curl_multi_remove_handle", multi_remove) &&
         get("curl_multi_setopt", multi_setopt) && get("curl_multi_socket_action", multi_act) &&
         get("curl_multi_info_read", multi_read_info);
}

bool CurlLibrary::load() {
  // NODELETE: the libraries behind it keep memory for as long as they are loaded.
  handle_.reset(dlopen(MAILDIAG_LIBCURL, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));
  ready_ = handle_ && get_all() && global_init_(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready_;
}

void* CurlLibrary::find(const char* name) const {
  return dlsym(handle_.get(), name);
}

CurlLibrary::~CurlLibrary() {
  if (ready_) global_cleanup_();
}

}  // namespace maildiag::net
