// A template with the templates that it extends, loaded; and whether a part fits where it is put. Shared by rendering
// and by the check without data.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/template/inner/mistake.h"
#include "ground/template/inner/program.h"
#include "ground/template/template.h"

namespace tmpl {

constexpr std::size_t kMostIncludes = 16;

/// Most derived first; the last one's steps are what is executed.
struct Chain {
    std::vector<const Program*> programs;

    const Program& base() const { return *programs.back(); }
    struct Found {
        const Program* program;
        const BlockRange* range;
    };
    /// The most derived form of a block that `asking` defines.
    Found resolve(const Program& asking, std::uint32_t block) const;
};

/// Loads by name, each once, and keeps what it loaded.
class Loader {
  public:
    explicit Loader(const Set* set) : set_(set) {}
    /// Throws TemplateError(NotFound), placed at `offset` of `asking`.
    const Program& load(const std::string& name, const Program& asking, std::size_t offset);
    /// Throws TemplateError also for more than 16 levels.
    Chain chain(const Program& first);
    std::vector<std::string> names() const;

  private:
    const Set* set_;
    std::map<std::string, std::shared_ptr<const Template>, std::less<>> loaded_;  // shared with the set that gave them
};

/// What a block or part with these literals may not do at `place`.
std::optional<Mistake> find_misfit(bool has_tags, bool has_quotes, Place place);
/// The same for a whole part.
std::optional<Mistake> find_misfit(const Program& part, Place place);

/// The place where a step really stands: its own, or that of the block or include around it.
inline Place placed(Place own, Place outer) {
    return own == Place::Text ? outer : own;
}

}  // namespace tmpl
