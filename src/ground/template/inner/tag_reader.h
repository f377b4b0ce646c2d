// The words inside one tag of the template language: names, texts, conditions, values with filters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ground/template/inner/program.h"

namespace tmpl {

/// Reads the words of one tag: `program.source` from `at` to `end`.
class TagReader {
  public:
    TagReader(Program& program, std::size_t at, std::size_t end);

    bool is_done() const { return kind_ == Kind::End; }
    std::size_t offset() const { return start_; }
    std::string_view word() const { return text_; }
    /// Is the present word this name or sign?
    bool is_word(std::string_view word) const;
    /// Goes on if it is.
    bool take(std::string_view word);
    /// A name; `what` says which one is needed, for the complaint.
    std::string_view take_name(const char* what);
    /// A quoted text without its quotes.
    std::string_view take_text(const char* what);
    /// `or` binds weakest, then `and`, `not`, one comparison, filters.
    std::uint32_t take_condition();
    /// A value with its filters.
    std::uint32_t take_value();
    void expect_end();
    [[noreturn]] void complain(const char* needed) const;

  private:
    enum class Kind : std::uint8_t { End, Name, Number, Text, Sign };

    void next();
    std::uint32_t add(Expression made);
    std::uint32_t take_and();
    std::uint32_t take_not();
    std::uint32_t take_comparison();
    std::uint32_t take_primary();
    std::uint32_t take_filter(std::uint32_t input, bool has_default);

    Program& program_;
    std::size_t at_;
    std::size_t end_;
    std::size_t start_ = 0;
    Kind kind_ = Kind::End;
    std::string_view text_;
    int depth_ = 0;
    int terms_ = 0;
};

}  // namespace tmpl
