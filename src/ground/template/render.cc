// Runs the steps of a template. Output only grows, but for one case: an address that proves unsafe once it is whole is
// taken back and replaced by "#".
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/template/inner/chain.h"
#include "ground/template/inner/escape.h"
#include "ground/template/inner/evaluator.h"
#include "ground/template/inner/parser.h"
#include "ground/template/template.h"

namespace tmpl {

namespace {

constexpr int kMostRuns = 200;  ///< blocks and parts inside each other: keeps the stack small

class Renderer {
  public:
    Renderer(const Value& root, const Options& options)
        : options_(options), evaluator_(root, options), loader_(options.set) {}

    Result render(const Program& page) {
        html_.reserve(page.source.size() * 2);
        const Chain chain = loader_.chain(page);
        run(chain, chain.base(), 0, chain.base().ops.size(), Place::Text);
        Result result{std::move(html_), evaluator_.take_warnings(), loader_.names()};
        const auto at = std::lower_bound(result.used.begin(), result.used.end(), page.name);
        if (at == result.used.end() || *at != page.name) result.used.insert(at, page.name);
        return result;
    }

  private:
    void run(const Chain& chain, const Program& program, std::size_t begin, std::size_t end, Place outer);
    void show(const Program& program, const Op& op, Place place);
    bool begin_loop(const Program& program, const Op& op);
    bool next_item();
    void block(const Chain& chain, const Program& program, const Op& op, Place outer);
    void include(const Program& program, const Op& op, Place outer);
    void end_url(const Program& program, const Op& op);
    void check_bytes(const Program& program, const Op& op) const {
        if (html_.size() > options_.max_bytes) {
            refuse(program, op.offset, Mistake::BytesUsedUp, fmt::format("{}", options_.max_bytes));
        }
    }

