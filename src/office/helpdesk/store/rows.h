// What the files of this folder share: rows read, acts written.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "office/helpdesk/store.h"

namespace helpdesk {

using Detail = std::pair<std::string_view, std::variant<std::string, std::int64_t, bool>>;
/// The ledger line of an act.
void record(sys::Transaction& tx, std::string_view act, std::string_view subject, std::initializer_list<Detail> details,
            const By& by);

/// Trimmed, valid, without NUL. Throws Error(BadInput) with `label` when it is empty (unless `may_be_empty`) or longer.
std::string need_text(std::string_view text, std::string_view label, std::size_t longest, bool may_be_empty = false);

std::string_view question_columns();
Question read_question(const sys::Row& row);

/// `changed` as it is now, with the next version. Throws Error(Conflict) unless it has the version that it was read
/// with.
void save(sys::Transaction& tx, const Question& changed);
/// Throws Error(Conflict) when `version` is an older one.
Question load_version(sys::Transaction& tx, QuestionId id, std::int64_t version);

}  // namespace helpdesk
