#include "office/helpdesk/answers.h"

#include <fmt/format.h>

#include "ground/base/error.h"
#include "office/helpdesk/store/rows.h"

namespace helpdesk {

namespace {

using base::Error;
constexpr std::int64_t kMostTexts = 200;
constexpr std::int64_t kMostFaq = 2000;

[[noreturn]] void was_first() {
    throw Error(base::Kind::Conflict, "ほかの人が先に更新しました。今の内容を確かめてください。");
}

void need_room(sys::Reader& db, std::string_view table, std::int64_t most) {
    if (db.find(fmt::format("SELECT count(*) FROM {}", table))->integer(0) >= most)
        throw Error(base::Kind::BadInput, fmt::format("{}件までしか登録できません。古いものを消してください。", most));
}

}  // namespace

std::int64_t save_text(sys::Transaction& tx, const Text& text, const By& by) {
    const std::string name = need_text(text.name, "名前", 100), body = need_text(text.body, "文面", kLongestText);
    if (tx.find("SELECT id FROM desk_text WHERE name = $1 AND id <> $2", {name, text.id}))
        throw Error(base::Kind::Conflict, "同じ名前の定型文があります。別の名前にしてください。");
    std::int64_t id = text.id;
    if (id == 0) {
        need_room(tx, "desk_text", kMostTexts);
        id = tx.insert("INSERT INTO desk_text (name, body) VALUES ($1, $2) RETURNING id", {name, body});
    } else if (tx.execute(
                   "UPDATE desk_text SET name = $1, body = $2, version = version + 1 WHERE id = $3 AND version = $4",
                   {name, body, id, text.version}) != 1) {
        was_first();
    }
    record(tx, "text.save", fmt::format("text:{}", id), {{"name", name}}, by);
    return id;
}

void remove_text(sys::Transaction& tx, std::int64_t id, std::int64_t version, const By& by) {
    if (tx.execute("DELETE FROM desk_text WHERE id = $1 AND version = $2", {id, version}) != 1) was_first();
    record(tx, "text.remove", fmt::format("text:{}", id), {}, by);
}

std::vector<Text> list_texts(sys::Reader& db) {
    std::vector<Text> texts;
    for (const sys::Row& row : db.query("SELECT id, name, body, version FROM desk_text ORDER BY name"))
        texts.push_back({row.integer(0), row.text(1), row.text(2), row.integer(3)});
    return texts;
}

std::string fill_in(std::string_view body, const std::vector<std::pair<std::string_view, std::string>>& values) {
    std::string filled;
    while (!body.empty()) {
        const std::size_t start = body.find('{');
        filled += body.substr(0, start);
        if (start == std::string_view::npos) break;
        body.remove_prefix(start);
        const auto found = std::find_if(values.begin(), values.end(), [&](const auto& value) {
            return body.substr(1).starts_with(value.first) && body.substr(1 + value.first.size()).starts_with('}');
        });
        if (found == values.end()) {
            filled += '{';
            body.remove_prefix(1);
        } else {
            filled += found->second;
            body.remove_prefix(found->first.size() + 2);
        }
    }
    return filled;
}

std::int64_t save_faq(sys::Transaction& tx, const Faq& faq, const By& by) {
    const std::string topic = need_text(faq.topic, "分野", 60), question = need_text(faq.question, "質問", 2000),
                      answer = need_text(faq.answer, "回答", kLongestText);
    const std::int64_t is_published = faq.is_published ? 1 : 0;
    std::int64_t id = faq.id;
    if (id == 0) {
        need_room(tx, "desk_faq", kMostFaq);
        id = tx.insert(
            "INSERT INTO desk_faq (topic, question, answer, question_id, is_published, changed_by, changed_at) VALUES "
            "($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            {topic, question, answer, faq.from.value, is_published, by.who, by.at.milliseconds});
    } else if (tx.execute("UPDATE desk_faq SET topic = $1, question = $2, answer = $3, is_published = $4, changed_by = "
                          "$5, changed_at = $6, version = version + 1 WHERE id = $7 AND version = $8",
                          {topic, question, answer, is_published, by.who, by.at.milliseconds, id, faq.version}) != 1) {
        was_first();
    }
    record(tx, "faq.save", fmt::format("faq:{}", id), {{"published", faq.is_published}}, by);
    return id;
}

namespace {

constexpr std::string_view kFaqColumns =
    "SELECT id, topic, question, answer, question_id, is_published, changed_at, version FROM desk_faq ";

Faq read_faq(const sys::Row& row) {
    return {row.integer(0),   row.text(1), row.text(2),      row.text(3),
            {row.integer(4)}, row.flag(5), {row.integer(6)}, row.integer(7)};
}

}  // namespace

std::optional<Faq> find_faq(sys::Reader& db, std::int64_t id) {
    const auto row = db.find(std::string(kFaqColumns) + "WHERE id = $1", {id});
    if (!row) return std::nullopt;
    return read_faq(*row);
}

std::vector<Faq> list_faq(sys::Reader& db, bool only_published, std::string_view words) {
    std::vector<Faq> found;
    for (const sys::Row& row : db.query(std::string(kFaqColumns) + (only_published ? "WHERE is_published = 1 " : "") +
                                        "ORDER BY topic, id")) {
        Faq one = read_faq(row);
        if (words.empty() || one.question.find(words) != std::string::npos ||
            one.answer.find(words) != std::string::npos)
            found.push_back(std::move(one));
    }
    return found;
}

void set_allowed(sys::Transaction& tx, base::PersonId person, bool may_ask, const By& by) {
    const auto changed =
        may_ask ? tx.execute(
                      "INSERT INTO desk_asker (person_id, allowed_by, allowed_at) VALUES ($1, $2, $3) ON CONFLICT "
                      "(person_id) DO NOTHING",
                      {person.value, by.who, by.at.milliseconds})
                : tx.execute("DELETE FROM desk_asker WHERE person_id = $1", {person.value});
    if (changed == 1) record(tx, may_ask ? "asker.allow" : "asker.end", fmt::format("person:{}", person.value), {}, by);
}

bool is_allowed(sys::Reader& db, base::PersonId person) {
    return db.find("SELECT person_id FROM desk_asker WHERE person_id = $1", {person.value}).has_value();
}

std::vector<Allowed> list_allowed(sys::Reader& db) {
    std::vector<Allowed> all;
    for (const sys::Row& row : db.query("SELECT person_id, allowed_by, allowed_at FROM desk_asker ORDER BY person_id"))
        all.push_back({{row.integer(0)}, row.text(1), {row.integer(2)}});
    return all;
}

}  // namespace helpdesk
