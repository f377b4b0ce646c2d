#include "flow/init_demo.h"

#include "flow/activate_due.h"
#include "flow/change_template.h"
#include "flow/demo/desk.h"
#include "flow/demo/office.h"
#include "flow/demo/texts.h"
#include "flow/edit_page.h"
#include "flow/find_frames.h"
#include "flow/mark_changes.h"
#include "flow/publish_site.h"
#include "flow/take_over_site.h"
#include "ground/base/error.h"
#include "ground/base/media_type.h"
#include "ground/ledger/store.h"
#include "ground/people/accounts.h"
#include "ground/people/passwords.h"
#include "ground/release/store.h"
#include "ground/sys/files.h"
#include "press/content/categories.h"
#include "press/content/store.h"
#include "press/content/templates.h"
#include "press/publish/queue.h"
#include "press/render/theme.h"
#include "press/workflow/store.h"

namespace flow {

namespace {

using namespace std::chrono_literals;
using base::Error;
using base::Kind;
using people::Role;

constexpr std::string_view kMarker = "demo";
constexpr std::string_view kName = "星見野市";

constexpr base::Day before(base::Day day, int working_days) {
    while (working_days > 0) {
        day = day - 1;
        if (base::weekday(day) % 6 != 0) --working_days;
    }
    return day;
}

/// Fills one site. Its clock runs from the morning two working days ago (where the desk has its records, from the month
/// before) to now while people do their work.
class Filler {
  public:
    Filler(Site& site, base::FixedClock& clock, base::Instant now)
        : site_(site), clock_(clock), now_(now), today_(base::local_day(now)) {}

    std::vector<DemoLogin> add_people(const FirstAdministrator& first);
    void add_structure();
    void add_pages();
    /// What was done two working days ago, on the last one, and in the last hour.
    void first_day();
    void second_day();
    void today();
    demo::Desk desk() { return {site_, clock_, people_, now_}; }
    void go_on_at(base::Instant at) {
        if (at > clock_.now()) clock_.advance(at - clock_.now());
    }

  private:
    people::By by() const { return {{}, clock_.now(), "system:site-init"}; }
    base::DepartmentId department(const std::string& code) const {
        return code.empty() ? base::DepartmentId{} : departments_.at(code);
    }
    /// Somebody of the department who writes, else the public relations section.
    base::PersonId author_of(const std::string& code) const {
        const auto found = authors_.find(code);
        return found == authors_.end() ? people_.at("ito") : found->second;
    }
    void add_department(sys::Transaction& tx, const std::vector<std::string>& row);
    void put_template(sys::Transaction& tx, content::TemplateKind kind, std::string_view name, std::string_view title,
                      const std::string& source);
    void add_live(sys::Transaction& tx, const demo::Text& text);
    std::vector<demo::Text> department_pages() const;

    Doer doer(const std::string& login) const { return {people_.at(login), ""}; }
    /// A page of stories/ as its author's draft.
    Outcome drafted(const std::string& name, const std::string& author);
    Outcome submitted(const std::string& name, const std::string& author, const Submission& submission);
    /// Throws Error(Bug) when the city's own rules refuse what its people are to do.
    Outcome done(Outcome outcome);
    Outcome standing_of(std::string_view path);
    /// A draft of a public page in which one phrase stands in another's place.
    Outcome revised(std::string_view path, std::string_view from, std::string_view to, const std::string& note,
                    const std::string& author);
    Outcome agreed(const Outcome& asked, const std::string& approver);
    /// The old pages of the city council, as the old server had them.
    void take_over_old_pages();
    void propose_menu();

