// 構成の一覧: everything that can have weaknesses, by kind, with when it was taken last; what people enter by hand.
#include "door/web/screens/vulnerabilities/parts.h"
#include "flow/take_inventory.h"
#include "flow/watch_advisories.h"

namespace web {

namespace {

using base::Error;
using base::Kind;
using people::Act;

constexpr int kRows = 200;

http::Response show(Context& context, std::string_view problem, int status) {
    context.require(Act::ContractRead);
    const base::Instant now = context.now();
    vulnerabilities::InventoryFilter filter;
    filter.kind = query_words(context, "kind");
    filter.words = query_words(context, "q");
    filter.limit = kRows + 1;
    const auto page = std::clamp<std::int64_t>(query_number(context, "page"), 0, 10'000);
    filter.offset = static_cast<int>(page) * kRows;
    tmpl::List rows, kinds, choices{choice("", say("すべて"), filter.kind)};
    bool has_more = false;
    context.db().read([&](sys::Reader& db) {
        auto found = vulnerabilities::list_inventory(db, filter);
        has_more = found.size() > kRows;
        if (has_more) found.pop_back();
        for (const auto& one : found) {
            tmpl::List places;
            for (std::size_t i = 0; i < std::min<std::size_t>(one.places.size(), 5); ++i)
                places.push_back(readable_path(one.places[i].substr(1)));
            rows.push_back(tmpl::Map{{"id", one.id},
                                     {"name", one.name},
                                     {"version", one.version},
                                     {"kind", say(vulnerabilities::kind_wording(one.kind))},
                                     {"source", one.source == one.name ? std::string() : one.source},
                                     {"note", one.note},
                                     {"is_manual", one.kind == "manual"},
                                     {"places", std::move(places)},
                                     {"more", one.place_count > 5 ? one.place_count - 5 : std::int64_t{0}},
                                     {"first", short_time(*one.first_seen, now)}});
        }
        for (const auto& one : vulnerabilities::count_inventory(db)) {
            kinds.push_back(tmpl::Map{{"name", say(vulnerabilities::kind_wording(one.kind))},
                                      {"count", one.count},
                                      {"taken", one.taken ? short_time(*one.taken, now) : tmpl::Value()}});
            choices.push_back(choice(one.kind, say(vulnerabilities::kind_wording(one.kind)), filter.kind));
        }
    });
    const auto at = [&](std::int64_t number) {
        http::Fields fields;
        fields.add("kind", filter.kind);
        fields.add("q", filter.words);
        fields.add("page", std::to_string(number));
        return address_of("/inventory", fields);
    };
    return context.page({"screens/inventory/list.html", "構成の一覧", {{say("脆弱性"), "/vulnerabilities"}}, status},
                        {{"problem", say(problem)},
                         {"rows", std::move(rows)},
                         {"kinds", std::move(kinds)},
                         {"choices", std::move(choices)},
                         {"words", filter.words},
                         {"name", context.field("name")},
                         {"version", context.field("version")},
                         {"vendor", context.field("vendor")},
                         {"cpe", context.field("cpe")},
                         {"note", context.field("note")},
                         {"next", has_more ? at(page + 1) : std::string()},
                         {"previous", page > 0 ? at(page - 1) : std::string()},
                         {"may_act", context.may(Act::InspectRun)}});
}

http::Response look(Context& context) {
    return show(context, "", 200);
}

std::string run(Context& context) {
    const vulnerabilities::By by = vulnerability_by(context);
    const std::string act = context.field("do");
    if (act == "take") {
        const flow::InventoryTaken taken = flow::take_inventory(context.site(), by);
        for (const auto& kind : taken.kinds)
            if (!kind.problem.empty())
                throw Error(Kind::Unavailable,
                            fmt::format("{}：{}", vulnerabilities::kind_wording(kind.kind), kind.problem));
        flow::match_again(context.site(), by);
        return "構成の一覧を作り直し、受け取った情報と照らし合わせました。";
    }
    if (act == "remove") {
        const std::int64_t id = context.number_field("id");
        context.db().write([&](sys::Transaction& tx) { vulnerabilities::remove_component(tx, id, by); });
        return "登録を外しました。";
    }
    vulnerabilities::Component made;
    made.name = context.field("name");
    made.version = context.field("version");
    made.vendor = context.field("vendor");
    made.cpe = context.field("cpe");
    made.note = context.field("note");
    context.db().write([&](sys::Transaction& tx) { vulnerabilities::add_component(tx, made, by); });
    flow::match_again(context.site(), by);
    return "登録し、受け取った情報と照らし合わせました。";
}

http::Response act(Context& context) {
    context.require(Act::InspectRun);
    return run_act(
        context,
        [&] {
            return context.go("/inventory", Flash{Flash::Kind::Good, run(context)});
        },
        [&](std::string_view problem, int status) { return show(context, problem, status); });
}

constexpr Route kRoutes[] = {{"GET", "/inventory", look}, {"POST", "/inventory", act}};

}  // namespace

extern const Screen inventory_screen{"inventory", "構成の一覧",     "/inventory",      "settings",
                                     Place::None, Access::SignedIn, Act::ContractRead, kRoutes};

}  // namespace web
