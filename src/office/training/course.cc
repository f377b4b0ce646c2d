#include "office/training/course.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/document.h"

namespace training {

namespace {

constexpr std::string_view kIds[] = {"author", "approver", "administrator"};
constexpr std::string_view kNames[] = {"作成者研修", "承認者研修", "サイト管理者研修"};

constexpr Exercise kAuthor[] = {
    {"page", Course::Author, "ページを作る", "自分のフォルダに、新しいページを作って保存します"},
    {"heading", Course::Author, "見出しを付ける", "本文に見出しを1つ以上入れます"},
    {"image", Course::Author, "画像と説明を入れる",
     "画像を1枚入れ、何が写っているかを画像の説明（代替テキスト）に書きます"},
    {"table", Course::Author, "見出しのある表を作る", "表を入れ、1行目か1列目を見出しのセルにします"},
    {"submit", Course::Author, "承認を依頼する", "できたページの承認を依頼します"},
};
constexpr Exercise kApprover[] = {
    {"return", Course::Approver, "コメントを付けて差し戻す",
     "日付の抜けたページを見つけ、直してほしいことを書いて差し戻します"},
    {"approve", Course::Approver, "承認する", "問題のないページを、内容を確かめてから承認します"},
};
constexpr Exercise kAdministrator[] = {
    {"correct", Course::Administrator, "テンプレートの誤りを直す",
     "自分の番号の部品を開き、電話番号 000-000-0000 を 012-345-6789 に直して保存します"},
    {"ask", Course::Administrator, "変更の承認を依頼する", "直した部品の承認を依頼します"},
};

bool has_words(const html::Document& page, html::NodeId id) {
    return !page.plain_text_of(id).empty();
}

/// A picture's name is no description of it.
bool is_description(std::string_view alt, std::string_view source) {
    const std::string_view words = base::trim(alt);
    if (words.empty()) return false;
    const std::string_view file = source.substr(source.find_last_of('/') + 1);
    return words != file && words != file.substr(0, file.find_last_of('.'));
}

bool has_heading(const html::Document& page) {
    for (const std::string_view tag : {"h2", "h3", "h4"})
        for (const html::NodeId id : page.find_all(tag))
            if (has_words(page, id)) return true;
    return false;
}

bool has_image(const html::Document& page) {
    const auto images = page.find_all("img");
    return std::any_of(images.begin(), images.end(), [&](html::NodeId id) {
        const std::string_view source = page.attribute(id, "src");
        return !source.empty() && is_description(page.attribute(id, "alt"), source);
    });
}

bool has_table(const html::Document& page) {
    const auto tables = page.find_all("table");
    return std::any_of(tables.begin(), tables.end(), [&](html::NodeId table) {
        bool has_head = false, has_cell = false;
        for (html::NodeId id = table; id != html::kNoNode; id = page.next_in(table, id)) {
            has_head = has_head || (page.is_element(id, "th") && has_words(page, id));
            has_cell = has_cell || page.is_element(id, "td");
        }
        return has_head && has_cell;
    });
}

std::vector<bool> mark_page(const std::string& source) {
    try {
        const html::Document page = html::Document::parse_fragment(source);
        return {true, has_heading(page), has_image(page), has_table(page)};
    } catch (const base::Error&) {  // larger or deeper than a page may be
        return {true, false, false, false};
    }
}

}  // namespace

std::string_view course_id(Course course) {
    return kIds[static_cast<std::size_t>(course)];
}

std::string_view course_name(Course course) {
    return kNames[static_cast<std::size_t>(course)];
}

std::optional<Course> find_course(std::string_view id) {
    for (const Course course : kCourses)
        if (course_id(course) == id) return course;
    return std::nullopt;
}

std::span<const Exercise> exercises_of(Course course) {
    if (course == Course::Author) return kAuthor;
    if (course == Course::Approver) return kApprover;
    return kAdministrator;
}

std::vector<bool> mark(Course course, const Work& work) {
    if (course == Course::Approver) return {work.has_returned, work.has_approved};
    if (course == Course::Administrator) {
        const bool is_right =
            work.part.find(kRightPhone) != std::string::npos && work.part.find(kWrongPhone) == std::string::npos;
        return {is_right, is_right && work.has_asked};
    }
    std::vector<bool> best(4, false);
    for (const std::string& page : work.pages) {
        std::vector<bool> marks = mark_page(page);
        if (std::count(marks.begin(), marks.end(), true) > std::count(best.begin(), best.end(), true))
            best = std::move(marks);
    }
    best.push_back(work.has_submitted);
    return best;
}

std::string faulty_part() {
    return fmt::format("<p>研修の問い合わせ先：市役所 代表　電話 {}</p>\n", kWrongPhone);
}

}  // namespace training
