#include "rulebook/compiled.h"

#include "rulebook/loader/tables.h"

namespace maildiag::rulebook {

Tables compiled_tables() {
  using namespace compiled;
  return {providers, rules,          rule_order,   causes,     finding_texts,
          lists,     dkim_selectors, requirements, registries, labels};
}

}  // namespace maildiag::rulebook
