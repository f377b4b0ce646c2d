// What helps to answer: texts with places to fill in, answered questions for everybody to read (FAQ), and who may ask
// beside the site administrators (A6.3).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "office/helpdesk/store.h"

namespace helpdesk {

struct Text {
    std::int64_t id = 0;
    std::string name, body;
    std::int64_t version = 0;
};
/// A new one when `text.id` is 0 (text.save). Throws Error(BadInput), Error(Conflict): the name is taken, or somebody
/// else was first.
std::int64_t save_text(sys::Transaction& tx, const Text& text, const By& by);
void remove_text(sys::Transaction& tx, std::int64_t id, std::int64_t version, const By& by);
std::vector<Text> list_texts(sys::Reader& db);
/// Each {name} of `values` by its value, in one pass: what a value brings is not filled in again. Others stay.
std::string fill_in(std::string_view body, const std::vector<std::pair<std::string_view, std::string>>& values);
/// The names that the helpdesk's screen fills in: 番号, お名前, 件名, 担当者, 電話番号.
inline constexpr std::string_view kPlaces[] = {"番号", "お名前", "件名", "担当者", "電話番号"};

struct Faq {
    std::int64_t id = 0;
    std::string topic, question, answer;
    QuestionId from;  ///< 0: written by hand
    bool is_published = false;
    base::Instant changed_at;
    std::int64_t version = 0;
};
/// faq.save. A new one when `faq.id` is 0.
std::int64_t save_faq(sys::Transaction& tx, const Faq& faq, const By& by);
std::optional<Faq> find_faq(sys::Reader& db, std::int64_t id);
/// By topic. `words`: in question or answer.
std::vector<Faq> list_faq(sys::Reader& db, bool only_published, std::string_view words = {});

struct Allowed {
    base::PersonId person;
    std::string by;
    base::Instant at;
};
/// asker.allow, asker.end. Nothing changes, and nothing is written, when it is so already.
void set_allowed(sys::Transaction& tx, base::PersonId person, bool may_ask, const By& by);
bool is_allowed(sys::Reader& db, base::PersonId person);
std::vector<Allowed> list_allowed(sys::Reader& db);

}  // namespace helpdesk
