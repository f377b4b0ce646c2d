#include "flow/change_category.h"

#include "flow/mark_changes.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"

namespace flow {

using base::Error;
using base::Kind;
using content::Category;

namespace {

/// Rights before, marks and ledger line after, in one transaction.
template <class Change>
void change(Site& site, std::string_view name, std::string_view act, const Doer& doer, const Change& work) {
    const base::Instant now = site.clock.now();
    site.database->write([&](sys::Transaction& tx) {
        const auto decision = people::may(people::load_actor(tx, doer.person, now), people::Act::CategoryEdit);
        if (!decision) throw Error(Kind::NotAllowed, decision.reason_ja);
        work(tx);
        mark_category_changed(tx, name, now);
        ledger::append(
            tx, {now, fmt::format("person:{}", doer.person.value), std::string(act), fmt::format("category:{}", name),
                 doer.via.empty() ? "{}" : fmt::format(R"({{"via":"{}"}})", doer.via)});
    });
}

Category load(sys::Reader& db, std::string_view name) {
    auto found = content::find_category(db, name);
    if (!found) throw Error(Kind::NotFound, fmt::format("分類「{}」は見つかりません。", name));
    return *std::move(found);
}

std::int64_t last_position(sys::Reader& db, std::string_view parent) {
    std::int64_t last = 0;
    for (const Category& each : content::list_categories(db, parent)) last = std::max(last, each.position);
    return last;
}

}  // namespace

void add_category(Site& site, Category made, const Doer& doer) {
    change(site, made.name, "category.add", doer, [&](sys::Transaction& tx) {
        made.position = last_position(tx, made.parent) + 1;
        content::add_category(tx, made);
    });
}

void change_category(Site& site, const Category& changed, const Doer& doer) {
    change(site, changed.name, "category.change", doer, [&](sys::Transaction& tx) {
        Category next = changed;
        const Category before = load(tx, changed.name);
        next.position = before.parent == changed.parent ? before.position : last_position(tx, changed.parent) + 1;
        content::change_category(tx, next);
    });
}

void move_category(Site& site, std::string_view name, std::int64_t version, Direction direction, const Doer& doer) {
    change(site, name, "category.change", doer, [&](sys::Transaction& tx) {
        const Category moved = load(tx, name);
        if (moved.version != version)
            throw Error(Kind::Conflict, "この分類は、ほかの人が先に変更しました。開き直してください。");
        auto row = content::list_categories(tx, moved.parent);
        const auto at = std::find_if(row.begin(), row.end(), [&](const Category& one) { return one.name == name; });
        if (direction == Direction::Up ? at == row.begin() : at + 1 == row.end()) return;
        std::iter_swap(at, direction == Direction::Up ? at - 1 : at + 1);
        for (std::size_t i = 0; i < row.size(); ++i) {  // several may share a position: all are numbered anew
            const auto position = static_cast<std::int64_t>(i) + 1;
            if (row[i].position == position) continue;
            row[i].position = position;
            content::change_category(tx, row[i]);
        }
    });
}

void end_category(Site& site, std::string_view name, std::int64_t version, const Doer& doer) {
    change(site, name, "category.end", doer,
           [&](sys::Transaction& tx) { content::remove_category(tx, name, version); });
}

}  // namespace flow
