#include "flow/demo/office.h"

#include "ground/base/error.h"
#include "press/content/fields.h"
#include "press/workflow/store.h"

namespace flow::demo {

namespace {

using people::Role;
using workflow::Group;
using workflow::RoleIn;
using workflow::Step;

/// The approvers of the page's department, and the administrators when none of them can.
Group of_the_section(std::string name) {
    return {std::move(name), {}, {{Role::Approver, {}, false}, {Role::SiteAdministrator, {}, true}}};
}

struct Value {
    std::string_view of;    ///< the template
    std::string_view name;  ///< of the field
    std::string_view value;
};
constexpr Value kValues[] = {
    {"header", "brand", "星見野市"},
    {"header", "icon", "/favicon.svg"},
    {"header", "links_label", "よく使われるページ"},
    {"footer", "name", "星見野市役所"},
    {"footer", "address", "〒000-0000 星見野市中央1丁目1番地"},
    {"footer", "phone", "000-000-1000"},
    {"footer", "copyright", "星見野市"},
    {"contact", "note", "電話の前に、番号をよくお確かめください。"},
    {"home", "hero_title", "星と川のまち、星見野市"},
    {"home", "hero_text", "くらしの手続き、子育て、防災、観光の情報をお届けします。"},
    {"home", "hero_image", "/kanko/hoshizora.svg"},
};
/// Picture, what it says, where it leads.
constexpr std::string_view kBanners[][3] = {
    {"/banner/densen.svg", "電子申請", "/shisei/densen.html"},
    {"/banner/opendata.svg", "オープンデータ", "/shisei/opendata.html"},
    {"/banner/tegami.svg", "市長への手紙", "/shisei/tegami.html"},
};

}  // namespace

void add_routes(sys::Transaction& tx, const Staff& staff, const people::By& by) {
    const auto add = [&](std::string name, std::string section, std::vector<Step> steps) {
        workflow::Route route;
        route.name = std::move(name);
        route.section = std::move(section);
        route.steps = std::move(steps);
        workflow::save_route(tx, std::move(route), by);
    };
    add("防災のページ", "bosai/",
        {{"危機管理課の確認", {of_the_section("危機管理課")}},
         {"秘書広報課の確認", {{"秘書広報課", {staff.people.at("watanabe"), staff.people.at("yamamoto")}, {}}}}});
    add("市議会のページ", "gikai/", {{"議会事務局の確認", {of_the_section("議会事務局")}}});
    // Money: both the section and the one that keeps the city's books.
    add("税金のページ", "kurashi/zeikin/",
        {{"内容の確認",
          {of_the_section("税務課"), {"市民課（窓口のご案内と合わせる）", {staff.people.at("suzuki")}, {}}}}});
}

void add_absences(sys::Transaction& tx, const Staff& staff, base::Day today, const people::By& by) {
    const auto add = [&](const std::string& who, const std::string& deputy, base::Day from, base::Day until,
                         std::string why) {
        people::add_absence(tx, {{}, staff.people.at(who), staff.people.at(deputy), from, until, std::move(why)}, by);
    };
    add("hayashi", "tanaka", today, today + 4, "研修のため");
    add("ueda", "suzuki", today + 7, today + 9, "出張のため");
    add("mori", "kobayashi", today - 20, today + 40, "長期の休暇のため");
}

std::string filled(content::TemplateKind kind, std::string_view name, std::string_view source) {
    std::vector<content::Field> fields = content::parse_fields(kind, source);
    for (content::Field& field : fields) {
        for (const Value& value : kValues)
            if (value.of == name && value.name == field.name) field.value = value.value;
        if (name == "home" && field.name == "banners")
            for (const auto& [image, alt, url] : kBanners)
                field.rows.push_back({std::string(image), std::string(alt), std::string(url)});
    }
    if (const auto problems = content::check_fields(fields); !problems.empty())
        throw base::Error(base::Kind::Bug, fmt::format("demo: {}: {}", name, problems.front().message));
    return content::with_fields(kind, source, fields);
}

}  // namespace flow::demo
