#include "core/descriptor.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

#include <doctest/doctest.h>

#include "support/temporary_directory.h"

using namespace maildiag;

namespace {

bool is_there(int number) {
  return ::fcntl(number, F_GETFD) >= 0;
}

std::array<Descriptor, 2> make_pipe() {
  int ends[2] = {-1, -1};
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

}  // namespace

TEST_CASE("a descriptor is closed once, by its last owner") {
  auto ends = make_pipe();
  const int number = ends[0].number();
  {
    Descriptor moved(std::move(ends[0]));
    CHECK_FALSE(
        ends[0].is_open());  // NOLINT(bugprone-use-after-move): that it is empty is the test
    CHECK(is_there(number));
    ends[0] = std::move(moved);
  }
  CHECK(is_there(number));
  ends[0] = Descriptor();
  CHECK_FALSE(is_there(number));
  CHECK(ends[0].close());
  const int kept = ends[1].release();
  CHECK(is_there(kept));
  ends[1] = Descriptor(kept);
  CHECK(ends[1].close());
  CHECK_FALSE(is_there(kept));
}

TEST_CASE("standard input stays open") {
  {
    const auto input = open_input("-");
    CHECK(input.number() == STDIN_FILENO);
  }
  CHECK((is_there(STDIN_FILENO) || errno == EBADF));
  const int saved = ::dup(STDIN_FILENO);
  auto ends = make_pipe();
  ::dup2(ends[0].number(), STDIN_FILENO);
  { const auto input = open_input("-"); }
  CHECK(is_there(STDIN_FILENO));
  if (saved >= 0) ::dup2(saved, STDIN_FILENO);
  const Descriptor restored(saved);
}

TEST_CASE("a file's rest, and no more than one is willing to hold") {
  const test::TemporaryDirectory directory;
  const auto path = directory.path() + "/file";
  const std::string octets(100'000, 'x');
  {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    CHECK(write_all(file, octets));
    CHECK(file.close());
  }
  std::string read = "before";
  CHECK(read_rest(open_input(path), octets.size(), read));
  CHECK(read == "before" + octets);
  read.clear();
  CHECK(read_rest(open_input(path), octets.size() - 1, read));
  CHECK(read.size() == octets.size());
  read.clear();
  CHECK(read_rest(open_input(path), 10, read));
  CHECK(read.size() > 10);
  CHECK(read.size() < octets.size());
  CHECK_FALSE(read_rest(open_input(directory.path()), 10, read));
  CHECK(errno == EISDIR);
  CHECK_FALSE(open_input(path + ".gone").is_open());
  CHECK(errno == ENOENT);
}

TEST_CASE("writing to nobody fails with its reason") {
  auto ends = make_pipe();
  std::string too_much(1 << 20, 'x');
  ::fcntl(ends[1].number(), F_SETFL, O_NONBLOCK);
  CHECK_FALSE(write_all(ends[1], too_much));
  CHECK(errno == EAGAIN);
  CHECK_FALSE(write_all(Descriptor(), "x"));
  CHECK(errno == EBADF);
}

TEST_CASE("a read that waits ends with the cancellation") {
  auto ends = make_pipe();
  Cancellation cancellation;
  std::array<char, 4> buffer{};
  CHECK(write_all(ends[1], "ab"));
  CHECK(read_some(ends[0], buffer.data(), buffer.size(), cancellation) == 2);
  cancellation.request();
  CHECK(read_some(ends[0], buffer.data(), buffer.size(), cancellation) == -1);
  CHECK(errno == ECANCELED);
}
