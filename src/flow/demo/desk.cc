#include "flow/demo/desk.h"

#include <algorithm>

#include "flow/contract_status.h"
#include "flow/handle_incident.h"
#include "flow/issue_invoice.h"
#include "flow/office_hours.h"
#include "flow/plan_stop.h"
#include "flow/report_incident.h"
#include "flow/report_month.h"
#include "flow/take_question.h"
#include "ground/base/error.h"
#include "ground/calendar/era.h"
#include "ground/people/accounts.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "office/contract/contract.h"
#include "office/helpdesk/answers.h"
#include "office/helpdesk/roster.h"
#include "office/incidents/incident.h"
#include "office/registers/store.h"
#include "office/stops/stop.h"
#include "office/training/store.h"
#include "office/visits/store.h"
#include "office/vulnerabilities/patches.h"
#include "office/vulnerabilities/store.h"

namespace flow::demo {

using namespace std::chrono_literals;
using base::Day;
using base::Instant;
using std::chrono::hours;

namespace {

Instant at(Day day, int hour, int minute = 0) {
    return base::from_local({day, hour, minute, 0, 0});
}

bool is_workday(Day day) {
    return base::weekday(day) % 6 != 0;
}
Day workday_from(Day day) {
    while (!is_workday(day)) day = day + 1;
    return day;
}
Day first_of_month(Day day) {
    return {day.year, day.month, 1};
}
Day month_before(Day day) {
    return first_of_month(first_of_month(day) - 1);
}
Day month_after(Day day) {
    return day.month == 12 ? Day{day.year + 1, 1, 1} : Day{day.year, day.month + 1, 1};
}

/// Throws Error(Bug) when the sample does not say it: then it has been changed.
void replace_all(std::string& text, std::string_view from, std::string_view to) {
    std::size_t found = text.find(from);
    if (found == std::string::npos)
        throw base::Error(base::Kind::Bug, fmt::format("demo: the sample contract does not say {}", from));
    for (; found != std::string::npos; found = text.find(from, found + to.size())) text.replace(found, from.size(), to);
}

void set_line(std::string& text, std::string_view key, const std::string& value) {
    const std::size_t begin = text.find(fmt::format("\n{} = ", key)) + 1;
    if (begin == 0) throw base::Error(base::Kind::Bug, fmt::format("demo: the sample contract has no {}", key));
    text.replace(begin, text.find('\n', begin) - begin, fmt::format("{} = \"{}\"", key, value));
}

/// What machines prove, which begin with the site; and what is counted by the year, which may begin anew meanwhile.
constexpr std::string_view kOfMachines[] = {"cms-service",  "maintenance",  "monitoring",        "terminals",
                                            "backup-daily", "backup-drill", "backup-generations"};
constexpr std::string_view kOfTheYear[] = {
    "visits",          "training-authors", "training-approvers", "training-administrators",
    "training-method", "training-material"};

/// What was handed out, as its delivery proves it.
constexpr std::string_view kHandOut =
    "作成者研修の配布資料\n1 見出しを付ける\n2 写真に説明を付ける\n3 表に見出しを付ける\n4 承認を依頼する\n";

incidents::Values values(std::initializer_list<std::pair<const std::string, std::string>> all) {
    return incidents::Values(all);
}

}  // namespace

std::string contract_text(Day begins, Day today) {
    std::string text(contract::sample("cms"));
    for (const auto& [from, to] :
         {std::pair("サンプル市長 見本 太郎", "星見野市長 星野 太郎"), std::pair("総務部 広報課", "総務部 秘書広報課"),
          std::pair("サンプル市", "星見野市"), std::pair("責任 一郎", "藤田 浩"), std::pair("管理 三郎", "前田 香織"),
          std::pair("運用 四郎", "小川 大輔")})
        replace_all(text, from, to);
    set_line(text, "id", "demo");
    set_line(text, "number", fmt::format("{} 契約第27号", calendar::format_fiscal_year(calendar::fiscal_year(begins))));
    set_line(text, "signed_on", base::format_day(begins - 15));
    set_line(text, "begins", base::format_day(begins));
    set_line(text, "ends", base::format_day(Day{begins.year + 5, begins.month, 1} - 1));
    const auto begin_at = [&](std::string_view obligation, Day day) {
        const std::string head = fmt::format("[[obligations]]\nid = \"{}\"\n", obligation);
        replace_all(text, head, fmt::format("{}from = \"{}\"\n", head, base::format_day(day)));
    };
    for (const std::string_view id : kOfMachines) begin_at(id, today);
    const Day year = calendar::fiscal_year_begin(calendar::fiscal_year(today));
    if (begins < year)
        for (const std::string_view id : kOfTheYear) begin_at(id, year);
    return text;
}

Instant Desk::beginning(Day today) {
    return at(workday_from(month_before(today)), 9, 10);
}

Instant Desk::month_end_at() const {
    Day day = workday_from(first_of_month(today_));
    for (int n = 0; n < 2; ++n) day = workday_from(day + 1);
    return at(day, 10);
}

void Desk::go_on_at(Instant wanted) {
    if (wanted > clock_.now()) clock_.advance(wanted - clock_.now());
}

void Desk::begin() {
    sys::write_file(contract_file(site_.folders), contract_text(month_before(today_), today_), sys::Durability::Later);
    add_registers();
    plan_training();
    set_roster(month_before(today_));
    clock_.advance(5min);
    set_roster(first_of_month(today_));
    site_.database->write([&](sys::Transaction& tx) {
        const auto who = by<training::By>("maeda");
        const int year = calendar::fiscal_year(today_);
        training::set_agreement(tx,
                                {year, base::local_day(clock_.now()), "秘書広報課 渡辺 誠",
                                 "作成者研修は対面で、研修用サイトを使って行う。資料は電子データで渡す。"},
                                who);
        training::Delivery manual;
        manual.title = "作成者研修の配布資料";
        manual.version = "1.0";
        manual.medium = "電子データ（共有フォルダ）";
        manual.hash = sys::sha256(kHandOut).hex();
        manual.delivered_at = clock_.now();
        training::note_receipt(tx, training::add_delivery(tx, manual, who), "秘書広報課 渡辺 誠", who);
    });
}

void Desk::add_registers() {
    struct Row {
        const char *kind, *name;
        std::optional<Day> due;
        std::map<std::string, std::string> fields;
    };
    const Row rows[] = {
        {"licence",
         "地図の表示サービス",
         today_ + 75,
         {{"vendor", "見本地図株式会社"}, {"owner", "星見野市"}, {"quantity", "1"}, {"cost", "132000"}}},
        {"licence",
         "日本語のWebフォント",
         today_ + 290,
         {{"vendor", "見本書体株式会社"}, {"owner", "見本システム株式会社"}, {"cost", "66000"}}},
        {"licence",
         "サーバ証明書（city.hoshimino.example.jp）",
         today_ + 41,
         {{"vendor", "見本認証局"}, {"owner", "星見野市"}, {"note", "更新の前に、秘書広報課に連絡します。"}}},
        {"terminal", "unyo-01", {}, {{"owner", "小川 大輔"}, {"place", "事業所 運用室"}, {"system", "Windows 11"}}},
        {"terminal", "unyo-02", {}, {{"owner", "前田 香織"}, {"place", "事業所 運用室"}, {"system", "Windows 11"}}},
        {"loan",
         "入館証",
         today_ + 200,
         {{"number", "K-014"}, {"holder", "小川 大輔"}, {"lent_on", base::format_day(month_before(today_))}}},
        {"subcontract",
         "見本翻訳株式会社",
         today_ + 150,
         {{"work", "外国語ページの翻訳"},
          {"approved_on", base::format_day(month_before(today_) + 3)},
          {"person", "訳 九郎"}}},
        {"contact",
         "小川 大輔",
         {},
         {{"role", "運用担当者"},
          {"company", "見本システム株式会社"},
          {"phone", "00-0000-0003"},
          {"next", "前田 香織"},
          {"position", "1"}}},
        {"contact",
         "前田 香織",
         {},
         {{"role", "保守管理者"},
          {"company", "見本システム株式会社"},
          {"phone", "00-0000-0002"},
          {"next", "藤田 浩"},
          {"position", "2"}}},
        {"contact",
         "藤田 浩",
         {},
         {{"role", "保守責任者"}, {"company", "見本システム株式会社"}, {"phone", "00-0000-0001"}, {"position", "3"}}},
    };
    site_.database->write([&](sys::Transaction& tx) {
        const auto who = by<registers::By>("ogawa");
        for (const Row& row : rows) {
            registers::Entry made;
            made.kind = row.kind;
            made.name = row.name;
            made.due = row.due;
            made.fields = row.fields;
            registers::add_entry(tx, made, who);
        }
        registers::add_known_support(tx, who);
    });
}

void Desk::set_roster(Day first) {
    const calendar::OfficeCalendar open = helpdesk_hours_of(site_.settings);
    site_.database->write([&](sys::Transaction& tx) {
        helpdesk::Month month = helpdesk::load_month(tx, first.year, first.month);
        for (const Day day : helpdesk::days_of(month))
            if (calendar::is_open_day(open, day))
                month.days[day] = {"窓口 六子", base::weekday(day) % 2 == 0 ? "小川 大輔" : "技術 七郎"};
        helpdesk::set_month(tx, month, open,
                            {fmt::format("person:{}", people_.at("maeda").value), "前田 香織", clock_.now()});
    });
}

void Desk::last_month(bool has_papers) {
    const Day start = base::local_day(clock_.now());
    go_on_at(at(workday_from(start + 3), 9, 40));
    answer_questions();
    open_training();
    go_on_at(at(workday_from(start + 6), 10, 5));
    end_incident(has_papers);
    hold_training();
    go_on_at(at(workday_from(start + 17), 15, 0));
    visit();
}

namespace {

/// One who asks and one who answers.
struct Talk {
    helpdesk::Kind kind;
    helpdesk::Channel channel;
    bool is_urgent;
    const char *asker, *name, *title, *text, *answer;
    bool asks_back, closes;
};
using HelpKind = helpdesk::Kind;
using HelpChannel = helpdesk::Channel;
constexpr Talk kTalks[] = {
    {HelpKind::Question, HelpChannel::Web, false, "watanabe", "渡辺 誠", "PDFの差替えの手順",
     "公開中のページに付けたPDFを差し替えるには、どうすればよいですか。ページの承認も必要ですか。",
     "ページの編集画面の「添付ファイル」で、同じファイル名のまま差し替えられます。"
     "内容が変わるので、ページの承認も必要です。",
     false, true},
    {HelpKind::Correction, HelpChannel::Web, false, "yamamoto", "山本 由紀", "フッターの電話番号の文字を大きくしたい",
     "高齢の方から見にくいと言われました。フッターの代表電話の文字を、少し大きくしてください。",
     "スタイルを直し、本文と同じ大きさにしました。公開中のページでご確認ください。", false, true},
    {HelpKind::Fault, HelpChannel::Phone, true, "watanabe", "渡辺 誠", "トップページの写真が出ない",
     "トップページの大きな写真が表示されないと、市民から電話があった。",
     "写真のファイル名の誤りでした。直して公開し、電話でお伝えしました。", false, true},
    {HelpKind::Consultation, HelpChannel::Web, false, "yamamoto", "山本 由紀", "災害のときのトップページの見せ方",
     "大雨のとき、避難所の案内をいちばん上に出したいのですが、どんな方法がありますか。",
     "緊急公開と、トップページの部品の差替えの2つがあります。どちらを考えていますか。", true, false},
};

}  // namespace

void Desk::answer_questions() {
    const calendar::OfficeCalendar open = helpdesk_hours_of(site_.settings);
    const auto helper = [&] {
        return helpdesk::By{fmt::format("person:{}", people_.at("ogawa").value), "小川 大輔", clock_.now()};
    };
    const auto write = [&](const auto& work) { site_.database->write([&](sys::Transaction& tx) { work(tx); }); };
    const auto version_of = [&](helpdesk::QuestionId id) {
        return site_.database->read([&](sys::Reader& db) { return helpdesk::load_question(db, id).version; });
    };
    helpdesk::QuestionId first;
    for (const Talk& talk : kTalks) {
        helpdesk::NewQuestion made;
        made.kind = talk.kind;
        made.channel = talk.channel;
        made.is_urgent = talk.is_urgent;
        made.title = talk.title;
        made.text = talk.text;
        made.asker = {people_.at(talk.asker), talk.name, "", "000-000-1001"};
        const helpdesk::By asker{fmt::format("person:{}", people_.at(talk.asker).value), talk.name, clock_.now()};
        const auto id = take_question(site_, made, {}, talk.channel == HelpChannel::Phone ? helper() : asker).id;
        if (first.value == 0) first = id;
        clock_.advance(12min);
        write([&](sys::Transaction& tx) { helpdesk::accept(tx, id, version_of(id), people_.at("ogawa"), helper()); });
        clock_.advance(20min);
        if (talk.kind == HelpKind::Correction)
            write([&](sys::Transaction& tx) {
                helpdesk::decide_fee(tx, id, version_of(id), helpdesk::Fee::Inside, "1時間以内で済む修正のため",
                                     helper());
            });
        const HelpChannel way = talk.is_urgent ? HelpChannel::Phone : HelpChannel::Web;
        answer_question(site_, id, version_of(id), {talk.answer, way, 20, talk.asks_back, talk.closes}, helper());
        clock_.advance(25min);
    }
    write([&](sys::Transaction& tx) {
        helpdesk::Faq faq;
        faq.topic = "添付ファイル";
        faq.question = kTalks[0].title;
        faq.answer = kTalks[0].answer;
        faq.from = first;
        faq.is_published = true;
        helpdesk::save_faq(tx, faq, helper());
        helpdesk::Text text;
        text.name = "お礼";
        text.body = "{お名前}さん\n\nお問合せ（{番号}）をありがとうございました。\n\n{担当者}";
        helpdesk::save_text(tx, text, helper());
    });
}

void Desk::end_incident(bool has_papers) {
    using incidents::State;
    const auto who = [&] { return by<incidents::By>("ogawa"); };
    const auto change = [&](const auto& work) {
        return site_.database->write([&](sys::Transaction& tx) { return work(tx); });
    };
    const auto now = [&] {
        return site_.database->read([&](sys::Reader& db) { return incidents::load_incident(db, {incident_}); });
    };
    const auto go = [&](State to, std::string note) {
        advance_incident(site_, {incident_}, {to, clock_.now(), std::move(note), ""}, who(), now().version);
    };
    incidents::NewIncident made;
    made.title = "市民の方がトップページを開けない";
    made.severity = 3;
    made.occurred_at = clock_.now() - 15min;
    made.detected_at = clock_.now();
    made.found = "call";
    made.reporter = "秘書広報課 渡辺 誠";
    made.symptom = "トップページだけが真っ白になる。ほかのページは見られる。";
    made.once = "demo-1";
    incident_ = change([&](sys::Transaction& tx) { return incidents::open(tx, made, who()).id.value; });
    clock_.advance(5min);
    go(State::Received, "電話で受け付けた。");
    go(State::Investigating, "公開中のファイルと、直前の変更を調べる。");
    clock_.advance(30min);
    incidents::Edit edit{made.title, made.severity, made.occurred_at, {}};
    edit.values = values({{"symptom", made.symptom},
                          {"location", "トップページのテンプレート（home）"},
                          {"interim", "前日の版のテンプレートに戻し、公開し直した。"},
                          {"pages", "トップページ1ページ"},
                          {"minutes", "55"},
                          {"users", "トップページを開いた人、およそ120人"},
                          {"leak", "なし（公開用のファイルだけで、個人情報を持たない）"}});
    change([&](sys::Transaction& tx) { return incidents::edit(tx, {incident_}, edit, who(), now().version); });
    clock_.advance(5min);
    go(State::Restored, "前の版に戻し、表示を確かめた。");
    incidents::Entry call;
    call.at = clock_.now();
    call.kind = "contact";
    call.whom = "秘書広報課 渡辺 誠";
    call.how = "電話";
    call.text = "復旧したことを伝え、了解を得た。";
    change([&](sys::Transaction& tx) { return incidents::add_entry(tx, {incident_}, call, "demo-call", who()); });
    if (!has_papers || !hand_in("first"))
        hand_in_by_hand("incident-report", fmt::format("incident:{}", incident_), "障害報告書（速報）", {});
    clock_.advance(26h);
    edit.values.merge(values({{"cause_direct", "写真の枠の閉じ忘れ（テンプレートの34行目）"},
                              {"permanent", "テンプレートを直し、写真の有無の両方で表示を確かめた。"},
                              {"cause_root", "写真のないときの表示を確かめる手順がなかった。"},
                              {"why_late", "トップページの内容を確かめる監視がなかった。"},
                              {"similar", "ほかのテンプレート12件を点検し、問題はなかった。"},
                              {"outside", "なし"}}));
    change([&](sys::Transaction& tx) { return incidents::edit(tx, {incident_}, edit, who(), now().version); });
    go(State::Fixed, "テンプレートを直して公開した。");
    for (const bool is_preventive : {false, true}) {
        incidents::Measure measure;
        measure.is_preventive = is_preventive;
        measure.text = is_preventive ? "トップページの本文を監視の項目に加える"
                                     : "テンプレートの確認表に、写真のないときの表示を加える";
        measure.owner = "小川 大輔";
        measure.due_on = base::local_day(clock_.now()) + 14;
        incidents::Measure kept = change([&](sys::Transaction& tx) {
            return incidents::add_measure(tx, {incident_}, measure, fmt::format("demo-{}", is_preventive), who());
        });
        kept.done_on = base::local_day(clock_.now());
        kept.effect = "手順どおりに行い、誤りのあるテンプレートが見つかることを確かめた。";
        kept.similar = "ほかのテンプレートと、タイトルのないページを点検した。";
        change([&](sys::Transaction& tx) { return incidents::change_measure(tx, {incident_}, kept, who()); });
    }
    go(State::Prevented, "監視の項目と確認表を改めた。");
    if (!has_papers || !hand_in("final")) return;  // without the final report it cannot be closed
    clock_.advance(1h);
    go(State::Closed, "最終報告を渡し、発注者の了解を得た。");
}

/// What was handed over without the program, and entered afterwards.
void Desk::hand_in_by_hand(std::string obligation, std::string subject, std::string_view paper,
                           std::vector<std::pair<std::string, std::string>> fields) {
    clock_.advance(10min);
    record_for_contract(site_,
                        {std::move(obligation), "done", std::move(subject),
                         fmt::format("{}を書面で渡した。写しは事業所の綴りにある。", paper), std::move(fields)},
                        fmt::format("person:{}", people_.at("maeda").value));
}

/// False where nothing prints.
bool Desk::hand_in(const char* stage) {
    const std::string who = fmt::format("person:{}", people_.at("maeda").value);
    try {
        const documents::Version made = make_incident_report(site_, {incident_}, stage, who);
        clock_.advance(10min);
        deliver(made, who);
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Unavailable) throw;
        return false;
    }
    settle_reports(site_);
    return true;
}

