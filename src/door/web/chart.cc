#include "door/web/chart.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "door/web/language.h"
#include "door/web/words.h"
#include "ground/html/escape.h"

namespace web {

namespace {

struct Frame {
    double width, height;             ///< of the picture
    double left, right, top, bottom;  ///< of the field within it
    double least, most;               ///< values at its lower and upper edge
    std::size_t points;
    double x(std::size_t i) const {
        return points < 2 ? left : left + (right - left) * static_cast<double>(i) / static_cast<double>(points - 1);
    }
    double y(double value) const {
        return most <= least ? bottom : bottom - (bottom - top) * (value - least) / (most - least);
    }
};

/// Runs of points without a gap, each as a path.
std::string line_path(const samples::Chart& chart, const Frame& frame) {
    std::string path;
    bool is_drawing = false;
    for (std::size_t i = 0; i < chart.points.size(); ++i) {
        const auto& point = chart.points[i];
        if (point.mean) {
            path += fmt::format("{}{:.1f} {:.1f}", is_drawing ? "L" : "M", frame.x(i), frame.y(*point.mean));
            const bool is_alone = !is_drawing && (i + 1 == chart.points.size() || !chart.points[i + 1].mean);
            if (is_alone) path += "h1";
        }
        is_drawing = point.mean.has_value();
    }
    return path;
}

std::string band_path(const samples::Chart& chart, const Frame& frame) {
    std::string path;
    for (std::size_t i = 0; i < chart.points.size();) {
        if (!chart.points[i].mean) {
            ++i;
            continue;
        }
        std::size_t end = i;
        while (end < chart.points.size() && chart.points[end].mean) ++end;
        for (std::size_t k = i; k < end; ++k)
            path += fmt::format("{}{:.1f} {:.1f}", k == i ? "M" : "L", frame.x(k), frame.y(*chart.points[k].most));
        for (std::size_t k = end; k-- > i;)
            path += fmt::format("L{:.1f} {:.1f}", frame.x(k), frame.y(*chart.points[k].least));
        path += "z";
        i = end;
    }
    return path;
}

/// 1, 2 or 5 times a power of ten, so that about `count` of them reach over `span`.
double round_step(double span, int count) {
    const double raw = span / count;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double each : {1.0, 2.0, 5.0})
        if (each * power >= raw) return each * power;
    return 10 * power;
}

std::pair<double, double> range_of(const samples::Chart& chart) {
    double least = 0, most = 0;
    bool is_any = false;
    for (const auto& point : chart.points) {
        if (!point.mean) continue;
        least = is_any ? std::min(least, *point.least) : *point.least;
        most = is_any ? std::max(most, *point.most) : *point.most;
        is_any = true;
    }
    return {least, most};
}

std::string time_label(base::Instant at, std::chrono::milliseconds span) {
    const base::LocalTime time = base::to_local(at);
    if (span > std::chrono::hours(48)) return fmt::format("{}/{}", time.day.month, time.day.day);
    return fmt::format("{}:{:02}", time.hour, time.minute);
}

}  // namespace

