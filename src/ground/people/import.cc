#include "ground/people/import.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include <fmt/format.h>

#include "ground/base/csv.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/people/store/fields.h"

namespace people {

namespace {

constexpr std::size_t kLargest = std::size_t{1} << 20;
constexpr std::size_t kMostLines = 2000;
constexpr PersonId kNewcomer{-1};  // to ask whether somebody without a number yet may be given a role

enum Column : std::size_t { kLogin, kName, kKana, kMail, kDepartment, kRole, kSource, kColumns };

struct ColumnWords {
    std::string_view ja, en;
    std::string_view others;  // accepted as well
};
constexpr std::array<ColumnWords, kColumns> kWords = {{
    {"ログイン名", "login", "ログインid login_name"},
    {"氏名", "name", "名前"},
    {"ふりがな", "kana", "フリガナ"},
    {"メール", "mail", "メールアドレス email"},
    {"所属コード", "department", "所属 部署コード"},
    {"役割", "role", "権限 roles"},
    {"認証", "source", "認証方式"},
}};
constexpr std::string_view kSourcesJa[] = {"本システム", "庁内認証"};

struct Reason {
    std::string ja, en;
};
/// Of a heading or a cell; inside this file only.
struct RowFault {
    std::string column;
    Reason reason;
};
[[noreturn]] void fail(std::string_view column, std::string ja, std::string en) {
    throw RowFault{std::string(column), {std::move(ja), std::move(en)}};
}
[[noreturn]] void fail(Column column, std::string ja, std::string en) {
    fail(kWords[column].en, std::move(ja), std::move(en));
}

/// Cells separated by ";" (full-width too), trimmed, without empty ones.
std::vector<std::string> parts_of(std::string cell) {
    for (auto at = cell.find("；"); at != std::string::npos; at = cell.find("；"))
        cell.replace(at, std::string_view("；").size(), ";");
    std::vector<std::string> parts;
    for (const std::string_view part : base::split(cell, ';'))
        if (const auto text = base::trim(part); !text.empty()) parts.emplace_back(text);
    return parts;
}

std::optional<Column> find_column(std::string_view heading) {
    const std::string name = base::to_lower(base::trim(heading));
    for (std::size_t i = 0; i < kColumns; ++i) {
        const auto others = base::split(kWords[i].others, ' ');
        if (name == kWords[i].ja || name == kWords[i].en ||
            std::find(others.begin(), others.end(), name) != others.end())
            return static_cast<Column>(i);
    }
    return std::nullopt;
}

std::string column_list() {
    std::string list;
    for (const ColumnWords& words : kWords)
        list += fmt::format("{}{}/{}", list.empty() ? "" : ", ", words.ja, words.en);
    return list;
}

using Places = std::array<std::optional<std::size_t>, kColumns>;  // where each column stands in the table

Places read_headings(const base::CsvRecord& headings) {
    Places places;
    for (std::size_t i = 0; i < headings.cells.size(); ++i) {
        const auto column = find_column(headings.cells[i]);
        if (!column)
            fail(headings.cells[i], "知らない列名です。使えるのは次の列です: " + column_list(),
                 "this column is not known; known are " + column_list());
        if (places[*column]) fail(*column, "同じ列が二つあります。", "this column occurs twice");
        places[*column] = i;
    }
    if (!places[kLogin]) fail(kLogin, "この列が必要です。", "this column is missing");
    return places;
}

/// One line against what is stored; tells every fault of it, not only the first.
class LineReader {
  public:
    LineReader(sys::Reader& db, const Places& places, const base::CsvRecord& record, const Actor& who, base::Day today)
        : db_(db), places_(places), record_(record), who_(who), today_(today) {}

