#include "ground/template/inner/chain.h"

namespace tmpl {

Chain::Found Chain::resolve(const Program& asking, std::uint32_t block) const {
    const BlockRange& own = asking.blocks[block];
    for (const Program* program : programs) {
        if (program == &asking) break;
        if (const BlockRange* range = program->find_block(own.name)) return {program, range};
    }
    return {&asking, &own};
}

const Program& Loader::load(const std::string& name, const Program& asking, std::size_t offset) {
    auto at = loaded_.find(name);
    if (at == loaded_.end()) {
        auto found = set_ ? set_->find(name) : nullptr;
        if (!found) refuse(asking, offset, Mistake::NoSuchTemplate, name);
        at = loaded_.emplace(name, std::move(found)).first;
    }
    return at->second->program();
}

Chain Loader::chain(const Program& first) {
    Chain chain{{&first}};
    while (!chain.base().parent.empty()) {
        const Program& child = chain.base();
        if (chain.programs.size() > kMostIncludes) {
            refuse(child, child.parent_offset, Mistake::TooManyLevels, child.parent);
        }
        chain.programs.push_back(&load(child.parent, child, child.parent_offset));
    }
    return chain;
}

std::vector<std::string> Loader::names() const {
    std::vector<std::string> names;
    for (const auto& [name, loaded] : loaded_) names.push_back(name);
    return names;
}

std::optional<Mistake> find_misfit(bool has_tags, bool has_quotes, Place place) {
    const bool is_misfit = place != Place::Text && (has_tags || (has_quotes && place == Place::Attribute));
    return is_misfit ? std::optional(Mistake::MarkupInAttribute) : std::nullopt;
}

std::optional<Mistake> find_misfit(const Program& part, Place place) {
    if (!part.ends_in_text) return Mistake::PartUnfinished;
    return find_misfit(part.has_tags, part.has_quotes, place);
}

}  // namespace tmpl
