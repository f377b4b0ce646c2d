#include "office/incidents/runbooks.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"

namespace incidents {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kLongestTitle = 100, kLongestBody = 20'000, kLongestStep = 300, kMostSteps = 40, kMostAbout = 30;
constexpr std::int64_t kMostRunbooks = 200;
constexpr std::string_view kGeneral = "general";

struct Own {
    std::string_view slug, title, about, body, steps;  ///< about and steps: one a line
};
constexpr Own kOwn[] = {
    {"general", "障害対応の基本", "",
     "見つけたら、まず記録し、次に市へ知らせます。原因の調査は、住民への影響を止めてから始めます。\n\n"
     "証拠になるファイルとログは、直す前に写しを取ります。わからないことは「推定」と書き、確かめたことと分けます。",
     "異常の内容と影響（どのページ、だれに）を確かめた\n市の担当課に第一報を伝えた\n"
     "証拠になるファイルとログの写しを取った\n住民へのお知らせが要るかを市と決めた\n暫定の対応をした\n"
     "住民の画面で、直ったことを確かめた"},
    {"site-down", "公開サイトが開かない",
     "probe:http*\nprobe:ping*\nprobe:dns*\nprobe:tcp*\nprobe:certificate*\nprobe:domain*\noutside:*\nalertmanager:*",
     "公開サイトはファイルだけで動くので、職員用の画面やデータベースが止まっていても、開かないことはありません。"
     "名前解決、回線、サーバ、Webサーバの順に、外から内へ確かめます。",
     "庁外の回線から開いて、同じ症状を確かめた\n名前解決（DNS）の答えを確かめた\n"
     "サーバに届くか（ping、ポート443）を確かめた\nWebサーバのプロセスと記録（ログ）を確かめた\n"
     "証明書の期限を確かめた\nディスクの空きを確かめた\n必要なら、緊急停止のお知らせか別系統に切り替えた"},
    {"tampering", "公開ファイルの改ざん", "guard:*\ncontent:*",
     "公開ファイルは自動で元に戻ります。戻った後も、だれがどうやって書き換えたかがわかるまで、終わりにしません。\n\n"
     "隔離フォルダのファイルは証拠です。開かずに、写しを取って保管します。",
     "元に戻ったことを、公開サイトと照合の結果で確かめた\n隔離フォルダの写しを取った\n"
     "書き換えられた時刻のログイン、接続の記録を確かめた\nサーバのアカウントと鍵を確かめ、疑わしいものを止めた\n"
     "閲覧者に被害が出ていないか（不正な転送、偽の入力欄）を確かめた\n同じ手口で書き換えられる箇所を点検した\n"
     "市と、JPCERT/CC・警察への届出を相談した"},
    {"intrusion", "不正アクセス・大量アクセス", "intrusion:*\nsuricata:*",
     "止めるべき相手かどうかを先に確かめます。庁内、監視、検索エンジンを誤って止めると、それ自体が障害になります。",
     "接続元が庁内・監視・検索エンジンでないことを確かめた\n成功したログインがないかを確かめた\n"
     "接続元を一時的に遮断した\n公開サイトの応答を確かめた\n情報が漏れていないかを確かめた"},
    {"malware", "ウイルスの検知", "antivirus:*",
     "検知したファイルは開かず、隔離されたことを確かめます。持ち込んだ経路がわかるまで、同じ経路の受入れを止めます。",
     "隔離されたことを確かめた\nどこから来たファイルかを確かめた\n同じ経路のほかのファイルを検査した\n"
     "ウイルス定義が新しいことを確かめた\n運用端末を検査した"},
    {"machine", "サーバの資源・プロセス",
     "probe:disk*\nprobe:memory*\nprobe:cpu*\nprobe:processes*\nprobe:load*\nprobe:swap*\nprobe:pressure*\nprobe:smart*"
     "\nprobe:raid*",
     "空きを作る前に、何が増えたかを確かめます。公開記録（releases）と鍵（keys）は、どんなときも消しません。",
     "増えているものを確かめた\n消してよいもの（古い一時ファイルなど）だけを消した\n止まったプロセスを起こした\n"
     "同じ速さで増えたとき、いつ足りなくなるかを見積もった"},
    {"backup", "バックアップの失敗", "backup:*\nprobe:backup*",
     "今日の分が取れていなくても、検証済みの世代が残っていれば、すぐには失われません。先に残りの世代を確かめます。",
     "検証済みの世代の数を確かめた\n保管先に届くか、空きがあるかを確かめた\nもう一度実行した\n検証の結果を確かめた"},
    {"watch-silent", "監視のデータが途絶えた", "watch:*\nlogs:*",
     "「異常がない」のではなく「わからない」状態です。監視が戻るまで、公開サイトを人の目で1時間ごとに確かめます。",
     "公開サイトを自分で開いて確かめた\n監視のプロセスが動いているかを確かめた\n記録の保存が続いているかを確かめた\n"
     "途絶えていた時間帯に見逃したものがないかを確かめた"},
};

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (const std::string_view line : base::split(text, '\n'))
        if (!base::trim(line).empty()) lines.emplace_back(base::trim(line));
    return lines;
}

Runbook from_own(const Own& own) {
    return {std::string(own.slug),
            0,
            std::string(own.title),
            lines_of(own.about),
            std::string(own.body),
            lines_of(own.steps),
            {},
            {}};
}

