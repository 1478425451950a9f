#include "net/curl_loop.h"

#include <cerrno>
#include <map>
#include <mutex>
#include <new>
#include <unistd.h>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/execution_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "core/descriptor.h"
#include "core/text.h"
#include "net/pipe_signal.h"

namespace maildiag::net {

namespace {

using Watched = asio::posix::stream_descriptor;

/// A socket that libcurl wants to be told about. libcurl owns it.
struct Watch {
  explicit Watch(const asio::any_io_executor& executor) : descriptor(executor) {}
  ~Watch() {
    if (descriptor.is_open()) descriptor.release();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  Watched descriptor;
  bool want_read = false, want_write = false;
  bool reading = false, writing = false;
};

}  // namespace

struct CurlTransfer::Done {
  explicit Done(const asio::any_io_executor& executor)
      : timer(executor, asio::steady_timer::time_point::max()) {}
  asio::steady_timer timer;  // never expires: cancelling it wakes who waits
  bool ended = false;
  CURLcode code = CURLE_OK;
};

/// One of libcurl's multi handles, driven by one event loop.
class CurlLoop : public std::enable_shared_from_this<CurlLoop> {
 public:
  explicit CurlLoop(const asio::any_io_executor& executor)
      : executor_(executor), timer_(executor) {}
  ~CurlLoop() { stop(); }
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  bool load();
  const CurlLibrary& library() const { return curl_; }
  const asio::any_io_executor& executor() const { return executor_; }
  bool add(CurlTransfer& transfer);
  void remove(CurlTransfer& transfer);
  /// The event loop ends: nothing is waited for any more.
  void stop();

 private:
  static int on_socket(CURL* handle, curl_socket_t socket, int what, void* self, void* own);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  /// False: it cannot be waited for.
  bool watch(curl_socket_t socket, int what);
  void wait(curl_socket_t socket, const std::shared_ptr<Watch>& watch);
  void act(curl_socket_t socket, int events);
  void collect();

  CurlLibrary curl_;
  asio::any_io_executor executor_;
  asio::steady_timer timer_;
  CURLM* multi_ = nullptr;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches_;
  std::map<CURL*, CurlTransfer*> transfers_;
};

bool CurlLoop::load() {
  if (multi_ != nullptr) return true;
  if (!curl_.load()) return false;
  multi_ = curl_.multi_init();
  if (multi_ == nullptr) throw std::bad_alloc();
  curl_.multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlLoop::on_socket);
  curl_.multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_.multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &CurlLoop::on_timer);
  curl_.multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  return true;
}

bool CurlLoop::add(CurlTransfer& transfer) {
  if (multi_ == nullptr || curl_.multi_add(multi_, transfer.handle()) != CURLM_OK) return false;
  transfers_[transfer.handle()] = &transfer;
  return true;
}

void CurlLoop::remove(CurlTransfer& transfer) {
  const PipeSignalKept kept;
  if (transfers_.erase(transfer.handle()) > 0) curl_.multi_remove(multi_, transfer.handle());
}

void CurlLoop::stop() {
  if (multi_ == nullptr) return;
  const PipeSignalKept kept;
  for (const auto& [handle, transfer] : transfers_) curl_.multi_remove(multi_, handle);
  transfers_.clear();
  {
    // The handle with which libcurl closes connections does not know CURLOPT_NOSIGNAL.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    curl_.multi_cleanup(std::exchange(multi_, nullptr));
  }
  watches_.clear();
}

int CurlLoop::on_socket(CURL* handle, curl_socket_t socket, int what, void* self, void* own) {
  (void)handle, (void)own;
  return static_cast<CurlLoop*>(self)->watch(socket, what) ? 0 : -1;
}

bool CurlLoop::watch(curl_socket_t socket, int what) {
  if (what == CURL_POLL_REMOVE) {
    const auto gone = watches_.find(socket);
    if (gone == watches_.end()) return true;
    gone->second->descriptor.release();  // before libcurl closes it
    watches_.erase(gone);
    return true;
  }
  auto& entry = watches_[socket];
  if (!entry) {
    entry = std::make_shared<Watch>(executor_);
    std::error_code failure;  // epoll's limit; an exception must not pass libcurl's frames
    entry->descriptor.assign(socket, failure);
    if (failure) return watches_.erase(socket), false;
  }
  entry->want_read = what == CURL_POLL_IN || what == CURL_POLL_INOUT;
  entry->want_write = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
  wait(socket, entry);
  return true;
}

void CurlLoop::wait(curl_socket_t socket, const std::shared_ptr<Watch>& watch) {
  const auto start = [&](bool Watch::*wanted, bool Watch::*waiting,
                         asio::posix::descriptor_base::wait_type kind, int event) {
    if (!((*watch).*wanted) || (*watch).*waiting) return;
    (*watch).*waiting = true;
    watch->descriptor.async_wait(kind, [self = weak_from_this(), watch, waiting, wanted, socket,
                                        event](const std::error_code& error) {
      (*watch).*waiting = false;
      const auto loop = self.lock();
      if (error || !loop) return;
      if ((*watch).*wanted) loop->act(socket, event);
      const auto still = loop->watches_.find(socket);
      if (still != loop->watches_.end() && still->second == watch) loop->wait(socket, watch);
    });
  };
  start(&Watch::want_read, &Watch::reading, asio::posix::descriptor_base::wait_read,
        CURL_CSELECT_IN);
  start(&Watch::want_write, &Watch::writing, asio::posix::descriptor_base::wait_write,
        CURL_CSELECT_OUT);
}

