/// One function for each kind of table in rules/: TOML table in, checked entry on its shelf. Faults
/// go to the reader.
#pragma once

#include "rulebook/loader/shelf.h"
#include "rulebook/loader/table_reader.h"

namespace maildiag::rulebook {

void read_provider(TableReader& reader, Shelves& shelves, int layer);
void read_rule(TableReader& reader, Shelves& shelves, int layer);
void read_cause(TableReader& reader, Shelves& shelves, int layer);
void read_finding_text(TableReader& reader, Shelves& shelves, int layer);
void read_label(TableReader& reader, Shelves& shelves, int layer);
void read_list(TableReader& reader, Shelves& shelves, int layer);
void read_dkim_selector(TableReader& reader, Shelves& shelves, int layer);
void read_requirement(TableReader& reader, Shelves& shelves, int layer);
void read_registry(TableReader& reader, Shelves& shelves, int layer);

/// What no table can tell alone: names of causes, providers, lists and findings that exist nowhere.
void check_references(const Shelves& shelves, Faults& faults);

}  // namespace maildiag::rulebook
