#include "office/records/store.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/calendar/era.h"

namespace records {

using base::Error;
using base::Kind;

namespace {

constexpr sys::Migration kMigrations[] = {{"records/0001_number_and_file", R"(
-- The last number of each kind and fiscal year, and the files of any subject. A number is taken in the transaction of
-- what bears it, so none is lost.
CREATE TABLE record_number (
    kind {key} NOT NULL,
    fiscal_year BIGINT NOT NULL,
    last_number BIGINT NOT NULL CHECK (last_number > 0),
    PRIMARY KEY (kind, fiscal_year)
);
CREATE TABLE record_file (
    id {id},
    subject {key} NOT NULL,
    name TEXT NOT NULL,
    media_type {key} NOT NULL,
    hash {key} NOT NULL,
    bytes BIGINT NOT NULL,
    added_by {key} NOT NULL,
    added_at BIGINT NOT NULL
);
CREATE INDEX record_file_subject ON record_file (subject, id);
)"}};

struct Word {
    std::string_view kind, word;
};
// Each word once: numbers are told apart by it.
constexpr Word kWords[] = {{"incident", "障害"},
                           {"question", "受付"},
                           {"stop", "計画停止"},
                           {"vulnerability", "脆弱性"},
                           {"inspection", "脆弱性検査"},
                           {"completion", "完了通知"},
                           {"monthly", "月次報告"},
                           {"invoice", "請求"},
                           {"incident-first", "障害速報"},
                           {"incident-interim", "障害中間報告"},
                           {"incident-final", "障害最終報告"},
                           {"stop-report", "緊急停止報告"},
                           {"anomalies", "異常報告"},
                           {"training", "研修報告"},
                           {"contacts", "体制図"},
                           {"visit-dossier", "訪問資料"},
                           {"vulnerability-report", "脆弱性対応票"},
                           {"notice", "お知らせ"}};

constexpr std::size_t kLongestName = 200;  // characters
constexpr std::string_view kColumns =
    "SELECT id, subject, name, media_type, hash, bytes, added_by, added_at FROM record_file ";

File read(const sys::Row& row) {
    const auto hash = base::Hash::find_hex(row.text(4));
    if (!hash) throw Error(Kind::Damaged, fmt::format("record_file {}: its hash cannot be read", row.integer(0)));
    File file;
    file.id = row.integer(0);
    file.subject = row.text(1);
    file.name = row.text(2);
    file.type = row.text(3);
    file.hash = *hash;
    file.bytes = row.integer(5);
    file.by = row.text(6);
    file.at = {row.integer(7)};
    return file;
}

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

std::string take_number(sys::Transaction& tx, std::string_view kind, base::Instant at) {
    const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    if (kind.empty() || !std::all_of(kind.begin(), kind.end(), is_word))
        throw Error(Kind::Bug, fmt::format("\"{}\" is no kind of number", kind));
    const int year = calendar::fiscal_year(base::local_day(at));
    const std::int64_t number = tx.insert(
        "INSERT INTO record_number (kind, fiscal_year, last_number) VALUES ($1, $2, 1) ON CONFLICT (kind, fiscal_year) "
        "DO UPDATE SET last_number = record_number.last_number + 1 RETURNING last_number",
        {std::string(kind), std::int64_t{year}});
    return fmt::format("{}-{}-{:04}", number_word(kind), year, number);
}

std::string_view number_word(std::string_view kind) {
    for (const Word& word : kWords)
        if (word.kind == kind) return word.word;
    return kind;
}

std::string file_stem(std::string_view number) {
    for (const Word& word : kWords)
        if (number.starts_with(word.word) && number.substr(word.word.size()).starts_with('-'))
            return fmt::format("{}{}", word.kind, number.substr(word.word.size()));
    return std::string(number);
}

File attach(sys::Transaction& tx, const NewFile& file) {
    if (file.subject.empty() || base::trim(file.name).empty())
        throw Error(Kind::BadInput, "ファイル名がありません。名前の付いたファイルを選んでください。");
    if (!base::is_utf8(file.name) || base::count_code_points(file.name) > kLongestName)
        throw Error(Kind::BadInput, fmt::format("ファイル名が長すぎます。{}文字までにしてください。", kLongestName));
    File made;
    static_cast<NewFile&>(made) = file;
    made.id = tx.insert(
        "INSERT INTO record_file (subject, name, media_type, hash, bytes, added_by, added_at) VALUES ($1, $2, $3, $4, "
        "$5, $6, $7) RETURNING id",
        {file.subject, file.name, file.type, file.hash.hex(), file.bytes, file.by, file.at.milliseconds});
    return made;
}

std::vector<File> list_files(sys::Reader& db, std::string_view subject) {
    std::vector<File> files;
    for (const sys::Row& row :
         db.query(std::string(kColumns) + "WHERE subject = $1 ORDER BY id", {std::string(subject)}))
        files.push_back(read(row));
    return files;
}

std::optional<File> find_file(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kColumns) + "WHERE id = $1", {id});
    if (!row) return std::nullopt;
    return read(*row);
}

}  // namespace records
