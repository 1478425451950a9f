#include "checks/mta_sts_record.h"

#include <algorithm>

#include "core/text.h"

namespace maildiag::checks::mta_sts {

using namespace tls_text;

namespace {

constexpr std::string_view version = "v=STSv1";

/// sts-id = 1*32(ALPHA / DIGIT)
bool is_id(std::string_view text) {
  constexpr std::size_t longest = 32;
  return !text.empty() && text.size() <= longest &&
         std::all_of(text.begin(), text.end(), is_alphanumeric);
}

void read_field(const Field& field, bool& has_id, Record& record) {
  const auto note = [&record](std::string_view id, Severity severity, std::string_view text) {
    add_problem(record.problems, {std::string(id), severity, std::string(text)});
  };
  if (field.name != "id") {
    if (!is_extension_value(field.value)) {
      note("mta-sts.record-syntax", Severity::critical, field.name + "=" + field.value);
    } else {
      note("mta-sts.unknown-field", Severity::info, field.name);
    }
  } else if (has_id) {  // RFC 8461 section 3.2: all but the first are ignored
    note("mta-sts.duplicate-field", Severity::warning, "id");
  } else {
    has_id = true;
    if (is_id(field.value)) {
      record.id = field.value;
    } else {
      note("mta-sts.bad-id", Severity::critical, field.value);
    }
  }
}

}  // namespace

bool is_record(std::string_view text) {
  return has_version(text, version);
}

bool looks_like_record(std::string_view text) {
  return !is_record(text) && text::contains_ignore_case(text, "stsv1");
}

Record parse_record(std::string_view text) {
  Record record;
  record.text = std::string(text);
  const auto fields = read_fields(text, version);
  bool has_id = false;
  for (const auto& field : fields.fields) read_field(field, has_id, record);
  if (!fields.valid) {
    add_problem(record.problems, {"mta-sts.record-syntax", Severity::critical, fields.at});
  } else if (!has_id) {
    add_problem(record.problems, {"mta-sts.no-id", Severity::critical, ""});
  }
  if (fields.odd_space) add_problem(record.problems, {"mta-sts.odd-space", Severity::warning, ""});
  return record;
}

}  // namespace maildiag::checks::mta_sts