    ImportRow read() {
        ImportRow row;
        row.line = record_.line;
        const std::string login = base::to_lower(cell(kLogin).value_or(""));
        need(kLogin, "半角の英小文字、数字、. _ - @ で2文字以上64文字以下にしてください。",
             "the login name must be 2 to 64 of the characters a-z 0-9 . _ - @", [&] { need_login_name(login); });
        const auto known = find_person(db_, login);
        if (known && known->state == PersonState::Left) {  // whatever else the line says
            note(kLogin, "退職などで使えなくなったアカウントです。別の名前にしてください。",
                 "this account belongs to somebody who has left; choose another name");
            return row;
        }
        row.what = known ? ImportRow::What::Same : ImportRow::What::Add;
        if (known) row.person = *known;
        row.person.login_name = login;
        take_texts(row);
        take_source(row, known.has_value());
        take_departments(row);
        take_roles(row, known.has_value());
        if (known && !row.changes.empty()) row.what = ImportRow::What::Change;
        if (!known) row.person.must_change_password = row.person.source == Source::Local;
        return row;
    }
    /// Of the row that was read; with one of them it is not to be used.
    const std::vector<RowFault>& faults() const { return faults_; }

  private:
    void note(Column column, std::string ja, std::string en) {
        faults_.push_back({std::string(kWords[column].en), {std::move(ja), std::move(en)}});
    }

    std::optional<std::string> cell(Column column) const {
        if (!places_[column]) return std::nullopt;
        return std::string(base::trim(record_.cells[*places_[column]]));
    }

    void need(Column column, std::string_view ja, std::string_view en, const std::function<void()>& check) {
        try {
            check();
        } catch (const base::Error&) {
            note(column, std::string(ja), std::string(en));
        }
    }

    void take_text(ImportRow& row, Column column, std::string Person::*member) const {
        const auto text = cell(column);
        if (!text || *text == row.person.*member) return;
        row.person.*member = *text;
        row.changes.emplace_back(kWords[column].en);
    }

    void take_texts(ImportRow& row) {
        take_text(row, kName, &Person::name);
        take_text(row, kKana, &Person::kana);
        take_text(row, kMail, &Person::mail);
        need(kName, "氏名を100文字以内で入力してください。", "a name of up to 100 characters is needed",
             [&] { need_text(row.person.name, "氏名", 100, Empty::Refused); });
        need(kKana, "ふりがなは100文字以内です。", "the reading has up to 100 characters",
             [&] { need_text(row.person.kana, "ふりがな", 100, Empty::Allowed); });
        need(kMail, "メールアドレスの形ではありません。", "this is no mail address: write it like name@city.example",
             [&] { need_mail(row.person.mail); });
    }

    void take_source(ImportRow& row, bool is_known) {
        const auto text = cell(kSource);
        if (!text || text->empty()) return;
        auto source = find_source(base::to_lower(*text));
        for (std::size_t i = 0; i < std::size(kSourcesJa); ++i)
            if (*text == kSourcesJa[i]) source = static_cast<Source>(i);
        if (!source) return note(kSource, "「本システム」か「庁内認証」と書いてください。", "write local or ldap");
        if (*source == row.person.source) return;
        if (is_known && *source == Source::Local)
            return note(kSource, "庁内認証から変えるには、利用者の画面でパスワードを設定してください。",
                        "to change this account from the directory's, set a password for it on its screen");
        row.person.source = *source;
        row.changes.emplace_back(kWords[kSource].en);
    }

    void take_departments(ImportRow& row) {
        const auto text = cell(kDepartment);
        if (!text) return;
        std::vector<DepartmentId> wanted;
        for (const std::string& code : parts_of(*text)) {
            const auto department = find_department(db_, code);
            if (!department || !department->is_valid_on(today_))
                note(kDepartment, fmt::format("所属コード {} の部署はありません。", code),
                     fmt::format("there is no department of code {}", code));
            else if (std::find(wanted.begin(), wanted.end(), department->id) == wanted.end())
                wanted.push_back(department->id);
        }
        const auto is_wanted = [&](const Membership& posting) {
            return std::find(wanted.begin(), wanted.end(), posting.department) != wanted.end();
        };
        std::vector<Membership> postings;
        for (Membership posting : row.person.memberships) {
            if (posting.is_valid_on(today_) && !is_wanted(posting)) {
                if (posting.valid_from == today_) continue;
                posting.valid_until = today_ - 1;
            }
            if (posting.is_valid_on(today_)) std::erase(wanted, posting.department);
            postings.push_back(posting);
        }
        for (const DepartmentId id : wanted) {  // what is not yet there; a later posting to it begins today instead
            std::erase_if(postings, [&](const Membership& posting) {
                return posting.department == id && posting.valid_from > today_;
            });
            postings.push_back({id, today_, {}});
        }
        if (postings == row.person.memberships) return;
        row.person.memberships = std::move(postings);
        row.changes.emplace_back(kWords[kDepartment].en);
    }