void Desk::deliver(const documents::Version& version, const std::string& who) {
    HandOver given;
    given.version = version.id;
    given.how = "screen";
    given.who = "秘書広報課 渡辺 誠";
    given.happened_at = clock_.now();
    deliver_document(site_, given, who);
}

void Desk::plan_training() {
    const auto who = by<training::By>("maeda");
    training_ = site_.database->write([&](sys::Transaction& tx) {
        training::Session session;
        session.starts_at = at(workday_from(base::local_day(clock_.now()) + 14), 13, 30);
        session.seats = 12;
        session.place = "市役所 3階 研修室";
        session.teacher = "講師 八重";
        session.note = "1回目";
        const auto made = training::plan_session(tx, session, who);
        training::add_attendees(tx, made,
                                "佐藤 美咲,市民課\n高橋 直子,環境課\n中村 翔太,危機管理課\n加藤 千尋,こども課\n"
                                "山田 拓也,観光課\n松本 奈緒,健康課\n木村 隆,税務課\n清水 亮,道路課",
                                who);
        return made;
    });
}

/// Its site is long gone; that it was there in time stands in the records.
void Desk::open_training() {
    site_.database->write(
        [&](sys::Transaction& tx) { training::note_opened(tx, training_, "demo", 12, by<training::By>("maeda")); });
}

