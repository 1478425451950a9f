// How fast a log is read: log_rate FILE; prints lines, failures, seconds of processor time and the
// peak of memory as JSON. Run by log_rate.py.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <sys/resource.h>

#include "bounce/log/reader.h"

int main(int argc, char** argv) {
  using namespace maildiag;
  if (argc != 2) return 64;
  std::size_t failures = 0, with_sender = 0;
  bounce::LogReader({}).read(
      argv[1],
      [&](const bounce::LogFailure& found) {
        ++failures;
        with_sender += found.failure.sender.empty() ? 0 : 1;
        return true;
      },
      [](const Error& error) {
        std::fprintf(stderr, "%s\n", error.message.c_str());
        std::exit(1);
      });
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const double seconds = static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  std::printf("{\"failures\": %zu, \"with_sender\": %zu, \"seconds\": %.4f, \"rss_kib\": %ld}\n",
              failures, with_sender, seconds, usage.ru_maxrss);
}
