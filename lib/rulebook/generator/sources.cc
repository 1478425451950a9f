#include "rulebook/generator/sources.h"

#include <fmt/format.h>

#include "rulebook/generator/source_writer.h"

namespace maildiag::rulebook {
namespace {

std::string write_providers(std::span<const Provider> providers) {
  SourceWriter writer("Provider", "providers");
  for (const auto& provider : providers) {
    writer.add({{"id", writer.text(provider.id)},
                {"kind", writer.text(provider.kind)},
                {"name", writer.translated(provider.name)},
                {"mx", writer.strings(provider.mx)},
                {"domains", writer.strings(provider.domains)},
                {"postmaster", writer.text(provider.postmaster)}});
  }
  return writer.finish();
}

std::string write_rules(std::span<const Rule> rules) {
  SourceWriter writer("Rule", "rules");
  for (const auto& rule : rules) {
    writer.add({{"id", writer.text(rule.id)},
                {"provider", writer.text(rule.provider)},
                {"subcode", writer.flag(rule.subcode)},
                {"from_provider", writer.flag(rule.from_provider)},
                {"names", writer.text(rule.names)},
                {"reply", writer.numbers(rule.reply)},
                {"status", writer.strings(rule.status)},
                {"match", writer.text(rule.match)},
                {"unless", writer.text(rule.unless)},
                {"cause", writer.text(rule.cause)},
                {"list", writer.text(rule.list)},
                {"permanent", rule.permanent ? writer.flag(*rule.permanent) : "std::nullopt"},
                {"meaning", writer.translated(rule.meaning)},
                {"fix", writer.translated_list(rule.fix)},
                {"links", writer.strings(rule.links)},
                {"examples", writer.strings(rule.examples)},
                {"not_examples", writer.strings(rule.not_examples)},
                {"source", writer.text(rule.source)},
                {"origin", writer.text(rule.origin)},
                {"layer", std::to_string(rule.layer)},
                {"literals", writer.strings(rule.literals)},
                {"ways", writer.numbers(rule.ways)},
                {"literals_suffice", writer.flag(rule.literals_suffice)},
                {"literal_length", std::to_string(rule.literal_length)}});
  }
  return writer.finish();
}

std::string write_rule_order(std::span<const std::uint16_t> order) {
  SourceWriter writer("std::uint16_t", "rule_order");
  for (const auto index : order) writer.add(std::to_string(index));
  return writer.finish();
}

std::string write_causes(std::span<const Cause> causes) {
  SourceWriter writer("Cause", "causes");
  for (const auto& cause : causes) {
    writer.add({{"id", writer.text(cause.id)},
                {"side", writer.text(cause.side)},
                {"title", writer.translated(cause.title)},
                {"meaning", writer.translated(cause.meaning)},
                {"checks", writer.strings(cause.checks)},
                {"confirmed_by", writer.strings(cause.confirmed_by)},
                {"confirmed_when_named", writer.strings(cause.confirmed_when_named)},
                {"refuted_by", writer.strings(cause.refuted_by)},
                {"inconclusive_by", writer.strings(cause.inconclusive_by)},
                {"advice", writer.strings(cause.advice)},
                {"advised_by", writer.strings(cause.advised_by)},
                {"match_fact", writer.text(cause.match_fact)},
                {"refines", writer.text(cause.refines)},
                {"untestable", writer.flag(cause.untestable)},
                {"passes", writer.flag(cause.passes)},
                {"alternative_rank", std::to_string(cause.alternative_rank)},
                {"fix", writer.translated_list(cause.fix)},
                {"links", writer.strings(cause.links)},
                {"reputation", writer.strings(cause.reputation)}});
  }
  return writer.finish();
}

std::string write_finding_texts(std::span<const FindingText> texts) {
  SourceWriter writer("FindingText", "finding_texts");
  for (const auto& text : texts) {
    writer.add({{"id", writer.text(text.id)},
                {"severity", writer.text(text.severity)},
                {"title", writer.translated(text.title)},
                {"detail", writer.translated(text.detail)},
                {"remedy", writer.translated_list(text.remedy)},
                {"reference", writer.text(text.reference)}});
  }
  return writer.finish();
}

std::string write_lists(std::span<const DnsList> lists) {
  SourceWriter writer("DnsList", "lists");
  for (const auto& list : lists) {
    writer.add({{"zone", writer.text(list.zone)},
                {"key", writer.text(list.key)},
                {"name", writer.text(list.name)},
                {"operator_name", writer.text(list.operator_name)},
                {"ip4", writer.flag(list.ip4)},
                {"ip6", writer.flag(list.ip6)},
                {"domain", writer.flag(list.domain)},
                {"list_class", writer.text(list.list_class)},
                {"enabled", writer.flag(list.enabled)},
                {"weight", writer.text(list.weight)},
                {"codes", writer.codes(list.codes)},
                {"errors", writer.codes(list.errors)},
                {"test_listed", writer.text(list.test_listed)},
                {"test_clean", writer.text(list.test_clean)},
                {"test_listed6", writer.text(list.test_listed6)},
                {"public_resolvers", writer.text(list.public_resolvers)},
                {"registration", writer.text(list.registration)},
                {"rate", fmt::format("{:.6f}", list.rate)},
                {"lookup_url", writer.text(list.lookup_url)},
                {"removal_url", writer.text(list.removal_url)},
                {"self_service", writer.flag(list.self_service)},
                {"paid", writer.flag(list.paid)},
                {"retired", writer.text(list.retired)},
                {"notes", writer.translated(list.notes)}});
  }
  return writer.finish();
}

std::string write_dkim_selectors(std::span<const DkimSelector> selectors) {
  SourceWriter writer("DkimSelector", "dkim_selectors");
  for (const auto& selector : selectors) {
    writer.add(
        {{"name", writer.text(selector.name)}, {"provider", writer.text(selector.provider)}});
  }
  return writer.finish();
}

std::string write_requirements(std::span<const Requirement> requirements) {
  SourceWriter writer("Requirement", "requirements");
  for (const auto& requirement : requirements) {
    writer.add({{"id", writer.text(requirement.id)},
                {"provider", writer.text(requirement.provider)},
                {"check", writer.text(requirement.check)},
                {"senders", writer.text(requirement.senders)},
                {"level", writer.text(requirement.level)},
                {"since", writer.text(requirement.since)},
                {"text", writer.translated(requirement.text)},
                {"link", writer.text(requirement.link)}});
  }
  return writer.finish();
}

std::string write_registries(std::span<const Registry> registries) {
  SourceWriter writer("Registry", "registries");
  for (const auto& registry : registries) {
    writer.add({{"id", writer.text(registry.id)},
                {"name", writer.text(registry.name)},
                {"rdap", writer.text(registry.rdap)},
                {"whois", writer.text(registry.whois)},
                {"question", writer.text(registry.question)},
                {"as_question", writer.text(registry.as_question)},
                {"charset", writer.text(registry.charset)},
                {"networks", writer.strings(registry.networks)},
                {"as_numbers", writer.strings(registry.as_numbers)},
                {"domains", writer.strings(registry.domains)},
                {"hosts", writer.strings(registry.hosts)}});
  }
  return writer.finish();
}

std::string write_labels(std::span<const Label> labels) {
  SourceWriter writer("Label", "labels");
  for (const auto& label : labels) {
    writer.add({{"id", writer.text(label.id)}, {"text", writer.translated(label.text)}});
  }
  return writer.finish();
}

}  // namespace

std::vector<SourceFile> write_sources(const Tables& tables) {
  return {{"providers.cc", write_providers(tables.providers)},
          {"rules.cc", write_rules(tables.rules)},
          {"rule_order.cc", write_rule_order(tables.rule_order)},
          {"causes.cc", write_causes(tables.causes)},
          {"finding_texts.cc", write_finding_texts(tables.finding_texts)},
          {"lists.cc", write_lists(tables.lists)},
          {"dkim_selectors.cc", write_dkim_selectors(tables.dkim_selectors)},
          {"requirements.cc", write_requirements(tables.requirements)},
          {"registries.cc", write_registries(tables.registries)},
          {"labels.cc", write_labels(tables.labels)}};
}

}  // namespace maildiag::rulebook
