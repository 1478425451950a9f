/// Takes secrets out of answers before they are written down.
#pragma once

#include "core/secret_mask.h"
#include "dns/answer.h"

namespace maildiag::dns {

/// The name with each label that holds a secret replaced.
DomainName mask_name(const SecretMask& mask, const DomainName& name);
/// The question, every name in it, texts and octets.
void mask_answer(const SecretMask& mask, Answer& answer);

}  // namespace maildiag::dns
