#include "watch/cutover/readiness.h"

#include <algorithm>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"

namespace cutover {

namespace {

constexpr PointRow kPoints[] = {
    {"paths", "すべてのページを照合し、判断を待つ違いがない",
     "「照合」の欄で、残っている違いを直すか、差し支えないことを記録してください。", Proof::Observed},
    {"redirects", "なくなったページに転送がある", "新サーバにないページに、転送先を決めてください。", Proof::Observed},
    {"certificate", "新サーバの証明書が、すべての名前で有効である",
     "新サーバに、すべての名前を含み、切替の後も14日以上有効な証明書を入れてください。", Proof::Observed},
    {"headers", "旧サーバにある保護用のヘッダが、新サーバにもある", "新サーバの設定に、ヘッダを足してください。",
     Proof::Observed},
    {"ttl", "TTLを短くしてから、十分な時間がたっている",
     "ドメインの管理者に、TTLを300秒以下にするよう依頼してください。元のTTLの時間がたつまで待ちます。",
     Proof::Observed},
    {"records", "メールなど、変えてはいけないレコードが変わっていない", "ドメインの管理者に確認してください。",
     Proof::Observed},
    {"ipv6", "IPv6で見られるサイトは、切替後もIPv6で見られる",
     "切替後のIPv6アドレスを計画に入れるか、IPv6をやめることを申請書に明記してください。", Proof::Observed},
    {"page-404", "ないページを開くと、404のお知らせが出る", "新サーバの設定を確認してください。", Proof::Observed},
    {"monitoring", "監視が動いている", "監視の役割を起動し、公開サイトの名前を監視対象に入れてください。",
     Proof::Observed},
    {"backup", "本日のバックアップが検証済みである", "バックアップを取得し、検証してください。", Proof::Observed},
    {"page-503", "止めるときのお知らせ（503）を確かめた", "緊急停止の画面で、お知らせの文面を確かめてください。",
     Proof::Ticked},
    {"search", "検索サイトへの届出を確かめた",
     "Search Consoleなどで、所有者の確認とサイトマップの登録が新サーバでも有効かを確かめてください。", Proof::Ticked},
    {"staff", "関係する課と担当者に、切替の日時を知らせた", "編集を止める時間も知らせてください。", Proof::Ticked},
    {"freeze", "旧サーバの更新を止めた", "切替が終わるまで、旧サーバには何も載せないでください。", Proof::Ticked},
    {"keep-old", "旧サーバを、切戻しのためにそのまま残す約束がある",
     "少なくとも見守りが終わるまで、旧サーバを動かしておいてください。", Proof::Ticked},
};

}  // namespace

std::span<const PointRow> all_points() {
    return kPoints;
}

void need_tickable(std::string_view id) {
    for (const PointRow& row : kPoints)
        if (row.id == id) {
            if (row.proof == Proof::Ticked) return;
            throw base::Error(base::Kind::BadInput, "この項目はシステムが調べるので、人の確認では済ませられません。");
        }
    throw base::Error(base::Kind::NotFound, "この確認項目はありません。");
}

std::vector<Point> judge_points(std::span<const Observed> observed, std::span<const Tick> ticks, base::Instant now) {
    std::vector<Point> points;
    for (const PointRow& row : kPoints) {
        Point point{&row, false, "", "", std::nullopt};
        if (row.proof == Proof::Observed) {
            const auto found =
                std::find_if(observed.begin(), observed.end(), [&](const Observed& one) { return one.id == row.id; });
            if (found == observed.end()) {
                point.text = "まだ調べていません。";
            } else {
                point.text = found->text;
                point.at = found->at;
                point.is_done = found->is_well && now - found->at <= std::chrono::hours(24);
                if (found->is_well && !point.is_done) point.text += "（調べてから1日以上たっています）";
            }
        } else if (const auto found =
                       std::find_if(ticks.begin(), ticks.end(), [&](const Tick& one) { return one.id == row.id; });
                   found != ticks.end()) {
            point = {&row, true, found->note, found->by, found->at};
        }
        points.push_back(std::move(point));
    }
    return points;
}

std::size_t count_open(std::span<const Point> points) {
    return static_cast<std::size_t>(
        std::count_if(points.begin(), points.end(), [](const Point& point) { return !point.is_done; }));
}

Observed judge_ttl(const Plan& plan, std::span<const SeenTtl> seen, base::Instant now) {
    Observed point{"ttl", true, "", now};
    std::uint32_t longest_now = 0;
    std::optional<base::Instant> ready_at;
    bool is_any = false;
    for (const std::string& name : plan.names)
        for (const dns::Type type : {dns::Type::A, dns::Type::Aaaa, dns::Type::Cname}) {
            const SeenTtl* newest = nullptr;
            std::uint32_t longest_before = 0;
            for (const SeenTtl& one : seen)
                if (one.name == name && one.type == type &&
                    (newest == nullptr || std::pair(one.last_at, one.ttl) > std::pair(newest->last_at, newest->ttl)))
                    newest = &one;
            if (newest == nullptr) continue;
            is_any = true;
            longest_now = std::max(longest_now, newest->ttl);
            if (newest->ttl > kShortTtl) continue;
            // Short since the first short look after the last long one. What caches took before lives that TTL on.
            base::Instant since = newest->first_at;
            for (const SeenTtl& one : seen)
                if (one.name == name && one.type == type && one.ttl > kShortTtl) {
                    longest_before = std::max(longest_before, one.ttl);
                    since = std::max(since, one.last_at);
                }
            const auto ends = since + std::chrono::seconds(longest_before);
            if (longest_before > 0) ready_at = std::max(ends, ready_at.value_or(ends));
        }
    if (!is_any) {
        point.is_well = false;
        point.text = "名前のレコードを確かめられていません。";
    } else if (longest_now > kShortTtl) {
        point.is_well = false;
        point.text = fmt::format("TTLが{}秒です。{}秒以下にしてください。", longest_now, kShortTtl);
    } else if (ready_at && *ready_at > now) {
        point.is_well = false;
        point.text = fmt::format("TTLは{}秒です。元のTTLが切れる{}まで待ってください。", longest_now,
                                 calendar::format_era_moment(*ready_at));
    } else {
        point.text = fmt::format("TTLは{}秒です。", longest_now);
    }
    return point;
}

std::vector<std::string> changed_records(const Plan& plan, std::span<const RecordSet> now) {
    const auto words = [](const RecordSet& set) { return set.data.empty() ? "なし" : base::join(set.data, "、"); };
    std::vector<std::string> changed;
    for (const RecordSet& before : plan.before) {
        if (is_changed_by_switch(before.type)) continue;
        for (const RecordSet& after : now)
            if (after.name == before.name && after.type == before.type && after.data != before.data)
                changed.push_back(fmt::format("{}の{}が「{}」から「{}」に変わっています。", before.name,
                                              dns::type_name(before.type), words(before), words(after)));
    }
    return changed;
}

}  // namespace cutover