std::string figure_text(double value, std::string_view unit) {
    // At most three figures that count, and never a power of ten: "0.036", not "3.6e-02".
    const auto short_number = [](double number) {
        const double size = std::abs(number);
        if (size >= 1000 || std::abs(number - std::round(number)) < 1e-9) return fmt::format("{:.0f}", number);
        if (size >= 0.001) return fmt::format("{:.3g}", number);
        std::string text = fmt::format("{:.6f}", number);
        text.erase(text.find_last_not_of('0') + 1);
        return text.ends_with('.') || text == "-0." ? std::string("0") : text;
    };
    if (unit == "bytes") return size_text(std::llround(value));
    if (unit == "bytes_per_second") return say(fmt::format("毎秒{}", size_text(std::llround(value))));
    if (unit == "percent") return short_number(value) + "％";
    if (unit == "celsius") return short_number(value) + "℃";
    if (unit == "per_second") return say(fmt::format("毎秒{}", short_number(value)));
    if (unit != "seconds") return short_number(value);
    if (value == 0) return say("0秒");
    if (std::abs(value) < 1) return say(fmt::format("{}ミリ秒", short_number(value * 1000)));
    if (std::abs(value) < 120) return say(fmt::format("{}秒", short_number(value)));
    if (std::abs(value) < 2 * 3600) return say(fmt::format("{}分", short_number(value / 60)));
    if (std::abs(value) < 2 * 86'400) return say(fmt::format("{}時間", short_number(value / 3600)));
    return say(fmt::format("{}日", short_number(value / 86'400)));
}

std::string sample_words(std::string_view name) {
    struct Word {
        std::string_view name, words;
    };
    constexpr Word kWords[] = {
        {"total", "全体の時間"},
        {"name", "名前を引く時間"},
        {"connect", "接続の時間"},
        {"tls", "暗号化の準備の時間"},
        {"first_byte", "最初の応答までの時間"},
        {"time", "応答の時間"},
        {"used", "使用率"},
        {"free_bytes", "空き"},
        {"inodes_used", "ファイル数の使用率"},
        {"full_in", "一杯になるまで"},
        {"available_bytes", "使える量"},
        {"waiting", "ディスク待ち"},
        {"reallocated", "代わりに使った領域"},
        {"worn", "消耗"},
        {"degraded", "欠けているディスク配列"},
        {"arrays", "ディスク配列"},
        {"corrected", "直せたメモリの誤り"},
        {"uncorrected", "直せなかったメモリの誤り"},
        {"stolen", "ほかの仮想サーバに取られた割合"},
        {"per_processor", "CPU1個あたりの実行待ち"},
        {"load1", "1分平均の実行待ち"},
        {"uptime", "起動してから"},
        {"left", "期限まで"},
        {"offset", "時刻のずれ"},
        {"largest_error", "時刻のずれの上限"},
        {"running", "動いている数"},
        {"resident_bytes", "メモリ"},
        {"restarts", "起動し直した数"},
        {"files", "開けるファイルの使用率"},
        {"status", "応答の番号"},
        {"listening", "開いているポート"},
        {"requests", "要求"},
        {"sent", "送った量"},
        {"received", "受けた量"},
        {"server_errors", "サーバの誤り"},
        {"stop_notices", "停止中のお知らせ"},
        {"not_found", "見つからないページ"},
        {"late", "遅れている処理"},
        {"oldest", "最も古いもの"},
        {"bytes", "大きさ"},
        {"log_bytes", "変更記録の大きさ"},
        {"oldest_transaction", "最も長い処理"},
        {"lateness", "遅れ"},
        {"hits", "見つかった数"},
        {"failed_units", "失敗しているサービス"},
        {"lines", "読んだ行"},
        {"messages", "記録の数"},
        {"errors", "誤り"},
        {"up", "つながっている口"},
        {"unexpected", "予定にないポート"},
        {"hottest", "最も高い温度"},
        {"charge", "電池"},
        {"addresses", "アドレスの数"},
        {"cpu", "CPU待ち"},
        {"memory", "メモリ待ち"},
        {"io", "ディスク待ち"},
        {"age", "前回から"},
    };
    constexpr Word kQueues[] = {
        {"mail", "お知らせメール"}, {"publish", "公開待ちの変更"}, {"place", "配置待ちの公開版"}};
    const auto find = [](std::span<const Word> words, std::string_view id) {
        for (const Word& word : words)
            if (word.name == id) return say(word.words);
        return std::string(id);
    };
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) return find(kWords, name);
    const std::string_view what = name.substr(0, dot), whose = name.substr(dot + 1);
    return (what == "waiting" ? say("待っている数") : find(kWords, what)) + " " + find(kQueues, whose);
}

tmpl::SafeHtml chart(const samples::Chart& chart, std::string_view unit, std::string_view label) {
    auto [least, most] = range_of(chart);
    if (least > 0 && least < most * 0.6) least = 0;  // an honest floor, unless the figures all lie far above it
    const double size = std::max(std::abs(least), std::abs(most));
    if (most - least <= size * 1e-9) most = least + (size == 0 ? 1 : size * 0.1);  // no steps below what a double tells
    const double step = round_step(most - least, 4);
    least = std::floor(least / step) * step;
    most = std::ceil(most / step) * step;
    const Frame frame{960, 280, 92, 948, 12, 244, least, most, chart.points.size()};
    std::string grid, marks;
    for (int k = 0; k <= 20 && least + k * step <= most + step / 2; ++k) {
        const double at = least + k * step;
        grid += fmt::format("M{} {:.1f}H{}", frame.left, frame.y(at), frame.right);
        marks +=
            fmt::format(R"(<text class="chart__mark chart__mark--figure" x="{}" y="{:.1f}">{}</text>)", frame.left - 8,
                        frame.y(at) + 4, html::escape_text(figure_text(std::abs(at) < step / 1e6 ? 0 : at, unit)));
    }
    const std::size_t count = chart.points.size();
    const auto span = count == 0 ? std::chrono::milliseconds(0) : chart.step * static_cast<std::int64_t>(count);
    for (std::size_t k = 0; k <= 6 && count > 1; ++k) {
        const std::size_t i = k * (count - 1) / 6;
        marks += fmt::format(R"(<text class="chart__mark" x="{:.1f}" y="268" text-anchor="{}">{}</text>)", frame.x(i),
                             k == 0   ? "start"
                             : k == 6 ? "end"
                                      : "middle",
                             time_label(chart.points[i].from, span));
    }
    return tmpl::SafeHtml{fmt::format(
        R"(<svg class="chart" role="img" aria-label="{}" viewBox="0 0 960 280"><path class="chart__grid" d="{}"/>)"
        R"(<path class="chart__band" d="{}"/><path class="chart__line" d="{}"/>{}</svg>)",
        html::escape_attribute(label), grid, band_path(chart, frame), line_path(chart, frame), marks)};
}

tmpl::SafeHtml sparkline(const samples::Chart& chart, std::string_view label) {
    auto [least, most] = range_of(chart);
    if (most <= least) {
        least -= 1;
        most += 1;
    }
    const Frame frame{96, 24, 1, 95, 2, 22, least, most, chart.points.size()};
    return tmpl::SafeHtml{fmt::format(
        R"(<svg class="sparkline" role="img" aria-label="{}" viewBox="0 0 96 24" width="96" height="24"><path class="chart__line" d="{}"/></svg>)",
        html::escape_attribute(label), line_path(chart, frame))};
}

}  // namespace web