int CurlLoop::on_timer(CURLM* multi, long milliseconds, void* self) {
  (void)multi;
  auto& loop = *static_cast<CurlLoop*>(self);
  if (milliseconds < 0) {
    loop.timer_.cancel();
    return 0;
  }
  loop.timer_.expires_after(std::chrono::milliseconds(milliseconds));
  loop.timer_.async_wait([weak = loop.weak_from_this()](const std::error_code& error) {
    const auto self_again = weak.lock();
    if (!error && self_again) self_again->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

void CurlLoop::act(curl_socket_t socket, int events) {
  if (multi_ == nullptr) return;
  auto code = CURLM_OK;
  {
    const PipeSignalKept kept;
    int running = 0;
    code = curl_.multi_act(multi_, socket, events, &running);
  }
  collect();
  if (code == CURLM_OK) return;
  for (const auto& [handle, transfer] : transfers_) transfer->end(CURLE_FAILED_INIT);
}

void CurlLoop::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_.multi_read_info(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const auto found = transfers_.find(message->easy_handle);
    if (found == transfers_.end()) continue;
    found->second->end(message->data.result);
  }
}

namespace {

/// Holds the loop for the execution context, which outlives no task.
class CurlService : public asio::execution_context::service {
 public:
  using key_type = CurlService;
  static asio::execution_context::id id;

  explicit CurlService(asio::execution_context& context)
      : asio::execution_context::service(context) {}
  std::shared_ptr<CurlLoop> loop(const asio::any_io_executor& executor) {
    if (!loop_) loop_ = std::make_shared<CurlLoop>(executor);
    return loop_;
  }

 private:
  void shutdown() override {
    if (loop_) loop_->stop();
    loop_ = nullptr;  // while there is still a service for its timer
  }
  std::shared_ptr<CurlLoop> loop_;
};

asio::execution_context::id CurlService::id;

}  // namespace

CurlTransfer::CurlTransfer(std::shared_ptr<CurlLoop> loop)
    : loop_(std::move(loop)),
      handle_(loop_->library().easy_init(), loop_->library().easy_cleanup),
      done_(std::make_unique<Done>(loop_->executor())) {
  if (!handle_) throw std::bad_alloc();
  set(CURLOPT_ERRORBUFFER, message_.data());
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_FRESH_CONNECT, 1L);
}

CurlTransfer::~CurlTransfer() {
  if (added_) loop_->remove(*this);
  const PipeSignalKept kept;
  handle_ = nullptr;
}

Task<std::unique_ptr<CurlTransfer>> CurlTransfer::make() {
  const auto executor = co_await asio::this_coro::executor;
  auto& context = asio::query(executor, asio::execution::context);
  auto loop = asio::use_service<CurlService>(context).loop(executor);
  if (!loop->load()) co_return nullptr;
  co_return std::unique_ptr<CurlTransfer>(new CurlTransfer(std::move(loop)));
}

void CurlTransfer::end(CURLcode code) {
  if (std::exchange(done_->ended, true)) return;
  done_->code = code;
  done_->timer.cancel();
}

const CurlLibrary& CurlTransfer::library() const {
  return loop_->library();
}

CurlList CurlTransfer::new_list() const {
  return {nullptr, library().list_free};
}

void CurlTransfer::add_line(CurlList& list, const std::string& line) const {
  list.reset(library().list_append(list.release(), line.c_str()));
  if (!list) throw std::bad_alloc();
}

Task<CURLcode> CurlTransfer::run() {
  if (!settled_) co_return CURLE_UNKNOWN_OPTION;
  added_ = loop_->add(*this);
  if (!added_) co_return CURLE_FAILED_INIT;
  std::error_code ignored;
  auto token = asio::redirect_error(asio::use_awaitable, ignored);
  while (!done_->ended) co_await done_->timer.async_wait(token);
  co_return done_->code;
}

Task<CurlTransfer::Waited> CurlTransfer::wait_readable(std::chrono::milliseconds limit) {
  return wait(false, limit);
}

Task<CurlTransfer::Waited> CurlTransfer::wait_writable(std::chrono::milliseconds limit) {
  return wait(true, limit);
}

Task<CurlTransfer::Waited> CurlTransfer::wait(bool to_write, std::chrono::milliseconds limit) {
  curl_socket_t socket = CURL_SOCKET_BAD;
  library().getinfo(handle(), CURLINFO_ACTIVESOCKET, &socket);
  if (socket == CURL_SOCKET_BAD || limit <= std::chrono::milliseconds::zero())
    co_return Waited::late;
  // A duplicate: libcurl may watch the socket itself, and two of Asio's objects must not share one.
  const auto watched = std::make_shared<Watched>(loop_->executor());
  Descriptor copy(::dup(socket));
  if (!copy.is_open()) co_return Waited::no_file;
  std::error_code failure;
  watched->assign(copy.number(), failure);
  if (failure) {
    errno = failure.value();
    co_return Waited::no_file;
  }
  copy.release();
  asio::steady_timer timer(loop_->executor(), limit);
  timer.async_wait([watched](const std::error_code& error) {
    if (!error) watched->cancel();
  });
  auto token = asio::redirect_error(asio::use_awaitable, failure);
  const auto kind =
      to_write ? asio::posix::descriptor_base::wait_write : asio::posix::descriptor_base::wait_read;
  co_await watched->async_wait(kind, token);
  co_return failure ? Waited::late : Waited::ready;
}

std::string CurlTransfer::error_text(CURLcode code) const {
  const auto* text = message_.front() != '\0' ? message_.data() : library().error_text(code);
  return text::sanitize(text);
}

std::chrono::microseconds CurlTransfer::time(CURLINFO info) const {
  curl_off_t value = 0;
  library().getinfo(handle(), info, &value);
  return std::chrono::microseconds(value);
}

}  // namespace maildiag::net