    Site& site_;
    base::FixedClock& clock_;
    base::Instant now_;
    base::Day today_;
    std::map<std::string, base::DepartmentId> departments_;
    std::map<std::string, base::PersonId> people_;
    std::map<std::string, base::PersonId> authors_;  ///< by department code
};

void Filler::add_department(sys::Transaction& tx, const std::vector<std::string>& row) {
    people::Department made;
    made.code = row[0];
    if (!row[1].empty()) made.parent = department(row[1]);
    made.name = row[2];
    made.kana = row[3];
    made.phone = row[4];
    made.mail = fmt::format("{}@city.hoshimino.example.jp", row[0]);
    made.place = row[5];
    made.valid_from = {2000, 4, 1};
    departments_[row[0]] = people::add_department(tx, made, by());
}

std::vector<DemoLogin> Filler::add_people(const FirstAdministrator& first) {
    // Hashing takes its time, so it is done before the transaction.
    std::vector<std::pair<DemoLogin, std::string>> all;
    const auto rows = demo::table("people.csv");
    for (const auto& row : rows) {
        const std::string password = people::make_password();
        all.emplace_back(DemoLogin{row[0], row[1], row[4], password}, people::hash_new_password(password));
    }
    const std::string first_hash = people::hash_new_password(first.password);
    site_.database->write([&](sys::Transaction& tx) {
        for (const auto& row : demo::table("departments.csv")) add_department(tx, row);
        const auto administrator = people::find_person(tx, first.login_name);
        people::set_password(tx, administrator.value().id, first_hash, false, by());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto& row = rows[i];
            people::Person person;
            person.login_name = row[0];
            person.name = row[1];
            person.kana = row[2];
            person.mail = fmt::format("{}@city.hoshimino.example.jp", row[0]);
            if (!row[3].empty()) person.memberships.push_back({department(row[3]), {2000, 4, 1}, {}});
            const base::PersonId id = people::add_person(tx, person, all[i].second, by());
            people_[row[0]] = id;
            const Role role = people::find_role(row[4]).value();
            people::add_grant(tx, {{}, id, role, {}, ""}, by());
            if (role == Role::Author) authors_.emplace(row[3], id);
        }
        demo::add_absences(tx, {departments_, people_}, today_, by());
        demo::add_routes(tx, {departments_, people_}, by());
    });
    std::vector<DemoLogin> logins{
        {first.login_name, "サイト管理者", std::string(people::role_id(Role::SiteAdministrator)), first.password}};
    for (auto& [login, hash] : all) logins.push_back(std::move(login));
    return logins;
}

void Filler::put_template(sys::Transaction& tx, content::TemplateKind kind, std::string_view name,
                          std::string_view title, const std::string& source) {
    const auto known = content::find_template(tx, name);
    if (!known) {
        content::install_template(tx,
                                  {kind, std::string(name), std::string(title), true, source, {}, clock_.now(), ""});
        return;
    }
    const base::PersonId writer = people_.at("watanabe"), approver = people_.at("yamamoto");
    const auto made = content::save_template(tx, known->id, known->version, source, writer, clock_.now());
    content::submit_template(tx, known->id, content::find_template(tx, name)->version, writer, clock_.now());
    content::approve_template(tx, known->id, content::find_template(tx, name)->version, made.hash, approver,
                              clock_.now());
}

void Filler::add_structure() {
    using content::TemplateKind;
    site_.database->write([&](sys::Transaction& tx) {
        std::int64_t position = 0;
        for (const auto& row : demo::table("categories.csv"))
            content::add_category(tx, {row[0], row[1], row[2], ++position, 0});
        for (const auto& row : demo::table("sections.csv")) {
            content::Section section = content::find_section(tx, content::ensure_section(tx, row[0])).value();
            section.title = row[1];
            section.department = department(row[2]);
            section.description = row[3];
            section.position = ++position;
            section.has_feed = row[0] == "oshirase/";
            if (section.has_feed) section.archive = content::Archive::ByMonth;
            content::change_section(tx, section);
        }
        std::vector<content::MenuItem> main;
        for (const std::string_view path :
             {"kurashi/", "kosodate/", "kenko/", "kanko/", "shigoto/", "shisei/", "bosai/"})
            main.push_back({content::find_section(tx, path)->title, fmt::format("/{}", path), {}});
        put_template(tx, TemplateKind::Menu, "main", "分野のメニュー", content::write_menu(main));
        const std::vector<content::MenuItem> header{{"組織と連絡先", "/shisei/soshiki/", {}},
                                                    {"避難所", "/bosai/hinanjo.html", {}},
                                                    {"休日・夜間の急病", "/kenko/kyujitsu.html", {}}};
        put_template(tx, TemplateKind::Menu, "header_links", "ヘッダーのリンク", content::write_menu(header));
        const std::vector<content::MenuItem> footer{{"ウェブアクセシビリティ", "/shisei/accessibility.html", {}},
                                                    {"個人情報の取扱い", "/shisei/kojinjoho.html", {}},
                                                    {"サイトマップ", "/sitemap.html", {}},
                                                    {"市長への手紙", "/shisei/tegami.html", {}}};
        put_template(tx, TemplateKind::Menu, "footer_links", "フッターのリンク", content::write_menu(footer));
        put_template(tx, TemplateKind::List, "newest", "トップページの新着情報",
                     content::write_list({"list:oshirase/", 10, content::ListOrder::Newest}));
        render::install_theme(tx, clock_.now());
        for (const std::string_view name : {"header", "footer", "contact", "home"}) {
            const auto known = content::find_live_template(tx, name).value();
            put_template(tx, known.kind, name, "", demo::filled(known.kind, name, known.source));
        }
    });
    for (const auto& [path, bytes] : demo::files("attachments/")) site_.objects->put(bytes, sys::Durability::Later);
    std::vector<content::NewAsset> assets;
    for (const auto& [path, bytes] : demo::files("files/")) {
        const objects::Stored stored = site_.objects->put(bytes, sys::Durability::Later);
        assets.push_back({path, stored.hash, stored.size, std::string(base::media_type(path)), "", clock_.now()});
    }
    site_.objects->sync();
    site_.database->write([&](sys::Transaction& tx) {
        for (const content::NewAsset& made : assets)
            publish::mark_dirty(tx, fmt::format("asset:{}", content::put_asset(tx, made).id.value), made.made_at);
    });
}

/// What each department does and where it is found, from the table that its contact comes from too.
std::vector<demo::Text> Filler::department_pages() const {
    std::vector<demo::Text> pages;
    for (const auto& row : demo::table("departments.csv")) {
        std::string duties;
        const std::string& words = row[6];
        const bool is_list = words.find('|') != std::string::npos;
        for (std::size_t from = 0; from < words.size();) {
            const auto end = std::min(words.find('|', from), words.size());
            duties += fmt::format("<li>{}</li>\n", words.substr(from, end - from));
            from = end + 1;
        }
        const std::string html =
            is_list ? fmt::format("<h2>主な仕事</h2>\n<ul>\n{}</ul>\n", duties) : fmt::format("<p>{}</p>\n", words);
        std::string below;
        for (const auto& other : demo::table("departments.csv"))
            if (other[1] == row[0])
                below += fmt::format("<li><a href=\"/shisei/soshiki/{}.html\">{}</a></li>\n", other[0], other[2]);
        demo::Text text;
        text.path = fmt::format("shisei/soshiki/{}.html", row[0]);
        text.department = row[0];
        text.published_at = base::from_local({today_ - 420, 9, 0, 0, 0});
        text.body.title = row[2];
        text.body.description = fmt::format("{}（{}）の仕事と連絡先です。", row[2], row[3]);
        text.body.template_name = "article";
        text.body.parts["body"] =
            below.empty() ? html : fmt::format("{}<h2>課の一覧</h2>\n<ul>\n{}</ul>\n", html, below);
        pages.push_back(std::move(text));
    }
    return pages;
}

/// Public since its date, as if it had been written then.
void Filler::add_live(sys::Transaction& tx, const demo::Text& text) {
    content::NewPage made;
    made.path = text.path;
    made.department = department(text.department);
    made.body = text.body;
    made.author = author_of(text.department);
    made.made_at = text.published_at - std::chrono::hours(26);
    const content::Page page = content::add_page(tx, made);
    std::vector<std::string> attached;
    for (const content::Attachment& one : text.body.attachments) attached.push_back(one.path);
    if (!attached.empty()) workflow::claim_paths(tx, page.id, attached);
    change_live(tx, page.id, page.latest, text.published_at);
}

void Filler::add_pages() {
    std::vector<demo::Text> all = demo::pages(today_);
    for (demo::Text& text : department_pages()) all.push_back(std::move(text));
    std::stable_sort(all.begin(), all.end(),
                     [](const demo::Text& a, const demo::Text& b) { return a.published_at < b.published_at; });
    site_.database->write([&](sys::Transaction& tx) {
        for (const demo::Text& text : all) add_live(tx, text);
        ledger::append(tx, {clock_.now(), "system:site-init", "site.demo", "site:demo",
                            fmt::format(R"({{"pages":{}}})", all.size())});
    });
}

Outcome Filler::done(Outcome outcome) {
    if (outcome.refusal) throw Error(Kind::Bug, fmt::format("demo: {}: {}", outcome.page.path, outcome.refusal->en));
    // What is to be public at once is brought out by the press within a second.
    if (outcome.receipt != 0 && outcome.standing.state != workflow::State::Scheduled) {
        clock_.advance(600ms);
        publish_site(site_, {});
    }
    clock_.advance(3min);
    return outcome;
}

Outcome Filler::standing_of(std::string_view path) {
    const auto page = site_.database->read([&](sys::Reader& db) { return content::find_page(db, path); });
    return look_at(site_, page.value().id);
}

Outcome Filler::revised(std::string_view path, std::string_view from, std::string_view to, const std::string& note,
                        const std::string& author) {
    const Outcome live = standing_of(path);
    content::Body next =
        site_.database->read([&](sys::Reader& db) { return content::load_revision(db, live.revision).body; });
    std::string& html = next.parts["body"];
    const auto at = html.find(from);
    if (at == std::string::npos) throw Error(Kind::Bug, fmt::format("demo: {} does not say {}", path, from));
    html.replace(at, from.size(), to);
    return done(save_draft(site_, {live.page.id, next, live.revision, live.version(), Saving::ByHand, false, note},
                           doer(author)));
}

Outcome Filler::drafted(const std::string& name, const std::string& author) {
    const std::string path = fmt::format("oshirase/{}.html", name);
    const demo::Text text = demo::read_text(path, demo::file("stories/" + path), today_);
    return done(create_page(site_, {path, text.body, department(text.department), {}, "ja"}, doer(author)));
}

Outcome Filler::submitted(const std::string& name, const std::string& author, const Submission& submission) {
    const Outcome draft = drafted(name, author);
    return done(submit(site_, draft.page.id, draft.version(), submission, doer(author)));
}

Outcome Filler::agreed(const Outcome& asked, const std::string& approver) {
    return done(approve(site_, {asked.page.id, asked.version(), asked.hash, "", {}}, doer(approver)));
}

void Filler::take_over_old_pages() {
    const std::filesystem::path old = site_.folders.run / "old-site";
    for (const auto& [path, bytes] : demo::files("legacy/")) {
        sys::make_folders((old / path).parent_path());
        sys::write_file(old / path, bytes, sys::Durability::Later);
    }
    TakeoverOptions options;
    options.by = "system:site-init";
    const TakenOver taken = take_over_site(site_, old.string(), options);
    if (!taken.skipped.empty()) throw Error(Kind::Bug, "demo: " + taken.skipped.front().path);
    std::filesystem::remove_all(old);
    site_.database->write([&](sys::Transaction& tx) {
        content::Section section = content::find_section(tx, "gikai/").value();
        section.title = "市議会";
        section.department = department("gikai");
        section.description = "市議会のしくみ、議員、定例会の日程です。";
        content::change_section(tx, section);
    });
    find_frames(site_, options.by);
    const auto groups = site_.database->read([](sys::Reader& db) { return frames::list_groups(db); });
    if (groups.size() != 1) throw Error(Kind::Bug, "demo: the old pages are not of one kind");
    const RegionOutcome regions = accept_frame(site_, groups[0].id, groups[0].version, "#honbun", options.by);
    if (!regions.unmatched.empty() || !regions.refused.empty()) throw Error(Kind::Bug, "demo: the old pages' region");
    clock_.advance(20min);
}

void Filler::propose_menu() {
    const auto known = site_.database->read([](sys::Reader& db) { return content::find_template(db, "header_links"); });
    std::vector<content::MenuItem> items = content::parse_menu(site_.database->read(
        [&](sys::Reader& db) { return content::find_live_template(db, "header_links").value().source; }));
    items.push_back({"電子申請", "/shisei/densen.html", {}});
    const auto made = save_template(site_, known.value().id, known->version, content::write_menu(items),
                                    "電子申請への入口を増やす", doer("watanabe"));
    const auto saved = site_.database->read([&](sys::Reader& db) { return content::find_template(db, made.of); });
    submit_template(site_, made.of, saved.value().version, doer("watanabe"));
    clock_.advance(5min);
}

void Filler::first_day() {
    // 公開期限切れ: approved with an end that is past by now.
    Submission until;
    until.withdraw_at = clock_.now() + 5h;
    agreed(submitted("kazenosekkyo", "matsumoto", until), "inoue");

    // 公開を終了: gone, moved to another place, and one for which that is asked
    const auto end = [&](std::string_view path, const workflow::Ending& ending, Asking asking, const char* who) {
        const Outcome now = standing_of(path);
        done(withdraw(site_, now.page.id, now.version(), ending, asking, doer(who)));
    };
    end("oshirase/chosha-lift.html", {workflow::EndReason::Gone, "", "工事が終わったため"}, Asking::AtOnce, "watanabe");
    end("kurashi/ininjo.html",
        {workflow::EndReason::Moved, "kurashi/todokede/daihyo.html", "届出・証明のページにまとめたため"},
        Asking::AtOnce, "watanabe");
    end("oshirase/hoshimatsuri-owari.html", {workflow::EndReason::Gone, "", "写真の募集を終えたため"},
        Asking::WithApproval, "yamada");
    // 下書き
    drafted("shiminkaigi", "ito");
}

void Filler::second_day() {
    activate_due(site_);
    // 承認済み, 公開予約
    Submission by_hand;
    by_hand.is_by_hand = true;
    by_hand.comment = "講師の都合が決まってから公開します。";
    agreed(submitted("hiroba", "kato", by_hand), "yoshida");
    Submission planned;
    planned.publish_at = base::from_local({today_ + 7, 9, 0, 0, 0});
    agreed(submitted("sakura", "yamada", planned), "sasaki");

    // 公開に失敗: the takeover brings a file to the place that its picture was to have.
    Submission early;
    early.publish_at = clock_.now() + 90min;
    agreed(submitted("koyo", "yamada", early), "sasaki");
    take_over_old_pages();
    clock_.advance(2h);
    activate_due(site_);

    // 差戻し, of a page in the old frame
    const Outcome session = standing_of("gikai/teirei.htm");
    content::Body words =
        site_.database->read([&](sys::Reader& db) { return content::load_revision(db, session.revision).body; });
    words.parts["main"] = set_demo_dates(demo::file("stories/gikai/teirei.html"), today_);
    const Outcome saved = done(save_draft(
        site_, {session.page.id, words, session.revision, session.version(), Saving::ByHand, true, "次の定例会の日程"},
        doer("hara")));
    Submission asks;
    asks.comment = "次の定例会の日程に改めました。";
    const Outcome asked = done(submit(site_, saved.page.id, saved.version(), asks, doer("hara")));
    done(return_page(site_, asked.page.id, asked.version(), "一般質問の日の傍聴の受付が、何時からかを書いてください。",
                     doer("ueda")));
    propose_menu();
    publish_site(site_, {});
}

void Filler::today() {
    // 承認待ち, 差戻し
    Submission asks;
    asks.comment = "窓口の職員の配置は調整済みです。ご確認をお願いします。";
    submitted("mynumber-kyujitsu", "sato", asks);
    const Outcome asked = submitted("haikibutsu", "takahashi", {});
    done(return_page(site_, asked.page.id, asked.version(), "5か所の公民館の名前と、いつからかを書いてください。",
                     doer("tanaka")));

    // 公開中 with the draft of the next revision
    const std::string_view hours = "毎日の午前6時30分から午後11時まで";
    revised("kurashi/todokede/juminhyo.html", hours, fmt::format("{}（点検日を除きます）", hours), "点検日を書き足す",
            "sato");

    // 承認待ち at the second step of its route, and one whose approver is away
    const auto ask = [&](const Outcome& draft, std::string comment, const char* who) {
        Submission wish;
        wish.comment = std::move(comment);
        return done(submit(site_, draft.page.id, draft.version(), wish, doer(who)));
    };
    agreed(ask(revised("bosai/hinanjo.html", "福祉会館など5か所を開きます", "福祉会館など6か所を開きます",
                       "福祉避難所を1か所増やす", "nakamura"),
               "来月から6か所になります。", "nakamura"),
           "kobayashi");
    ask(revised("kurashi/zeikin/noufu.html", "毎月最後の木曜日は午後7時30分まで", "毎月最後の木曜日は午後8時まで",
                "夜間の相談の時間を延ばす", "kimura"),
        "来月の夜間相談から、午後8時までになります。", "kimura");

    // 緊急公開, to be approved afterwards
    const Outcome alarm = drafted("oame", "nakamura");
    done(emergency_publish(site_, alarm.page.id, alarm.version(), "雨が強まる前に知らせるため", doer("kobayashi")));
}

bool is_loopback(std::string_view address) {
    return address.starts_with("127.") || address.starts_with("localhost:") || address.starts_with("[::1]");
}

}  // namespace

