#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "report/mail_path.h"

namespace maildiag::report {

namespace {

// All lengths are in the picture's own units, which are pixels where it has the room.
constexpr double letter = 7.25, box_height = 28, padding = 10, baseline = 18.5;

struct Column {
  double left, width;
  double right() const { return left + width; }
  std::size_t letters() const { return static_cast<std::size_t>((width - 2 * padding) / letter); }
};

std::string_view sign_of(const PathName& name) {
  if (name.state == "pass") return "ok";
  return name.state == "temperror" ? "unknown" : "warning";
}

void write_box(const HtmlContext& context, const Column& column, double top, std::string_view text,
               std::string_view style, std::size_t letters) {
  context.out.markup(
      "<g><title>{}</title><rect class=\"box {}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
      "rx=\"6\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
      escaped(text), style, column.left, top, column.width, box_height, column.left + padding,
      top + baseline, escaped(shortened(text, letters)));
}

void write_sign(const HtmlContext& context, std::string_view sign, double x, double y) {
  context.out.markup(
      "<use href=\"#i-{0}\" class=\"s-{0}\" x=\"{1}\" y=\"{2}\" width=\"14\" "
      "height=\"14\"/>",
      sign, x, y);
}

/// From the right side of one box to the left side of another.
void write_edge(const HtmlContext& context, double x1, double y1, double x2, double y2,
                std::string_view state) {
  const double middle = (x1 + x2) / 2;
  context.out.markup("<path class=\"edge {}\" d=\"M{} {}C{} {} {} {} {} {}\"/>", state, x1, y1,
                     middle, y1, middle, y2, x2, y2);
}

/// Four columns; what leads to several things stands beside their middle.
class WidePath {
 public:
  explicit WidePath(const HtmlContext& context) : context_(context) {}

  void write(const MailPath& path) {
    std::size_t rows = 0;
    for (const auto& host : path.hosts) rows += std::max<std::size_t>(1, host.addresses.size());
    const double height = first_row + static_cast<double>(std::max<std::size_t>(1, rows)) * step;
    context_.out.markup(
        "<svg class=\"path wide\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
        name_column.right(), height, word(context_, "page.path"));
    write_heads();
    const double middle = first_row + (height - first_row - step) / 2;
    write_box(context_, domain_column, middle, path.domain, "root", domain_column.letters());
    if (path.hosts.empty()) {
      write_edge(context_, domain_column.right(), middle + box_height / 2, host_column.left,
                 middle + box_height / 2, "none");
      write_box(context_, host_column, middle, context_.labels("page.no-exchanger"), "missing",
                host_column.letters());
    }
    double top = first_row;
    for (const auto& host : path.hosts) write_host(host, middle, top);
    context_.out.markup("</svg>\n");
  }

 private:
  static constexpr Column domain_column{1, 186}, host_column{227, 260}, address_column{527, 226},
      name_column{793, 262};
  static constexpr double first_row = 30, step = 36;

  void write_heads() {
    const auto head = [this](const Column& column, std::string_view label) {
      context_.out.markup("<text class=\"head\" x=\"{}\" y=\"14\">{}</text>", column.left + padding,
                          word(context_, label));
    };
    head(domain_column, "check.domain");
    head(host_column, "page.exchanger");
    head(address_column, "check.address");
    head(name_column, "check.ptr");
  }

  void write_host(const PathHost& host, double root, double& top) {
    const auto rows = static_cast<double>(std::max<std::size_t>(1, host.addresses.size()));
    const double middle = top + (rows - 1) * step / 2, half = box_height / 2;
    write_edge(context_, domain_column.right(), root + half, host_column.left, middle + half, "");
    write_box(context_, host_column, middle, host.text, "", host_column.letters());
    if (host.addresses.empty()) {
      write_edge(context_, host_column.right(), middle + half, address_column.left, middle + half,
                 "none");
      write_box(context_, address_column, middle, context_.labels("page.no-address"), "missing",
                address_column.letters());
      top += step;
    }
    for (const auto& address : host.addresses) {
      write_edge(context_, host_column.right(), middle + half, address_column.left, top + half, "");
      write_box(context_, address_column, top, address.ip, "", address_column.letters());
      write_name(address.name, top);
      top += step;
    }
  }

