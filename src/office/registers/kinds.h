// The registers that the contract asks for, as one table: what each is called, what an entry says, which acts it
// writes, and how long ahead of its day it warns. To add a register, add its row in kinds.cc and its acts in
// ledger/acts.cc.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace registers {

enum class Form { Line, Lines, Number, Day, Url, Mail };

struct Field {
    std::string_view id;     ///< "vendor": in the database and in CSV files; never changes
    std::string_view label;  ///< "提供元"
    Form form = Form::Line;
    bool is_needed = false;
};

struct Register {
    std::string_view id;     ///< "licence": the subject and the acts begin with it
    std::string_view title;  ///< "ソフトウェアと使用権"
    std::string_view name;   ///< what the entry's name is: "ソフトウェア"
    std::string_view due;    ///< what its day is: "使用期限"; empty = it has none
    bool needs_due = false;
    std::string_view end;          ///< the act that closes an entry: "licence.end"
    std::string_view end_wording;  ///< "使用を終える"
    bool can_renew = false;
    std::span<const int> warn_days;  ///< ahead of the day, longest first
    std::span<const Field> fields;
};

std::span<const Register> all_registers();
const Register* find_register(std::string_view id);

/// An end of support that is known today, with where it is said.
struct KnownSupport {
    std::string_view product, version, ends_on, source;
};
std::span<const KnownSupport> known_support();

}  // namespace registers
