#include "office/mailbox/automatic.h"

#include <algorithm>

#include "ground/base/text.h"

namespace mailbox {

namespace {

constexpr std::string_view kMarks[] = {"X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Auto-Response-From",
                                       "X-Vacation"};
constexpr std::string_view kLists[] = {"List-Id", "List-Unsubscribe", "Mailing-List", "X-ML-Name"};
constexpr std::string_view kSenders[] = {"mailer-daemon@", "postmaster@", "no-reply@",  "noreply@",
                                         "do-not-reply@",  "donotreply@", "bounce@",    "bounces@",
                                         "bounces+",       "vacation@",   "autoreply@", "auto-reply@"};
constexpr std::string_view kSubjects[] = {"out of office",
                                          "automatic reply",
                                          "auto reply",
                                          "autoreply",
                                          "auto-reply",
                                          "undelivered mail",
                                          "undeliverable",
                                          "delivery status notification",
                                          "mail delivery failed",
                                          "returned mail",
                                          "自動返信",
                                          "自動応答",
                                          "自動送信",
                                          "不在通知",
                                          "不在のお知らせ",
                                          "休暇のお知らせ",
                                          "不在連絡",
                                          "配信不能",
                                          "配信できません",
                                          "配信エラー",
                                          "送信エラー",
                                          "未達"};

template <class Words>
bool begins_with_any(std::string_view text, const Words& words) {
    return std::any_of(std::begin(words), std::end(words),
                       [&](std::string_view word) { return text.starts_with(word); });
}

/// Without what stands before a subject when somebody answers or forwards it: a person's answer to an automatic mail is
/// a person's.
std::string_view bare(std::string_view subject) {
    while (true) {
        subject = base::trim(subject);
        bool was_cut = false;
        for (const std::string_view prefix : {"[", "【", "(", "（"})
            if (subject.starts_with(prefix)) subject.remove_prefix(prefix.size()), was_cut = true;
        if (!was_cut) return subject;
    }
}

}  // namespace

std::string why_automatic(const Field& field) {
    const auto lower = [&](std::string_view name) { return base::to_lower(base::trim(field(name))); };
    if (const std::string submitted = lower("Auto-Submitted"); !submitted.empty() && !submitted.starts_with("no"))
        return "auto-submitted";
    if (!field("X-Loop").empty()) return "loop";
    for (const std::string_view mark : kMarks)
        if (!field(mark).empty()) return "auto-submitted";
    if (const std::string type = lower("Content-Type"); type.starts_with("multipart/report")) return "bounce";
    if (const std::string path = lower("Return-Path"); path == "<>") return "bounce";
    if (!field("X-Failed-Recipients").empty()) return "bounce";
    const std::string precedence = lower("Precedence");
    for (const std::string_view word : {"bulk", "junk", "list", "auto_reply", "auto-reply"})
        if (precedence == word) return "precedence";
    for (const std::string_view list : kLists)
        if (!field(list).empty()) return "list";
    const std::string from = lower("From");
    const std::size_t address = from.rfind('<');
    if (begins_with_any(std::string_view(from).substr(address == std::string::npos ? 0 : address + 1), kSenders))
        return "sender";
    const std::string subject = base::to_lower(field("Subject"));
    if (begins_with_any(bare(subject), kSubjects)) return "subject";
    return {};
}

}  // namespace mailbox
