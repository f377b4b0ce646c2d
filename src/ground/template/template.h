// The template language: pages that a site administrator edits, and the office's own screens. A template is parsed once
// into a flat list of steps; every value is escaped for the place in the HTML where it stands, which is known from
// parsing. The one way round is a value of type SafeHtml, and a template cannot make one. Rendering is pure, bounded,
// the same every time, and safe from many threads. Syntax by example: docs/handbook/template-language.md. Left out on
// purpose: arithmetic, assignment, macros and calls, since a template shows and does not decide.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ground/template/problem.h"
#include "ground/template/value.h"

namespace tmpl {

struct Program;  // inner/program.h

/// A parsed template. Copies share the parsed form, which never changes.
class Template {
  public:
    const std::string& name() const;
    std::string_view source() const;
    /// Names in `extends` and `include`, sorted, each once.
    std::vector<std::string> needs() const;
    const Program& program() const { return *program_; }

  private:
    friend Template parse(std::string name, std::string source);
    std::shared_ptr<const Program> program_;  // shared by the copies of this template
};

/// Throws TemplateError(BadInput) at the first mistake. At most 1 MiB of UTF-8 source, 64 levels of nesting.
Template parse(std::string name, std::string source);

/// Where `extends` and `include` find their templates.
class Set {
  public:
    virtual ~Set() = default;
    /// Null if there is none. Shared with the renders that are using it, so a set may drop or replace it at any time.
    virtual std::shared_ptr<const Template> find(std::string_view name) const = 0;
};

/// A set held in memory.
class MapSet final : public Set {
  public:
    /// Parses and adds, or replaces. Throws as parse does.
    void add(std::string name, std::string source);
    std::shared_ptr<const Template> find(std::string_view name) const override;

  private:
    std::map<std::string, std::shared_ptr<const Template>, std::less<>> templates_;
};

struct Options {
    const Set* set = nullptr;            ///< null: `extends` and `include` find nothing
    std::size_t max_steps = 1'000'000;   ///< tags, values and loop turns executed
    std::size_t max_bytes = 16U << 20U;  ///< of output
};

struct Result {
    std::string html;
    /// Values that were missing or of the wrong kind, each place once, at most 100.
    std::vector<Problem> warnings;
    /// Every template that took part, the first one included; sorted.
    std::vector<std::string> used;
};

/// Throws TemplateError: NotFound for a missing parent or part; BadInput where templates do not fit together (more than
/// 16 levels of include or extends, markup in a block that stands inside an attribute) or a budget is used up.
Result render(const Template& page, const Value& root, const Options& options = {});

/// What `render` would refuse or what would never show, found without data: for the moment of saving.
std::vector<Problem> check(const Template& page, const Set& set);

}  // namespace tmpl