void Desk::hold_training() {
    go_on_at(site_.database->read([&](sys::Reader& db) { return training::load_session(db, training_).starts_at; }) +
             3h);
    const auto who = by<training::By>("maeda");
    site_.database->write([&](sys::Transaction& tx) {
        std::map<std::int64_t, training::Presence> presence;
        for (const training::Attendee& one : training::list_attendees(tx, training_))
            presence[one.id] = one.name == "清水 亮" ? training::Presence::Absent : training::Presence::Came;
        training::set_presence(tx, training_, training::load_session(tx, training_).version, presence, who);
        training::hold_session(tx, training_, training::load_session(tx, training_).version, who);
        training::note_closed(tx, training_, who);
    });
}

void Desk::visit() {
    const auto who = [&] { return by<visits::By>("maeda"); };
    site_.database->write([&](sys::Transaction& tx) {
        visits::Visit made;
        made.starts_at = clock_.now() - 1h;
        made.place = "市役所 2階 会議室";
        made.visitors = "前田 香織、小川 大輔";
        made.hosts = "秘書広報課 渡辺 誠、山本 由紀";
        made.purpose = "先月の運用の報告と、ページの見直しの提案";
        const std::int64_t id = visits::plan_visit(tx, made, who());
        visits::record_visit(tx, id, visits::load_visit(tx, id).version, made.hosts,
                             "運用の状況を報告した。1年以上更新のないページの見直しを提案し、"
                             "年度末までに進めることになった。近隣市の電子申請の取組を紹介した。",
                             who());
        visits::Proposal next;
        next.visit = id;
        next.made_at = clock_.now();
        next.title = "検索の結果の並べ方";
        next.body = "手続きのページを先に出す。";
        visits::add_proposal(tx, next, who());
        next.title = "更新のないページの見直し";
        next.body = "1年以上更新のないページを、担当課ごとに一覧にして配る。";
        visits::Proposal old = visits::find_proposal(tx, visits::add_proposal(tx, next, who())).value();
        old.answer = visits::Answer::Accepted;
        old.decided_on = base::local_day(clock_.now());
        old.decided_by = "秘書広報課 渡辺 誠";
        old.reason = "年度末までに進める。";
        visits::decide_proposal(tx, old, who());
    });
}

