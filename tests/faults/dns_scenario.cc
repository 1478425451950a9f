#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>

#include "faults/heap.h"
#include "faults/hostile_dns.h"
#include "faults/opinions.h"
#include "faults/scenario.h"
#include "faults/virtual_time.h"
#include "support/check_context.h"

namespace maildiag::faults {
namespace {

enum class Kind { recoverable, hostile, garbling };

struct Setting {
  Kind kind = Kind::hostile;
  dns::NetworkOptions options;
  Expectation expectation;
};

Setting choose_setting(Dice& dice) {
  Setting setting;
  const auto roll = dice.below(100);
  setting.kind = roll < 30 ? Kind::recoverable : roll < 90 ? Kind::hostile : Kind::garbling;
  setting.options.timeout = std::chrono::milliseconds(dice.pick({200, 500, 2000}));
  setting.options.tries = static_cast<unsigned>(dice.between(1, 3));
  setting.options.window = dice.pick<std::size_t>({4, 20, 100});
  setting.expectation.true_or_unknown = setting.kind != Kind::garbling;
  setting.expectation.all_definite = setting.kind == Kind::recoverable;
  return setting;
}

FaultPlan choose_plan(Kind kind, Dice& dice) {
  if (kind == Kind::recoverable) return recoverable_plan(dice);
  return kind == Kind::hostile ? hostile_plan(dice) : garbling_plan(dice);
}

/// Runs `body` on the loop; false: it did not end although hours passed.
bool run_on(asio::io_context& loop, Task<void> body) {
  constexpr std::chrono::hours patience(12);  // of virtual time
  bool ended = false;
  std::exception_ptr failure;
  asio::steady_timer timer(loop, patience);
  timer.async_wait([&loop](std::error_code cancelled) {
    if (!cancelled) loop.stop();
  });
  asio::co_spawn(loop, std::move(body), [&](std::exception_ptr thrown) {
    failure = thrown;
    ended = true;
    loop.stop();
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return ended;
}

/// Many questions at once, past all checks.
Task<void> ask_all(dns::Resolver& resolver, std::vector<dns::Question> questions) {
  std::function<Task<void>(std::size_t)> work = [&](std::size_t index) -> Task<void> {
    const auto& question = questions[index];
    auto name = question.name;
    const auto answer = co_await resolver.query(std::move(name), question.type);
    (void)answer;  // the witness has looked at it
  };
  co_await for_each_index(questions.size(), questions.size(), work);
}

/// Made once for several scenarios, as that takes longer than one of them.
const World& world_of(std::uint64_t seed) {
  constexpr std::uint64_t scenarios = 16;
  static std::uint64_t number = 0;
  static std::unique_ptr<World> world;
  if (world == nullptr || number != seed / scenarios) {
    number = seed / scenarios;
    Dice dice(~number);
    world = std::make_unique<World>(make_world(dice));
  }
  return *world;
}

Opinions undisturbed(const World& world, const CheckRun& check) {
  return test::run_check<Opinions>(world.truth, check.run);
}

std::vector<dns::Question> some_questions(const World& world, Dice& dice) {
  std::vector<dns::Question> questions;
  for (auto count = dice.between(1, 30); count > 0; --count) {
    questions.push_back(dice.pick(world.questions));
  }
  return questions;
}

}  // namespace

/// A giant answer, decoded and compared with the truth, is a quarter of it; an endless one or a
/// deluge that were kept would be more.
const std::size_t most_memory = std::size_t{4} << 20U;

ScenarioEnd run_scenario(std::uint64_t seed, bool verbose) {
  Dice dice(seed);
  const auto& world = world_of(seed);
  const auto setting = choose_setting(dice);
  const bool questions_alone = dice.chance(25);
  const auto check = choose_check(world, dice);
  const auto questions = some_questions(world, dice);
  ScenarioEnd end;
  end.ledger.verbose = verbose;
  end.title = questions_alone ? "questions" : check.name;
  const auto truth = questions_alone ? Opinions() : undisturbed(world, check);

  virtual_time::start();
  const auto started = virtual_time::now();
  const HeapMark heap;
  asio::io_context loop(1);
  std::deque<HostileDns> servers;
  auto options = setting.options;
  for (auto count = dice.between(1, 3); count > 0; --count) {
    servers.emplace_back(loop, world.zone, choose_plan(setting.kind, dice), dice, options.timeout);
    options.servers.push_back(servers.back().address());
  }
  const auto witness = std::make_shared<Witness>(dns::make_network_backend(options), world.truth,
                                                 options, setting.expectation, end.ledger);
  dns::Resolver resolver(witness);
  Opinions seen;
  std::function<Task<void>()> body = [&]() -> Task<void> {
    if (questions_alone) {
      co_await ask_all(resolver, questions);
    } else {
      const checks::Context context{resolver, test::shipped_rulebook()};
      seen = co_await check.run(context);
    }
  };
  auto& ledger = end.ledger;
  ledger.require(run_on(loop, body()), "it hangs");
  ledger.require(ledger.asked == ledger.answered,
                 std::to_string(ledger.asked - ledger.answered) + " questions were not answered");
  if (setting.expectation.true_or_unknown) {
    for (auto& each : contradictions(truth, seen, check.tells_all))
      ledger.faults.push_back(std::move(each));
  }
  const auto took = virtual_time::now() - started;
  end.seconds = std::chrono::duration<double>(took).count();
  ledger.require(took <= witness->longest(), "it takes longer than all its questions may");
  end.memory = heap.highest();
  return end;
}

}  // namespace maildiag::faults
