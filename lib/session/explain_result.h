/// The objects that explain writes of a failure and its diagnosis.
#pragma once

#include <string>
#include <vector>

#include <maildiag/finding.h>
#include <maildiag/value.h>

#include "bounce/delivery_failure.h"
#include "diagnose/diagnose.h"
#include "session/impl.h"

namespace maildiag::session {

Value failure_value(const bounce::DeliveryFailure& failure);

/// Sets the members of `result` from "rule" on, in the reader's language. `findings`: the
/// diagnosis' findings with their texts filled in. REQUIRES: result has its "failure".
void write_diagnosis(const Session::Impl& impl, const diagnose::Diagnosis& diagnosis,
                     const std::vector<Finding>& findings, Value& result);

/// The first of what `remedy` would be; may be empty.
std::string first_step(const Session::Impl& impl, const diagnose::Diagnosis& diagnosis,
                       const std::vector<Finding>& findings);

/// What the rule advises, else its cause, before anything is filled in.
rulebook::Strings advised_steps(const rulebook::Rule* rule, const rulebook::Cause& cause,
                                Language language);

/// critical: confirmed. unknown: inconclusive or unclassified. warning: the failure stands, but
/// nothing outside can tell why. A refuted cause is as bad as what the checks found besides.
/// Without checks only the classification counts.
Severity status_of(const diagnose::Diagnosis& diagnosis, bool checked);
Severity unchecked_status(const rulebook::Cause& cause);

}  // namespace maildiag::session