void Desk::add_weakness() {
    const auto who = [&] { return by<vulnerabilities::By>("ogawa"); };
    site_.database->write([&](sys::Transaction& tx) {
        vulnerabilities::Component made;
        made.name = "地図の表示部品（見本）";
        made.version = "2.3.0";
        made.note = "観光課のページの地図";
        vulnerabilities::add_component(tx, made, who());
        vulnerabilities::Record found = vulnerabilities::add_record(
            tx, "地図の表示部品（見本）に、スクリプトが実行されるおそれ", "提供元のメール",
            "2.3.1で直っています。（この情報は架空のものです）", office_hours_of(site_.settings), who());
        found = vulnerabilities::judge(
            tx, found.id,
            {vulnerabilities::Verdict::Act, "観光課のページで使っているため", "2.3.1に上げる", who().who, who().at, {}},
            found.change);
        vulnerabilities::NewPatch patch;
        patch.title = "地図の表示部品（見本） 2.3.1 への更新";
        patch.component = made.name;
        patch.version_from = made.version;
        patch.version_to = "2.3.1";
        patch.published_at = clock_.now() - 20h;
        patch.subjects = {fmt::format("vulnerability:{}", found.id)};
        const auto one = vulnerabilities::find_out(tx, patch, who());
        vulnerabilities::examine_patch(tx, one.id,
                                       "地図の表示だけに関わる。表示が崩れたときは、部品のファイルを前の版に戻す。",
                                       one.change, who());
        found = vulnerabilities::add_record(tx, "使っていない問合せフォームの部品の脆弱性", "JPCERT/CC（架空）",
                                            "この情報は架空のものです。", office_hours_of(site_.settings), who());
        vulnerabilities::judge(tx, found.id,
                               {vulnerabilities::Verdict::NotOurs, "この部品を使っていないため", "", who().who,
                                who().at, base::local_day(clock_.now()) + 180},
                               found.change);
    });
}

