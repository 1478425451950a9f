#include <string>

#include <fmt/format.h>

#include "report/table.h"
#include "report/text.h"

namespace maildiag::report {

namespace {

/// "1.234 ms"; "-": none.
std::string ms(const Value& time) {
  return time.is_null() ? "-" : fmt::format("{:.3f} ms", time.as_double());
}

std::string text_or_dash(const Value& value) {
  auto text = value.to_text();
  return text.empty() ? "-" : text;
}

void write_answers(const TextContext& context) {
  for (const auto& answer : context.report.result["answers"].as_array()) {
    auto text = fmt::format("{}: {}, {}, {}", answer["type"].to_text(), answer["outcome"].to_text(),
                            answer["server"].to_text(), ms(answer["ms"]));
    if (answer["authenticated"].as_bool()) text += ", " + context.label("lookup.authenticated");
    context.out.line(2, text, Style::dim, 4);
  }
}

void write_records(const TextContext& context) {
  const Value& result = context.report.result;
  write_fields(context, {{"lookup.cname-chain", result["cname_chain"].to_text()}});
  Table table({context.label("lookup.name"), "TTL", context.label("lookup.type"),
               context.label("lookup.data")});
  for (const auto& record : result["records"].as_array())
    table.add({record["name"].to_text(), record["ttl"].to_text(), record["type"].to_text(),
               record["data"].to_text()});
  table.write(context.out);
  write_answers(context);
}

/// In the reader's language; others' words as they are.
std::string reason_text(const TextContext& context, const Value& value, const char* words) {
  const auto obstacle = value["obstacle"].to_text();
  if (obstacle.empty() || obstacle == "other") return value[words].to_text();
  const auto text = context.label("lookup.reason." + obstacle);
  const auto said_by = value["said_by"].to_text();
  return said_by.empty() ? text : fmt::format("{}: {}", said_by, text);
}

std::string connection_state(const TextContext& context, const Value& address) {
  if (address["connected"].as_bool()) return context.label("lookup.open");
  const auto fault = address["fault"].to_text(), obstacle = address["obstacle"].to_text();
  const auto reason = reason_text(context, address, "reason");
  if (reason.empty()) return fault;
  // What stopped it is known more exactly than the fault, and in the reader's language.
  return obstacle.empty() || obstacle == "other" ? fmt::format("{} {}", fault, reason) : reason;
}

void write_tcp(const TextContext& context) {
  Table table({context.label("check.address"), context.label("lookup.time"),
               context.label("lookup.source"), context.label("check.state")});
  for (const auto& address : context.report.result["addresses"].as_array())
    table.add({address["address"].to_text(), ms(address["connect_ms"]),
               text_or_dash(address["source"]), connection_state(context, address)});
  table.write(context.out);
}

void write_ping(const TextContext& context) {
  Table table({context.label("check.address"), context.label("lookup.answers"),
               context.label("lookup.min-avg-max"), context.label("check.state")});
  for (const auto& address : context.report.result["addresses"].as_array()) {
    std::string times = "-";
    if (address.find("avg_ms") != nullptr)
      times = fmt::format("{:.3f} / {:.3f} / {:.3f} ms", address["min_ms"].as_double(),
                          address["avg_ms"].as_double(), address["max_ms"].as_double());
    table.add({address["address"].to_text(),
               fmt::format("{}/{}", address["received"].to_text(), address["sent"].to_text()),
               times, reason_text(context, address, "reason")});
  }
  table.write(context.out);
}

void write_trace(const TextContext& context) {
  for (const auto& route : context.report.result["routes"].as_array()) {
    context.out.line(2, route["address"].to_text(), Style::bold);
    Table table({context.label("lookup.hop"), context.label("check.address"),
                 context.label("lookup.time"), context.label("check.ptr")});
    for (const auto& hop : route["hops"].as_array()) {
      auto name = hop["ptr"].to_text();
      if (const auto note = reason_text(context, hop, "note"); !note.empty())
        name += fmt::format("{}[{}]", name.empty() ? "" : " ", note);
      table.add({hop["distance"].to_text(),
                 hop["address"].is_null() ? "*" : hop["address"].to_text(), ms(hop["ms"]), name});
    }
    table.write(context.out);
  }
}

void write_http(const TextContext& context) {
  const Value& result = context.report.result;
  std::string times;
  for (const auto& [id, key] :
       {std::pair{"lookup.connect", "connect_ms"}, std::pair{"lookup.handshake", "handshake_ms"},
        std::pair{"lookup.first-octet", "first_octet_ms"}, std::pair{"lookup.total", "total_ms"}}) {
    if (!result[key].is_null())
      times +=
          fmt::format("{}{} {}", times.empty() ? "" : ", ", context.labels(id), ms(result[key]));
  }
  const Value& tls = result["tls"];
  std::string channel;
  if (!tls.is_null())
    channel = fmt::format("{}, {}", tls["version"].to_text(), tls["cipher"].to_text());
  const Value& certificate = tls["certificate"];
  write_fields(context, {{"lookup.url", result["url"].to_text()},
                         {"lookup.status", result["status"].to_text()},
                         {"lookup.location", result["location"].to_text()},
                         {"lookup.content-type", result["content_type"].to_text()},
                         {"lookup.http-server", result["server"].to_text()},
                         {"lookup.hsts", result["strict_transport_security"].to_text()},
                         {"lookup.retry-after", result["retry_after"].to_text()},
                         {"check.address", result["address"].to_text()},
                         {"lookup.times", times},
                         {"lookup.tls", channel},
                         {"lookup.certificate", certificate["subject"].to_text()},
                         {"lookup.names", certificate["names"].to_text()},
                         {"lookup.issuer", certificate["issuer"].to_text()},
                         {"lookup.not-after", certificate["not_after"].to_text()}});
}

/// "MX 76, TXT 900, ANY > 512"
std::string sizes_text(const Value& server) {
  std::string text;
  for (const auto& size : server["sizes"].as_array()) {
    const auto& octets = size["tcp_octets"].is_null() ? size["octets"] : size["tcp_octets"];
    const bool lost = size["truncated"].as_bool() && size["tcp_octets"].is_null();
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", size["type"].to_text(),
                        lost ? "> 512" : text_or_dash(octets));
  }
  return text;
}

std::string server_state(const TextContext& context, const Value& server) {
  auto state = text_or_dash(server["outcome"]);
  if (state == "answer" && !server["authoritative"].as_bool())
    state = context.label("lookup.not-authoritative");
  if (state == "answer") state = "ok";
  if (server["tcp"].as_bool()) state += ", TCP";
  if (server["edns"].as_bool()) state += ", EDNS";
  return state;
}

void write_dns(const TextContext& context) {
  const Value& result = context.report.result;
  const Value& soa = result["soa"];
  std::string times;
  for (const auto* key : {"serial", "refresh", "retry", "expire", "minimum"}) {
    if (!soa.is_null())
      times += fmt::format("{}{} {}", times.empty() ? "" : ", ", key, soa[key].to_text());
  }
  write_fields(context, {{"lookup.zone", result["zone"].to_text()},
                         {"lookup.parent", result["parent"].to_text()},
                         {"lookup.soa", times}});
  Table table({context.label("lookup.server"), context.label("check.address"),
               context.label("lookup.serial"), context.label("check.state"),
               context.label("lookup.time"), context.label("lookup.sizes")});
  for (const auto& server : result["servers"].as_array())
    table.add({server["name"].to_text(), server["address"].to_text(),
               text_or_dash(server["serial"]), server_state(context, server), ms(server["ms"]),
               sizes_text(server)});
  table.write(context.out);
}

}  // namespace

void write_lookup(const TextContext& context) {
  const auto type = context.report.result["type"].to_text();
  if (type == "dns") return write_dns(context);
  if (type == "tcp") return write_tcp(context);
  if (type == "ping") return write_ping(context);
  if (type == "trace") return write_trace(context);
  if (type == "http" || type == "https") return write_http(context);
  write_records(context);
}

}  // namespace maildiag::report
