// Every complaint of this room, in one table: its id and its words in Japanese and English.
#pragma once

#include <cstdint>
#include <string_view>

#include "ground/template/inner/program.h"
#include "ground/template/problem.h"

namespace tmpl {

enum class Mistake : std::uint8_t {
    // parse
    TooLong,
    NotUtf8,
    UnclosedTag,
    UnclosedStatement,
    UnexpectedStatement,
    UnknownStatement,
    BadExpression,
    FullWidth,
    NoArithmetic,
    UnclosedText,
    UnknownFilter,
    FilterArguments,
    TooDeep,
    TooManyTerms,
    ExtendsNotFirst,
    TextOutsideBlock,
    DuplicateBlock,
    ReservedName,
    UnquotedAttribute,
    InScript,
    InEventAttribute,
    InStyle,
    InComment,
    InTag,
    UnclearMarkup,
    BranchesDiffer,
    LoopDiffers,
    BlockDiffers,
    NeedsSpace,
    PartInTag,
    // render
    NoSuchTemplate,
    TooManyLevels,
    StepsUsedUp,
    BytesUsedUp,
    MarkupInAttribute,
    PartUnfinished,
    // warnings
    MissingValue,
    NotShowable,
    NotAList,
    NotComparable,
    FilterComplaint,
    UrlRefused,
    BlockNeverShown,
};

/// `first` and `second` fill the placeholders of the table's words.
Problem make_problem(const Program& where, std::size_t offset, Mistake mistake, std::string_view first = {},
                     std::string_view second = {});
[[noreturn]] void refuse(const Program& where, std::size_t offset, Mistake mistake, std::string_view first = {},
                         std::string_view second = {});

}  // namespace tmpl
