#include "press/content/categories.h"

#include "ground/base/error.h"
#include "press/content/inner/names.h"

namespace content {

namespace {

using base::Error;
using base::Kind;

constexpr std::size_t kDeepest = 8;

Category read_category(const sys::Row& row) {
    return {row.text(0), row.text(1), row.text(2), row.integer(3), row.integer(4)};
}

void check(sys::Reader& db, const Category& category) {
    require_name(category.name, "分類の記号");
    if (category.title.empty()) throw Error(Kind::BadInput, "分類の名前を入力してください。");
    if (category.parent.empty()) return;
    if (!find_category(db, category.parent))
        throw Error(Kind::BadInput, fmt::format("上の分類「{}」がありません。", category.parent));
    const auto line = category_line(db, category.parent);
    if (std::find(line.begin(), line.end(), category.name) != line.end())
        throw Error(Kind::BadInput, fmt::format("「{}」を自分より下の分類の中へは移せません。", category.title));
    if (line.size() >= kDeepest) throw Error(Kind::BadInput, fmt::format("分類は{}段までです。", kDeepest));
}

}  // namespace

void add_category(sys::Transaction& tx, const Category& made) {
    check(tx, made);
    if (find_category(tx, made.name))
        throw Error(Kind::Conflict,
                    fmt::format("分類の記号「{}」は使われています。別の記号にしてください。", made.name));
    tx.execute("INSERT INTO category (name, title, parent, position) VALUES ($1, $2, $3, $4)",
               {made.name, made.title, made.parent, made.position});
}

void change_category(sys::Transaction& tx, const Category& changed) {
    check(tx, changed);
    if (tx.execute("UPDATE category SET title = $1, parent = $2, position = $3, version = version + 1 "
                   "WHERE name = $4 AND version = $5",
                   {changed.title, changed.parent, changed.position, changed.name, changed.version}) == 0)
        throw Error(Kind::Conflict, "この分類は、ほかの人が先に変更しました。開き直してください。");
}

void remove_category(sys::Transaction& tx, std::string_view name, std::int64_t version) {
    if (!list_categories(tx, name).empty())
        throw Error(Kind::Conflict, "この分類の下に別の分類があります。先に移すか削除してください。");
    if (tx.execute("DELETE FROM category WHERE name = $1 AND version = $2", {std::string(name), version}) == 0)
        throw Error(Kind::Conflict, "この分類は、ほかの人が先に変更しました。開き直してください。");
}

std::optional<Category> find_category(sys::Reader& db, std::string_view name) {
    const auto row =
        db.find("SELECT name, title, parent, position, version FROM category WHERE name = $1", {std::string(name)});
    if (!row) return std::nullopt;
    return read_category(*row);
}

std::vector<Category> list_categories(sys::Reader& db, std::string_view parent) {
    std::vector<Category> categories;
    for (const sys::Row& row : db.query("SELECT name, title, parent, position, version FROM category WHERE parent = $1 "
                                        "ORDER BY position, name",
                                        {std::string(parent)}))
        categories.push_back(read_category(row));
    return categories;
}

std::vector<std::string> category_line(sys::Reader& db, std::string_view name) {
    std::vector<std::string> line{std::string(name)};
    for (auto at = find_category(db, name); at && !at->parent.empty() && line.size() <= kDeepest;
         at = find_category(db, at->parent))
        line.push_back(at->parent);
    return line;
}

}  // namespace content