void Desk::month_end(bool has_papers) {
    const report::Month month = report::month_of(at(month_before(today_), 12));
    const auto maker = fmt::format("person:{}", people_.at("maeda").value);
    const auto client = fmt::format("person:{}", people_.at("watanabe").value);
    set_roster(month_after(first_of_month(today_)));
    const auto by_hand = [&] {
        if (clock_.now() < month.end()) return;
        hand_in_by_hand("completion-notice", "", fmt::format("業務完了通知書（{}）", month.wording()),
                        {{"month", month.key()}});
    };
    if (!has_papers) return by_hand();
    try {
        const MadeMonth made = make_month(site_, month, maker);
        clock_.advance(20min);
        deliver(made.monthly, maker);
        deliver(made.completion, maker);
        clock_.advance(3h);
        Inspection inspection;
        inspection.month = month;
        inspection.on = base::local_day(clock_.now());
        inspection.inspector = "秘書広報課長 山本 由紀";
        inspect_month(site_, inspection, client);
        clock_.advance(30min);
        issue_invoice(site_, month, maker);
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::Unavailable) throw;
        by_hand();  // nothing here prints
    }
}

void Desk::today() {
    ask_today();
    plan_ahead();
}

void Desk::ask_today() {
    const auto ask = [&](HelpKind kind, const char* login, const char* name, const char* title, const char* text) {
        helpdesk::NewQuestion made;
        made.kind = kind;
        made.title = title;
        made.text = text;
        made.asker = {people_.at(login), name, "", ""};
        return take_question(site_, made, {}, {fmt::format("person:{}", people_.at(login).value), name, clock_.now()})
            .id;
    };
    ask(HelpKind::Question, "watanabe", "渡辺 誠", "予約した公開を早めたい",
        "来週に予約しているページを、明日の朝に公開したいのですが、承認はもう一度必要ですか。");
    const auto taken = ask(HelpKind::Correction, "yamamoto", "山本 由紀", "お知らせ一覧の見出しを変えたい",
                           "「新着情報」を「お知らせ」に変えてください。");
    // An author may not ask: the names of the administrators come back.
    ask(HelpKind::Question, "sato", "佐藤 美咲", "表の幅の決め方", "表の幅をそろえるには、どうすればよいですか。");
    site_.database->write([&](sys::Transaction& tx) {
        helpdesk::accept(tx, taken, helpdesk::load_question(tx, taken).version, people_.at("ogawa"),
                         {fmt::format("person:{}", people_.at("ogawa").value), "小川 大輔", clock_.now()});
        for (const auto& [name, is_on] : {std::pair("unyo-01", true), std::pair("unyo-02", false)})
            registers::enter_report(tx, {name, "見本ウイルス対策", is_on, clock_.now() - 5h, 0},
                                    by<registers::By>("ogawa"));
        incidents::NewIncident made;
        made.title = "夜間に職員の画面が遅い";
        made.occurred_at = at(base::local_day(clock_.now()) - 1, 20);
        made.detected_at = clock_.now();
        made.found = "call";
        made.reporter = "秘書広報課 伊藤 彩";
        made.symptom = "昨日の20時ごろ、保存に10秒以上かかった。";
        made.once = "demo-2";
        const auto who = by<incidents::By>("ogawa");
        const auto open = incidents::open(tx, made, who);
        incidents::advance(tx, open.id, {incidents::State::Received, clock_.now(), "電話で受け付けた。", ""}, who,
                           open.version);
    });
}

