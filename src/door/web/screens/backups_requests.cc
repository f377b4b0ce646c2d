#include <algorithm>

#include "door/web/administration.h"
#include "door/web/language.h"
#include "door/web/screens/backups/requests.h"
#include "door/web/words.h"
#include "flow/restore_site.h"
#include "flow/watch_desk.h"
#include "ground/base/error.h"
#include "ground/people/accounts.h"

namespace web {

namespace {

using backup::Request;
using backup::Stage;
using backup::Wish;

constexpr std::pair<std::string_view, std::string_view> kStages[] = {
    {"scheduled", "調べています"}, {"submitted", "確認待ち"}, {"scheduled", "順番待ち"},
    {"scheduled", "実行中"},       {"live", "完了"},          {"returned", "失敗"},
    {"withdrawn", "取りやめ"}};

std::string target_words(Context& context, const Request& request) {
    if (request.wish == Wish::Backup) return say(request.target == "system" ? "システム" : "データ");
    if (request.wish == Wish::Verify) return say(request.target == "all" ? "すべてのデータ" : "新しいものと順番の分");
    if (request.wish == Wish::Drill)
        return say(request.target == "oldest"   ? "最も古いバックアップ"
                   : request.target == "random" ? "無作為に選んだバックアップ"
                                                : "最新のバックアップ");
    if (request.wish == Wish::Site) return say("サイト全体");
    if (request.wish == Wish::Department)
        return context.db().read([&](sys::Reader& db) {
            const auto department = people::find_department(db, request.target);
            return department ? full_name(db, department->id) : request.target;
        });
    return request.target;
}

}  // namespace

bool is_watch_at_work(Context& context) {
    const auto beat = flow::find_watch_beat(context.site().folders, context.now());
    return beat && context.now() - *beat < flow::kGap;
}

sys::Database& need_watch_database(Context& context) {
    sys::Database* watch = context.site().find_watch();
    if (watch == nullptr) throw base::Error(base::Kind::NotFound, "監視がまだ一度も動いていません。");
    return *watch;
}

std::string phase_words(std::string_view phase) {
    if (phase == "others") return say("ほかの作業が終わるのを待っています");
    if (phase == "pages") return say("ページを下書きにしています");
    for (const flow::PhaseKind& kind : flow::all_phases())
        if (kind.id == phase) return say(kind.name);
    return {};
}

tmpl::List phase_values(const Request& request) {
    tmpl::List list;
    if (request.stage != Stage::Running || (request.wish != Wish::Drill && request.wish != Wish::Site)) return list;
    const auto all = flow::all_phases();
    const auto now = std::find_if(all.begin(), all.end(), [&](const auto& kind) { return kind.id == request.phase; });
    for (auto kind = all.begin(); kind != all.end(); ++kind)
        if (request.wish == Wish::Drill || !kind->is_of_drill)
            list.push_back(tmpl::Map{{"name", say(kind->name)},
                                     {"is_over", now != all.end() && kind < now},
                                     {"is_now", kind == (now == all.end() ? all.begin() : now)}});
    return list;
}

tmpl::Map request_row(Context& context, const Request& request) {
    const auto& [kind, words] = kStages[static_cast<std::size_t>(request.stage)];
    return {
        {"id", request.id},
        {"path", fmt::format("/{}/{}", backup::is_restore(request.wish) ? "restore" : "backups/requests", request.id)},
        {"wish", say(backup::wish_wording(request.wish))},
        {"target", target_words(context, request)},
        {"repository", request.repository},
        {"who", context.db().read([&](sys::Reader& db) { return name_of_doer(db, request.by); })},
        {"why", request.why},
        {"asked", short_time(request.asked_at, context.now())},
        {"started", request.started_at ? short_time(*request.started_at, context.now()) : tmpl::Value()},
        {"done", request.done_at ? short_time(*request.done_at, context.now()) : tmpl::Value()},
        {"stage", chip(kind, say(words))},
        {"stage_id", backup::stage_id(request.stage)},
        {"is_open", request.is_open()},
        {"phase", phase_words(request.phase)},
        {"problem", say(request.problem)}};
}

tmpl::List request_rows(Context& context, const std::vector<Request>& requests) {
    tmpl::List rows;
    for (const Request& one : requests) rows.push_back(request_row(context, one));
    return rows;
}

}  // namespace web
