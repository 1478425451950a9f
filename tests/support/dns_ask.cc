/// Asks a backend every question on standard input ("NAME TYPE", one a line) and prints the answers
/// in the order of the questions, each as a line of a recording:
///
///   dns_ask server ADDR#PORT [TIMEOUT_MS]
///   dns_ask zone FILE...
///   dns_ask replay FILE
#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "core/task.h"
#include "dns/answer_json.h"
#include "dns/backends.h"

using namespace maildiag;

namespace {

Result<std::shared_ptr<dns::Backend>> make_backend(const std::vector<std::string>& arguments) {
  const auto usage =
      fail(ErrorCode::usage, "dns_ask server ADDR#PORT | zone FILE... | replay FILE");
  if (arguments.size() < 2) return usage;
  const std::vector<std::string> operands(arguments.begin() + 1, arguments.end());
  if (arguments[0] == "zone") return dns::make_zone_backend(operands);
  if (arguments[0] == "replay") {
    auto recording = dns::open_recording(operands[0]);
    if (!recording) return tl::unexpected(recording.error());
    return std::move(recording->backend);
  }
  if (arguments[0] != "server") return usage;
  auto server = dns::ServerAddress::parse(operands[0]);
  if (!server) return tl::unexpected(server.error());
  dns::NetworkOptions options;
  options.servers = {*server};
  if (operands.size() > 1) options.timeout = std::chrono::milliseconds(std::stoi(operands[1]));
  return dns::make_network_backend(options);
}

Result<std::vector<dns::Question>> read_questions(std::istream& input) {
  std::vector<dns::Question> questions;
  for (std::string line; std::getline(input, line);) {
    std::string name, type;
    std::istringstream(line) >> name >> type;
    const auto parsed_name = DomainName::parse(name);
    const auto parsed_type = dns::record_type_from(type);
    if (!parsed_name || !parsed_type) {
      return fail(ErrorCode::bad_data, "not a question: " + line);
    }
    questions.push_back({*parsed_name, *parsed_type});
  }
  return questions;
}

Task<void> ask_all(dns::Backend& backend, std::vector<dns::Question> questions,
                   std::vector<std::string>& answers) {
  answers.resize(questions.size());
  std::function<void(std::size_t, dns::Answer)> done = [&](std::size_t index, dns::Answer answer) {
    answers.at(index) = dns::answer_to_json(answer);
  };
  co_await backend.ask_batch(std::move(questions), done);
}

int complain(const Error& error) {
  std::cerr << error.message << '\n';
  return static_cast<int>(error.code);
}

}  // namespace

int main(int argc, char** argv) try {
  const auto backend = make_backend({argv + 1, argv + argc});
  if (!backend) return complain(backend.error());
  auto questions = read_questions(std::cin);
  if (!questions) return complain(questions.error());
  std::vector<std::string> answers;
  run_task(ask_all(**backend, std::move(*questions), answers));
  for (const auto& answer : answers) std::cout << answer << '\n';
  return std::cout.flush() ? 0 : static_cast<int>(ErrorCode::cannot_write);
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return static_cast<int>(ErrorCode::internal);
}
