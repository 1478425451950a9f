#include "core/safe_path.h"

#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <doctest/doctest.h>

#include <maildiag/planted_link.h>

#include "support/temporary_directory.h"

using namespace maildiag;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("directories are made for their owner and his group") {
  const test::TemporaryDirectory directory;
  const auto deep = directory.path() + "/a/b/c";
  const auto before = ::umask(0);
  CHECK_FALSE(create_private_directories(deep));
  ::umask(before);
  CHECK(mode_of(deep) == 0750);
  CHECK(mode_of(directory.path() + "/a") == 0750);
  CHECK_FALSE(create_private_directories(deep));
  CHECK_FALSE(create_private_directories(""));
  directory.write("file", "");
  CHECK(create_private_directories(directory.path() + "/file/below"));
}

TEST_CASE("another user's link is no path where everybody may make one") {
  const test::TemporaryDirectory directory;
  const auto link = directory.path() + "/link";
  const auto second = directory.path() + "/second";
  directory.write("file", "");
  fs::create_symlink("file", link);
  fs::create_symlink("link", second);
  ::chmod(directory.path().c_str(), 01777);
  CHECK_FALSE(follow_links(link).planted);  // our own
  CHECK_FALSE(follow_links(directory.path() + "/file").planted);
  CHECK_FALSE(follow_links(directory.path() + "/missing").planted);
  if (::geteuid() != 0) return;  // only root makes another's
  constexpr unsigned somebody = 65534;
  REQUIRE(::lchown(link.c_str(), somebody, somebody) == 0);
  CHECK(follow_links(link).planted);
  CHECK(follow_links(second).planted);  // leads there
  ::chmod(directory.path().c_str(), 0755);
  CHECK_FALSE(follow_links(link).planted);
  ::chmod(directory.path().c_str(), 01777);
  REQUIRE(::chown(directory.path().c_str(), somebody, somebody) == 0);
  CHECK_FALSE(follow_links(link).planted);  // who owns the directory may do as he likes
}

TEST_CASE("links are followed to their end") {
  const test::TemporaryDirectory directory;
  const auto path_of = [&](const char* name) { return directory.path() + "/" + name; };
  fs::create_directory(path_of("below"));
  fs::create_symlink("below/second", path_of("first"));
  fs::create_symlink(path_of("third"), path_of("below/second"));
  fs::create_symlink("missing", path_of("third"));
  const auto end = follow_links(path_of("first"));
  CHECK(end.path == path_of("missing"));
  CHECK_FALSE(end.error);
  CHECK_FALSE(end.planted);
  CHECK(follow_links(path_of("below")).path == path_of("below"));
  CHECK(follow_links("no-link").path == "no-link");

  SUBCASE("a ring has none") {
    fs::create_symlink("first", path_of("missing"));
    CHECK(follow_links(path_of("first")).error == std::errc::too_many_symbolic_link_levels);
  }
  SUBCASE("as many as Linux follows, and one more") {
    for (int i = 0; i < 38; ++i)
      fs::create_symlink(i == 0 ? "first" : std::to_string(i - 1),
                         path_of(std::to_string(i).c_str()));
    directory.write("missing", "");
    CHECK(fs::exists(path_of("36")));
    CHECK(follow_links(path_of("36")).path == path_of("missing"));
    std::error_code error;
    CHECK_FALSE(fs::exists(path_of("37"), error));
    CHECK(follow_links(path_of("37")).error == error);
  }
  SUBCASE("another user's is the end") {
    ::chmod(directory.path().c_str(), 01777);
    if (::geteuid() != 0) return;  // only root makes another's
    constexpr unsigned somebody = 65534;
    REQUIRE(::lchown(path_of("third").c_str(), somebody, somebody) == 0);
    const auto theirs = follow_links(path_of("first"));
    CHECK(theirs.planted);
    CHECK(theirs.path == path_of("third"));
  }
}

TEST_CASE("what the kernel keeps open has no path") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto path = "/proc/self/fd/" + std::to_string(ends[1]);
  const auto end = follow_links(path);
  CHECK(end.of_kernel);
  CHECK(end.path == path);
  CHECK_FALSE(end.error);
  ::close(ends[0]);
  ::close(ends[1]);
}
