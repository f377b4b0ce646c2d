#include "flow/training_site.h"

#include <algorithm>

#include <fmt/format.h>

#include "flow/change_template.h"
#include "flow/edit_page.h"
#include "flow/init_demo.h"
#include "flow/publish_site.h"
#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/people/accounts.h"
#include "ground/people/passwords.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "press/content/store.h"
#include "press/content/templates.h"

namespace flow {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;
using people::Role;
using training::Course;

namespace {

constexpr std::string_view kMarker = "training";
constexpr std::string_view kTeacher = "koushi";
constexpr std::string_view kSection = "kenshu/";
constexpr std::string_view kBand =
    "<section class=\"urgent\" aria-label=\"研修用のサイト\">\n  <div class=\"wrap\">\n"
    "    <p class=\"urgent-title\">研修用のサイトです。書いてあることは、本物ではありません。</p>\n"
    "  </div>\n</section>\n";

fs::path training_root(const Folders& folders) {
    return folders.site / "training";
}
fs::path pointer_file(const Folders& folders) {
    return training_root(folders) / "current";
}
std::string login_of(std::int64_t seat) {
    return fmt::format("kenshu{:02}", seat);
}
std::string folder_of(std::int64_t seat) {
    return fmt::format("{}{:02}/", kSection, seat);
}
std::string part_of(std::int64_t seat) {
    return fmt::format("kenshu-{:02}", seat);
}

/// What goes with nothing that is served any more; a process that still stops may leave some for the next time.
void remove_others(const Folders& folders, std::string_view keep) {
    std::error_code ignored;
    for (const fs::directory_entry& each : fs::directory_iterator(training_root(folders), ignored))
        if (each.is_directory(ignored) && each.path().filename() != keep) fs::remove_all(each.path(), ignored);
}

/// The real site's addresses and mail server are nothing to it: mail is kept and shown, never sent (letters.cc).
void write_settings(const Site& real, const Folders& made) {
    std::string toml = sys::read_file(made.site / "yakuba.toml", 1U << 20U);
    const settings::Settings::Training& own = real.settings.training;
    const auto set = [&](std::string_view key, const settings::Value& value) {
        toml = settings::edited(toml, key, value);
    };
    set("office.address", own.address);
    set("office.preview_address", own.preview_address);
    set("public.address", own.public_address);
    if (!own.url.empty()) set("office.base_url", own.url);
    set("site.url", own.public_url.empty() ? fmt::format("http://{}/", own.public_address) : own.public_url);
    set("site.name", real.settings.site.name + "（研修用）");
    set("office.second_factor_roles", settings::TextList{});
    set("office.trusted_proxies", real.settings.office.trusted_proxies);  // trainees come the same way
    set("public.trusted_proxies", real.settings.public_site.trusted_proxies);
    set("mail.from", settings::Text("kenshu@example.jp"));
    set("mail.smtp_url", settings::Text("smtp://127.0.0.1:9"));
    set("mail.bundle_minutes", settings::Integer{0});
    set("helpdesk.imap_url", settings::Text());
    set("helpdesk.form_address", settings::Text());
    sys::write_file(made.site / "yakuba.toml", toml, sys::Durability::Now, 0640);
}

/// Accounts, folders and what the exercises start from.
class Room {
  public:
    Room(Site& site, Course course, std::int64_t seats) : site_(site), course_(course), seats_(seats) {}

    base::PersonId add_teacher() {
        const std::string password = people::make_password();
        const std::string hash = people::hash_new_password(password);
        teacher_ = site_.database->write([&](sys::Transaction& tx) {
            const base::PersonId id = add(tx, std::string(kTeacher), "講師", hash);
            people::add_grant(tx, {{}, id, Role::SiteAdministrator, {}, ""}, by());
            people::add_grant(tx, {{}, id, Role::Author, {}, std::string(kSection)}, by());
            people::add_grant(tx, {{}, id, Role::Approver, {}, std::string(kSection)}, by());
            return id;
        });
        cards_.push_back({0, std::string(kTeacher), password, fmt::format("/{}", kSection)});
        return teacher_;
    }

