// The office's database: reachable, of a version and a locale that keep Japanese text whole, and at this program's
// schema. Nothing is migrated by looking.
#include <set>

#include "flow/doctor.h"
#include "flow/schema.h"
#include "ground/sys/database_health.h"

namespace flow::doctor {

namespace {

constexpr std::int64_t kOldestPostgres = 130000;

std::vector<Answer> look_at_schema(sys::Reader& db) {
    std::set<std::string> there;
    for (const sys::Row& row : db.query("SELECT name FROM schema_migration")) there.insert(row.text(0));
    std::set<std::string> known;
    for (const sys::Migration& one : office_migrations()) known.emplace(one.name);
    std::vector<Answer> all;
    const auto has_more = [](const std::set<std::string>& a, const std::set<std::string>& b) {
        return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return !b.contains(one); });
    };
    if (has_more(there, known))
        all.push_back({Verdict::Failed, "データベースが、このプログラムより新しい版のものです。",
                       "新しい版のプログラムを入れるか、バックアップから戻してください。"});
    else if (has_more(known, there))
        all.push_back({Verdict::Warning, "データベースが、まだこの版になっていません。",
                       "サービスを止めて、yakuba site upgrade を実行してください。"});
    return all;
}

std::vector<Answer> look_at_postgres(sys::Reader& db) {
    std::vector<Answer> all;
    const auto row = db.find(
        "SELECT CAST(current_setting('server_version_num') AS bigint), current_setting('server_encoding'), datcollate, "
        "CAST(datlocprovider AS text) FROM pg_database WHERE datname = current_database()");
    if (row->integer(0) < kOldestPostgres)
        all.push_back({Verdict::Failed, "PostgreSQL の版が古すぎます。", "13 以降にしてください。"});
    if (row->text(1) != "UTF8")
        all.push_back({Verdict::Failed, fmt::format("データベースの文字コードが {} です。", row->text(1)),
                       "UTF8 のデータベースを作り直して、移してください。"});
    const std::string& locale = row->text(2);
    if (row->text(3) != "i" && locale != "C" && locale != "C.UTF-8" && locale != "POSIX")
        all.push_back(
            {Verdict::Warning,
             fmt::format("データベースの照合順序が {} です。OSの更新で並び順が変わり、索引が壊れることがあります。",
                         locale),
             "C か ICU のデータベースに移すことをお勧めします。"});
    return all;
}

std::vector<Answer> run(const Subject& subject) {
    const auto& settings = subject.settings->database;
    const auto file = subject.folders.site / "yakuba.db";
    if (settings.url.empty() && !std::filesystem::exists(file))
        return {{Verdict::Failed, fmt::format("{} がありません。", file.string()), "バックアップから戻してください。"}};
    const auto database = sys::Database::open(
        {.url = settings.url, .file = file, .is_durable = true, .readers = 1, .schema = settings.schema});
    std::vector<Answer> all = database->read([](sys::Reader& db) { return look_at_schema(db); });
    if (database->engine() == sys::Engine::Postgres)
        for (Answer& one : database->read([](sys::Reader& db) { return look_at_postgres(db); }))
            all.push_back(std::move(one));
    const sys::DatabaseHealth health = sys::look_at(*database, file, false);
    if (all.empty())
        all.push_back({Verdict::Ok,
                       fmt::format("データベース（{}、{:.1f} MB）は使えます。", health.engine,
                                   static_cast<double>(health.bytes) / 1e6),
                       {}});
    return all;
}

}  // namespace

extern const Check database{"database", "データベース", run};

}  // namespace flow::doctor
