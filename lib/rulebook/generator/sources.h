/// The generated sources, one for each kind of table.
#pragma once

#include <string>
#include <vector>

#include "rulebook/loader/tables.h"

namespace maildiag::rulebook {

struct SourceFile {
  std::string name;  ///< "rules.cc"
  std::string content;
};
std::vector<SourceFile> write_sources(const Tables& tables);

}  // namespace maildiag::rulebook
