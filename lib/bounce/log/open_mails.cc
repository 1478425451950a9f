#include "bounce/log/open_mails.h"

#include <algorithm>

namespace maildiag::bounce::log {

namespace {

void cut(std::string& text, std::size_t size) {
  if (text.size() > size) text.resize(size);
}

}  // namespace

void OpenMails::note_deferral(std::string_view key, Deferral deferral) {
  cut(deferral.recipient, max_kept_address);
  cut(deferral.relay, max_kept_address);
  cut(deferral.status, max_kept_address);
  cut(deferral.text, max_kept_reply);
  auto& known = deferrals_.put(key);
  const auto same = std::find_if(known.begin(), known.end(), [&](const Deferral& other) {
    return other.recipient == deferral.recipient;
  });
  if (same != known.end()) {
    *same = std::move(deferral);
  } else if (known.size() < max_deferred_recipients) {
    known.push_back(std::move(deferral));
  }
}

void OpenMails::drop_deferral(std::string_view key, std::string_view recipient) {
  if (deferrals_.empty()) return;
  auto* known = deferrals_.find(key);
  if (known == nullptr) return;
  known->erase(std::remove_if(known->begin(), known->end(),
                              [&](const Deferral& other) { return other.recipient == recipient; }),
               known->end());
  if (known->empty()) deferrals_.erase(key);
}

}  // namespace maildiag::bounce::log
