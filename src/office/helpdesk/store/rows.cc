#include "office/helpdesk/store/rows.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"

namespace helpdesk {

using base::Error;

namespace {

sys::Value maybe_time(const std::optional<base::Instant>& at) {
    return at ? sys::Value(at->milliseconds) : sys::Value(nullptr);
}

std::optional<base::Instant> time_of(const sys::Row& row, std::size_t column) {
    const auto value = row.maybe_integer(column);
    if (!value) return std::nullopt;
    return base::Instant{*value};
}

}  // namespace

void record(sys::Transaction& tx, std::string_view act, std::string_view subject, std::initializer_list<Detail> details,
            const By& by) {
    boost::json::object object;
    for (const auto& [name, value] : details)
        std::visit([&, &key = name](const auto& plain) { object[key] = plain; }, value);
    ledger::append(tx, {by.at, by.who, std::string(act), std::string(subject), boost::json::serialize(object)});
}

std::string need_text(std::string_view text, std::string_view label, std::size_t longest, bool may_be_empty) {
    const std::string_view kept = base::trim(text);
    if (!base::is_utf8(kept) || kept.find('\0') != std::string_view::npos)
        throw Error(base::Kind::BadInput, fmt::format("{}に、使えない文字があります。", label));
    if (kept.empty() && !may_be_empty) throw Error(base::Kind::BadInput, fmt::format("{}を入れてください。", label));
    if (base::count_code_points(kept) > longest)
        throw Error(base::Kind::BadInput, fmt::format("{}は{}文字までで入れてください。", label, longest));
    return std::string(kept);
}

std::string_view question_columns() {
    return "id, number, token, kind, is_urgent, channel, state, title, asker_id, asker_name, asker_address, "
           "asker_phone, is_referred, assignee_id, received_at, accepted_at, answered_at, closed_at, waiting_since, "
           "waited_minutes, was_told, fee, fee_why, fee_by, fee_at, minutes, version";
}

Question read_question(const sys::Row& row) {
    Question one;
    one.id = {row.integer(0)};
    one.number = row.text(1);
    one.token = row.text(2);
    one.kind = find_kind(row.text(3)).value();
    one.is_urgent = row.flag(4);
    one.channel = find_channel(row.text(5)).value();
    one.state = find_state(row.text(6)).value();
    one.title = row.text(7);
    one.asker = {{row.integer(8)}, row.text(9), row.text(10), row.text(11)};
    one.is_referred = row.flag(12);
    one.assignee = {row.integer(13)};
    one.received_at = {row.integer(14)};
    one.accepted_at = time_of(row, 15);
    one.answered_at = time_of(row, 16);
    one.closed_at = time_of(row, 17);
    one.waiting_since = time_of(row, 18);
    one.waited_minutes = row.integer(19);
    one.was_told = row.flag(20);
    one.fee = find_fee(row.text(21)).value();
    one.fee_why = row.text(22);
    one.fee_by = row.text(23);
    one.fee_at = time_of(row, 24);
    one.minutes = row.integer(25);
    one.version = row.integer(26);
    return one;
}

void save(sys::Transaction& tx, const Question& one) {
    const auto changed = tx.execute(
        "UPDATE desk_question SET kind = $1, is_urgent = $2, state = $3, title = $4, assignee_id = $5, accepted_at = "
        "$6, answered_at = $7, closed_at = $8, waiting_since = $9, waited_minutes = $10, was_told = $11, fee = $12, "
        "fee_why = $13, fee_by = $14, fee_at = $15, minutes = $16, version = version + 1 WHERE id = $17 AND version = "
        "$18",
        {std::string(kind_id(one.kind)), std::int64_t{one.is_urgent ? 1 : 0}, std::string(state_id(one.state)),
         one.title, one.assignee.value, maybe_time(one.accepted_at), maybe_time(one.answered_at),
         maybe_time(one.closed_at), maybe_time(one.waiting_since), one.waited_minutes,
         std::int64_t{one.was_told ? 1 : 0}, std::string(fee_id(one.fee)), one.fee_why, one.fee_by,
         maybe_time(one.fee_at), one.minutes, one.id.value, one.version});
    if (changed != 1)
        throw Error(base::Kind::Conflict, "この問合せは、ほかの人が先に更新しました。今の内容を確かめてください。");
}

Question load_version(sys::Transaction& tx, QuestionId id, std::int64_t version) {
    Question one = load_question(tx, id);
    if (one.version != version)
        throw Error(base::Kind::Conflict,
                    "この問合せは、画面を開いた後に更新されました。新しい内容を確かめて、もう一度送ってください。");
    return one;
}

}  // namespace helpdesk
