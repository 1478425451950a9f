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
  if (deferred_.size() >= max_deferred_mails && deferred_.find(key) == nullptr) {
    deferred_recipients_ -= deferred_.oldest().recipients.size();
    deferred_.drop_oldest();
  }
  auto& mail = deferred_.put(key);
  auto& known = mail.recipients;
  const auto same = std::find_if(known.begin(), known.end(), [&](const Deferral& other) {
    return other.recipient == deferral.recipient;
  });
  if (same != known.end()) {
    *same = std::move(deferral);
    return;
  }
  if (deferred_recipients_ <= deferred_recipients_kept) most_of_mail_ = max_recipients_of_mail;
  if (deferred_recipients_ >= max_deferred_recipients && known.size() < most_of_mail_)
    trim_largest();
  // At the least that is left to each the walk may have freed nothing, and is not repeated.
  mail.full = mail.full || known.size() >= most_of_mail_;
  if (known.size() >= most_of_mail_) return;
  known.push_back(std::move(deferral));
  ++deferred_recipients_;
}

/// The largest mails give way, all to the same number, so that one newsletter pushes nobody else's
/// mail out. An eighth gets free at once, as each mail has to be looked at: whoever comes next may
/// have it. Only where all are at the least does the bound of each stay, until an eighth is free.
void OpenMails::trim_largest() {
  std::vector<std::size_t> mails_of(max_recipients_of_mail +
                                    1);  // by how many recipients they have
  deferred_.for_each([&](const DeferredMail& mail) { ++mails_of[mail.recipients.size()]; });
  std::size_t left = deferred_recipients_;
  std::size_t larger = 0;
  std::size_t most = max_recipients_of_mail;
  while (most > min_recipients_of_mail && left > deferred_recipients_kept) {
    larger += mails_of[most];
    left -= larger;
    --most;
  }
  deferred_.for_each([&](DeferredMail& mail) {
    if (mail.recipients.size() <= most) return;
    mail.full = true;
    mail.recipients.resize(most);
    mail.recipients.shrink_to_fit();
  });
  deferred_recipients_ = left;
  if (left > deferred_recipients_kept) most_of_mail_ = most;
}

Deferrals OpenMails::take_expired(std::string_view key) {
  auto mail = take_deferred(key);
  expired_full_ = expired_full_ || mail.full;
  return std::move(mail.recipients);
}

DeferredMail OpenMails::take_deferred(std::string_view key) {
  auto* known = deferred_.find(key);
  if (known == nullptr) return {};
  auto taken = std::move(*known);
  deferred_recipients_ -= taken.recipients.size();
  deferred_.erase(key);
  return taken;
}

void OpenMails::drop_deferral(std::string_view key, std::string_view recipient) {
  if (deferred_.empty()) return;
  auto* known = deferred_.find(key);
  if (known == nullptr) return;
  deferred_recipients_ -= std::erase_if(
      known->recipients, [&](const Deferral& other) { return other.recipient == recipient; });
  if (known->recipients.empty() && !known->full) deferred_.erase(key);
}

}  // namespace maildiag::bounce::log
