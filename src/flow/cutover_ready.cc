#include "flow/cutover_ready.h"

#include <algorithm>
#include <map>

#include "flow/cutover_plan.h"
#include "flow/watch_desk.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/release/log.h"
#include "watch/backup/store.h"
#include "watch/cutover/ask.h"
#include "watch/cutover/papers.h"
#include "watch/guard/outside.h"

namespace flow {

using cutover::Observed;
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 20s;
constexpr auto kCertificateLeft = std::chrono::hours(24 * 14);
constexpr std::size_t kMostChanged = 30;

class Observation {
  public:
    Observation(const cutover::Plan& plan, base::Instant now)
        : plan_(plan),
          now_(now),
          old_(plan.old_server, plan.ca_file, kPatience),
          new_(plan.new_server, plan.ca_file, kPatience) {}

    void add(std::string id, bool is_well, std::string text) {
        all.push_back({std::move(id), is_well, std::move(text), now_});
    }

    void look_at_paths(const cutover::State& state, const cutover::Counts& counts) {
        if (!counts.is_whole() || state.is_checking())
            add("paths", false, fmt::format("{}件のうち{}件を照合しました。", counts.total, counts.checked));
        else if (counts.open() > 0)
            add("paths", false, fmt::format("判断を待つ違いが{}件あります。", counts.open()));
        else
            add("paths", true,
                fmt::format("{}件を照合しました（同じ{}件、差し支えない違い{}件）。", counts.total, counts.equal,
                            counts.accepted));
        add("redirects", counts.is_whole() && counts.missing == 0,
            counts.missing == 0 ? std::string("新サーバにないまま残っているページはありません。")
                                : fmt::format("新サーバにないページが{}件あります。", counts.missing));
    }

    void look_at_certificates() {
        if (plan_.new_server.scheme != "https") {
            add("certificate", true, "新サーバはhttpで公開する計画なので、証明書はありません。");
            return;
        }
        std::vector<std::string> problems;
        std::optional<base::Instant> first_end;
        for (const std::string& name : plan_.names) {
            const auto seen = new_.look_at_certificate(name);
            if (!seen.problem.empty())
                problems.push_back(fmt::format("{}：{}", name, seen.problem));
            else if (!seen.until)
                problems.push_back(fmt::format("{}：期限を確かめられません", name));
            else
                first_end = std::min(*seen.until, first_end.value_or(*seen.until));
        }
        const base::Instant needed = std::max(plan_.moment.value_or(now_), now_) + kCertificateLeft;
        if (problems.empty() && *first_end < needed)
            problems.push_back(
                fmt::format("期限（{}）が、切替の後14日もありません", calendar::format_era_moment(*first_end)));
        add("certificate", problems.empty(),
            problems.empty() ? fmt::format("{}個の名前で有効です（期限は{}）。", plan_.names.size(),
                                           calendar::format_era_moment(*first_end))
                             : base::join(problems, "。"));
    }

    void look_at_front_pages() {
        const std::string& name = plan_.names.front();
        const cutover::Answer before = old_.ask(name, "/", plan_.names);
        const cutover::Answer after = new_.ask(name, "/", plan_.names);
        if (before.status == 0 || after.status == 0) {
            add("headers", false, fmt::format("{}サーバにつながりません。", before.status == 0 ? "旧" : "新"));
        } else {
            const auto lost = cutover::lost_headers(before, after);
            add("headers", lost.empty(),
                lost.empty() ? "旧サーバにある保護用のヘッダは、新サーバにもあります。"
                             : "新サーバにないヘッダ：" + base::join(lost, "、"));
        }
        const cutover::Answer none = new_.ask(name, "/" + guard::random_path(), plan_.names);
        add("page-404", none.status == 404 && none.size > 0,
            none.status == 0     ? std::string("新サーバにつながりません。")
            : none.status != 404 ? fmt::format("ないページを開くと、{}が返ります。", none.status)
            : none.size == 0     ? std::string("404は返りますが、お知らせが空です。")
                                 : std::string("ないページを開くと、404のお知らせが出ます。"));
    }