void Desk::plan_ahead() {
    const Day day = workday_from(today_ + 40);
    stops::Plan plan;
    plan.title = "サーバの基本ソフトの更新";
    plan.starts_at = at(day, 22);
    plan.ends_at = at(day + 1, 2);
    plan.stops_public = true;
    plan.what = "市のホームページの全ページ";
    plan.works = "電子申請、図書館の蔵書検索、市の公式SNS";
    plan.reason = "安全に使い続けるため、サーバの基本ソフトを更新します。";
    plan.contact = "秘書広報課 電話 000-000-1001（夜間は市役所の代表電話）";
    plan.work = "バックアップを取り、更新し、表示と編集を確かめます。";
    plan.decider = "保守責任者 藤田 浩";
    plan.tree = "小川 → 前田 → 藤田 → 秘書広報課 渡辺";
    plan.rollback_at = at(day + 1, 1);
    const stops::PlannedStop stop = plan_stop(site_, plan, "demo-stop", by<stops::By>("maeda"));
    const auto department = site_.database->read([&](sys::Reader& db) {
        const auto found = people::find_person(db, people_.at("ito"));
        return found->memberships.front().department;
    });
    if (const Outcome notice = write_stop_notice(site_, stop.id, department, {people_.at("ito"), ""}); notice.refusal)
        throw base::Error(base::Kind::Bug, fmt::format("demo: {}", notice.refusal->en));
    site_.database->write([&](sys::Transaction& tx) {
        const auto who = by<training::By>("maeda");
        training::Session next;
        next.course = training::Course::Approver;
        next.starts_at = at(workday_from(today_ + 18), 13, 30);
        next.seats = 15;
        next.place = "市役所 3階 研修室";
        next.teacher = "講師 八重";
        const auto id = training::plan_session(tx, next, who);
        training::add_attendees(tx, id, "鈴木 健一,市民課\n田中 修,環境課\n小林 豊,危機管理課\n吉田 真理,こども課",
                                who);
        visits::Visit visit;
        visit.starts_at = at(workday_from(today_ + 20), 14);
        visit.place = "市役所 2階 会議室";
        visit.visitors = "前田 香織、小川 大輔";
        visit.purpose = "今月の運用の報告と、次年度の予定";
        visits::plan_visit(tx, visit, by<visits::By>("maeda"));
    });
}

}  // namespace flow::demo
