/// The one way to ask DNS: a cache and in-flight de-duplication over a backend.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "core/task.h"
#include "dns/answer.h"
#include "dns/question_stream.h"

namespace maildiag::dns {

/// Where answers come from: the network, zone files, a recording. The seam for tests.
class Backend {
 public:
  virtual ~Backend() = default;
  /// Answers one question. Follows CNAMEs as far as the source does; never throws for what a server
  /// did.
  virtual Task<Answer> ask(Question question) = 0;
  /// Calls `done(index, answer)` for each question, in any order, from the event loop; returns when
  /// all were answered. The default asks one by one in a window; the network backend sends in
  /// batches.
  virtual Task<void> ask_batch(std::vector<Question> questions,
                               std::function<void(std::size_t, Answer)> done);
  /// Answers what the stream asks until it has ended or is cancelled. The default asks one by one;
  /// the network backend keeps its window full. REQUIRES: the stream outlives the call.
  virtual Task<void> ask_stream(QuestionStream& stream);
};

/// Not thread-safe: one event loop, one thread.
class Resolver {
 public:
  explicit Resolver(std::shared_ptr<Backend> backend);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Identical questions in flight are asked once; definite answers are kept for their TTL (RFC
  /// 2308 for negative ones), others are not kept.
  Task<Answer> query(DomainName name, RecordType type);
  /// For sweeps: past cache and de-duplication, straight to the backend.
  Task<void> query_stream(QuestionStream& stream);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace maildiag::dns