/// How many letters of the pattern fit; -1 when it does not.
int fit(std::string_view pattern, std::string_view source, std::string_view kind) {
    const std::string what = fmt::format("{}:{}", source, kind);
    const bool is_open = pattern.ends_with('*');
    if (is_open) pattern.remove_suffix(1);
    return (is_open ? what.starts_with(pattern) : what == pattern) ? static_cast<int>(pattern.size()) : -1;
}

bool is_slug(std::string_view slug) {
    return !slug.empty() && slug.size() <= 40 && slug.front() != '-' &&
           slug.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

void check(const Runbook& made) {
    const auto is_within = [](std::string_view text, std::size_t longest) {
        return base::is_utf8(text) && text.find('\0') == std::string_view::npos &&
               base::count_code_points(text) <= longest;
    };
    if (!is_slug(made.slug))
        throw Error(Kind::BadInput, "名前は、半角の英小文字、数字、ハイフンで40文字までにしてください。");
    if (base::trim(made.title).empty() || !is_within(made.title, kLongestTitle))
        throw Error(Kind::BadInput, "題名を100文字までで入れてください。");
    if (!is_within(made.body, kLongestBody)) throw Error(Kind::BadInput, "本文は20000文字までで入れてください。");
    if (made.steps.empty() || made.steps.size() > kMostSteps)
        throw Error(Kind::BadInput, "確かめる手順を、1つから40まで、1行に1つずつ入れてください。");
    for (const std::string& step : made.steps)
        if (!is_within(step, kLongestStep)) throw Error(Kind::BadInput, "手順は、1つを300文字までで書いてください。");
    if (made.about.size() > kMostAbout) throw Error(Kind::BadInput, "対象は30までにしてください。");
    for (const std::string& each : made.about)
        if (each.size() > 100 || each.find(':') == std::string::npos)
            throw Error(Kind::BadInput, "対象は「probe:disk*」のように、監視の種類と項目をコロンでつないでください。");
    auto steps = made.steps;
    std::sort(steps.begin(), steps.end());
    if (std::adjacent_find(steps.begin(), steps.end()) != steps.end())
        throw Error(Kind::BadInput, "同じ手順が二度あります。どちらかを直してください。");
}

}  // namespace

std::vector<Runbook> list_runbooks(sys::Reader& db) {
    std::vector<Runbook> all;
    for (const sys::Row& row :
         db.query("SELECT slug, number, title, about, body, steps, by_whom, at FROM runbook AS mine WHERE number = "
                  "(SELECT MAX(number) FROM runbook WHERE slug = mine.slug) ORDER BY slug LIMIT $1",
                  {kMostRunbooks}))
        all.push_back({row.text(0), static_cast<int>(row.integer(1)), row.text(2), lines_of(row.text(3)), row.text(4),
                       lines_of(row.text(5)), row.text(6), base::Instant{row.integer(7)}});
    for (const Own& own : kOwn)
        if (std::none_of(all.begin(), all.end(), [&](const Runbook& each) { return each.slug == own.slug; }))
            all.push_back(from_own(own));
    std::sort(all.begin(), all.end(), [](const Runbook& a, const Runbook& b) { return a.title < b.title; });
    return all;
}

Runbook load_runbook(sys::Reader& db, std::string_view slug) {
    for (Runbook& each : list_runbooks(db))
        if (each.slug == slug) return std::move(each);
    throw Error(Kind::NotFound, "この手引きはありません。一覧から選んでください。");
}

std::vector<Runbook> list_runbooks_for(sys::Reader& db, std::string_view source, std::string_view kind) {
    std::vector<std::pair<int, Runbook>> found;
    std::optional<Runbook> general;
    for (Runbook& each : list_runbooks(db)) {
        int best = -1;
        for (const std::string& pattern : each.about) best = std::max(best, fit(pattern, source, kind));
        if (each.slug == kGeneral && best < 0)
            general = std::move(each);
        else if (best >= 0)
            found.emplace_back(best, std::move(each));
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<Runbook> all;
    for (auto& each : found) all.push_back(std::move(each.second));
    if (all.empty() && general) all.push_back(std::move(*general));
    return all;
}

Runbook write_runbook(sys::Transaction& tx, const Runbook& made, const By& by) {
    check(made);
    const auto all = list_runbooks(tx);
    const auto known =
        std::find_if(all.begin(), all.end(), [&](const Runbook& each) { return each.slug == made.slug; });
    if ((known == all.end() ? 0 : known->number) != made.number)
        throw Error(Kind::Conflict,
                    "この手引きは、ほかの人（または別の画面）が先に変えました。いまの内容を確かめて、もう一度操作してく"
                    "ださい。");
    if (known == all.end() && static_cast<std::int64_t>(all.size()) >= kMostRunbooks)
        throw Error(Kind::Conflict, "手引きが多すぎます。いまあるものを直して使ってください。");
    Runbook written = made;
    ++written.number;
    written.by = by.who;
    written.at = by.at;
    tx.execute(
        "INSERT INTO runbook (slug, number, title, about, body, steps, by_whom, at) VALUES ($1, $2, $3, $4, "
        "$5, $6, $7, $8)",
        {written.slug, std::int64_t{written.number}, written.title, fmt::format("{}", fmt::join(written.about, "\n")),
         written.body, fmt::format("{}", fmt::join(written.steps, "\n")), by.who, by.at.milliseconds});
    ledger::append(tx,
                   {by.at, by.who, "runbook.change", "runbook:" + written.slug,
                    boost::json::serialize(boost::json::object{{"title", written.title}, {"number", written.number}})});
    return written;
}

}  // namespace incidents
