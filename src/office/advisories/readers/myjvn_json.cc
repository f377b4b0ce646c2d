// MyJVN's JSON (feed=oka): versions are expressions there, which is why it is preferred where it can be reached. The
// status stands at the top, or within the feed, under one of two names.
#include <fmt/format.h>

#include "ground/base/text.h"
#include "office/advisories/inside/json.h"
#include "office/advisories/inside/myjvn.h"
#include "office/advisories/inside/words.h"
#include "office/advisories/readers.h"

namespace advisories {

namespace {

namespace json = boost::json;

std::int64_t count_at(const json::value* value, std::string_view key) {
    const auto* found = at(value, key);
    if (!found) return 0;
    std::int64_t count = 0;
    if (found->is_int64()) count = found->get_int64();
    if (const auto* text = found->if_string()) {
        for (const char c : *text) {
            if (c < '0' || c > '9' || count > 100'000'000) return 0;
            count = count * 10 + (c - '0');
        }
    }
    return std::clamp<std::int64_t>(count, 0, 100'000'000);
}

}  // namespace

bool read_myjvn_status(const json::value& root, Reading& reading) {
    const auto* feed = at(&root, "feed");
    const json::value* status = nullptr;
    for (const json::value* place : {&std::as_const(root), feed})
        for (const std::string_view name : {"status:Status", "status", "Status"})
            if (!status && place) status = at(place, name);
    if (!status || !status->is_object()) {
        reading.cut = "MyJVNの回答にStatusがありません。途中で切れた可能性があります。";
        add_problem(reading, reading.cut);
        return true;
    }
    reading.total = count_at(status, "totalRes");
    reading.first = count_at(status, "firstRes");
    reading.returned = count_at(status, "totalResRet");
    if (!at(status, "retCd") || count_at(status, "retCd") != 0) {
        reading.is_feed = false;
        add_problem(reading,
                    fmt::format("MyJVNがエラーを返しました（{}：{}）。", plain_words(text_at(status, "errCd"), 60),
                                plain_words(text_at(status, "errMsg"), kShort)));
        return false;
    }
    return true;
}

std::optional<json::value> load_myjvn(std::string_view bytes, Reading& reading) {
    json::value root = load_json(bytes, reading);
    if (!reading.is_feed) return std::nullopt;
    if (!at(&root, "feed") && !at(&root, "status") && !at(&root, "status:Status")) {
        reading.is_feed = false;
        add_problem(reading, "MyJVNの回答ではありません。");
        return std::nullopt;
    }
    if (!read_myjvn_status(root, reading)) return std::nullopt;
    return root;
}

void add_metrics(const json::value& holder, Advisory& to) {
    for (const json::value& metric : array_at(&holder, "metrics"))
        for (const std::string_view key : {"cvss_v2", "cvss_v3", "cvss_v4"})
            if (const auto* score = at(at(&metric, "content"), key); score && score->is_object())
                add_score(to, text_at(score, "version").empty() ? key.substr(6) : text_at(score, "version"),
                          number_at(score, "baseScore"), text_at(score, "baseSeverity"),
                          text_at(score, "vectorString"));
}

namespace {

Advisory read_entry(const json::value& entry) {
    Advisory to;
    to.source = "jvndb";
    to.id = plain_words(text_at(&entry, "id"), 100);
    to.title = plain_words(text_at(&entry, "title"), kTitle);
    to.summary = plain_words(text_at(&entry, "summary"), kText);
    to.link = plain_link(text_at(&entry, "link"));
    to.modified = find_time(text_at(&entry, "modified"));
    to.published = find_time(text_at(&entry, "created"));
    if (!to.published) to.published = find_time(text_at(&entry, "public"));
    for (const json::value& reference : array_at(&entry, "references")) {
        add_cves(text_at(&reference, "url"), to.aliases);
        add_cves(text_at(&reference, "summary"), to.aliases);
        add_cves(text_at(&reference, "id"), to.aliases);
    }
    for (const json::value& told : array_at(&entry, "products")) {
        if (to.products.size() >= kMostProducts) break;
        Product product;
        product.vendor = plain_words(text_at(&told, "vname"), kShort);
        product.name = plain_words(text_at(&told, "pname"), kShort);
        product.cpe = plain_words(text_at(at(&told, "product_ids"), "cpe"), kShort);
        product.told = plain_words(text_at(&told, "version"), kText);
        product.versions = read_expression(product.told);
        if (!product.name.empty() || !product.cpe.empty()) to.products.push_back(std::move(product));
    }
    add_metrics(entry, to);
    add_cves(to.title, to.aliases);
    return to;
}

}  // namespace

Reading read_myjvn_json(std::string_view bytes) {
    Reading reading;
    const auto root = load_myjvn(bytes, reading);
    if (!root) return reading;
    for (const json::value& entry : array_at(at(&*root, "feed"), "entry")) {
        if (reading.items.size() >= kMostItems) break;
        Advisory advisory = read_entry(entry);
        if (advisory.id.empty() || advisory.title.empty()) {
            ++reading.left_out;
            add_problem(reading, "番号か題名のない項目がありました。");
            continue;
        }
        finish(advisory);
        reading.items.push_back(std::move(advisory));
    }
    return reading;
}

}  // namespace advisories
