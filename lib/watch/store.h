/// The history of a watch in one SQLite file.
///
/// A run stores what it saw and what is to be told in one transaction. Telling is begun, done and
/// marked afterwards; what was begun and never marked was cut off in between, and is told again,
/// with a word about that. So nothing is lost, and nothing is told twice in silence.
///
/// What a webhook is to get is queued in the same transaction and, once told, posted at least once:
/// it stays in the queue until the receiver took it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "watch/advance.h"
#include "watch/database.h"

namespace maildiag::watch {

struct Sample {  ///< of one target in one run
  std::string target;
  int bad = 0, answered = 0, asked = 0;
};

struct Untold {
  std::int64_t id = 0;
  Transition transition;
  bool in_doubt = false;  ///< an earlier telling was cut off, perhaps after it was read
};

/// What is owed to the webhook.
struct Posting {
  std::vector<Untold> events;  ///< oldest first; in_doubt: tried before, perhaps with success
  std::int64_t given_up = 0;   ///< too old, or the oldest, which the queue had no more room for
};

struct Event {
  std::int64_t id = 0;
  Transition transition;
};
struct Moment {
  Seconds time = 0;
  int bad = 0, answered = 0, asked = 0;
};
struct Timeline {
  std::vector<std::string> targets;             ///< all that the history knows, by name
  std::vector<Event> events;                    ///< oldest first
  std::vector<Moment> moments;                  ///< one a run, oldest first
  std::vector<std::pair<Key, Item>> items;      ///< that are bad now
  std::vector<std::pair<Key, Item>> unwatched;  ///< that were bad when they were last looked at
};

/// Events that are read at once; older ones are left out.
inline constexpr int max_events = 10000;
/// Events that wait for a webhook that takes none; the oldest are given up.
inline constexpr int max_queued = 10000;
/// And for how long: an alarm of last month would only confuse whoever gets it.
inline constexpr Seconds max_queue_age = 30L * 86400;
/// Changes that wait for a run that tells them while other runs only tell how things stand, and for
/// how long; older ones are in the history.
inline constexpr int max_untold = 10000;
inline constexpr Seconds max_untold_age = 30L * 86400;
/// Runs that offer a webhook an event which it refuses for what it says.
inline constexpr int max_refusals = 5;
/// Runs that a timeline is drawn of; an hourly watch makes 8,760 a year.
inline constexpr int max_moments = 50000;

class Store {
 public:
  /// read_write creates the file (mode 0640) and its directory, and brings old ones up to date.
  /// no_input: read_only, and there is none. bad_data: damaged, of another program or of a newer
  /// version; nothing is changed then.
  static Result<Store> open(const std::string& path, Database::Mode mode);

  /// cannot_write: nothing can be stored; said before a run asks anybody.
  Result<void> check_writable();
  Result<Remembered> load();
  /// `queue`: the transitions are for a webhook, too.
  Result<void> save(const Outcome& outcome, const std::vector<Sample>& samples, bool queue = false);

  /// What was stored and never told, oldest run first, marked as begun.
  Result<std::vector<Untold>> begin_telling(Seconds now);
  Result<void> mark_told(const std::vector<Untold>& told, Seconds now);
  /// Gives up telling what is above max_untold or max_untold_age.
  Result<void> shorten_untold(Seconds now);

  /// What is queued and was told, at most so many of those after an id, marked as tried. `untold`:
  /// and what was not, as nobody is told by this run.
  Result<Posting> begin_posting(Seconds now, int most, std::int64_t after = 0, bool untold = false);
  /// The receiver surely took none of these, so that they count as untried.
  Result<void> take_back(const std::vector<Untold>& refused);
  /// The receiver refuses this event for what it says. True: for the max_refusals-th time, and it
  /// is out of the queue.
  Result<bool> note_refusal(std::int64_t id);
  Result<void> mark_posted(const std::vector<Untold>& posted, Seconds now);

  /// Of one target, or of all (empty).
  Result<Timeline> timeline(const std::string& target);
  /// Forgets runs and told events before a time, but those that a webhook is to get, and what is
  /// remembered of keys that nothing watches since then; the number of events and runs.
  Result<std::pair<std::int64_t, std::int64_t>> prune(Seconds before);
  /// Where the last run stands after now, by more than clock_tolerance: makes now of all times
  /// after it. When that run was; nullopt: nothing was amiss.
  Result<std::optional<Seconds>> take_back_future(Seconds now);

 private:
  explicit Store(Database database) : database_(std::move(database)) {}
  Database database_;
};

}  // namespace maildiag::watch
