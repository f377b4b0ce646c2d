// The whole of a template with its parents and parts, walked without data: what rendering could come to refuse,
// whichever way the conditions go. A part that includes itself is no mistake here: menus do so, and stop where their
// list ends.
#include <set>
#include <tuple>

#include "ground/template/inner/chain.h"
#include "ground/template/template.h"

namespace tmpl {

namespace {

class Walk {
  public:
    explicit Walk(const Set& set) : loader_(&set) {}

    void page(const Program& first, Place outer) {
        if (!seen_.insert({&first, outer}).second) return;
        try {
            const Chain chain = loader_.chain(first);
            find_unused_blocks(chain);
            range(chain, chain.base(), 0, chain.base().ops.size(), outer);
        } catch (const TemplateError& error) {
            add(error.problem);
        }
    }
    std::vector<Problem> take() { return std::move(problems_); }

  private:
    void add(Problem problem) {
        if (told_.insert({problem.template_name, problem.line, problem.column}).second)
            problems_.push_back(std::move(problem));
    }

    void find_unused_blocks(const Chain& chain) {
        for (std::size_t i = 0; i + 1 < chain.programs.size(); ++i) {
            const Program& child = *chain.programs[i];
            std::uint32_t inside_until = 0;
            for (const BlockRange& block : child.blocks) {
                if (block.begin < inside_until) continue;  // a block of its own inside another
                inside_until = block.end;
                bool is_known = false;
                for (std::size_t k = i + 1; k < chain.programs.size(); ++k) {
                    is_known = is_known || chain.programs[k]->find_block(block.name);
                }
                if (!is_known) add(make_problem(child, block.offset, Mistake::BlockNeverShown, block.name));
            }
        }
    }

    void range(const Chain& chain, const Program& program, std::size_t begin, std::size_t end, Place outer) {
        for (std::size_t at = begin; at < end;) {
            const Op& op = program.ops[at];
            const Place place = placed(op.place, outer);
            at = op.code == Op::Code::Block ? op.b : at + 1;
            if (op.code == Op::Code::Block) {
                block(chain, program, op, place);
            } else if (op.code == Op::Code::Include) {
                include(program, op, place);
            }
        }
    }

    void block(const Chain& chain, const Program& program, const Op& op, Place place) {
        const Chain::Found found = chain.resolve(program, op.a);
        if (found.program != &program) {
            const auto misfit = find_misfit(found.range->has_tags, found.range->has_quotes, place);
            if (misfit) add(make_problem(*found.program, found.range->offset, *misfit, found.range->name));
        }
        range(chain, *found.program, found.range->begin, found.range->end, place);
    }

    void include(const Program& program, const Op& op, Place place) {
        const std::string& name = program.names[op.a];
        try {
            const Program& part = loader_.load(name, program, op.offset);
            const Chain chain = loader_.chain(part);
            const auto misfit = find_misfit(chain.base(), place);
            if (misfit) add(make_problem(program, op.offset, *misfit, name));
            page(part, place);
        } catch (const TemplateError& error) {
            add(error.problem);
        }
    }

    Loader loader_;
    std::vector<Problem> problems_;
    std::set<std::pair<const Program*, Place>> seen_;
    std::set<std::tuple<std::string, int, int>> told_;
};

}  // namespace

std::vector<Problem> check(const Template& page, const Set& set) {
    Walk walk(set);
    walk.page(page.program(), Place::Text);
    return walk.take();
}

}  // namespace tmpl
