#include "watch/store.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>

#include <doctest/doctest.h>

#include "support/temporary_directory.h"
#include "watch/lock.h"

using namespace maildiag;
using namespace maildiag::watch;

namespace {

const Key key{"192.0.2.1", "dnsbl", "a.example"};
const Key fault_key{"192.0.2.1", "dnsbl", "a.example", "one fault"};

Outcome listing(Seconds time) {
  Outcome outcome;
  outcome.time = time;
  const Standing listed{true, Severity::info, "127.0.0.2"};
  Item item{listed, time, time, 5, Item::Candidate{{false, Severity::ok, ""}, time, 2}};
  outcome.changed.emplace_back(key, item);
  item.detail = "what is wrong";
  outcome.changed.emplace_back(fault_key, item);
  outcome.transitions.push_back(
      {fault_key, Change::worse, {}, listed, time, time, R"({"a":"'\n"})"});
  return outcome;
}

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("what is stored is loaded again") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/deep/watch.db";
  {
    auto store = Store::open(path, Database::Mode::read_write);
    REQUIRE(store);
    CHECK(store->load()->last_run == 0);
    REQUIRE(store->save(listing(100), {{"192.0.2.1", 1, 2, 3}}));
  }
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777U) == 0640);
  auto store = Store::open(path, Database::Mode::read_only);
  REQUIRE(store);
  const auto remembered = store->load();
  CHECK(remembered->last_run == 100);
  CHECK(remembered->last_spoke == 100);
  CHECK(remembered->items.at(key) == listing(100).changed.front().second);
  CHECK(remembered->items.at(fault_key) == listing(100).changed.back().second);
  const auto timeline = store->timeline("192.0.2.1");
  REQUIRE(timeline->events.size() == 1);
  CHECK(timeline->events.front().transition.detail == listing(100).transitions.front().detail);
  CHECK(timeline->events.front().transition.key == fault_key);
  CHECK(timeline->events.front().transition.to.severity == Severity::info);
  REQUIRE(timeline->moments.size() == 1);
  CHECK(timeline->moments.front().answered == 2);
  CHECK(timeline->items.size() == 2);
  CHECK(store->timeline("192.0.2.2")->events.empty());
}

TEST_CASE("telling: once, unless it was cut off between the words and the mark") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  REQUIRE(store->save(listing(100), {}));
  auto untold = store->begin_telling(101);
  REQUIRE(untold->size() == 1);
  CHECK(!untold->front().in_doubt);
  untold = store->begin_telling(102);  // as if the first teller had been killed
  REQUIRE(untold->size() == 1);
  CHECK(untold->front().in_doubt);
  REQUIRE(store->save(listing(103), {}));  // a newer one must not be marked with the old
  REQUIRE(store->mark_told(*untold, 104));
  untold = store->begin_telling(105);
  REQUIRE(untold->size() == 1);
  CHECK(!untold->front().in_doubt);
  REQUIRE(store->mark_told(*untold, 106));
  CHECK(store->begin_telling(107)->empty());
}

TEST_CASE("what a clock that was ahead stored counts as of now") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  REQUIRE(store->save(listing(100), {{"192.0.2.1", 1, 2, 3}}));
  CHECK(*store->take_back_future(100 - clock_tolerance) == std::nullopt);
  REQUIRE(store->save(listing(90'000), {{"192.0.2.1", 1, 2, 3}}));
  CHECK(*store->take_back_future(5000) == 90'000);
  const auto remembered = store->load();
  CHECK(remembered->last_run == 5000);
  CHECK(remembered->last_spoke == 5000);
  const auto& item = remembered->items.at(key);
  CHECK(item.since == 5000);
  CHECK(item.told_at == 5000);
  CHECK(item.unknown_since == 5);
  CHECK(item.candidate->since == 5000);
  const auto timeline = store->timeline("");
  REQUIRE(timeline->events.size() == 2);
  CHECK(timeline->events[0].transition.time == 100);
  CHECK(timeline->events[1].transition.time == 5000);
  CHECK(timeline->moments.back().time == 5000);
  CHECK(*store->take_back_future(5000) == std::nullopt);
}

TEST_CASE("prune keeps what was never told") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store->save(listing(100), {{"192.0.2.1", 1, 2, 3}}));
  CHECK(store->prune(200)->first == 0);
  CHECK(store->load()->items.empty());  // no run knows the target any more
  const auto untold = store->begin_telling(201);
  REQUIRE(store->mark_told(*untold, 202));
  CHECK(store->prune(200)->first == 1);
  CHECK(store->timeline("")->events.empty());
}

TEST_CASE("prune forgets nothing that is watched, and nothing that a webhook is to get") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  auto outcome = listing(100);
  outcome.changed.front().second.plan = "/etc/maildiag/watch.toml";
  REQUIRE(store->save(outcome, {{"192.0.2.1", 1, 2, 3}}, true));
  REQUIRE(store->mark_told(*store->begin_telling(101), 101));
  CHECK(*store->prune(200) == std::pair<std::int64_t, std::int64_t>(0, 1));
  CHECK(store->load()->items.count(key) == 1);
  const auto posting = store->begin_posting(201, 10);
  REQUIRE(posting->events.size() == 1);
  REQUIRE(store->mark_posted(posting->events, 202));
  CHECK(store->prune(203)->first == 1);
}

