// The office in English: nothing of a template is left in Japanese, and nothing that the catalogue knows is shown
// without being asked for.
#include <set>

#include <gtest/gtest.h>

#include "door/web/language.h"
#include "door/web/resources.h"
#include "door/web/testing/visitor.h"
#include "ground/base/text.h"
#include "ground/html/document.h"
#include "ground/html/select.h"
#include "office/incidents/runbooks.h"
#include "office/training/store.h"
#include "press/content/templates.h"
#include "watch/content/patterns.h"
#include "watch/content/rules.h"
#include "watch/probes/probe.h"

namespace web {
namespace {

TEST(English, HasTheTextsOfEveryTemplate) {
    std::string missing;
    for (const base::Resource& resource : all_resources()) {
        if (!resource.name.ends_with(".html")) continue;
        language::translate_template(resource.bytes, [&](const std::string& message) -> std::optional<std::string> {
            if (!english().find(message)) missing += fmt::format("#: {}\nmsgid \"{}\"\n", resource.name, message);
            return std::nullopt;
        });
    }
    EXPECT_EQ(missing, "");
}

/// They come by way of the room's table, so no template and no call of say() names them.
TEST(English, HasTheWordsOfEveryProbe) {
    const auto expect_known = [](std::string_view text) {
        EXPECT_TRUE(text.empty() || english().find(text)) << "msgid \"" << text << "\"";
    };
    for (const probes::Kind* kind : probes::all_kinds()) {
        expect_known(kind->title);
        expect_known(kind->looks);
        for (const probes::Option& option : kind->options) expect_known(option.japanese);
    }
}

TEST(English, HasTheSentenceOfEveryContentRule) {
    std::vector<std::string> sentences;
    for (const content::Rule* rule : content::all_rules()) sentences.emplace_back(rule->message);
    for (const auto& [id, rule] : content::pattern_rules()) sentences.push_back(rule.message);
    EXPECT_GT(sentences.size(), 20U);
    for (const std::string& each : sentences) EXPECT_TRUE(english().find(each)) << "msgid \"" << each << "\"";
}

/// What is recorded is put together from several sentences of the program and another's reasons.
TEST(English, LeavesNothingJapaneseOfWhatIsRecorded) {
    const Speaking speaking(Language::English);
    const std::pair<std::string_view, std::string_view> kRecorded[] = {
        {"サーバの時計が5分飛びました。時刻合わせの設定を確認してください。",
         "The server's clock leapt ahead by 5 min. Check how it is synchronised."},
        {"nas へのデータバックアップ（2027-04-01 02:00）が失敗しました。データベースに接続できません。", ""},
        {"ウイルス対策（clamd）が動作していません。接続できません（connection refused）。",
         "The antivirus (clamd) is not working. No connection (connection refused)."},
        {"利用者（住民）への周知の期限（令和8年11月9日（月）17時30分）を過ぎています。", ""},
        {"契約事項「map」の期限は令和8年12月4日（金）17時30分です。",
         "The contract item “map” is due Fri 4 December 2026 17:30."},
        {"契約事項「map」の期限は令和9年7月31日（土）24時00分です。",
         "The contract item “map” is due Sat 31 July 2027 24:00."},
        {"計画停止のため：reboot、担当者を呼び出しません。", "Nobody is called, because of Planned stop: reboot."},
        {"ヘルプデスクあてのメールを一度も受け取れていません。取込みが動いているか確かめてください。",
         "Mail to the helpdesk has not been received: never. See whether the intake is running."},
        {"公開サーバ：http://127.0.0.1/ に接続できません（Connection refused：接続を断られました）。",
         "Public server: http://127.0.0.1/ cannot be connected to (Connection refused: the connection was refused)."},
        {"監視の設定：「disk.x」は使えません。監視の種類 dsk はありません。",
         "Settings of the watch: “disk.x” cannot be used. There is no kind dsk of what can be watched."},
        {"同じ種類の異常が50件を超えたため、まとめて扱います。最初の内容：公開ファイルの権限が変えられました：/a.html",
         ""},
        {"同じ種類の異常が50件を超えたため、まとめて扱います。最初の内容：ディスク：/ は91%を使用中で、空きは5.0 "
         "GBです。",
         ""},
    };
    for (const auto& [recorded, expected] : kRecorded) {
        const std::string said = say(recorded);
        EXPECT_FALSE(language::has_japanese(said)) << recorded << "\n" << said;
        if (!expected.empty()) {
            EXPECT_EQ(said, expected);
        }
    }
}

TEST(English, KeepsEachPlaceForAValue) {
    for (const std::string& mistake : english().list_mistakes()) ADD_FAILURE() << mistake;
}

using testing::OpenOffice;
using testing::Visitor;

/// The words of a screen in document order: text and the attributes that are read.
std::vector<std::string> words_of(const html::Document& page) {
    static constexpr std::string_view kRead[] = {
        "title", "alt", "aria-label", "placeholder", "data-confirm", "data-confirm-text", "data-confirm-yes", "label"};
    std::vector<std::string> words;
    for (html::NodeId id = 1; id < page.size(); ++id) {
        const html::Node& node = page[id];
        if (node.type == html::NodeType::Text && !page.is_element(node.parent, "textarea") &&
            !page.is_element(node.parent, "script"))
            words.emplace_back(base::trim(page.plain_text_of(id)));
        if (node.type != html::NodeType::Element) continue;
        for (const html::Attribute& attribute : page.attributes(id))
            if (std::find(std::begin(kRead), std::end(kRead), attribute.name) != std::end(kRead))
                words.emplace_back(attribute.value);
    }
    return words;
}

/// Everything that can be reached by links, read by an administrator: each screen is in English, and none of its words
/// is one that the catalogue could have translated.
TEST(English, IsSpokenByEveryScreenThatLinksReach) {
    OpenOffice office;
    const content::Page page = office.town.taken_over("kurashi/a.html", "<p>old</p>");
    const std::string path = fmt::format("/pages/{}", page.id.value);
    Visitor author = office.visitor(), admin = office.visitor();
    author.cookies["language"] = admin.cookies["language"] = "en";
    author.sign_in("author");
    admin.sign_in("kanri");
    author.get(path + "/edit");
    author.post(path + "/edit", {{"version", author.hidden("version")},
                                 {"title", "Garbage"},
                                 {"part.main", "<h2>When</h2><ul><li>a</li></ul><p>new</p>"},
                                 {"do", "submit"}});
    ASSERT_EQ(author.location, path + "/submit") << author.body;
    author.follow();
    author.post(path + "/submit", {{"version", author.hidden("version")}, {"comment", "please"}});
    ASSERT_EQ(author.location, path);
    EXPECT_TRUE(author.follow().shows("Approval is asked for"));
    office.town.taken_over("kurashi/b.html", "<p>other</p>");

    // What the town has from its first day is data, in the language of the city: names, and the texts inside templates.
    std::vector<std::string> names{"トップ", "サイト管理者", "サンプル市"};
    std::string sources, manual;
    office.town.read([&](sys::Reader& db) {
        for (const incidents::Runbook& book : incidents::list_runbooks(db)) {
            names.push_back(book.title);
            manual += book.body + "\n" + base::join(book.steps, "\n") + "\n";
        }
        for (const training::Course course : training::kCourses)
            manual += training::load_plan(db, course).contents + "\n";
        for (const content::Template& each : content::list_templates(db)) {
            names.push_back(each.title);
            if (const auto live = content::find_live_template(db, each.name)) sources += live->source;
        }
    });
    std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
    const auto is_data = [&](std::string_view at, std::string_view words) {
        if ((at.starts_with("/runbooks/") || at.starts_with("/training")) && manual.find(words) != std::string::npos)
            return true;
        if (at.starts_with("/templates/") && sources.find(words) != std::string::npos) return true;
        std::string rest(words);
        for (const std::string& name : names)
            if (const std::size_t where = rest.find(name); where != std::string::npos) rest.erase(where, name.size());
        return rest != words && !language::has_japanese(rest);
    };

    std::vector<std::string> waiting{"/", "/ledger?page=nothing", "/people/import", "/frames", "/nothing"};
    std::set<std::string> seen(waiting.begin(), waiting.end());
    std::string left;
    for (std::size_t i = 0; i < waiting.size() && i < 600; ++i) {
        SCOPED_TRACE(waiting[i]);
        admin.get(waiting[i]);
        if (!admin.header("content-type").starts_with("text/html")) continue;
        const auto shown = html::Document::parse(admin.body, html::Encoding::Utf8);
        EXPECT_EQ(shown.attribute(shown.html(), "lang"), "en");
        for (const std::string& words : words_of(shown))
            if (language::has_japanese(words) && english().translate(words) != words && !is_data(waiting[i], words))
                left += fmt::format("{}: {}\n", waiting[i], words);
        for (const html::NodeId link : html::Selector("a[href^='/']").all(shown)) {
            std::string to(shown.attribute(link, "href"));
            to.resize(std::min(to.size(), to.find('#')));
            if (to.find("/language/") == std::string::npos && seen.insert(to).second) waiting.push_back(to);
        }
    }
    EXPECT_EQ(left, "");
    EXPECT_GT(waiting.size(), 60U) << "the screens lead to each other";
}

}  // namespace
}  // namespace web
