#include "faults/stage.h"

#include <exception>
#include <functional>
#include <utility>

#include <asio/co_spawn.hpp>

#include "faults/heap.h"
#include "faults/virtual_time.h"

namespace maildiag::faults {
namespace {

using std::chrono::milliseconds;

test::CertificatePlan plan_for(std::vector<std::string> names, int days_left) {
  test::CertificatePlan plan;
  const auto now = std::chrono::system_clock::now();
  plan.common_name = names.front();
  for (const auto& name : names) plan.names.push_back("DNS:" + name);
  plan.names.erase(plan.names.begin());
  plan.names.emplace_back("IP:127.0.0.1");
  plan.not_before = now - std::chrono::hours(24 * 30);
  plan.not_after = now + std::chrono::hours(24 * days_left);
  return plan;
}

test::CertificatePlan own_plan(int days_left) {
  return plan_for({host, std::string("mta-sts.") + host, rdap_host}, days_left);
}

test::CertificatePlan plan_of_another() {
  auto plan = plan_for({"other.test"}, 90);
  plan.names.pop_back();
  return plan;
}

bool is_clean(std::string_view text) {
  for (const char each : text) {
    const auto c = static_cast<unsigned char>(each);
    if (c < 0x20U || c == 0x7fU) return false;
  }
  return text.find("\xc2\x9b") == std::string_view::npos &&
         text.find("\xe2\x80\xae") == std::string_view::npos;
}

bool is_clean(const Value& value) {
  if (value.is_string()) return is_clean(std::string_view(value.as_string()));
  for (const auto& each : value.as_array()) {
    if (!is_clean(each)) return false;
  }
  for (const auto& [name, member] : value.as_object()) {
    if (!is_clean(std::string_view(name)) || !is_clean(member)) return false;
  }
  return true;
}

}  // namespace

Certificates::Certificates()
    : good(own_plan(90)),
      expired(own_plan(-1)),
      other_name(plan_of_another()),
      stranger(own_plan(90)),
      trusted(good.pem() + expired.pem() + other_name.pem()) {}

const Certificates& certificates() {
  static const Certificates all;
  return all;
}

Stage::Stage(std::uint64_t seed, ScenarioEnd& ends) : dice(seed), end(ends) {
  options.ca_file = certificates().trusted.path();
}

void Stage::require_clean(std::string_view text, const std::string& what) {
  require(is_clean(text), "control characters in " + what);
}

void Stage::require_clean(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    bool clean = is_clean(finding.data) && is_clean(std::string_view(finding.subject));
    for (const auto& evidence : finding.evidence) clean = clean && is_clean(evidence.data);
    require(clean, "control characters in " + finding.id);
  }
}

void Stage::judge_time(std::chrono::nanoseconds started, bool ended, milliseconds limit) {
  const auto took = virtual_time::now() - started;
  require(ended && took <= limit, "it took " + std::to_string(took / milliseconds(1)) +
                                      " ms instead of " + std::to_string(limit.count()));
  end.seconds = std::chrono::duration<double>(took).count();
  ++end.ledger.asked;
  ++end.ledger.answered;
}

void Stage::play_out(Task<void> body, milliseconds limit) {
  const auto started = virtual_time::now();
  const HeapMark heap;
  bool ended = false;
  std::exception_ptr failure;
  asio::co_spawn(loop, std::move(body), [&](std::exception_ptr thrown) {
    failure = thrown;
    ended = true;
    loop.stop();
  });
  loop.run_for(std::chrono::hours(2));
  if (failure) std::rethrow_exception(failure);
  judge_time(started, ended, limit);
  end.memory = heap.highest();
}

void Stage::block(const std::function<void()>& body, milliseconds limit) {
  const auto started = virtual_time::now();
  const HeapMark heap;
  virtual_time::serve_by([this] { return loop.poll() > 0; });
  body();
  virtual_time::serve_by({});
  judge_time(started, true, limit);
  end.memory = heap.highest();
}

const test::MadeCertificate& Stage::any_certificate() {
  const auto& all = certificates();
  if (dice.chance(60)) return all.good;
  return *dice.pick({&all.expired, &all.other_name, &all.stranger});
}

}  // namespace maildiag::faults
