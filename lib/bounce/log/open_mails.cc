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
  if (deferrals_.size() >= max_deferred_mails && deferrals_.find(key) == nullptr)
    forget_oldest_deferrals();
  auto& known = deferrals_.put(key);
  const auto same = std::find_if(known.begin(), known.end(), [&](const Deferral& other) {
    return other.recipient == deferral.recipient;
  });
  if (same != known.end()) {
    *same = std::move(deferral);
  } else if (known.size() < max_recipients_of_mail) {
    // This mail was used last: it is none of the oldest as long as there are others.
    if (deferred_recipients_ >= max_deferred_recipients) forget_oldest_deferrals();
    known.push_back(std::move(deferral));
    ++deferred_recipients_;
  }
}

void OpenMails::forget_oldest_deferrals() {
  deferred_recipients_ -= deferrals_.oldest().size();
  deferrals_.drop_oldest();
}

Deferrals OpenMails::take_deferrals(std::string_view key) {
  auto* known = deferrals_.find(key);
  if (known == nullptr) return {};
  auto taken = std::move(*known);
  deferred_recipients_ -= taken.size();
  deferrals_.erase(key);
  return taken;
}

void OpenMails::drop_deferral(std::string_view key, std::string_view recipient) {
  if (deferrals_.empty()) return;
  auto* known = deferrals_.find(key);
  if (known == nullptr) return;
  deferred_recipients_ -=
      std::erase_if(*known, [&](const Deferral& other) { return other.recipient == recipient; });
  if (known->empty()) deferrals_.erase(key);
}

}  // namespace maildiag::bounce::log
