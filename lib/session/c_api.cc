#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <maildiag/maildiag.h>
#include <maildiag/render.h>
#include <maildiag/session.h>
#include <maildiag/version.h>

#include "core/result.h"
#include "session/c_commands.h"
#include "session/c_members.h"

using maildiag::Error;
using maildiag::ErrorCode;
using maildiag::Report;

namespace maildiag::session {

/// Who wants to hear how far a call has come. The session's options hold on to it.
class Listener {
 public:
  void listen(maildiag_progress_fn sink, void* data) {
    sink_ = sink;
    data_ = data;
  }
  void begin() { done_ = total_ = 0; }
  void count(std::uint64_t done, std::uint64_t total) {
    done_ = done;
    total_ = total;
    tell();
  }
  /// While answers are waited for: what a command counts by itself stays what it was.
  void tick(const Progress& targets) {
    if (targets.total > 0) return count(targets.done, targets.total);
    tell();
  }

 private:
  void tell() const {
    if (sink_ != nullptr) sink_(done_, total_, data_);
  }

  maildiag_progress_fn sink_ = nullptr;
  void* data_ = nullptr;
  std::uint64_t done_ = 0, total_ = 0;
};

}  // namespace maildiag::session

struct maildiag_session {
  maildiag::Session session;
  std::shared_ptr<maildiag::session::Listener> listener;
  maildiag::Cancellation cancellation;
  maildiag::Language language;
  std::atomic_flag busy;
};

