/// libcurl's transfers on the event loop of the task that starts them.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "core/task.h"
#include "net/curl_library.h"

namespace maildiag::net {

class CurlLoop;
using CurlList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// One easy handle. What the event loop holds when it ends is dropped; a transfer that is destroyed
/// earlier is broken off. Its connection is never used again.
///
///   auto transfer = co_await CurlTransfer::make();
///   if (!transfer) ...               // libcurl is not installed
///   transfer->set(CURLOPT_URL, "https://example.com/");
///   const auto code = co_await transfer->run();
class CurlTransfer {
 public:
  static Task<std::unique_ptr<CurlTransfer>> make();
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  const CurlLibrary& library() const;
  CURL* handle() const { return handle_.get(); }

  /// What cannot be set makes run() fail with CURLE_UNKNOWN_OPTION. REQUIRES: strings, lists and
  /// functions' data outlive the transfer, as libcurl says of each option.
  template <class Value>
  void set(CURLoption option, Value value) {
    settled_ = settled_ && library().setopt(handle(), option, value) == CURLE_OK;
  }
  /// Adds a line to a list. REQUIRES: the list outlives run().
  void add_line(CurlList& list, const std::string& line) const;
  CurlList new_list() const;

  /// Until libcurl is done with it: the whole transfer, or with CURLOPT_CONNECT_ONLY until the
  /// connection stands. REQUIRES: not run before; time limits are set.
  Task<CURLcode> run();

  enum class Waited {
    ready,
    late,     ///< the time is over, or there is no connection
    no_file,  ///< this process may open no more: errno tells why
  };
  /// After CURLOPT_CONNECT_ONLY: waits until the connection can be read (or written).
  Task<Waited> wait_readable(std::chrono::milliseconds limit);
  Task<Waited> wait_writable(std::chrono::milliseconds limit);

  /// What libcurl says of a failure, in one line that is safe for a terminal.
  std::string error_text(CURLcode code) const;
  /// A time of CURLINFO_*_TIME_T; zero where it was not reached.
  std::chrono::microseconds time(CURLINFO info) const;

 private:
  friend class CurlLoop;
  struct Done;
  explicit CurlTransfer(std::shared_ptr<CurlLoop> loop);
  /// Wakes run(). The first code stands.
  void end(CURLcode code);
  Task<Waited> wait(bool to_write, std::chrono::milliseconds limit);

  std::shared_ptr<CurlLoop> loop_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  std::array<char, CURL_ERROR_SIZE> message_{};
  std::unique_ptr<Done> done_;
  bool settled_ = true, added_ = false;
};

}  // namespace maildiag::net