    void add_seats() {
        std::vector<std::string> hashes;  // before the transaction: each takes its time
        for (std::int64_t seat = 1; seat <= seats_; ++seat) {
            cards_.push_back({seat, login_of(seat), people::make_password(),
                              course_ == Course::Administrator ? part_of(seat) : "/" + folder_of(seat)});
            hashes.push_back(people::hash_new_password(cards_.back().password));
        }
        site_.database->write([&](sys::Transaction& tx) {
            name_section(tx, kSection, "研修");
            for (std::int64_t seat = 1; seat <= seats_; ++seat) {
                const base::PersonId id = add(tx, login_of(seat), fmt::format("研修 {:02}", seat),
                                              hashes[static_cast<std::size_t>(seat - 1)]);
                name_section(tx, folder_of(seat), fmt::format("研修 {:02}", seat));
                add_role(tx, id, seat);
            }
        });
    }

    /// For approvers: one page that is to be returned, one that is to be approved.
    void add_pages() {
        if (course_ != Course::Approver) return;
        for (std::int64_t seat = 1; seat <= seats_; ++seat) {
            submit_page(folder_of(seat) + "oshirase-a.html", "防災訓練のお知らせ（日付なし）",
                        "<p>防災訓練を、○月○日に市役所の前の広場で行います。動きやすい服装でお越しください。</p>");
            submit_page(folder_of(seat) + "oshirase-b.html", "図書館の休館日のお知らせ",
                        "<p>図書館は、毎週月曜日と年末年始に休館します。返却ポストは、いつでもお使いになれます。</p>");
        }
    }

    void put_band() {
        const auto [header, source] = site_.database->read([](sys::Reader& db) {
            const auto live = content::find_live_template(db, "header");
            return std::pair(content::find_template(db, "header"), live ? live->source : std::string());
        });
        const auto at = source.find("<header");
        if (!header || at == std::string::npos) return;
        std::string changed = source;
        changed.insert(at, kBand);
        site_.database->write([&, &header = header](sys::Transaction& tx) {
            const base::Instant now = site_.clock.now();
            const auto administrator = people::find_person(tx, "admin").value().id;
            const auto saved = content::save_template(tx, header->id, header->version, changed, teacher_, now);
            content::submit_template(tx, header->id, content::find_template(tx, header->id)->version, teacher_, now);
            content::approve_template(tx, header->id, content::find_template(tx, header->id)->version, saved.hash,
                                      administrator, now);
        });
    }

    const std::vector<TrainingCard>& cards() const { return cards_; }

  private:
    people::By by() const { return {{}, site_.clock.now(), "system:training"}; }

    base::PersonId add(sys::Transaction& tx, const std::string& login, const std::string& name,
                       const std::string& hash) {
        people::Person person;
        person.login_name = login;
        person.name = name;
        person.kana = name;
        person.mail = login + "@example.jp";
        return people::add_person(tx, person, hash, by());
    }
    void name_section(sys::Transaction& tx, std::string_view path, std::string title) {
        content::Section section = content::find_section(tx, content::ensure_section(tx, path)).value();
        section.title = std::move(title);
        content::change_section(tx, section);
    }
    void add_role(sys::Transaction& tx, base::PersonId id, std::int64_t seat) {
        if (course_ == Course::Administrator) {
            people::add_grant(tx, {{}, id, Role::SiteAdministrator, {}, ""}, by());
            content::install_template(tx, {content::TemplateKind::Part,
                                           part_of(seat),
                                           fmt::format("研修 {:02} の連絡先", seat),
                                           true,
                                           training::faulty_part(),
                                           {},
                                           site_.clock.now(),
                                           ""});
            return;
        }
        const Role role = course_ == Course::Author ? Role::Author : Role::Approver;
        people::add_grant(tx, {{}, id, role, {}, folder_of(seat)}, by());
    }
    void submit_page(const std::string& path, const std::string& title, const std::string& html) {
        NewDraft draft;
        draft.path = path;
        draft.body.title = title;
        draft.body.description = title;
        draft.body.template_name = "article";
        draft.body.parts["body"] = html;
        const Outcome made = create_page(site_, draft, {teacher_, ""});
        const Outcome asked = made ? submit(site_, made.page.id, made.version(), {}, Doer{teacher_, ""}) : made;
        if (asked.refusal) throw Error(Kind::Bug, fmt::format("training: {}: {}", path, asked.refusal->en));
    }