    void look_at_names(const AskedRecords& asked, const std::vector<cutover::SeenTtl>& ttls) {
        if (!asked.problems.empty()) {
            const std::string problem = asked.problems.front();
            add("records", false, problem);
            add("ipv6", false, problem);
            add("ttl", false, problem);
            return;
        }
        const auto changed = cutover::changed_records(plan_, asked.sets);
        const bool has_kept = std::any_of(plan_.before.begin(), plan_.before.end(),
                                          [](const auto& set) { return !cutover::is_changed_by_switch(set.type); });
        add("records", changed.empty() && has_kept,
            !has_kept ? std::string("計画を作ったときのレコードがありません。計画を作り直してください。")
            : !changed.empty() ? base::join(changed, "")
                               : std::string("計画を作ったときから変わっていません。"));
        bool has_v6 = false;
        for (const auto& set : asked.sets) has_v6 = has_v6 || (set.type == dns::Type::Aaaa && !set.data.empty());
        const bool will_have_v6 = std::any_of(plan_.new_addresses.begin(), plan_.new_addresses.end(),
                                              [](const auto& one) { return one.find(':') != std::string::npos; });
        add("ipv6", !has_v6 || will_have_v6,
            has_v6 && !will_have_v6 ? "いまはIPv6で見られますが、切替後のIPv6アドレスが計画にありません。"
            : will_have_v6 ? "切替後のIPv6アドレスが計画に入っています。"
                           : "いまもIPv6を使っていません。");
        if (asked.is_cached)
            add("ttl", false,
                "尋ねたネームサーバは控え（キャッシュ）から答えるので、元のTTLがわかりません。計画の「レコードを尋ねる"
                "ネームサーバ」に、ドメインのネームサーバを入れてください。");
        else
            all.push_back(cutover::judge_ttl(plan_, ttls, now_));
    }

    void look_at_monitoring(const Folders& folders, const settings::Settings& settings) {
        const auto beat = find_watch_beat(folders, now_);
        const bool is_alive = beat && now_ - *beat < kGap;
        bool is_named = false;
        for (const auto& server : settings.outside.servers)
            for (const std::string& name : plan_.names)
                is_named = is_named || server.find("//" + name) != std::string::npos;
        add("monitoring", is_alive && is_named,
            !is_alive ? "監視が動いていません。"
            : is_named
                ? "監視が動いていて、公開サイトを外から確かめています。"
                : fmt::format("監視は動いていますが、公開サイトが「外からの確認」の設定にありません。outside.serversに"
                              "「https://{}/」を加え、サービスを起動し直してください。",
                              plan_.names.front()));
    }

    void look_at_backup(sys::Reader& db, const settings::Settings& settings) {
        const auto taken = backup::find_newest_verified(db, settings.backup.repositories);
        const bool is_fresh = taken && now_ - *taken < 26h;  // the daily one, and what verifying it takes
        add("backup", is_fresh,
            !taken
                ? std::string("検証済みのバックアップがありません。")
                : fmt::format("検証済みの最新のバックアップは、{}の内容です。", calendar::format_era_moment(*taken)));
    }

    std::vector<Observed> all;

