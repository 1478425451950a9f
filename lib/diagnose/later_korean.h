/// What one clause of a Korean reply says about trying again.
#pragma once

#include "core/clauses.h"

namespace maildiag::diagnose {

/// "잠시 후 다시 시도하세요"; not "다시 시도하지 마세요", and not a retry that has been.
bool asks_in_korean(const text::Compact& clause);
/// "일시적인 오류"; not "일시적인 오류가 아닙니다".
bool calls_temporary_in_korean(const text::Words& words);
/// "영구적인 오류": whatever else is said.
bool is_final_in_korean(const text::Words& words);

}  // namespace maildiag::diagnose
