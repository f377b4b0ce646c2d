// The security tracker's JSON: tens of megabytes, of which a few packages are ours. It is read in pieces by events; a
// package that is not ours is passed over without being kept.
#include <map>

#include <boost/json/basic_parser_impl.hpp>
#include <fmt/format.h>

#include "ground/base/text.h"
#include "office/advisories/inside/words.h"
#include "office/advisories/readers.h"

namespace advisories {

namespace {

namespace json = boost::json;

struct Entry {
    std::string description, status, fixed, urgency, nodsa, reason;
    bool has_release = false, has_nodsa = false;
};

/// What the events have come to. Depth 1: packages; 2: CVEs; 3: their fields; 4: releases; 5: fields of a release.
struct Handler {
    static constexpr std::size_t max_object_size = std::size_t(-1), max_array_size = std::size_t(-1),
                                 max_key_size = std::size_t(-1), max_string_size = std::size_t(-1);

    const std::string& release;
    const std::set<std::string, std::less<>>& packages;
    std::map<std::string, Advisory> found = {};
    std::int64_t left_out = 0, all_packages = 0;
    int depth = 0, arrays = 0;
    bool is_object = false;        ///< the whole is one
    bool carries_release = false;  ///< some package's entry names it, whosesoever
    std::string keys[6] = {}, text = {};
    Entry entry = {};

    bool is_ours() const { return depth >= 1 && packages.contains(keys[1]); }

    void end_entry() {
        const std::string& cve = keys[2];
        if (!is_cve(cve) && !cve.starts_with("TEMP-")) {
            ++left_out;
            return;
        }
        if (!entry.has_release || entry.fixed == "0" || entry.status == "undetermined" || found.size() >= kMostItems)
            return;
        if (entry.status != "open" && entry.fixed.empty()) {
            ++left_out;
            return;
        }
        Advisory& to = found[cve];
        to.source = "debian";
        to.id = plain_words(cve, 100);
        to.link = "https://security-tracker.debian.org/tracker/" + base::percent_encode(to.id);
        if (to.summary.empty()) to.summary = plain_words(entry.description, kText);
        to.title = plain_words(to.title.empty() ? keys[1] + " " + to.id : to.title, kTitle);
        const Severity severity = find_severity(entry.urgency);
        if (severity != Severity::None) to.severity = std::max(to.severity, severity);
        Product product;
        product.name = plain_words(keys[1], kShort);
        product.ecosystem = "debian";
        product.versions.scheme = Scheme::Debian;
        if (entry.status == "open") {
            product.versions.is_all = true;
            product.is_deferred = entry.has_nodsa || entry.urgency == "unimportant" || entry.urgency == "end-of-life";
            product.told =
                product.is_deferred
                    ? "修正なし（" + plain_words(entry.nodsa.empty() ? entry.urgency : entry.nodsa, 100) + "）"
                    : "修正はまだありません";
        } else {
            const std::string fixed = plain_words(entry.fixed, 100);
            product.versions.ranges.push_back({"", fixed, true, false});
            product.told = fixed + " 未満";
            product.is_deferred = entry.urgency == "unimportant";
        }
        if (to.products.size() < kMostProducts) to.products.push_back(std::move(product));
    }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) {
        if (depth == 0 && arrays == 0) is_object = true;
        ++depth;
        if (depth == 3) entry = {};
        if (depth == 5 && arrays == 0 && keys[3] == "releases" && keys[4] == release)
            entry.has_release = carries_release = true;
        return true;
    }
    bool on_object_end(std::size_t, json::error_code&) {
        if (depth == 3 && arrays == 0 && is_ours()) end_entry();
        --depth;
        return true;
    }
    bool on_array_begin(json::error_code&) {
        ++arrays;
        return true;
    }
    bool on_array_end(std::size_t, json::error_code&) {
        --arrays;
        return true;
    }
    void hold(std::string& to, json::string_view part) {
        if (to.size() < kText * 4) to += std::string_view(part).substr(0, kText * 4);
    }
    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        hold(text, part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, json::error_code&) {
        hold(text, part);
        if (depth >= 1 && depth <= 5) keys[depth] = text;
        if (depth == 1) ++all_packages;
        text.clear();
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
        if (is_ours()) hold(text, part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, json::error_code&) {
        if (arrays == 0 && is_ours()) {
            hold(text, part);
            if (depth == 3 && keys[3] == "description") entry.description = text;
            if (depth == 5 && keys[3] == "releases" && keys[4] == release) {
                const std::string& key = keys[5];
                if (key == "status") entry.status = text;
                if (key == "fixed_version") entry.fixed = text;
                if (key == "urgency") entry.urgency = text;
                if (key == "nodsa") entry.nodsa = text;
                if (key == "nodsa") entry.has_nodsa = true;
            }
        }
        text.clear();
        return true;
    }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t, json::string_view, json::error_code&) { return true; }
    bool on_uint64(std::uint64_t, json::string_view, json::error_code&) { return true; }
    bool on_double(double, json::string_view, json::error_code&) { return true; }
    bool on_bool(bool, json::error_code&) { return true; }
    bool on_null(json::error_code&) { return true; }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }
};

}  // namespace

Reading read_debian(const std::function<std::string_view()>& next, const std::string& release,
                    const std::set<std::string, std::less<>>& packages) {
    Reading reading;
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    options.max_depth = 64;
    json::basic_parser<Handler> parser(options, Handler{release, packages});
    json::error_code failure;
    std::size_t bytes = 0;
    bool is_whole = false;
    for (;;) {
        const std::string_view piece = next();
        bytes += piece.size();
        if (bytes > kLargestTracker) {
            reading.is_feed = false;
            add_problem(reading, fmt::format("大きすぎます（{}MBまで）。", kLargestTracker >> 20));
            break;
        }
        parser.write_some(!piece.empty(), piece.data(), piece.size(), failure);
        if (failure || piece.empty()) {
            is_whole = !failure && parser.done();
            break;
        }
    }
    Handler& handler = parser.handler();
    if (!is_whole || !handler.is_object || handler.all_packages == 0) {
        // Half of it would say of the other half that it is well.
        reading.is_feed = false;
        add_problem(reading, "Debianのセキュリティ情報（JSON）として読めません。途中で切れている可能性があります。");
        return reading;
    }
    if (!handler.carries_release) {
        // It would say of every package that it is well: a name that is mistyped, or a release that is not cared for.
        reading.is_feed = false;
        add_problem(reading,
                    fmt::format("Debianのセキュリティ情報に「{}」という版がありません。設定の"
                                "advisories.debian_releaseを確かめてください。版の保守が終わった可能性もあります。",
                                plain_words(release, 40)));
        return reading;
    }
    reading.left_out = handler.left_out;
    for (auto& [cve, advisory] : handler.found) {
        finish(advisory);
        reading.items.push_back(std::move(advisory));
    }
    return reading;
}

}  // namespace advisories
