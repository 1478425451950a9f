// Elements are allowed by name, as in the schema of the profile: what is not known is not allowed.

#include "checks/bimi_indicator.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <expat.h>
#include <memory>
#include <optional>
#include <span>

#include "core/handle.h"
#include "core/text.h"

namespace maildiag::checks::bimi {

namespace {

/// Of the text that is kept: the longest title, the longest value in a finding.
constexpr std::size_t max_kept = 200;
/// Between a namespace and a local name; no URI holds it.
constexpr char separator = '\n';
constexpr std::string_view svg_namespace = "http://www.w3.org/2000/svg";

constexpr std::array<std::string_view, 21> allowed = {
    "title",          "desc",           "metadata", "defs",     "g",      "use",
    "path",           "rect",           "circle",   "ellipse",  "line",   "polyline",
    "polygon",        "text",           "tspan",    "textArea", "tbreak", "solidColor",
    "linearGradient", "radialGradient", "stop"};
constexpr std::array<std::string_view, 3> scripts = {"script", "handler", "listener"};
constexpr std::array<std::string_view, 11> moving = {
    "animate", "animateColor", "animateMotion", "animateTransform", "animation", "set",
    "discard", "audio",        "video",         "prefetch",         "mpath"};

bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

struct Name {
  std::string_view space, local;
};
Name split_name(std::string_view name) {
  const auto at = name.find(separator);
  if (at == std::string_view::npos) return {"", name};
  return {name.substr(0, at), name.substr(at + 1)};
}

/// Numbers between white space and commas.
std::vector<double> numbers(std::string_view text) {
  constexpr std::size_t most = 5;  // a view box has four
  constexpr std::string_view between = " \t\r\n,";
  std::vector<double> found;
  while (found.size() < most) {
    const auto begin = text.find_first_not_of(between);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc()) break;
    found.push_back(value);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return found;
}

/// url(...) of anything but a part of the file itself.
bool has_outer_url(std::string_view value) {
  const auto lower = text::ascii_lower(value);
  for (auto at = lower.find("url("); at != std::string::npos; at = lower.find("url(", at + 1)) {
    const auto target = lower.find_first_not_of(" \t\r\n'\"", at + 4);
    if (target == std::string::npos || lower[target] != '#') return true;
  }
  return false;
}

class Checker {
 public:
  explicit Checker(std::string_view octets)
      : parser_(XML_ParserCreateNS(nullptr, separator)), octets_(octets) {
    indicator_.octets = octets.size();
  }

  Indicator check() {
    if (octets_.size() > advised_indicator_octets)
      add("bimi.svg-too-big", std::to_string(octets_.size()));
    if (octets_.starts_with("\x1f\x8b")) {
      add("bimi.svg-compressed", "gzip");
      return std::move(indicator_);
    }
    if (octets_.size() > max_indicator_octets) return std::move(indicator_);
    if (parse() && seen_root_) check_root();
    return std::move(indicator_);
  }

 private:
  static Checker& self(void* user) { return *static_cast<Checker*>(user); }

  bool parse() {
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(
        parser_.get(),
        [](void* user, const XML_Char* name, const XML_Char** attributes) {
          self(user).start(name, attributes);
        },
        [](void* user, const XML_Char*) { self(user).end(); });
    XML_SetCharacterDataHandler(parser_.get(), [](void* user, const XML_Char* text, int length) {
      self(user).characters({text, static_cast<std::size_t>(length)});
    });
    XML_SetProcessingInstructionHandler(
        parser_.get(), [](void* user, const XML_Char* target, const XML_Char* /*data*/) {
          if (std::string_view(target) == "xml-stylesheet")
            self(user).add("bimi.svg-external", "xml-stylesheet");
        });
    XML_SetDoctypeDeclHandler(
        parser_.get(),
        [](void* user, const XML_Char*, const XML_Char* system, const XML_Char*, int /*subset*/) {
          self(user).add("bimi.svg-doctype", system == nullptr ? "DOCTYPE" : system);
        },
        nullptr);
    // Entities are of no use in a drawing, and of much in an attack: nothing is ever expanded.
    XML_SetEntityDeclHandler(
        parser_.get(),
        [](void* user, const XML_Char* name, int, const XML_Char*, int, const XML_Char*,
           const XML_Char*, const XML_Char*, const XML_Char*) { self(user).refuse_entity(name); });
    const auto status =
        XML_Parse(parser_.get(), octets_.data(), static_cast<int>(octets_.size()), XML_TRUE);
    if (status == XML_STATUS_OK) return true;
    if (!stopped_) add("bimi.svg-not-xml", XML_ErrorString(XML_GetErrorCode(parser_.get())));
    return false;
  }