TEST_CASE("prune leaves it to the webhook to say what was given up") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  REQUIRE(store->save(listing(100), {}, true));
  REQUIRE(store->mark_told(*store->begin_telling(101), 101));
  const auto late = 101 + max_queue_age;
  CHECK(store->prune(late)->first == 0);
  CHECK(store->begin_posting(late, 10)->given_up == 1);
  CHECK(store->prune(late)->first == 1);
}

TEST_CASE("where nobody is told, changes wait for a bounded time and in a bounded number") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  auto outcome = listing(100);
  outcome.transitions.resize(max_untold + 3, outcome.transitions.front());
  REQUIRE(store->save(outcome, {}, true));
  REQUIRE(store->shorten_untold(100 + max_untold_age));
  const auto untold = store->begin_telling(101);
  REQUIRE(untold->size() == max_untold);
  CHECK(untold->front().id == 4);
  REQUIRE(store->shorten_untold(101 + max_untold_age));
  CHECK(store->begin_telling(103)->empty());
}

TEST_CASE("a webhook gets what nobody is told where a run tells only how things stand") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  REQUIRE(store->save(listing(100), {}, true));
  CHECK(store->begin_posting(101, 10)->events.empty());
  const auto posting = store->begin_posting(101, 10, 0, true);
  REQUIRE(posting->events.size() == 1);
  REQUIRE(store->mark_posted(posting->events, 102));
  CHECK(store->begin_posting(103, 10, 0, true)->events.empty());
  CHECK(store->begin_telling(104)->size() == 1);
}

TEST_CASE("a fault that is gone is forgotten, and only that") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  REQUIRE(store->save(listing(100), {}));
  Outcome outcome;
  outcome.time = 200;
  outcome.gone = {fault_key};
  REQUIRE(store->save(outcome, {}));
  const auto items = store->load()->items;
  REQUIRE(items.size() == 1);
  CHECK(items.begin()->first == key);
}

TEST_CASE("what an older version called good without a look is not known") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/watch.db";
  {
    auto store = Store::open(path, Database::Mode::read_write);
    REQUIRE(store);
    Outcome outcome;
    outcome.time = 100;
    const Standing good, bad{true, Severity::warning, ""}, record{false, Severity::ok, "v=spf1"};
    outcome.changed = {{{"a.example", "addresses", ""}, {good, 100, 0, 0, {}}},
                       {{"b.example", "addresses", ""}, {bad, 100, 100, 0, {}}},
                       {{"a.example", "smtp", "mx"}, {good, 100, 0, 100, {}}},
                       {{"b.example", "smtp", "mx"}, {good, 50, 0, 100, {}}},
                       {{"c.example", "smtp", "mx"}, {good, 50, 0, 0, {}}},
                       {{"a.example", "spf", ""}, {record, 100, 0, 100, {}}}};
    REQUIRE(store->save(outcome, {}));
    Database::open(path, Database::Mode::read_write)
        ->run(
            "CREATE TABLE older AS SELECT target, kind, subject, bad, severity, value, since, "
            "told_at, unknown_since, next_bad, next_severity, next_value, next_since, next_runs, "
            "plan, unwatched FROM item; DROP TABLE item; ALTER TABLE older RENAME TO item; "
            "ALTER TABLE event DROP COLUMN fault; PRAGMA user_version = 4");
  }
  const auto check = [&path](Database::Mode mode) {
    auto store = Store::open(path, mode);
    REQUIRE(store);
    const auto remembered = store->load();
    REQUIRE(remembered);
    const auto known = [&](const Key& key) {
      return !never_known(remembered->items.at(key).standing);
    };
    CHECK_FALSE(known({"a.example", "addresses", ""}));
    CHECK(known({"b.example", "addresses", ""}));
    CHECK_FALSE(known({"a.example", "smtp", "mx"}));
    CHECK(known({"b.example", "smtp", "mx"}));
    CHECK(known({"c.example", "smtp", "mx"}));
    CHECK(known({"a.example", "spf", ""}));
  };
  check(Database::Mode::read_only);   // as it is, for a run that stores nothing
  check(Database::Mode::read_write);  // brought up to date
  check(Database::Mode::read_only);
}

