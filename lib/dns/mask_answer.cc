#include "dns/mask_answer.h"

#include <utility>

namespace maildiag::dns {

namespace {

struct DataMask {
  const SecretMask& mask;

  void operator()(IpAddress&) const {}
  void operator()(MxData& mx) const { mx.exchange = mask_name(mask, mx.exchange); }
  void operator()(TxtData& txt) const {
    for (auto& string : txt.strings) string = mask.apply(string);
  }
  void operator()(NameData& data) const { data.name = mask_name(mask, data.name); }
  void operator()(SoaData& soa) const {
    soa.primary = mask_name(mask, soa.primary);
    soa.mailbox = mask_name(mask, soa.mailbox);
  }
  void operator()(SrvData& srv) const { srv.target = mask_name(mask, srv.target); }
  void operator()(TlsaData& tlsa) const { mask.overwrite(tlsa.data); }
  void operator()(CaaData& caa) const { caa.value = mask.apply(caa.value); }
  void operator()(RawData& raw) const { mask.overwrite(raw.octets); }
};

}  // namespace

DomainName mask_name(const SecretMask& mask, const DomainName& name) {
  if (!mask.hits(name.wire())) return name;
  auto labels = name.labels();
  for (auto& label : labels) label = mask.apply(label);
  // A mask is shorter than any secret, so the name cannot grow too long.
  return DomainName::from_labels(labels).value_or(DomainName());
}

void mask_records(const SecretMask& mask, std::vector<Record>& records) {
  if (mask.empty()) return;
  for (auto& record : records) {
    record.name = mask_name(mask, record.name);
    std::visit(DataMask{mask}, record.data);
  }
}

void mask_answer(const SecretMask& mask, Answer& answer) {
  if (mask.empty()) return;
  answer.question.name = mask_name(mask, answer.question.name);
  for (auto& target : answer.cname_chain) target = mask_name(mask, target);
  mask_records(mask, answer.records);
  answer.detail = mask.apply(answer.detail);
}

}  // namespace maildiag::dns