    void take_roles(ImportRow& row, bool is_known) {
        std::vector<Role> held;
        if (is_known)
            for (const Grant& grant : list_grants(db_, row.person.id))
                if (!grant.department && grant.section.empty()) held.push_back(grant.role);
        row.roles = held;
        const auto text = cell(kRole);
        if (!text) return;
        row.roles.clear();
        for (const std::string& name : parts_of(*text)) {
            const auto role = find_role(name);
            if (!role)
                note(kRole, fmt::format("「{}」という役割はありません。", name),
                     fmt::format("there is no role {}", name));
            else if (std::find(row.roles.begin(), row.roles.end(), *role) == row.roles.end())
                row.roles.push_back(*role);
        }
        std::sort(row.roles.begin(), row.roles.end());
        std::sort(held.begin(), held.end());
        if (row.roles == held) return;
        std::vector<Role> touched;
        std::set_symmetric_difference(row.roles.begin(), row.roles.end(), held.begin(), held.end(),
                                      std::back_inserter(touched));
        for (const Role role : touched)
            if (const Decision decision = may_grant(who_, role, is_known ? row.person.id : kNewcomer); !decision) {
                note(kRole, decision.reason_ja, decision.reason_en);
                break;  // the same for each, most often
            }
        row.changes.emplace_back(kWords[kRole].en);
    }