TEST_CASE("files that are not ours, newer or damaged are refused and left as they are") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/watch.db";
  const auto refused = [&](const char* word) {
    const auto before = bytes_of(path);
    const auto store = Store::open(path, Database::Mode::read_write);
    REQUIRE(!store);
    CHECK(store.error().code == ErrorCode::bad_data);
    CHECK(store.error().message.find(word) != std::string::npos);
    CHECK(bytes_of(path) == before);
  };
  SUBCASE("text") {
    std::ofstream(path) << std::string(5000, 'x');
    refused("damaged");
  }
  SUBCASE("another program's") {
    std::ofstream(path).close();
    Database::open(path, Database::Mode::read_write)->run("CREATE TABLE theirs (a)");
    refused("another program");
  }
  SUBCASE("a newer version's") {
    REQUIRE(Store::open(path, Database::Mode::read_write));
    Database::open(path, Database::Mode::read_write)->run("PRAGMA user_version = 99");
    refused("newer version");
  }
  SUBCASE("damaged") {
    {
      auto store = Store::open(path, Database::Mode::read_write);
      for (Seconds time = 1; time < 500; ++time) REQUIRE(store->save(listing(time), {}));
    }
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(20000, '\xa5');
    file.close();
    refused("damaged");
  }
}

TEST_CASE("times and counts that no clock and no run can have had become some that one can") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/watch.db";
  auto store = Store::open(path, Database::Mode::read_write);
  REQUIRE(store->save(listing(100), {{"192.0.2.1", 1, 2, 3}}));
  Database::open(path, Database::Mode::read_write)
      ->run(
          "UPDATE meta SET value = 9999999999999; UPDATE event SET time = -5, since = 'x';"
          "UPDATE item SET since = 9223372036854775807, next_runs = 9223372036854775807;"
          "UPDATE run SET time = -9223372036854775807, bad = -1, asked = 9223372036854775807");
  const auto remembered = store->load();
  REQUIRE(remembered);
  CHECK(remembered->last_run == Statement::last_time);
  const auto& item = remembered->items.at(key);
  CHECK(item.since == Statement::last_time);
  REQUIRE(item.candidate);
  CHECK(item.candidate->runs == Statement::most_counted);
  const auto refused = plan_run(*remembered, {}, {}, 1'795'000'000, Policy{});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::bad_data);
  const auto timeline = store->timeline("");
  REQUIRE(timeline->events.size() == 1);
  CHECK(timeline->events.front().transition.time == 0);
  REQUIRE(timeline->moments.size() == 1);
  CHECK(timeline->moments.front().bad == 0);
}

TEST_CASE("reading needs a history") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/watch.db";
  CHECK(Store::open(path, Database::Mode::read_only).error().code == ErrorCode::no_input);
  CHECK(!std::filesystem::exists(path));
  CHECK(Store::open("/proc/none/watch.db", Database::Mode::read_write).error().code ==
        ErrorCode::cannot_write);
}

TEST_CASE("one run holds the lock") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/watch.db.lock";
  auto held = take_lock(path);
  REQUIRE(held);
  CHECK(take_lock(path).error().code == ErrorCode::locked);
  held->close();
  CHECK(take_lock(path));
}

