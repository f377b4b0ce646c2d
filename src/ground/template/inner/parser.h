// From source to the flat list of steps, in one pass. Literal text is walked byte by byte through HtmlState, so that
// each value knows what it must be escaped for, and branches that would leave the HTML in two minds are refused.
// parser.cc walks the source, statements.cc has what each {% %} does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/template/inner/html_state.h"
#include "ground/template/inner/program.h"
#include "ground/template/inner/tag_reader.h"
#include "ground/template/outline.h"

namespace tmpl {

/// Told of everything in the order of the source, for the outline.
struct Listener {
    virtual ~Listener() = default;
    virtual void saw_literal(std::size_t offset, const HtmlState& before, const HtmlState& after) = 0;
    /// From its first brace to behind its last; then, where it is one, what entry it is.
    virtual void saw_tag(std::size_t begin, std::size_t end) = 0;
    virtual void saw_entry(Entry::Kind kind, std::string_view text) = 0;
};

/// `listener` may be null.
std::shared_ptr<const Program> parse_program(std::string name, std::string source, Listener* listener);

class Parser {
  public:
    Parser(Program& program, Listener* listener) : program_(program), source_(program.source), listener_(listener) {}

    void run();

  private:
    /// An if, for or block that is still open.
    struct Open {
        std::string_view name;
        std::size_t offset = 0;
        HtmlState start;                       ///< of the HTML where it begins
        std::optional<HtmlState> joined;       ///< if: what the finished branches agree on
        std::vector<std::uint32_t> to_end;     ///< jumps to be pointed behind the end
        std::optional<std::uint32_t> to_next;  ///< the jump to the next branch
        bool has_else = false;
        std::uint32_t block = 0;
        std::size_t tags_before = 0;
        std::size_t quotes_before = 0;
    };

    std::uint32_t here() const { return static_cast<std::uint32_t>(program_.ops.size()); }
    std::uint32_t add(Op op) {
        program_.ops.push_back(op);
        return here() - 1;
    }
    void point_here(std::uint32_t jump);
    std::size_t find_tag(std::size_t from) const;
    std::size_t take_line(std::size_t open, std::size_t& after) const;
    std::size_t find_end_of_tag(std::size_t open, std::string_view close) const;
    void add_literal(std::size_t begin, std::size_t end);
    void add_text(std::size_t begin, std::size_t end);
    void end_url(std::size_t offset);
    void show(std::size_t open, std::size_t end);
    void statement(std::size_t open, std::size_t end);
    void open(std::string_view name, std::size_t offset);
    Open& innermost(std::string_view name, std::string_view word, std::size_t offset);
    void begin_if(TagReader& reader, std::size_t offset);
    void next_branch(std::string_view word, TagReader& reader, std::size_t offset);
    void end_branch(Open& branch, std::size_t offset);
    void end_if(std::size_t offset);
    void begin_for(TagReader& reader, std::size_t offset);
    void end_loop_body(Open& loop, std::size_t offset);
    void end_for(std::size_t offset);
    void begin_block(TagReader& reader, std::size_t offset);
    void end_block(TagReader& reader, std::size_t offset);
    void extends(TagReader& reader, std::size_t offset);
    void include(TagReader& reader, std::size_t offset);
    std::size_t end_of_raw(std::size_t from, std::size_t open, std::size_t& after) const;
    void refuse_outside_block(std::size_t offset) const;
    void check_part_place(std::string_view what, std::size_t offset) const;
    [[noreturn]] void refuse_place(std::size_t offset, std::string_view what) const;

    Program& program_;
    std::string_view source_;
    Listener* listener_;
    HtmlState html_;
    std::vector<Open> open_;
    std::size_t floor_ = 0;    ///< what stands before it is done with
    std::size_t barrier_ = 0;  ///< text steps before this one may be the target of a jump: not to be lengthened
    std::size_t statements_ = 0;
    std::uint32_t url_begin_ = 0;
    std::size_t url_statements_ = 0;
    std::size_t tags_ = 0;
    std::size_t quotes_ = 0;
};

}  // namespace tmpl
