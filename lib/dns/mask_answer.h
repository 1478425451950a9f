/// Takes secrets out of answers before they are written down.
#pragma once

#include <vector>

#include "core/secret_mask.h"
#include "dns/answer.h"

namespace maildiag::dns {

/// The name with each label that holds a secret replaced.
DomainName mask_name(const SecretMask& mask, const DomainName& name);
/// Every name in them, texts and octets.
void mask_records(const SecretMask& mask, std::vector<Record>& records);
/// The question, too.
void mask_answer(const SecretMask& mask, Answer& answer);

}  // namespace maildiag::dns