TEST_CASE("two runs within a second count their targets once") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  for (const int bad : {1, 2})
    REQUIRE(store->save(listing(100), {{"a.example", bad, 2, 3}, {"b.example", 1, 1, 1}}));
  const auto timeline = store->timeline("");
  REQUIRE(timeline->moments.size() == 1);
  CHECK(timeline->moments.front().bad == 3);
  CHECK(timeline->moments.front().asked == 4);
}

TEST_CASE("a webhook's queue: what was told, until it was taken") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  REQUIRE(store->save(listing(100), {}));  // there was no webhook then
  REQUIRE(store->save(listing(101), {}, true));
  CHECK(store->begin_posting(102, 10)->events.empty());  // nobody was told yet
  const auto untold = store->begin_telling(102);
  REQUIRE(untold->size() == 2);
  REQUIRE(store->mark_told(*untold, 102));
  auto posting = store->begin_posting(103, 10);
  REQUIRE(posting->events.size() == 1);
  CHECK(posting->events.front().transition.time == 101);
  CHECK(!posting->events.front().in_doubt);
  posting = store->begin_posting(104, 10);  // as if the answer had never come
  REQUIRE(posting->events.size() == 1);
  CHECK(posting->events.front().in_doubt);
  REQUIRE(store->mark_posted(posting->events, 105));
  CHECK(store->begin_posting(106, 10)->events.empty());
}

TEST_CASE("what a webhook refuses waits, holds up no other, and is given up at last") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  auto outcome = listing(100);
  outcome.transitions.resize(2, outcome.transitions.front());
  REQUIRE(store->save(outcome, {}, true));
  REQUIRE(store->mark_told(*store->begin_telling(101), 101));
  for (int run = 1; run <= max_refusals; ++run) {
    CAPTURE(run);
    const auto both = store->begin_posting(102, 10);
    REQUIRE(both->events.size() == 2);
    CHECK(!both->events.front().in_doubt);
    REQUIRE(store->take_back(both->events));
    const auto refused = both->events.front().id;
    CHECK(*store->note_refusal(refused) == (run == max_refusals));
    const auto others = store->begin_posting(103, 10, refused);
    REQUIRE(others->events.size() == 1);
    CHECK(others->events.front().id != refused);
    REQUIRE(store->take_back(others->events));
  }
  CHECK(store->begin_posting(104, 10)->events.size() == 1);
  // One that was tried before, perhaps with success, stays in doubt.
  const auto doubtful = store->begin_posting(105, 10);
  REQUIRE(doubtful->events.front().in_doubt);
  REQUIRE(store->take_back(doubtful->events));
  CHECK(store->begin_posting(106, 10)->events.front().in_doubt);
}

TEST_CASE("a webhook's queue has an end") {
  const test::TemporaryDirectory directory;
  auto store = Store::open(directory.path() + "/watch.db", Database::Mode::read_write);
  REQUIRE(store);
  auto outcome = listing(100);
  outcome.transitions.resize(max_queued + 3, outcome.transitions.front());
  REQUIRE(store->save(outcome, {}, true));
  REQUIRE(store->mark_told(*store->begin_telling(101), 101));
  const auto posting = store->begin_posting(102, 2);
  CHECK(posting->given_up == 3);
  REQUIRE(posting->events.size() == 2);
  CHECK(posting->events.front().id == 4);
  CHECK(store->begin_posting(103, 2)->given_up == 0);
  CHECK(store->begin_posting(100 + max_queue_age, 2)->given_up == 0);
  const auto late = store->begin_posting(101 + max_queue_age, 2);
  CHECK(late->given_up == max_queued);
  CHECK(late->events.empty());
}

TEST_CASE("our own links lead to a history; one that comes later does not") {
  const test::TemporaryDirectory directory;
  std::filesystem::create_directory(directory.path() + "/there");
  std::filesystem::create_directory_symlink("there", directory.path() + "/here");
  std::filesystem::create_symlink("here/watch.db", directory.path() + "/link.db");
  REQUIRE(Store::open(directory.path() + "/link.db", Database::Mode::read_write));
  const auto history = directory.path() + "/there/watch.db";
  CHECK(std::filesystem::is_regular_file(history));
  CHECK(std::filesystem::is_symlink(directory.path() + "/link.db"));
  CHECK(Database::open(history, Database::Mode::read_write));
  CHECK_FALSE(Database::open(directory.path() + "/link.db", Database::Mode::read_write));
}
