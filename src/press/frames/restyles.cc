#include "press/frames/restyles.h"

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace frames {

using base::Error;
using base::Kind;

namespace {

constexpr std::string_view kStates[] = {"submitted", "returned", "live", "taken-back"};
constexpr std::string_view kRestyle =
    "SELECT id, group_id, page_type, state, hash, pages, asked_by, asked_at, decided_by, decided_at, reason, note, "
    "mapping "
    "FROM frame_restyle";

Restyle read_restyle(const sys::Row& row) {
    const auto state = std::find(std::begin(kStates), std::end(kStates), row.text(3)) - std::begin(kStates);
    return {{row.integer(0)},
            {row.integer(1)},
            row.text(2),
            static_cast<RestyleState>(state),
            base::Hash::find_hex(row.text(4)).value_or(base::Hash{}),
            row.integer(5),
            {row.integer(6)},
            {row.integer(7)},
            {row.integer(8)},
            {row.integer(9)},
            row.text(10),
            row.text(11),
            read_mapping(row.text(12))};
}

}  // namespace

std::string_view restyle_state_id(RestyleState state) {
    return kStates[static_cast<std::size_t>(state)];
}

std::string mapping_text(const Mapping& mapping) {
    std::string text;
    for (const Placing& one : mapping)
        text += fmt::format("{}{}={}", text.empty() ? "" : "&", base::percent_encode(one.region),
                            base::percent_encode(one.field));
    return text;
}

Mapping read_mapping(std::string_view text) {
    Mapping mapping;
    for (const std::string_view one : base::split(text, '&')) {
        const std::size_t sign = one.find('=');
        if (sign == std::string_view::npos) continue;
        auto region = base::percent_decode(one.substr(0, sign)), field = base::percent_decode(one.substr(sign + 1));
        if (region && field) mapping.push_back({std::move(*region), std::move(*field)});
    }
    return mapping;
}

RestyleId add_restyle(sys::Transaction& tx, const Restyle& made) {
    if (tx.find("SELECT 1 FROM frame_restyle WHERE group_id = $1 AND state = 'submitted' LIMIT 1", {made.group.value}))
        throw Error(Kind::Conflict,
                    "この枠には、承認を待っている型の変更があります。先にその承認か差戻しをしてください。");
    return {tx.insert(
        "INSERT INTO frame_restyle (group_id, page_type, state, hash, pages, asked_by, asked_at, note, mapping) "
        "VALUES ($1, $2, 'submitted', $3, $4, $5, $6, $7, $8) RETURNING id",
        {made.group.value, made.page_type, made.hash.hex(), made.pages, made.asked_by.value, made.asked_at.milliseconds,
         made.note, mapping_text(made.mapping)})};
}

std::optional<Restyle> find_restyle(sys::Reader& db, RestyleId id) {
    const auto row = db.find(std::string(kRestyle) + " WHERE id = $1", {id.value});
    if (!row) return std::nullopt;
    return read_restyle(*row);
}

std::vector<Restyle> list_restyles(sys::Reader& db, GroupId group, int limit) {
    std::vector<Restyle> all;
    for (const sys::Row& row : db.query(std::string(kRestyle) + " WHERE group_id = $1 ORDER BY id DESC LIMIT $2",
                                        {group.value, std::int64_t{limit}}))
        all.push_back(read_restyle(row));
    return all;
}

std::vector<Restyle> list_waiting_restyles(sys::Reader& db) {
    std::vector<Restyle> all;
    for (const sys::Row& row : db.query(std::string(kRestyle) + " WHERE state = 'submitted' ORDER BY id"))
        all.push_back(read_restyle(row));
    return all;
}

void decide_restyle(sys::Transaction& tx, RestyleId id, const Decided& decided) {
    if (tx.execute("UPDATE frame_restyle SET state = $1, decided_by = $2, decided_at = $3, reason = $4, pages = $5 "
                   "WHERE id = $6 AND state = $7",
                   {std::string(restyle_state_id(decided.to)), decided.by.value, decided.at.milliseconds,
                    decided.reason, decided.pages, id.value, std::string(restyle_state_id(decided.from))}) == 0)
        throw Error(Kind::Conflict, "この型の変更は、ほかの人が先に処理しました。画面を開き直してください。");
}

void add_restyled_page(sys::Transaction& tx, RestyleId id, const RestyledPage& page) {
    tx.execute(
        "INSERT INTO frame_restyle_page (restyle_id, page_id, before_revision, after_revision) VALUES ($1, $2, $3, $4)",
        {id.value, page.page.value, page.before.value, page.after.value});
}

std::vector<RestyledPage> list_restyled_pages(sys::Reader& db, RestyleId id) {
    std::vector<RestyledPage> pages;
    for (const sys::Row& row : db.query("SELECT page_id, before_revision, after_revision FROM frame_restyle_page "
                                        "WHERE restyle_id = $1 ORDER BY page_id",
                                        {id.value}))
        pages.push_back({{row.integer(0)}, {row.integer(1)}, {row.integer(2)}});
    return pages;
}

}  // namespace frames
