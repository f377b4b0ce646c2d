#include "ground/people/store/fields.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace people {

void refuse(std::string message) {
    throw base::Error(base::Kind::BadInput, std::move(message));
}

void need_text(std::string_view text, std::string_view what, std::size_t longest, Empty empty) {
    if (text.empty() && empty == Empty::Refused) refuse(fmt::format("{}を入力してください。", what));
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (!base::is_utf8(text) || std::any_of(text.begin(), text.end(), is_control))
        refuse(fmt::format("{}に、使えない文字（改行や制御文字）が入っています。", what));
    if (base::count_code_points(text) > longest)
        refuse(fmt::format("{}は{}文字以内で入力してください。", what, longest));
}

void need_mail(std::string_view mail) {
    if (mail.empty()) return;
    const std::size_t at = mail.find('@');
    const auto is_bad = [](char c) { return c <= ' ' || c == 0x7f || c == ',' || c == ';' || c == '<' || c == '>'; };
    if (mail.size() > 254 || at == 0 || at == std::string_view::npos || at + 1 == mail.size() ||
        mail.find('@', at + 1) != std::string_view::npos || std::any_of(mail.begin(), mail.end(), is_bad) ||
        !base::is_utf8(mail))
        refuse("メールアドレスは「name@city.example」の形で入力してください。");
}

void need_login_name(std::string_view login_name) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789._-@";
    if (login_name.size() < 2 || login_name.size() > 64 ||
        login_name.find_first_not_of(kAllowed) != std::string_view::npos)
        refuse("ログイン名は、半角の英小文字、数字、. _ - @ で、2文字以上64文字以内にしてください。");
}

void need_order(base::Day from, const std::optional<base::Day>& until, std::string_view what) {
    if (!base::is_day(from.year, from.month, from.day) ||
        (until && !base::is_day(until->year, until->month, until->day)))
        refuse(fmt::format("{}の日付が正しくありません。", what));
    if (until && *until < from) refuse(fmt::format("{}は、終わりの日が始まりの日より前です。", what));
}

base::Day day_at(const sys::Row& row, std::size_t column) {
    const auto day = base::parse_day(row.text(column));
    if (!day)
        throw base::Error(base::Kind::Damaged, "a date in the database is not one; restore the table from a backup");
    return *day;
}

std::optional<base::Day> maybe_day_at(const sys::Row& row, std::size_t column) {
    if (row.is_null(column)) return std::nullopt;
    return day_at(row, column);
}

sys::Value value_of(const std::optional<base::Day>& day) {
    if (!day) return sys::Value(nullptr);
    return sys::Value(base::format_day(*day));
}

}  // namespace people