namespace maildiag::session {

namespace {

/// More faults than anybody reads; a file may have one on each line.
constexpr std::size_t max_error_bytes = 64UL << 10;

/// nullptr where there is no memory. From malloc(), so that it can cross into C.
char* copy_text(const std::string& text) noexcept {
  auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

void hand_out(const std::string& text, char** to) noexcept {
  if (to != nullptr) *to = copy_text(text);
}

/// How a report leaves the library.
struct Form {
  std::string format = "json";
  TextOptions text;

  void read(Members& request) {
    request.read("format", format);
    request.read("width", text.width);
  }
  std::optional<Error> fault() const {
    if (format == "json" || format == "text" || format == "html") return std::nullopt;
    return make_error(ErrorCode::usage, "`format` must be json, text or html");
  }
  std::string render(const Report& report) const {
    if (format == "html") return render_html(report, text.language);
    return format == "text" ? render_text(report, text) : render_json(report);
  }
};

/// What one call comes to.
class Outcome {
 public:
  explicit Outcome(Language language) : language_(language) {}
  void add(const Report& report) { worst_ = worse(worst_, report.status); }
  void add(const Error& error) {
    if (error.code == ErrorCode::cancelled) {
      worst_ = worse(worst_, Severity::unknown);  // what was critical stays so
    } else if (first_ == 0) {
      first_ = static_cast<int>(error.code);
    }
    if (errors_.size() > max_error_bytes) return;
    errors_ += (errors_.empty() ? "" : "\n") + printable(error_text(error, language_));
  }
  int status() const { return first_ != 0 ? first_ : exit_status(worst_); }
  const std::string& errors() const { return errors_; }

 private:
  Language language_;
  Severity worst_ = Severity::ok;
  int first_ = 0;  ///< of the errors
  std::string errors_;
};

/// One call at a time; the second is told so.
class Turn {
 public:
  explicit Turn(std::atomic_flag& busy) : busy_(busy), mine_(!busy.test_and_set()) {}
  ~Turn() {
    if (mine_) busy_.clear();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  explicit operator bool() const { return mine_; }

 private:
  std::atomic_flag& busy_;
  bool mine_;
};

using TextSink = std::function<bool(const std::string&)>;

void run(maildiag_session& self, const char* command, const char* request, const TextSink& sink,
         Outcome& outcome) {
  const Turn turn(self.busy);
  if (!turn)
    return outcome.add(make_error(ErrorCode::usage, "the session is busy with another call"));
  Members members(request);
  Form form;
  form.text.language = self.language;
  form.read(members);
  if (const auto fault = form.fault()) return outcome.add(*fault);
  self.listener->begin();
  run_command(
      self.session, command, members,
      [&](const Report& report) {
        outcome.add(report);
        return sink(form.render(report));
      },
      [&](const Error& error) { outcome.add(error); },
      [&](std::uint64_t done, std::uint64_t total) { self.listener->count(done, total); });
}

/// The border that no exception crosses.
int run_guarded(maildiag_session* self, const char* command, const char* request,
                const TextSink& sink, char** errors) noexcept {
  if (errors != nullptr) *errors = nullptr;
  try {
    Outcome outcome(self == nullptr ? Language::en : self->language);
    try {
      if (self == nullptr || command == nullptr) {
        outcome.add(make_error(ErrorCode::usage, "the session or the command is NULL"));
      } else {
        run(*self, command, request, sink, outcome);
      }
    } catch (const std::exception& fault) {
      outcome.add(Error{ErrorCode::internal, fault.what()});
    }
    if (!outcome.errors().empty()) hand_out(outcome.errors(), errors);
    return outcome.status();
  } catch (...) {  // not even memory to say so
    return MAILDIAG_INTERNAL;
  }
}

/// In the language that the options ask for, whatever else is wrong with them.
std::string open_fault(const Error& fault, Members& members) {
  std::string language;
  members.read("language", language);
  return printable(error_text(fault, language_from(language).value_or(Language::en)));
}

/// The other: what is wrong.
std::variant<maildiag_session*, std::string> open_session(const char* text) {
  Members members(text);
  auto options = read_session_options(members);
  if (const auto* fault = std::get_if<Error>(&options)) return open_fault(*fault, members);
  const auto cancellation = std::get<SessionOptions>(options).cancellation;
  const auto language = std::get<SessionOptions>(options).language;
  auto listener = std::make_shared<Listener>();
  std::get<SessionOptions>(options).progress = [listener](const Progress& progress) {
    listener->tick(progress);
  };
  auto opened = Session::open(std::get<SessionOptions>(std::move(options)));
  if (const auto* fault = std::get_if<Error>(&opened)) return open_fault(*fault, members);
  return new maildiag_session{std::get<Session>(std::move(opened)), std::move(listener),
                              cancellation, language, ATOMIC_FLAG_INIT};
}

}  // namespace

}  // namespace maildiag::session

using maildiag::session::hand_out;
using maildiag::session::run_guarded;

extern "C" {

const char* maildiag_version(void) {
  return maildiag::version().data();
}

maildiag_session* maildiag_open(const char* options, char** error) {
  if (error != nullptr) *error = nullptr;
  try {
    auto opened = maildiag::session::open_session(options);
    if (auto* self = std::get_if<maildiag_session*>(&opened)) return *self;
    hand_out(std::get<std::string>(opened), error);
  } catch (const std::exception& fault) {
    if (error != nullptr) *error = strdup(fault.what());
  } catch (...) {
    if (error != nullptr) *error = strdup("a fault of the library");
  }
  return nullptr;
}

void maildiag_close(maildiag_session* session) {
  delete session;
}

int maildiag_run(maildiag_session* session, const char* command, const char* request,
                 maildiag_report_fn sink, void* data, char** errors) {
  return run_guarded(
      session, command, request,
      [sink, data](const std::string& report) {
        return sink == nullptr || sink(report.c_str(), data) == 0;
      },
      errors);
}

int maildiag_collect(maildiag_session* session, const char* command, const char* request,
                     char** reports, char** errors) {
  std::string all;
  const int status = run_guarded(
      session, command, request,
      [&all, reports](const std::string& report) {
        if (reports != nullptr) all += report + '\n';
        return true;
      },
      errors);
  hand_out(all, reports);
  return status;
}

int maildiag_explain(maildiag_session* session, const char* request, char** reports,
                     char** errors) {
  return maildiag_collect(session, "explain", request, reports, errors);
}

void maildiag_cancel(maildiag_session* session) {
  if (session != nullptr) session->cancellation.request();
}

void maildiag_set_progress(maildiag_session* session, maildiag_progress_fn progress, void* data) {
  if (session != nullptr) session->listener->listen(progress, data);
}

void maildiag_reset(maildiag_session* session) {
  if (session != nullptr) session->cancellation.reset();
}

void maildiag_string_free(char* text) {
  std::free(text);
}

}  // extern "C"
