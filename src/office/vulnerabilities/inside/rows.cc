#include "office/vulnerabilities/inside/rows.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"

namespace vulnerabilities {

namespace json = boost::json;

std::string bounded(std::string_view text, std::size_t most) {
    return std::string(base::first_code_points(base::to_valid_utf8(base::trim(text.substr(0, most * 4))), most));
}

std::optional<base::Instant> instant_of(const sys::Row& row, std::size_t column) {
    const auto at = row.maybe_integer(column);
    return at ? std::optional(base::Instant{*at}) : std::nullopt;
}

sys::Value value_of(const std::optional<base::Instant>& at) {
    return at ? sys::Value(at->milliseconds) : sys::Value(nullptr);
}

std::optional<std::int64_t> find_once(sys::Reader& db, std::string_view table, std::string_view once) {
    if (once.empty()) return std::nullopt;
    const auto row = db.find(fmt::format("SELECT id FROM {} WHERE once_key = $1", table), {bounded(once, 100)});
    return row ? std::optional(row->integer(0)) : std::nullopt;
}

void set_once(sys::Transaction& tx, std::string_view table, std::int64_t id, std::string_view once) {
    if (!once.empty())
        tx.execute(fmt::format("UPDATE {} SET once_key = $2 WHERE id = $1", table), {id, bounded(once, 100)});
}

void append(sys::Transaction& tx, const By& by, std::string_view act, std::string subject, const json::object& detail) {
    ledger::append(tx, {by.at, by.who, std::string(act), std::move(subject), json::serialize(detail)});
}

void need_current(std::int64_t changed) {
    if (changed != 1)
        throw base::Error(base::Kind::Conflict,
                          "ほかの人がこの記録を変えました。画面を開き直して、もう一度入力してください。");
}

namespace {

json::object write_range(const advisories::Range& range) {
    return {{"from", range.from}, {"to", range.to}, {"has_from", range.has_from}, {"has_to", range.has_to}};
}

std::string text_of(const json::object& from, std::string_view key) {
    const auto* found = from.if_contains(key);
    return found && found->is_string() ? std::string(found->get_string()) : std::string();
}
bool flag_of(const json::object& from, std::string_view key, bool otherwise = false) {
    const auto* found = from.if_contains(key);
    return found && found->is_bool() ? found->get_bool() : otherwise;
}
const json::array& array_of(const json::object& from, std::string_view key) {
    static const json::array kNone;
    const auto* found = from.if_contains(key);
    return found && found->is_array() ? found->get_array() : kNone;
}
std::optional<base::Instant> time_of(const json::object& from, std::string_view key) {
    return base::parse_utc(text_of(from, key));
}

}  // namespace

std::string write_advisory(const advisories::Advisory& one) {
    json::array products, aliases;
    for (const std::string& alias : one.aliases) aliases.emplace_back(alias);
    for (const advisories::Product& product : one.products) {
        json::array ranges, families;
        for (const auto& range : product.versions.ranges) ranges.emplace_back(write_range(range));
        for (const auto& family : product.versions.families) families.emplace_back(family);
        products.emplace_back(json::object{{"vendor", product.vendor},
                                           {"name", product.name},
                                           {"ecosystem", product.ecosystem},
                                           {"cpe", product.cpe},
                                           {"told", product.told},
                                           {"ranges", std::move(ranges)},
                                           {"families", std::move(families)},
                                           {"all", product.versions.is_all},
                                           {"understood", product.versions.is_understood},
                                           {"debian", product.versions.scheme == advisories::Scheme::Debian},
                                           {"deferred", product.is_deferred}});
    }
    return json::serialize(json::object{{"source", one.source},
                                        {"id", one.id},
                                        {"title", one.title},
                                        {"summary", one.summary},
                                        {"solution", one.solution},
                                        {"link", one.link},
                                        {"aliases", std::move(aliases)},
                                        {"severity", severity_id(one.severity)},
                                        {"score", one.score},
                                        {"score_version", one.score_version},
                                        {"vector", one.vector},
                                        {"products", std::move(products)},
                                        {"published", one.published ? base::format_utc(*one.published) : ""},
                                        {"modified", one.modified ? base::format_utc(*one.modified) : ""},
                                        {"withdrawn", one.is_withdrawn}});
}

advisories::Advisory read_advisory(std::string_view document) {
    const json::value value = json::parse(document);
    const json::object& from = value.as_object();
    advisories::Advisory to;
    to.source = text_of(from, "source");
    to.id = text_of(from, "id");
    to.title = text_of(from, "title");
    to.summary = text_of(from, "summary");
    to.solution = text_of(from, "solution");
    to.link = text_of(from, "link");
    for (const json::value& alias : array_of(from, "aliases")) to.aliases.emplace_back(alias.as_string());
    to.severity = advisories::find_severity(text_of(from, "severity"));
    to.score = from.at("score").to_number<double>();
    to.score_version = text_of(from, "score_version");
    to.vector = text_of(from, "vector");
    for (const json::value& each : array_of(from, "products")) {
        const json::object& about = each.as_object();
        advisories::Product product;
        product.vendor = text_of(about, "vendor");
        product.name = text_of(about, "name");
        product.ecosystem = text_of(about, "ecosystem");
        product.cpe = text_of(about, "cpe");
        product.told = text_of(about, "told");
        product.is_deferred = flag_of(about, "deferred");
        product.versions.is_all = flag_of(about, "all");
        product.versions.is_understood = flag_of(about, "understood", true);
        product.versions.scheme = flag_of(about, "debian") ? advisories::Scheme::Debian : advisories::Scheme::Plain;
        for (const json::value& range : array_of(about, "ranges")) {
            const json::object& bounds = range.as_object();
            product.versions.ranges.push_back({text_of(bounds, "from"), text_of(bounds, "to"),
                                               flag_of(bounds, "has_from", true), flag_of(bounds, "has_to", true)});
        }
        for (const json::value& family : array_of(about, "families"))
            product.versions.families.emplace_back(family.as_string());
        to.products.push_back(std::move(product));
    }
    to.published = time_of(from, "published");
    to.modified = time_of(from, "modified");
    to.is_withdrawn = flag_of(from, "withdrawn");
    return to;
}

}  // namespace vulnerabilities
