// Approval routes as they are kept. A page that is submitted keeps the steps that it was submitted with.
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "press/workflow/store.h"

namespace workflow {

using base::Error;
using base::Kind;

namespace {

constexpr std::string_view kColumns =
    "SELECT id, name, section, department_id, kind, steps, version FROM approval_route ";

std::string kind_text(const std::optional<content::PageKind>& kind) {
    if (!kind) return "";
    return *kind == content::PageKind::TakenOver ? "taken-over" : "composed";
}

Route read_route(const sys::Row& row) {
    Route route{row.integer(0),           row.text(1),   row.text(2), {row.integer(3)}, {},
                parse_steps(row.text(5)), row.integer(6)};
    if (row.text(4) == "taken-over") route.kind = content::PageKind::TakenOver;
    if (row.text(4) == "composed") route.kind = content::PageKind::Composed;
    return route;
}

[[noreturn]] void throw_stale() {
    throw Error(Kind::Conflict, "この承認ルートは、ほかの人が先に変更しました。開き直してください。");
}

}  // namespace

std::vector<Route> list_routes(sys::Reader& db) {
    std::vector<Route> routes;
    for (const sys::Row& row : db.query(std::string(kColumns) + "ORDER BY section, department_id, kind"))
        routes.push_back(read_route(row));
    return routes;
}

std::optional<Route> find_route(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kColumns) + "WHERE id = $1", {id});
    if (!row) return std::nullopt;
    return read_route(*row);
}

Route save_route(sys::Transaction& tx, Route route, const people::By& by) {
    if (const auto fault = find_fault(route)) throw Error(Kind::BadInput, *fault);
    const std::string kind = kind_text(route.kind);
    const auto same =
        tx.find("SELECT id, name FROM approval_route WHERE section = $1 AND department_id = $2 AND kind = $3",
                {route.section, route.department.value, kind});
    if (same && same->integer(0) != route.id)
        throw Error(Kind::Conflict, fmt::format("同じ対象の承認ルート「{}」がすでにあります。", same->text(1)));
    const std::string steps = write_steps(route.steps);
    if (route.id == 0) {
        route.id = tx.insert(
            "INSERT INTO approval_route (name, section, department_id, kind, steps, version) "
            "VALUES ($1, $2, $3, $4, $5, 1) RETURNING id",
            {route.name, route.section, route.department.value, kind, steps});
        route.version = 1;
    } else {
        if (tx.execute("UPDATE approval_route SET name = $1, section = $2, department_id = $3, kind = $4, steps = $5, "
                       "version = version + 1 WHERE id = $6 AND version = $7",
                       {route.name, route.section, route.department.value, kind, steps, route.id, route.version}) == 0)
            throw_stale();
        ++route.version;
    }
    ledger::append(tx, {by.at, by.text(), "route.save", fmt::format("route:{}", route.id),
                        fmt::format(R"({{"steps":{}}})", steps)});
    return route;
}

void remove_route(sys::Transaction& tx, std::int64_t id, std::int64_t version, const people::By& by) {
    if (tx.execute("DELETE FROM approval_route WHERE id = $1 AND version = $2", {id, version}) == 0) throw_stale();
    ledger::append(tx, {by.at, by.text(), "route.remove", fmt::format("route:{}", id), "{}"});
}

}  // namespace workflow