    const Options& options_;
    Evaluator evaluator_;
    Loader loader_;
    std::string html_;
    std::size_t url_begin_ = 0;
    Place url_place_ = Place::Url;  ///< of the last value shown in the address: one attribute has one place
    int runs_ = 0;
    std::size_t includes_ = 0;
};

void Renderer::run(const Chain& chain, const Program& program, std::size_t begin, std::size_t end, Place outer) {
    ++runs_;
    for (std::size_t at = begin; at < end;) {
        const Op& op = program.ops[at];
        evaluator_.charge(1, program, op.offset);
        std::size_t next = at + 1;
        switch (op.code) {
            case Op::Code::Text:
                html_.append(program.source, op.a, op.b);
                check_bytes(program, op);
                break;
            case Op::Code::Show:
                show(program, op, placed(op.place, outer));
                check_bytes(program, op);
                break;
            case Op::Code::Jump:
                next = op.a;
                break;
            case Op::Code::JumpUnless:
                if (!evaluator_.is_true(program, op.a)) next = op.b;
                break;
            case Op::Code::ForBegin:
                if (!begin_loop(program, op)) next = op.c;
                break;
            case Op::Code::ForNext:
                if (next_item()) next = op.a;
                break;
            case Op::Code::Include:
                include(program, op, placed(op.place, outer));
                break;
            case Op::Code::Block:
                block(chain, program, op, outer);
                next = op.b;
                break;
            case Op::Code::UrlBegin:
                url_begin_ = html_.size();
                break;
            case Op::Code::UrlEnd:
                end_url(program, op);
                break;
        }
        at = next;
    }
    --runs_;
}

void Renderer::show(const Program& program, const Op& op, Place place) {
    if (is_url(place)) url_place_ = place;
    Held held;
    evaluator_.evaluate(program, op.a, held);
    const Value& value = *held.at;
    if (const auto* text = value.as_text()) {
        append_text(html_, *text, place);
    } else if (const auto* html = value.as_html()) {
        append_html(html_, *html, place);
    } else if (const auto* number = value.as_int()) {
        fmt::format_to(std::back_inserter(html_), "{}", *number);
    } else if (const auto* truth = value.as_bool()) {
        html_ += *truth ? "true" : "false";
    } else if (value.is_null()) {
        evaluator_.warn_if_missing(program, op.a, held);
    } else {
        evaluator_.warn(program, op.offset, Mistake::NotShowable, Evaluator::label(program, op.a), value.kind_name());
    }
    if (held.is_missing && !value.is_null()) evaluator_.warn_if_missing(program, op.a, held);
}

bool Renderer::begin_loop(const Program& program, const Op& op) {
    Held held;
    evaluator_.evaluate(program, op.a, held);
    const List* list = held.at->as_list();
    if (!list) {
        evaluator_.warn_if_missing(program, op.a, held);
        if (!held.at->is_null()) {
            evaluator_.warn(program, op.offset, Mistake::NotAList, Evaluator::label(program, op.a),
                            held.at->kind_name());
        }
        return false;
    }
    if (list->empty()) return false;
    evaluator_.loops.push_back({list, 0, std::move(held.own)});
    evaluator_.scope.push_back({"loop", nullptr, evaluator_.loops.size() - 1});
    evaluator_.scope.push_back({program.keys[op.b], &list->front(), 0});
    return true;
}

bool Renderer::next_item() {
    Evaluator::Loop& loop = evaluator_.loops.back();
    if (++loop.index < loop.list->size()) {
        evaluator_.scope.back().value = &(*loop.list)[loop.index];
        return true;
    }
    evaluator_.scope.resize(evaluator_.scope.size() - 2);
    evaluator_.loops.pop_back();
    return false;
}

void Renderer::block(const Chain& chain, const Program& program, const Op& op, Place outer) {
    const Chain::Found found = chain.resolve(program, op.a);
    const Place place = placed(op.place, outer);
    // Its own form was parsed where it stands; one from a derived template was parsed as if between elements.
    if (found.program != &program) {
        const auto misfit = find_misfit(found.range->has_tags, found.range->has_quotes, place);
        if (misfit) refuse(*found.program, found.range->offset, *misfit, found.range->name);
    }
    if (runs_ >= kMostRuns) refuse(program, op.offset, Mistake::TooManyLevels, found.range->name);
    run(chain, *found.program, found.range->begin, found.range->end, place);
}

void Renderer::include(const Program& program, const Op& op, Place outer) {
    const std::string& name = program.names[op.a];
    if (includes_ >= kMostIncludes || runs_ >= kMostRuns) refuse(program, op.offset, Mistake::TooManyLevels, name);
    const Chain chain = loader_.chain(loader_.load(name, program, op.offset));
    if (const auto misfit = find_misfit(chain.base(), outer)) refuse(program, op.offset, *misfit, name);

    std::vector<Held> values(op.c);
    for (std::uint32_t i = 0; i < op.c; ++i) {
        const Binding& binding = program.bindings[op.b + i];
        evaluator_.evaluate(program, binding.expression, values[i]);
        evaluator_.warn_if_missing(program, binding.expression, values[i]);
    }
    const std::size_t scope_before = evaluator_.scope.size();
    for (std::uint32_t i = 0; i < op.c; ++i) {
        evaluator_.scope.push_back({program.bindings[op.b + i].name, values[i].at, 0});
    }
    ++includes_;
    run(chain, chain.base(), 0, chain.base().ops.size(), outer);
    --includes_;
    evaluator_.scope.resize(scope_before);
}

void Renderer::end_url(const Program& program, const Op& op) {
    const std::string_view url = std::string_view(html_).substr(url_begin_);
    if (is_safe_url(url, url_place_)) return;
    evaluator_.warn(program, op.offset, Mistake::UrlRefused, base::first_code_points(url, 60));
    html_.resize(url_begin_);
    html_ += '#';
}

}  // namespace

Template parse(std::string name, std::string source) {
    Template made;
    made.program_ = parse_program(std::move(name), std::move(source), nullptr);
    return made;
}

const std::string& Template::name() const {
    return program_->name;
}

std::string_view Template::source() const {
    return program_->source;
}

std::vector<std::string> Template::needs() const {
    std::vector<std::string> needed = program_->names;
    if (!program_->parent.empty()) needed.push_back(program_->parent);
    std::sort(needed.begin(), needed.end());
    needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
    return needed;
}

void MapSet::add(std::string name, std::string source) {
    auto made = std::make_shared<const Template>(parse(name, std::move(source)));
    templates_.insert_or_assign(std::move(name), std::move(made));
}

std::shared_ptr<const Template> MapSet::find(std::string_view name) const {
    const auto at = templates_.find(name);
    return at == templates_.end() ? nullptr : at->second;
}

Result render(const Template& page, const Value& root, const Options& options) {
    return Renderer(root, options).render(page.program());
}

}  // namespace tmpl
