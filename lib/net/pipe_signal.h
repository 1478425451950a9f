/// Writes to what the other side has closed.
#pragma once

#include <csignal>

namespace maildiag::net {

/// While it lives, a write to a closed connection fails with EPIPE and does not end the process:
/// OpenSSL writes without MSG_NOSIGNAL. Of this thread alone. libcurl's own way (CURLOPT_NOSIGNAL
/// off) changes the handler of the whole process and sets it back, which two threads at once leave
/// changed.
class PipeSignalKept {
 public:
  PipeSignalKept();
  ~PipeSignalKept();
  PipeSignalKept(const PipeSignalKept&) = delete;
  PipeSignalKept& operator=(const PipeSignalKept&) = delete;

 private:
  sigset_t before_{};
  bool was_pending_ = false;
};

}  // namespace maildiag::net
