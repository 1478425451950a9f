#include "net/post.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "core/text.h"
#include "net/curl_library.h"
#include "net/pipe_signal.h"

namespace maildiag::net {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds time_left(Clock::time_point end) {
  return std::chrono::duration_cast<milliseconds>(end - Clock::now());
}

/// Takes head and body alike; libcurl ends the transfer where less is taken than was given.
std::size_t drop(const char* octets, std::size_t size, std::size_t count, void* taken) {
  (void)octets;
  auto& total = *static_cast<std::size_t*>(taken);
  total += size * count;
  return total > max_answer ? 0 : size * count;
}

/// libcurl asks several times a second, and ends the transfer where this is not 0.
int is_cancelled(void* cancellation, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const Cancellation*>(cancellation)->requested() ? 1 : 0;
}

/// False: cancelled before the time was over.
bool wait_for(milliseconds time, const Cancellation& cancellation) {
  constexpr milliseconds slice(25);
  const auto end = Clock::now() + time;
  while (!cancellation.requested()) {
    const auto left = time_left(end);
    if (left <= milliseconds::zero()) return true;
    std::this_thread::sleep_for(std::min(slice, left));
  }
  return false;
}

/// One try.
class Transfer {
 public:
  explicit Transfer(const CurlLibrary& curl)
      : curl_(curl),
        handle_(owned(curl.easy_init(), curl.easy_cleanup)),
        headers_(owned<curl_slist>(nullptr, curl.list_free)) {
    if (!handle_) throw std::bad_alloc();
    // The second: libcurl must not wait for a "100 Continue" before a long body.
    for (const auto* line : {"Content-Type: application/json", "Expect:", "User-Agent: maildiag"})
      headers_.reset(curl_.list_append(headers_.release(), line));
  }

  PostResult post(const PostUrl& url, const std::string& body, const PostOptions& options,
                  milliseconds limit);
  bool worth_repeating() const { return worth_repeating_; }
  int status() const { return static_cast<int>(status_); }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    settled_ = settled_ && curl_.setopt(handle_.get(), option, value) == CURLE_OK;
  }
  void set_rules();
  PostResult judge(CURLcode code);

  const CurlLibrary& curl_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers_;
  std::array<char, CURL_ERROR_SIZE> message_{};
  std::size_t taken_ = 0;
  long status_ = 0;
  bool settled_ = true, worth_repeating_ = false;
};

void Transfer::set_rules() {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");  // nor one of the environment
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_NOSIGNAL, 1L);  // see PipeSignalKept
  // A resolver's thread that never comes back is not waited for.
  set(CURLOPT_QUICK_EXIT, 1L);
}

PostResult Transfer::post(const PostUrl& url, const std::string& body, const PostOptions& options,
                          milliseconds limit) {
  set_rules();
  set(CURLOPT_URL, url.text().c_str());
  set(CURLOPT_POST, 1L);
  set(CURLOPT_POSTFIELDS, body.data());
  set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  set(CURLOPT_HTTPHEADER, headers_.get());
  if (!options.ca_file.empty()) {
    set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // instead of, not beside the system's
  }
  const auto connect = std::min(options.connect_timeout, limit);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
  set(CURLOPT_HEADERFUNCTION, &drop);
  set(CURLOPT_HEADERDATA, static_cast<void*>(&taken_));
  set(CURLOPT_WRITEFUNCTION, &drop);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&taken_));
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &is_cancelled);
  set(CURLOPT_XFERINFODATA, static_cast<const void*>(&options.cancellation));
  set(CURLOPT_ERRORBUFFER, message_.data());
  if (!settled_) return {false, 1, "this libcurl lacks an option that is needed"};
  return judge(curl_.perform(handle_.get()));
}

PostResult Transfer::judge(CURLcode code) {
  curl_.getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status_);
  const auto status = status_;
  // The status decides, even if what follows it never ends.
  if (status >= 200 && status < 300) return {true, 1, {}};
  if (status >= 300 && status < 400) {
    return {false, 1,
            fmt::format("answered {}: redirects are not followed, name the last URL", status)};
  }
  if (status >= 400) {
    worth_repeating_ = status == 408 || status == 425 || status == 429 || status >= 500;
    return {false, 1, fmt::format("answered {}", status)};
  }
  worth_repeating_ = code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_SSL_CACERT_BADFILE &&
                     code != CURLE_SSL_ISSUER_ERROR && code != CURLE_WRITE_ERROR;
  const auto* text = message_.front() != '\0' ? message_.data() : curl_.error_text(code);
  return {false, 1, text::sanitize(text)};
}

}  // namespace

PostResult post_json(const PostUrl& url, const std::string& body, const PostOptions& options) {
  CurlLibrary curl;
  if (!curl.load()) return {false, 0, MAILDIAG_LIBCURL " is not installed: install libcurl4"};
  const auto end = Clock::now() + options.patience;
  PostResult result;
  auto wait = options.first_wait;
  for (int attempt = 1; attempt <= options.tries; ++attempt) {
    const auto limit = std::min(options.total_timeout, time_left(end));
    if (limit <= milliseconds::zero() || options.cancellation.requested()) break;
    const PipeSignalKept kept;
    Transfer transfer(curl);
    result = transfer.post(url, body, options, limit);
    result.status = transfer.status();
    result.tries = attempt;
    if (result.delivered || !transfer.worth_repeating()) return result;
    if (attempt == options.tries || time_left(end) <= wait) return result;
    if (!wait_for(wait, options.cancellation)) return result;
    wait *= 4;
  }
  return result;
}

}  // namespace maildiag::net