    Site& site_;
    Course course_;
    std::int64_t seats_;
    base::PersonId teacher_;
    std::vector<TrainingCard> cards_;
};

std::string write_cards(const std::vector<TrainingCard>& cards) {
    std::string text;
    for (const TrainingCard& card : cards)
        text +=
            base::csv_line(std::vector<std::string>{std::to_string(card.seat), card.login, card.password, card.folder});
    return text;
}

/// Makes the site in `folder`, which is nobody's yet.
void build(Site& real, const fs::path& folder, Course course, std::int64_t seats, TrainingSource source) {
    const NewSite made{folder, real.settings.site.name, "", ""};
    if (source == TrainingSource::Demo) {
        init_demo(made, real.clock, DemoDesk::None);
        sys::remove_file(folder / "demo");  // its accounts are the demo's own: nobody is told their passwords
    } else {
        init_site(made, real.clock);
    }
    const Folders folders = folders_of(folder);
    write_settings(real, folders);
    sys::write_file(folder / kMarker, fmt::format("{}\n", training::course_id(course)), sys::Durability::Now, 0644);
    const auto site = Site::open(folder, real.clock);
    Room room(*site, course, seats);
    const base::PersonId teacher = room.add_teacher();
    if (source == TrainingSource::Copy) copy_public_content(real, *site, teacher);
    room.add_seats();
    room.add_pages();
    room.put_band();
    publish_site(*site, {});
    sys::write_file(folder / "cards.csv", write_cards(room.cards()), sys::Durability::Now, 0600);
}

sys::FileLock lock_training(const Folders& folders) {
    sys::make_folders(training_root(folders), 0750);
    auto lock = sys::FileLock::find(training_root(folders) / "lock");
    if (!lock)
        throw Error(Kind::Conflict,
                    "研修用サイトを準備しているところです。1分ほど待ってから、画面を開き直してください。");
    return *std::move(lock);
}

std::string build_new(Site& site, const training::Session& session, TrainingSource source) {
    const std::string name = fmt::format("{}-{}", session.id, base::to_hex(sys::random_bytes(4)));
    const fs::path folder = training_root(site.folders) / name;
    try {
        build(site, folder, session.course, session.seats, source);
        sys::write_file(folder / "source", training_source_id(source), sys::Durability::Now);
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
        throw;
    }
    return name;
}

void point_to(const Folders& folders, std::string_view name) {
    note_training_problem(folders, "研修用サイトを起動しています。");
    sys::write_file(pointer_file(folders), name, sys::Durability::Now, 0640);
    remove_others(folders, name);
}

}  // namespace

std::string_view training_source_id(TrainingSource source) {
    return source == TrainingSource::Demo ? "demo" : "copy";
}

std::optional<TrainingSource> find_training_source(std::string_view id) {
    if (id == "demo") return TrainingSource::Demo;
    if (id == "copy") return TrainingSource::Copy;
    return std::nullopt;
}

std::string training_generation(const Folders& folders) {
    const auto name = sys::find_file(pointer_file(folders), 100);
    return name && name->find('/') == std::string::npos ? *name : std::string();
}

fs::path training_folder(const Folders& folders) {
    const std::string name = training_generation(folders);
    return training_root(folders) / (name.empty() ? "none" : name);
}

bool is_training(const fs::path& site_folder) {
    std::error_code ignored;
    return fs::is_regular_file(site_folder / kMarker, ignored);
}

Course training_course(const Folders& site_folders) {
    const std::string text = sys::read_file(site_folders.site / kMarker, 100);
    const auto course = training::find_course(base::trim(text));
    if (!course) throw Error(Kind::Damaged, "研修用サイトの種類が分かりません。研修用サイトを作り直してください。");
    return *course;
}

std::int64_t seat_of(std::string_view login) {
    if (login.size() != 8 || !login.starts_with("kenshu")) return 0;
    const char tens = login[6], ones = login[7];
    if (tens < '0' || tens > '9' || ones < '0' || ones > '9') return 0;
    return (tens - '0') * 10 + (ones - '0');
}

void open_training(Site& site, std::int64_t session, TrainingSource source, const training::By& by) {
    if (is_training(site.folders.site))
        throw Error(Kind::NotAllowed, "研修用のサイトの中に、研修用のサイトは作れません。");
    const sys::FileLock lock = lock_training(site.folders);
    const auto found = site.database->read([&](sys::Reader& db) {
        const auto other = training::find_open(db);
        if (other && other->id != session)
            throw Error(Kind::Conflict, "ほかの研修の研修用サイトがあります。先に片付けてください。");
        if (other) throw Error(Kind::Conflict, "研修用サイトは、もう準備されています。");
        return training::load_session(db, session);
    });
    if (found.state != training::State::Planned)
        throw Error(Kind::Conflict, "予定の研修だけに、研修用サイトを作れます。");
    const std::string name = build_new(site, found, source);
    site.database->write(
        [&](sys::Transaction& tx) { training::note_opened(tx, session, training_source_id(source), found.seats, by); });
    point_to(site.folders, name);
}

void reset_training(Site& site, std::int64_t session, const training::By& by) {
    const sys::FileLock lock = lock_training(site.folders);
    const auto found = site.database->read([&](sys::Reader& db) {
        const auto open = training::find_open(db);
        if (!open || open->id != session) throw Error(Kind::Conflict, "この研修の研修用サイトはありません。");
        return *open;
    });
    const auto kept = sys::find_file(training_folder(site.folders) / "source", 20);
    const std::string name =
        build_new(site, found, find_training_source(kept.value_or("")).value_or(TrainingSource::Demo));
    site.database->write([&](sys::Transaction& tx) { training::note_reset(tx, session, by); });
    point_to(site.folders, name);
}

void close_training(Site& site, std::int64_t session, bool is_forced, const training::By& by) {
    const sys::FileLock lock = lock_training(site.folders);
    const auto open = site.database->read([](sys::Reader& db) { return training::find_open(db); });
    if (!open || open->id != session) throw Error(Kind::Conflict, "この研修の研修用サイトはありません。");
    std::vector<std::pair<std::int64_t, training::Answer>> answers;
    try {
        const auto database = sys::Database::open({.url = "",
                                                   .file = training_folder(site.folders) / "yakuba.db",
                                                   .is_durable = true,
                                                   .readers = 1,
                                                   .schema = ""});
        answers = database->read([](sys::Reader& db) { return training::list_answers_by_seat(db); });
    } catch (const Error& error) {
        if (!is_forced)
            throw Error(Kind::Unavailable,
                        "研修用サイトのアンケートを読めないため、片付けませんでした。" + error.message());
    }
    site.database->write([&](sys::Transaction& tx) {
        training::take_answers(tx, session, answers, by);
        training::note_closed(tx, session, by);
    });
    sys::remove_file(pointer_file(site.folders));
    remove_others(site.folders, "");
}

void drop_void_training(Site& site) {
    if (training_generation(site.folders).empty()) return;
    const auto lock = sys::FileLock::find(training_root(site.folders) / "lock");
    if (!lock) return;  // being made or removed just now
    const std::string name = training_generation(site.folders);
    const auto open = site.database->read([](sys::Reader& db) { return training::find_open(db); });
    if (open && name.starts_with(fmt::format("{}-", open->id))) return;
    sys::remove_file(pointer_file(site.folders));
    remove_others(site.folders, "");
}

std::vector<TrainingCard> training_cards(const Folders& folders) {
    const auto text = sys::find_file(training_folder(folders) / "cards.csv", 100'000);
    if (!text) throw Error(Kind::NotFound, "研修用サイトがありません。先に準備してください。");
    std::vector<TrainingCard> cards;
    for (const base::CsvRecord& record : base::parse_csv(*text).records)
        if (record.cells.size() == 4)
            cards.push_back({std::strtoll(record.cells[0].c_str(), nullptr, 10), record.cells[1], record.cells[2],
                             record.cells[3]});
    return cards;
}

std::optional<std::string> find_training_problem(const Folders& folders) {
    return sys::find_file(training_root(folders) / "problem", 10'000);
}

void note_training_problem(const Folders& folders, std::string_view problem) {
    sys::write_file(training_root(folders) / "problem", problem, sys::Durability::Later, 0640);
}

}  // namespace flow