  private:
    const cutover::Plan& plan_;
    base::Instant now_;
    cutover::AskedServer old_, new_;
};

cutover::Plan load_plan(sys::Database& watch) {
    auto plan = watch.read([](sys::Reader& db) { return cutover::find_plan(db); });
    if (!plan) throw base::Error(base::Kind::NotFound, "切替の計画がありません。先に計画を作ってください。");
    return std::move(*plan);
}

/// Which public paths changed after a moment, by the release log.
void fill_changes(cutover::SinceSwitch& since, const Folders& folders) {
    const PublicSide side = open_public_side(folders.site);
    const std::int64_t newest = side.log.newest();
    const std::int64_t before = side.log.find_number_at(*since.switched_at).value_or(0);
    if (newest <= before) return;
    since.publications = newest - before;
    std::map<std::string, base::Hash> old_files;
    if (before > 0)
        side.log.manifest_at(before, side.keys).each([&](const release::Entry& entry) {
            old_files.emplace(entry.path, entry.hash);
            return true;
        });
    const auto note = [&](const std::string& path) {
        if (release::is_hidden(path)) return;
        if (++since.changed_count <= static_cast<std::int64_t>(kMostChanged))
            since.changed.push_back("/" + base::to_valid_utf8(path));
    };
    side.log.manifest_at(newest, side.keys).each([&](const release::Entry& entry) {
        const auto at = old_files.find(entry.path);
        if (at == old_files.end() || at->second != entry.hash) note(entry.path);
        if (at != old_files.end()) old_files.erase(at);
        return true;
    });
    for (const auto& [path, hash] : old_files) note(path);
}

}  // namespace

void observe_readiness(sys::Database& watch, const Folders& folders, const settings::Settings& settings,
                       const base::Clock& clock) {
    const cutover::Plan plan = load_plan(watch);
    const base::Instant now = clock.now();
    Observation observation(plan, now);
    const AskedRecords asked = ask_records(plan.names, name_server_of(plan));
    watch.write([&](sys::Transaction& tx) {
        for (const auto& set : asked.sets)
            if (cutover::is_changed_by_switch(set.type) && !asked.is_cached) cutover::note_ttl(tx, set, now);
    });
    observation.look_at_certificates();
    observation.look_at_front_pages();
    observation.look_at_monitoring(folders, settings);
    watch.read([&](sys::Reader& db) {
        observation.look_at_paths(cutover::load_state(db), cutover::load_counts(db));
        observation.look_at_names(asked, cutover::list_ttls(db));
        observation.look_at_backup(db, settings);
    });
    // Of a plan that was changed meanwhile: what was wanted stays wanted.
    watch.write([&](sys::Transaction& tx) { return cutover::note_observed(tx, plan.version, observation.all); });
}

CutoverBoard load_cutover_board(sys::Database& watch, base::Instant now) {
    CutoverBoard board;
    watch.read([&](sys::Reader& db) {
        board.plan = cutover::find_plan(db);
        board.state = cutover::load_state(db);
        board.counts = cutover::load_counts(db);
        board.points = cutover::judge_points(cutover::list_observed(db), cutover::list_ticks(db), now);
        board.papers = cutover::list_papers(db);
        board.resolvers = cutover::list_resolvers(db);
    });
    board.open_points = cutover::count_open(board.points);
    const bool has_request = std::any_of(board.papers.begin(), board.papers.end(), [&](const auto& paper) {
        return paper.kind == "request" && paper.plan_version == board.state.plan_version;
    });
    board.stage = cutover::stage_of(board.state, board.counts, board.open_points, has_request);
    return board;
}

cutover::Paper make_cutover_request(sys::Database& watch, const cutover::By& by) {
    const cutover::Plan plan = load_plan(watch);
    cutover::Papers papers = cutover::make_request(plan, by.at);
    return watch.write([&](sys::Transaction& tx) {
        return cutover::add_paper(tx, "request", plan.version, papers.html, papers.text, by);
    });
}

cutover::Paper make_cutover_rollback(sys::Database& watch, const Folders& folders, const cutover::By& by) {
    const cutover::Plan plan = load_plan(watch);
    cutover::SinceSwitch since;
    since.switched_at = watch.read([](sys::Reader& db) { return cutover::load_state(db); }).switched_at;
    if (since.switched_at) fill_changes(since, folders);
    cutover::Papers papers = cutover::make_rollback(plan, since, by.at);
    return watch.write([&](sys::Transaction& tx) {
        return cutover::add_paper(tx, "rollback", plan.version, papers.html, papers.text, by);
    });
}

}  // namespace flow
