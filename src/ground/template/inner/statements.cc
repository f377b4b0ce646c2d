// What each statement does to the list of steps and to the HTML around it.
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/template/inner/mistake.h"
#include "ground/template/inner/parser.h"

namespace tmpl {

namespace {

constexpr std::size_t kMostLevels = 64;
constexpr std::string_view kStatements[] = {"if",    "elif",     "else",    "endif",   "for", "endfor",
                                            "block", "endblock", "extends", "include", "raw"};

}  // namespace

void Parser::statement(std::size_t open, std::size_t end) {
    ++statements_;
    TagReader reader(program_, open + 2, end);
    const std::string_view word = reader.take_name("if / for / block / include ...");
    if (word != "block" && word != "endblock" && word != "extends") refuse_outside_block(open);
    if (!html_.enter_statement()) refuse(program_, open, Mistake::UnquotedAttribute);
    if (word == "if") {
        begin_if(reader, open);
    } else if (word == "elif" || word == "else") {
        next_branch(word, reader, open);
    } else if (word == "endif") {
        end_if(open);
    } else if (word == "for") {
        begin_for(reader, open);
    } else if (word == "endfor") {
        end_for(open);
    } else if (word == "block") {
        begin_block(reader, open);
    } else if (word == "endblock") {
        end_block(reader, open);
    } else if (word == "extends") {
        extends(reader, open);
    } else if (word == "include") {
        include(reader, open);
    } else if (word == "endraw") {
        refuse(program_, open, Mistake::UnexpectedStatement, word);
    } else {
        const auto nearest = base::find_nearest(word, kStatements);
        const std::string remedy =
            nearest ? fmt::format("{}?", *nearest) : fmt::format("{}", fmt::join(kStatements, ", "));
        refuse(program_, open, Mistake::UnknownStatement, word, remedy);
    }
    reader.expect_end();
    barrier_ = program_.ops.size();
}

void Parser::open(std::string_view name, std::size_t offset) {
    if (open_.size() >= kMostLevels) refuse(program_, offset, Mistake::TooDeep);
    Open made;
    made.name = name;
    made.offset = offset;
    made.start = html_;
    open_.push_back(std::move(made));
}

Parser::Open& Parser::innermost(std::string_view name, std::string_view word, std::size_t offset) {
    if (open_.empty() || open_.back().name != name) refuse(program_, offset, Mistake::UnexpectedStatement, word);
    return open_.back();
}

void Parser::point_here(std::uint32_t jump) {
    Op& op = program_.ops[jump];
    (op.code == Op::Code::Jump ? op.a : op.code == Op::Code::ForBegin ? op.c : op.b) = here();
}

void Parser::begin_if(TagReader& reader, std::size_t offset) {
    open("if", offset);
    const auto condition = reader.take_condition();
    open_.back().to_next =
        add({.code = Op::Code::JumpUnless, .a = condition, .offset = static_cast<std::uint32_t>(offset)});
}

void Parser::end_branch(Open& branch, std::size_t offset) {
    branch.joined = branch.joined ? HtmlState::join(*branch.joined, html_) : html_;
    if (!branch.joined) refuse(program_, offset, Mistake::BranchesDiffer);
}

void Parser::next_branch(std::string_view word, TagReader& reader, std::size_t offset) {
    if (open_.empty() || open_.back().name == "block" || open_.back().has_else ||
        (open_.back().name == "for" && word == "elif")) {
        refuse(program_, offset, Mistake::UnexpectedStatement, word);
    }
    Open& branch = open_.back();
    if (branch.name == "for") {
        end_loop_body(branch, offset);
        branch.to_end.push_back(add({.code = Op::Code::Jump}));
        point_here(*branch.to_next);
        branch.has_else = true;
        return;
    }
    end_branch(branch, offset);
    branch.to_end.push_back(add({.code = Op::Code::Jump}));
    point_here(*branch.to_next);
    branch.to_next.reset();
    html_ = branch.start;
    branch.has_else = word == "else";
    if (word == "elif") {
        const auto condition = reader.take_condition();
        branch.to_next =
            add({.code = Op::Code::JumpUnless, .a = condition, .offset = static_cast<std::uint32_t>(offset)});
    }
}

void Parser::end_if(std::size_t offset) {
    Open& branch = innermost("if", "endif", offset);
    end_branch(branch, offset);
    if (!branch.has_else) {  // as if there were an empty {% else %}
        html_ = branch.start;
        end_branch(branch, offset);
    }
    if (branch.to_next) point_here(*branch.to_next);
    for (const auto jump : branch.to_end) point_here(jump);
    html_ = *branch.joined;
    open_.pop_back();
}

void Parser::begin_for(TagReader& reader, std::size_t offset) {
    open("for", offset);
    const auto name_offset = reader.offset();
    const std::string_view name = reader.take_name("name");
    if (name == "loop") refuse(program_, name_offset, Mistake::ReservedName, name);
    if (!reader.take("in")) reader.complain("in");
    const auto list = reader.take_value();
    program_.keys.push_back(name);
    open_.back().to_next = add({.code = Op::Code::ForBegin,
                                .a = list,
                                .b = static_cast<std::uint32_t>(program_.keys.size() - 1),
                                .offset = static_cast<std::uint32_t>(offset)});
}

void Parser::end_loop_body(Open& loop, std::size_t offset) {
    if (html_ != loop.start) refuse(program_, offset, Mistake::LoopDiffers);
    add({.code = Op::Code::ForNext, .a = *loop.to_next + 1, .offset = static_cast<std::uint32_t>(offset)});
}

void Parser::end_for(std::size_t offset) {
    Open& loop = innermost("for", "endfor", offset);
    if (!loop.has_else) {
        end_loop_body(loop, offset);
        point_here(*loop.to_next);
    } else if (html_ != loop.start) {
        refuse(program_, offset, Mistake::LoopDiffers);
    }
    for (const auto jump : loop.to_end) point_here(jump);
    open_.pop_back();
}

void Parser::begin_block(TagReader& reader, std::size_t offset) {
    check_part_place("block", offset);
    open("block", offset);
    const auto name_offset = reader.offset();
    const std::string_view name = reader.take_name("name");
    if (program_.find_block(name)) refuse(program_, name_offset, Mistake::DuplicateBlock, name);
    Open& block = open_.back();
    block.block = static_cast<std::uint32_t>(program_.blocks.size());
    block.tags_before = tags_;
    block.quotes_before = quotes_;
    block.to_next = add({.code = Op::Code::Block,
                         .place = html_.place(),
                         .a = block.block,
                         .offset = static_cast<std::uint32_t>(offset)});
    program_.blocks.push_back({.name = name, .begin = here(), .offset = static_cast<std::uint32_t>(offset)});
    program_.block_index.emplace(name, block.block);
    if (listener_) listener_->saw_entry(Entry::Kind::Block, name);
}

void Parser::end_block(TagReader& reader, std::size_t offset) {
    Open& block = innermost("block", "endblock", offset);
    BlockRange& range = program_.blocks[block.block];
    if (html_ != block.start) refuse(program_, offset, Mistake::BlockDiffers);
    if (!reader.is_done() && !reader.take(range.name)) reader.complain(std::string(range.name).c_str());
    range.end = here();
    range.has_tags = tags_ > block.tags_before;
    range.has_quotes = quotes_ > block.quotes_before;
    point_here(*block.to_next);
    open_.pop_back();
}

void Parser::extends(TagReader& reader, std::size_t offset) {
    const bool is_first = program_.parent.empty() && statements_ == 1 &&
                          std::all_of(program_.ops.begin(), program_.ops.end(), [&](const Op& op) {
                              return op.code == Op::Code::Text && base::trim(source_.substr(op.a, op.b)).empty();
                          });
    if (!is_first) refuse(program_, offset, Mistake::ExtendsNotFirst);
    const std::string_view name = reader.take_text("\"name\"");
    if (name.empty()) refuse(program_, offset, Mistake::BadExpression, "\"name\"", "\"\"");
    program_.parent = name;
    program_.parent_offset = static_cast<std::uint32_t>(offset);
    program_.ops.clear();
    if (listener_) listener_->saw_entry(Entry::Kind::Extends, name);
}

void Parser::include(TagReader& reader, std::size_t offset) {
    check_part_place("include", offset);
    const std::string_view name = reader.take_text("\"name\"");
    std::vector<Binding> bindings;
    if (reader.take("with")) {
        do {
            const auto name_offset = reader.offset();
            const std::string_view key = reader.take_name("name");
            if (key == "loop") refuse(program_, name_offset, Mistake::ReservedName, key);
            if (!reader.take("=")) reader.complain("=");
            bindings.push_back({key, reader.take_value()});
        } while (reader.take(",") || !reader.is_done());
    }
    const auto first = static_cast<std::uint32_t>(program_.bindings.size());
    program_.bindings.insert(program_.bindings.end(), bindings.begin(), bindings.end());
    program_.names.emplace_back(name);
    add({.code = Op::Code::Include,
         .place = html_.place(),
         .a = static_cast<std::uint32_t>(program_.names.size() - 1),
         .b = first,
         .c = static_cast<std::uint32_t>(bindings.size()),
         .offset = static_cast<std::uint32_t>(offset)});
    if (listener_) listener_->saw_entry(Entry::Kind::Include, name);
}

}  // namespace tmpl