    sys::Reader& db_;
    const Places& places_;
    const base::CsvRecord& record_;
    const Actor& who_;
    base::Day today_;
    std::vector<RowFault> faults_;
};

void write_row(sys::Transaction& tx, const ImportRow& row, std::string_view password_hash, const By& by,
               std::map<std::string, PersonId>& added) {
    PersonId id = row.person.id;
    if (row.what == ImportRow::What::Add) {
        id = add_person(tx, row.person, password_hash, by);
        added[row.person.login_name] = id;
    } else {
        change_person(tx, row.person, by);
    }
    std::vector<Role> missing = row.roles;
    for (const Grant& grant : list_grants(tx, id)) {
        if (grant.department || !grant.section.empty()) continue;
        if (std::find(row.roles.begin(), row.roles.end(), grant.role) == row.roles.end())
            remove_grant(tx, grant.id, by);
        std::erase(missing, grant.role);
    }
    for (const Role role : missing) add_grant(tx, {{}, id, role, {}, {}}, by);
}

}  // namespace

ImportPlan plan_import(sys::Reader& db, std::string_view csv, const Actor& who, base::Instant now) {
    ImportPlan plan;
    const auto fault = [&](int line, std::string_view column, std::string ja, std::string en) {
        plan.faults.push_back({line, std::string(column), std::move(ja), std::move(en)});
    };
    if (csv.size() > kLargest) {
        fault(1, "", "表が大きすぎます（1 MBまで）。", "the table is larger than 1 MB");
        return plan;
    }
    if (!base::is_utf8(csv) || csv.find('\0') != std::string_view::npos) {
        fault(1, "", "文字コードを読み取れません。「CSV UTF-8」で保存し直してください。",
              "the text is not UTF-8; save the table again as \"CSV UTF-8\"");
        return plan;
    }
    const base::CsvTable table = base::parse_csv(csv);
    if (table.records.empty() || table.records.size() > kMostLines + 1) {
        fault(1, "", fmt::format("1行目に列名、2行目から{}人までを書いてください。", kMostLines),
              fmt::format("the first line names the columns; up to {} people follow", kMostLines));
        return plan;
    }
    Places places;
    try {
        places = read_headings(table.records.front());
    } catch (const RowFault& bad) {
        fault(table.records.front().line, bad.column, bad.reason.ja, bad.reason.en);
        return plan;
    }
    std::map<std::string, int> lines;  // of each login name
    for (std::size_t i = 1; i < table.records.size(); ++i) {
        const base::CsvRecord& record = table.records[i];
        if (record.cells.size() != table.records.front().cells.size()) {
            fault(record.line, "", "列の数が1行目と違います。",
                  "the line has another number of cells than the first one");
            continue;
        }
        LineReader reader(db, places, record, who, base::local_day(now));
        ImportRow row = reader.read();
        for (const RowFault& bad : reader.faults()) fault(record.line, bad.column, bad.reason.ja, bad.reason.en);
        const bool has_login = reader.faults().empty() || reader.faults().front().column != kWords[kLogin].en;
        const auto [first, is_first] =
            has_login ? lines.insert({row.person.login_name, record.line}) : std::pair(lines.end(), true);
        if (!is_first)
            fault(record.line, kWords[kLogin].en, fmt::format("{}行目と同じログイン名です。", first->second),
                  fmt::format("line {} has the same login name", first->second));
        if (is_first && reader.faults().empty()) plan.rows.push_back(std::move(row));
    }
    if (table.broken_line)
        fault(*table.broken_line, "", "引用符（\"）が閉じていません。ここから後は読み取れません。",
              "a quotation mark is not closed; nothing after it can be read");
    return plan;
}

ImportResult import_accounts(sys::Database& db, std::string_view csv, ImportMode mode, const Actor& who, const By& by) {
    const ImportPlan plan = db.read([&](sys::Reader& reader) { return plan_import(reader, csv, who, by.at); });
    ImportResult result;
    result.faults = plan.faults;
    if (plan.rows.empty() || (mode == ImportMode::AllOrNothing && !plan.faults.empty())) return result;

    std::map<std::string, std::string> hashes;  // by login name
    for (const ImportRow& row : plan.rows) {
        if (row.what != ImportRow::What::Add || row.person.source != Source::Local) continue;
        const std::string password = make_password();
        hashes[row.person.login_name] = hash_new_password(password);
        result.passwords.push_back({{}, row.person.login_name, row.person.name, password});
    }
    std::map<std::string, PersonId> added;
    const auto counts = db.write([&](sys::Transaction& tx) {
        added.clear();
        std::array<int, 3> count{};
        const ImportPlan current = plan_import(tx, csv, who, by.at);
        if (current.faults.size() != plan.faults.size() || current.rows.size() != plan.rows.size())
            throw base::Error(base::Kind::Conflict,
                              "確認している間に、利用者が変更されました。もう一度、表を読み込んで確かめてください。");
        for (std::size_t i = 0; i < current.rows.size(); ++i) {
            const ImportRow& row = current.rows[i];
            if (row.what != plan.rows[i].what || row.changes != plan.rows[i].changes)
                throw base::Error(
                    base::Kind::Conflict,
                    "確認している間に、利用者が変更されました。もう一度、表を読み込んで確かめてください。");
            ++count[static_cast<std::size_t>(row.what)];
            if (row.what == ImportRow::What::Same) continue;
            const auto hash = hashes.find(row.person.login_name);
            write_row(tx, row, hash == hashes.end() ? "" : hash->second, by, added);
        }
        return count;
    });
    result.is_done = true;
    result.added = counts[0];
    result.changed = counts[1];
    result.same = counts[2];
    for (FirstPassword& first : result.passwords) first.person = added.at(first.login_name);
    return result;
}

std::string export_accounts(sys::Reader& db, base::Day today) {
    std::vector<std::string> cells;
    for (const ColumnWords& words : kWords) cells.emplace_back(words.ja);
    std::string text = "\xEF\xBB\xBF" + base::csv_line(cells);
    PeopleQuery query;
    query.limit = 1000;
    for (auto page = list_people(db, query); !page.empty(); page = list_people(db, query)) {
        query.after = page.back().id;
        for (const Person& person : page) {
            if (person.state == PersonState::Left) continue;
            std::vector<std::string> codes, roles;
            for (const Membership& posting : person.memberships)
                if (posting.is_valid_on(today)) codes.push_back(load_department(db, posting.department).code);
            for (const Grant& grant : list_grants(db, person.id))
                if (!grant.department && grant.section.empty()) roles.emplace_back(role_name_ja(grant.role));
            cells = {person.login_name,
                     person.name,
                     person.kana,
                     person.mail,
                     base::join(codes, ";"),
                     base::join(roles, ";"),
                     std::string(kSourcesJa[static_cast<std::size_t>(person.source)])};
            text += base::csv_line(cells);
        }
    }
    return text;
}

}  // namespace people
