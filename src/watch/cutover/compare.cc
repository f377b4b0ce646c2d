#include "watch/cutover/compare.h"

#include <algorithm>

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cutover {

namespace {

constexpr std::size_t kMostLines = 40;
constexpr std::size_t kLongestLine = 300;

struct KindRow {
    Differs kind;
    std::string_view id, wording;
    int weight;
};
constexpr KindRow kKinds[] = {
    {Differs::Missing, "missing", "新サーバにない", 100}, {Differs::Failing, "failing", "新サーバの障害", 95},
    {Differs::Loop, "loop", "転送の繰返し", 90},          {Differs::Status, "status", "応答の違い", 80},
    {Differs::Redirect, "redirect", "転送先の違い", 70},  {Differs::Type, "type", "ファイルの種類の違い", 60},
    {Differs::Content, "content", "内容の違い", 50},      {Differs::Charset, "charset", "文字コードの違い", 40},
    {Differs::Images, "images", "画像の違い", 35},        {Differs::Links, "links", "リンクの違い", 30},
    {Differs::Order, "order", "並び順の違い", 10},
};

const KindRow& row_of(Differs kind) {
    return kKinds[static_cast<std::size_t>(kind)];
}

std::string shortened(std::string_view text) {
    const std::string valid = base::to_valid_utf8(text.substr(0, kLongestLine * 8));
    const std::string_view first = base::first_code_points(valid, kLongestLine);
    return first.size() < valid.size() ? std::string(first) + "…" : valid;
}

/// What only one of two sorted lists has, each as often as it has it more.
void split_lines(std::vector<std::string> a, std::vector<std::string> b, Difference& difference) {
    const auto only = [](const std::vector<std::string>& all, std::vector<std::string> left) {
        std::vector<std::string> found;
        std::size_t count = 0;
        std::sort(left.begin(), left.end());
        for (const std::string& line : all) {  // in reading order
            const auto at = std::lower_bound(left.begin(), left.end(), line);
            if (at == left.end() || *at != line) continue;
            left.erase(at);
            if (++count <= kMostLines) found.push_back(shortened(line));
        }
        if (count > kMostLines) found.push_back(fmt::format("（ほか{}行）", count - kMostLines));
        return found;
    };
    std::vector<std::string> x = a, y = b, gone, come;
    std::sort(x.begin(), x.end());
    std::sort(y.begin(), y.end());
    std::set_difference(x.begin(), x.end(), y.begin(), y.end(), std::back_inserter(gone));
    std::set_difference(y.begin(), y.end(), x.begin(), x.end(), std::back_inserter(come));
    difference.before = only(a, std::move(gone));
    difference.after = only(b, std::move(come));
}

void add_if_different(Compared& compared, Differs kind, const std::vector<std::string>& a,
                      const std::vector<std::string>& b, std::string text) {
    if (a == b) return;
    Difference difference{kind, std::move(text), {}, {}};
    split_lines(a, b, difference);
    if (difference.before.empty() && difference.after.empty())
        difference = {Differs::Order, "同じ内容が、違う順に並んでいます。", {}, {}};
    compared.differences.push_back(std::move(difference));
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::string status_words(int status) {
    switch (status) {
        case 200:
            return "200（正常）";
        case 403:
            return "403（閲覧禁止）";
        case 404:
            return "404（ページがない）";
        case 410:
            return "410（廃止）";
        default:
            break;
    }
    if (is_redirect(status)) return fmt::format("{}（転送）", status);
    return status >= 500 ? fmt::format("{}（サーバの障害）", status) : std::to_string(status);
}

bool is_gone(int status) {
    return status == 404 || status == 410;
}

std::string where(const Answer& answer, std::string_view path, const Surroundings& around) {
    return is_redirect(answer.status) ? plain_target(answer.location, path, around) : std::string();
}

/// What only a status has to say; true when the bodies are to be compared.
bool compare_status(const Answer& before, const Answer& after, std::string_view path, const Surroundings& around,
                    Compared& compared) {
    const auto add = [&](Differs kind, std::string text) {
        Difference difference{kind, std::move(text), {status_words(before.status)}, {status_words(after.status)}};
        if (is_redirect(before.status)) difference.before.push_back(shortened(before.location));
        if (is_redirect(after.status)) difference.after.push_back(shortened(after.location));
        if (after.status == 0) difference.after = {shortened(after.problem)};
        compared.differences.push_back(std::move(difference));
        return false;
    };
    if (after.status == 0) return add(Differs::Failing, "新サーバが答えません。");
    if (after.status >= 500) return add(Differs::Failing, fmt::format("新サーバが{}を返しました。", after.status));
    if (after.is_loop && !before.is_loop) return add(Differs::Loop, "新サーバの転送が同じところを回り続けます。");
    if (is_gone(before.status)) {
        // Gone there too, or there is something by now: nobody loses anything.
        return false;
    }
    if (is_gone(after.status))
        return add(Differs::Missing, is_redirect(before.status)
                                         ? "旧サーバでは別のページへ転送されますが、新サーバでは何もありません。"
                                         : "旧サーバにあるページが、新サーバにはありません。");
    if (is_redirect(before.status) && is_redirect(after.status)) {
        const auto has_landed = [](const Answer& answer, const auto& on) {
            return !answer.landed.empty() && on(answer.landed[0].status);
        };
        if (has_landed(after, is_gone) && has_landed(before, [](int status) { return status == 200; }))
            return add(Differs::Missing, "どちらも転送しますが、新サーバの転送先には何もありません。");
        const std::string old_target = where(before, path, around), new_target = where(after, path, around);
        if (old_target != new_target) return add(Differs::Redirect, "転送先が違います。");
        const bool was_for_good = before.status == 301 || before.status == 308;
        const bool is_for_good = after.status == 301 || after.status == 308;
        if (was_for_good != is_for_good) return add(Differs::Status, "転送の種類（恒久か一時か）が違います。");
        return false;
    }
    if (before.status != after.status) return add(Differs::Status, "応答が違います。");
    return before.status == 200;
}

/// What the two bodies say, each at its own path.
/// Older servers say older names of the same type (RFC 7303 section 9.2, RFC 9239 section 6, IANA).
std::string_view today_name(std::string_view type) {
    constexpr std::pair<std::string_view, std::string_view> kOlder[] = {{"text/xml", "application/xml"},
                                                                        {"application/javascript", "text/javascript"},
                                                                        {"application/x-javascript", "text/javascript"},
                                                                        {"image/x-icon", "image/vnd.microsoft.icon"}};
    for (const auto& [older, name] : kOlder)
        if (type == older) return name;
    return type;
}

void compare_bodies(const Answer& before, const Answer& after, std::string_view path, std::string_view after_path,
                    const Surroundings& around, Compared& compared) {
    const std::string old_type = media_type_of(before.content_type), new_type = media_type_of(after.content_type);
    if (today_name(old_type) != today_name(new_type))
        compared.differences.push_back({Differs::Type,
                                        "ファイルの種類（Content-Type）が違います。",
                                        {shortened(before.content_type)},
                                        {shortened(after.content_type)}});
    const bool has_same_bytes = before.hash == after.hash && before.size == after.size && before.is_cut == after.is_cut;
    const auto is_html = [](const std::string& type) { return type == "text/html" || type == "application/xhtml+xml"; };
    const bool can_read = (is_html(old_type) || is_html(new_type)) && !before.body.empty() && !after.body.empty();
    if (has_same_bytes && charset_of(before.content_type) == charset_of(after.content_type)) return;
    const auto add_bytes = [&] {
        compared.differences.push_back({Differs::Content,
                                        "ファイルの中身が違います。",
                                        {fmt::format("{}バイト{}", before.size, before.is_cut ? "以上" : "")},
                                        {fmt::format("{}バイト{}", after.size, after.is_cut ? "以上" : "")}});
    };
    if (!can_read) {
        if (!has_same_bytes) add_bytes();
        return;
    }
    try {
        const Sense old_sense = read_sense(before.body, before.content_type, path, around);
        const Sense new_sense = read_sense(after.body, after.content_type, after_path, around);
        std::vector<std::string> old_text{"表題：" + old_sense.title}, new_text{"表題：" + new_sense.title};
        old_text.insert(old_text.end(), old_sense.lines.begin(), old_sense.lines.end());
        new_text.insert(new_text.end(), new_sense.lines.begin(), new_sense.lines.end());
        add_if_different(compared, Differs::Content, old_text, new_text, "文章が違います。");
        add_if_different(compared, Differs::Images, old_sense.images, new_sense.images, "画像が違います。");
        add_if_different(compared, Differs::Links, old_sense.links, new_sense.links, "リンク先が違います。");
        if (old_sense.charset != new_sense.charset)
            compared.differences.push_back(
                {Differs::Charset, "文字コードが違います。", {old_sense.charset}, {new_sense.charset}});
    } catch (const base::Error&) {
        add_bytes();  // beyond what the parser takes
    }
}

}  // namespace

std::string_view kind_id(Differs kind) {
    return row_of(kind).id;
}

std::string_view kind_wording(Differs kind) {
    return row_of(kind).wording;
}

int kind_weight(Differs kind) {
    return row_of(kind).weight;
}

Compared compare(const Answer& before, const Answer& after, std::string_view path, const Surroundings& around) {
    Compared compared;
    if (before.status == 0 || before.status >= 500 || before.status == 429) {
        compared.is_comparable = false;
        compared.problem =
            before.status == 0 ? shortened(before.problem) : fmt::format("旧サーバが{}を返しました。", before.status);
        return compared;
    }
    if (is_redirect(before.status) && after.status == 200 &&
        where(before, path, around) == plain_target(path, path, around)) {
        compared.is_comparable = false;
        compared.problem =
            "旧サーバは同じページの別の方式（httpかhttps）へ転送します。計画の旧サーバを、転送先の方式で"
            "入れてください。";
        return compared;
    }
    if (before.status == 200 && is_redirect(after.status) && !after.landed.empty() && after.landed[0].status == 200) {
        // The page has moved: what visitors find in the end counts.
        compare_bodies(before, after.landed[0], path, after.landed_path, around, compared);
        return compared;
    }
    if (!compare_status(before, after, path, around, compared)) return compared;
    compare_bodies(before, after, path, path, around, compared);
    return compared;
}

int weight_of(const std::vector<Difference>& differences) {
    int weight = 0;
    for (const Difference& each : differences) weight = std::max(weight, kind_weight(each.kind));
    return weight;
}

std::string kinds_of(const std::vector<Difference>& differences) {
    std::set<std::string> kinds;
    for (const Difference& each : differences) kinds.emplace(kind_id(each.kind));
    return base::join(std::vector<std::string>(kinds.begin(), kinds.end()), " ");
}

bool is_covered(std::string_view kinds_now, std::string_view kinds_accepted) {
    const auto accepted = base::split(kinds_accepted, ' ');
    for (const std::string_view kind : base::split(kinds_now, ' '))
        if (std::find(accepted.begin(), accepted.end(), kind) == accepted.end()) return false;
    return true;
}

std::string write_differences(const std::vector<Difference>& differences) {
    const auto lines = [](const std::vector<std::string>& all) {
        boost::json::array array;
        for (const std::string& each : all) array.emplace_back(each);
        return array;
    };
    boost::json::array array;
    for (const Difference& each : differences)
        array.push_back({{"kind", kind_id(each.kind)},
                         {"text", each.text},
                         {"old", lines(each.before)},
                         {"new", lines(each.after)}});
    return boost::json::serialize(array);
}

std::vector<Difference> read_differences(std::string_view json) {
    std::vector<Difference> all;
    try {
        const boost::json::value parsed = boost::json::parse(json);
        for (const auto& each : parsed.as_array()) {
            const boost::json::object& from = each.as_object();
            const auto* row = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const KindRow& one) {
                return from.at("kind").as_string() == boost::json::string_view(one.id.data(), one.id.size());
            });
            if (row == std::end(kKinds)) continue;
            Difference difference{row->kind, std::string(from.at("text").as_string()), {}, {}};
            for (const auto& line : from.at("old").as_array()) difference.before.emplace_back(line.as_string());
            for (const auto& line : from.at("new").as_array()) difference.after.emplace_back(line.as_string());
            all.push_back(std::move(difference));
        }
    } catch (const std::exception& problem) {
        throw base::Error(base::Kind::Damaged, fmt::format("recorded differences cannot be read: {}", problem.what()));
    }
    return all;
}

std::vector<std::string> lost_headers(const Answer& before, const Answer& after) {
    std::vector<std::string> lost;
    for (const auto& [name, value] : before.headers)
        if (!after.headers.contains(name)) lost.push_back(name);
    return lost;
}

}  // namespace cutover
