#include "core/safe_path.h"

#include <filesystem>
#include <sys/stat.h>
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
  CHECK_FALSE(is_planted_link(link));  // our own
  CHECK_FALSE(is_planted_link(directory.path() + "/file"));
  CHECK_FALSE(is_planted_link(directory.path() + "/missing"));
  if (::geteuid() != 0) return;  // only root makes another's
  constexpr unsigned somebody = 65534;
  REQUIRE(::lchown(link.c_str(), somebody, somebody) == 0);
  CHECK(is_planted_link(link));
  CHECK(is_planted_link(second));  // leads there
  ::chmod(directory.path().c_str(), 0755);
  CHECK_FALSE(is_planted_link(link));
  ::chmod(directory.path().c_str(), 01777);
  REQUIRE(::chown(directory.path().c_str(), somebody, somebody) == 0);
  CHECK_FALSE(is_planted_link(link));  // who owns the directory may do as he likes
}
