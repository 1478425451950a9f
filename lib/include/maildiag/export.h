/// What libmaildiag shows to the programs that link it; everything else is hidden.
#pragma once

#define MAILDIAG_EXPORT __attribute__((visibility("default")))