Demo init_demo(const NewSite& made, const base::Clock& clock, DemoDesk with) {
    NewSite named = made;
    named.name = kName;
    const base::Instant now = clock.now();
    const base::Day today = base::local_day(now);
    const base::Instant first_day = base::from_local({before(today, 2), 9, 10, 0, 0});
    base::FixedClock working(with == DemoDesk::None ? first_day : demo::Desk::beginning(today));
    const FirstAdministrator first = init_site(named, working);
    // From here on nobody takes it for a real one, even if this stops halfway.
    const Folders folders = folders_of(std::filesystem::absolute(made.folder));
    sys::write_file(folders.site / kMarker, "星見野市 is invented; this site is for trying things out.\n",
                    sys::Durability::Now, 0644);
    // Pages that were taken over stand beside composed ones, so what is generated for the whole site is switched on.
    std::string toml = sys::read_file(folders.site / "yakuba.toml");
    for (const std::string_view key : {"publish.sitemap", "publish.feeds", "publish.error_pages"})
        toml = settings::edited(toml, key, settings::Text("on"));
    // It is served to this machine alone: who tries it out needs no device for a second factor.
    toml = settings::edited(toml, "office.town_hall_networks", settings::TextList{"127.0.0.1/32", "::1/128"});
    // Its contract has these hours, and the contract's check warns where the settings have others.
    toml = settings::edited(toml, "calendar.opens", settings::Text("08:30"));
    // Nor do they want their passwords to scroll away under each request; the log that is kept has them all.
    toml = settings::edited(toml, "log.level", settings::Text("warning"));
    sys::write_file(folders.site / "yakuba.toml", toml, sys::Durability::Now, 0640);
    Demo demo;
    {
        const auto site = Site::open(made.folder, working);
        Filler filler(*site, working, now);
        demo.people = filler.add_people(first);
        demo::Desk desk = filler.desk();
        const bool is_month_over = desk.month_end_at() < first_day;  // in its first days the papers come last
        if (with != DemoDesk::None) {
            desk.begin();
            desk.last_month(with == DemoDesk::Papers);
            if (is_month_over) filler.go_on_at(desk.month_end_at());
            if (is_month_over) desk.month_end(with == DemoDesk::Papers);
        }
        filler.go_on_at(first_day);
        if (with != DemoDesk::None) desk.add_weakness();
        filler.add_structure();
        filler.add_pages();
        publish_site(*site, {});
        filler.first_day();
        filler.go_on_at(base::from_local({before(today, 1), 10, 5, 0, 0}));
        filler.second_day();
        if (with != DemoDesk::None && !is_month_over) {
            filler.go_on_at(now - 5h);
            const bool is_next_month = base::local_day(working.now()).month == today.month;
            desk.month_end(with == DemoDesk::Papers && is_next_month);
        }
        filler.go_on_at(now - 40min);
        filler.today();
        if (with != DemoDesk::None) desk.today();
    }
    const auto site = Site::open(made.folder, clock);
    publish_site(*site, {});
    demo.release = site->database->read([](sys::Reader& db) { return release::find_newest(db).value().number; });
    demo.pages = site->database->read([](sys::Reader& db) { return content::count_pages(db); });
    return demo;
}

bool is_demo(const std::filesystem::path& folder) {
    return std::filesystem::exists(folder / kMarker);
}

void check_demo_addresses(const std::filesystem::path& folder, std::span<const std::string> addresses) {
    if (!is_demo(folder)) return;
    for (const std::string& address : addresses)
        if (!is_loopback(address))
            throw Error(
                Kind::NotAllowed,
                fmt::format(
                    "{} is a demo, whose passwords were printed: it is served on loopback addresses only, not on {}",
                    folder.string(), address));
}

}  // namespace flow