  void refuse_entity(std::string_view name) {
    if (stopped_) return;
    add("bimi.svg-entity", name);
    stopped_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  void add(std::string_view id, std::string_view what) {
    auto& problems = indicator_.problems;
    const auto kept = what.substr(0, max_kept);
    const bool told = std::any_of(problems.begin(), problems.end(), [&](const auto& problem) {
      return problem.id == id && problem.what == kept;
    });
    if (told || problems.size() == max_indicator_problems) return;
    problems.push_back({std::string(id), std::string(kept),
                        static_cast<std::size_t>(XML_GetCurrentLineNumber(parser_.get()))});
  }

  void start(std::string_view full, const XML_Char** attributes) {
    ++depth_;
    const auto name = split_name(full);
    if (depth_ == 1) {
      start_root(name, attributes);
    } else if (metadata_depth_ == 0) {
      check_element(name);
    }
    if (metadata_depth_ == 0 && name.space == svg_namespace && name.local == "metadata")
      metadata_depth_ = depth_;
    if (depth_ == 2 && name.space == svg_namespace && name.local == "title") in_title_ = true;
    if (metadata_depth_ > 0) return;
    for (; *attributes != nullptr; attributes += 2)  // NOLINT: expat's name-value array
      check_attribute(split_name(attributes[0]), attributes[1]);  // NOLINT
  }

  void end() {
    if (metadata_depth_ == depth_) metadata_depth_ = 0;
    if (depth_ == 2) in_title_ = false;
    --depth_;
  }

  void characters(std::string_view text) {
    if (in_title_ && indicator_.title.size() < max_kept)
      indicator_.title += text.substr(0, max_kept - indicator_.title.size());
  }

  void start_root(const Name& name, const XML_Char** attributes) {
    if (name.local != "svg" || name.space != svg_namespace) {
      add("bimi.svg-no-svg", name.local);
      return;
    }
    seen_root_ = true;
    for (; *attributes != nullptr; attributes += 2) {                           // NOLINT
      const std::string_view attribute = attributes[0], value = attributes[1];  // NOLINT
      if (attribute == "version") indicator_.version = value.substr(0, max_kept);
      if (attribute == "baseProfile") indicator_.base_profile = value.substr(0, max_kept);
      if (attribute == "viewBox") indicator_.view_box = value.substr(0, max_kept);
      if (attribute == "width") width_ = value;
      if (attribute == "height") height_ = value;
      if (attribute == "x" || attribute == "y") add("bimi.svg-position", attribute);
    }
  }

  void check_element(const Name& name) {
    if (name.space != svg_namespace) {
      add("bimi.svg-element", name.local);
    } else if (contains(scripts, name.local)) {
      add("bimi.svg-script", name.local);
    } else if (contains(moving, name.local)) {
      add("bimi.svg-animation", name.local);
    } else if (name.local == "image") {
      add("bimi.svg-image", name.local);
    } else if (!contains(allowed, name.local)) {
      add("bimi.svg-element", name.local);
    }
  }

  void check_attribute(const Name& name, std::string_view value) {
    if (name.local == "href" && !text::trim(value).starts_with('#')) {
      add("bimi.svg-external", value);
    } else if (name.space.empty() && name.local.starts_with("on")) {
      add("bimi.svg-script", name.local);
    } else if (name.space.empty() && name.local == "style") {
      add("bimi.svg-style", name.local);
    }
    if (has_outer_url(value)) add("bimi.svg-external", value);
  }

  void check_root() {
    if (indicator_.base_profile != "tiny-ps") add("bimi.svg-base-profile", indicator_.base_profile);
    if (indicator_.version != "1.2") add("bimi.svg-version", indicator_.version);
    indicator_.title = text::collapse_spaces(indicator_.title);
    if (indicator_.title.empty()) add("bimi.svg-no-title", "title");
    check_shape();
  }

  void check_shape() {
    constexpr double tolerance = 0.05;  // not to be seen
    auto box = numbers(indicator_.view_box);
    if (box.size() != 4) {
      add("bimi.svg-no-view-box", indicator_.view_box);
      const auto width = numbers(width_), height = numbers(height_);
      if (width.empty() || height.empty()) return;
      box = {0, 0, width.front(), height.front()};
    }
    const double width = box[2], height = box[3];
    if (!(std::abs(width - height) <= tolerance * std::max(width, height)))
      add("bimi.svg-not-square",
          indicator_.view_box.empty() ? width_ + " x " + height_ : indicator_.view_box);
  }

  std::unique_ptr<XML_ParserStruct, FreedBy<XML_ParserFree>> parser_;
  std::string_view octets_;
  Indicator indicator_;
  std::string width_, height_;
  std::size_t depth_ = 0, metadata_depth_ = 0;  // of the open elements; of the metadata among them
  bool seen_root_ = false, in_title_ = false, stopped_ = false;
};

}  // namespace

Indicator check_indicator(std::string_view octets) {
  return Checker(octets).check();
}

}  // namespace maildiag::checks::bimi