  void write_name(const PathName& name, double top) {
    write_edge(context_, address_column.right(), top + box_height / 2, name_column.left,
               top + box_height / 2, name.state);
    write_box(context_, name_column, top, name.text, name.state == "none" ? "missing" : "",
              name_column.letters() - 3);
    write_sign(context_, sign_of(name), name_column.right() - padding - 14, top + 7);
  }

  const HtmlContext& context_;
};

/// One below the other, indented, for narrow screens and paper.
class NarrowPath {
 public:
  explicit NarrowPath(const HtmlContext& context) : context_(context) {}

  void write(const MailPath& path) {
    double height = 1 + line;
    for (const auto& host : path.hosts)
      height += line + (host.addresses.empty()
                            ? line
                            : address_lines * static_cast<double>(host.addresses.size()));
    if (path.hosts.empty()) height += line;
    context_.out.markup(
        "<svg class=\"path narrow\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">", width,
        height, word(context_, "page.path"));
    write_box(context_, {1, width - 2}, 1, path.domain, "root", letters_from(1));
    top_ = 1 + line;
    double last = box_height;
    if (path.hosts.empty()) {
      put(1, context_.labels("page.no-exchanger"), "missing", last);
      top_ += line;
    }
    for (const auto& host : path.hosts) write_host(host, last);
    context_.out.markup("</svg>\n");
  }

 private:
  static constexpr double width = 360, line = 36, indent = 24;
  /// An address with its name close below it.
  static constexpr double name_offset = 30, address_lines = 62;

  static std::size_t letters_from(double left) {
    return static_cast<std::size_t>((width - left - 2 * padding) / letter);
  }

  /// A box at this depth, with an edge from `parent`'s bottom.
  void put(int depth, std::string_view text, std::string_view style, double parent,
           std::string_view edge = "") {
    const double left = 1 + indent * depth, stem = left - indent / 2,
                 middle = top_ + box_height / 2;
    context_.out.markup("<path class=\"edge {}\" d=\"M{} {}V{}H{}\"/>", edge, stem, parent, middle,
                        left);
    write_box(context_, {left, width - left - 1}, top_, text, style, letters_from(left));
  }

  void write_host(const PathHost& host, double parent) {
    put(1, host.text, "", parent);
    const double below = top_ + box_height;
    top_ += line;
    if (host.addresses.empty()) {
      put(2, context_.labels("page.no-address"), "missing", below, "none");
      top_ += line;
    }
    for (const auto& address : host.addresses) {
      put(2, address.ip, "", below);
      top_ += name_offset;
      context_.out.markup(
          "<g><title>{}</title><text class=\"quiet\" x=\"{}\" y=\"{}\">{}</text></g>",
          escaped(address.name.text), 3 * indent + 12, top_ + baseline,
          escaped(shortened(address.name.text, letters_from(3 * indent + 12))));
      write_sign(context_, sign_of(address.name), 3 * indent - 8, top_ + 7);
      top_ += address_lines - name_offset;
    }
  }

  const HtmlContext& context_;
  double top_ = 0;
};

}  // namespace

void write_wide_path(const HtmlContext& context, const MailPath& path) {
  WidePath(context).write(path);
}

void write_narrow_path(const HtmlContext& context, const MailPath& path) {
  NarrowPath(context).write(path);
}

void write_mail_path(const HtmlContext& context) {
  const auto path = read_mail_path(context);
  context.out.markup("<figure>");
  write_wide_path(context, path);
  write_narrow_path(context, path);
  context.out.markup("</figure>\n");
  if (path.hidden > 0) context.out.markup("<p class=\"soft small\">+{}</p>\n", path.hidden);
  context.out.markup("<ul class=\"legend\"><li>{}{}</li><li>{}{}</li><li>{}{}</li></ul>\n",
                     icon("ok"), word(context, "page.way-back.pass"), icon("warning"),
                     word(context, "page.way-back.fail"), icon("unknown"),
                     word(context, "page.way-back.temperror"));
}

}  // namespace maildiag::report
