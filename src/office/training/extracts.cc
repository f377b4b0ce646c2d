// What of the training room leaves with a handover.
#include "office/training/store.h"

namespace training {

namespace {

using sys::ColumnForm;

constexpr sys::ExtractColumn kCourse[] = {
    {"course", "研修の種類"}, {"people", "年間の対象人数"}, {"sessions", "年間の回数"},
    {"seats", "1回の人数"},   {"minutes", "時間（分）"},    {"contents", "内容"},
};
constexpr sys::ExtractColumn kSession[] = {
    {"id", "番号"},
    {"course", "研修の種類"},
    {"starts_at", "開始", ColumnForm::Time},
    {"minutes", "時間（分）"},
    {"seats", "席の数"},
    {"place", "会場"},
    {"teacher", "講師"},
    {"note", "備考"},
    {"makes_up_for", "補講のもとの研修の番号"},
    {"state", "状態（planned 予定、open 準備済み、held 実施済み、cancelled 中止）"},
    {"opened_at", "研修用サイトの準備", ColumnForm::Time},
    {"held_at", "実施", ColumnForm::Time},
    {"reason", "中止の理由"},
};
constexpr sys::ExtractColumn kAttendee[] = {
    {"id", "番号"},   {"session_id", "研修の番号"},
    {"name", "氏名"}, {"department", "所属"},
    {"seat", "席"},   {"presence", "出欠（expected 未確認、came 出席、absent 欠席）"},
};
constexpr sys::ExtractColumn kAnswer[] = {
    {"session_id", "研修の番号"}, {"seat", "席"},     {"understood", "分かりやすさ"},
    {"useful", "役立ち"},         {"pace", "進み方"}, {"words", "意見"},
};
constexpr sys::ExtractColumn kAgreement[] = {
    {"fiscal_year", "年度"},
    {"agreed_on", "合意した日"},
    {"agreed_with", "相手"},
    {"method", "方法"},
};
constexpr sys::ExtractColumn kDelivery[] = {
    {"id", "番号"},
    {"session_id", "研修の番号（0はすべて）"},
    {"title", "資料"},
    {"version", "版"},
    {"medium", "媒体"},
    {"hash", "SHA-256"},
    {"delivered_at", "納品", ColumnForm::Time},
    {"received_by", "受領した人"},
    {"received_at", "受領", ColumnForm::Time},
};

constexpr sys::Extract kExtracts[] = {
    {"training_course", "研修の種類", "Training courses", "course", kCourse},
    {"training_session", "研修", "Training sessions", "id", kSession},
    {"training_attendee", "研修の受講者", "Training attendees", "id", kAttendee},
    {"training_answer", "研修のアンケート", "Training survey", "session_id, seat", kAnswer},
    {"training_agreement", "研修の方法の合意", "Training agreements", "fiscal_year", kAgreement},
    {"training_delivery", "研修資料の納品", "Training deliveries", "id", kDelivery},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace training
