// The tables of the training room, and what of them leaves with a handover.
#include "office/training/store.h"

namespace training {

namespace {

constexpr sys::Migration kMigrations[] = {{"training/0001_training", R"(
-- Training sessions with who came, what was agreed with the client, said by trainees, and handed over. On a training
-- site only training_answer is used, with session 0.
CREATE TABLE training_course (
    course {key} PRIMARY KEY CHECK (course IN ('author', 'approver', 'administrator')),
    people BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    seats BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    contents TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE training_session (
    id {id},
    course {key} NOT NULL CHECK (course IN ('author', 'approver', 'administrator')),
    starts_at BIGINT NOT NULL,
    minutes BIGINT NOT NULL,
    seats BIGINT NOT NULL,
    place TEXT NOT NULL,
    teacher TEXT NOT NULL,
    note TEXT NOT NULL,
    makes_up_for BIGINT NOT NULL,
    state {key} NOT NULL CHECK (state IN ('planned', 'open', 'held', 'cancelled')),
    opened_at BIGINT,
    held_at BIGINT,
    is_open BIGINT NOT NULL CHECK (is_open IN (0, 1)),
    reason TEXT NOT NULL,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX training_session_open ON training_session (is_open) WHERE is_open = 1;
CREATE TABLE training_attendee (
    id {id},
    session_id BIGINT NOT NULL REFERENCES training_session (id),
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    seat BIGINT NOT NULL,
    presence {key} NOT NULL CHECK (presence IN ('expected', 'came', 'absent'))
);
CREATE INDEX training_attendee_session ON training_attendee (session_id);
CREATE TABLE training_answer (
    session_id BIGINT NOT NULL,
    seat BIGINT NOT NULL,
    understood BIGINT NOT NULL CHECK (understood BETWEEN 1 AND 5),
    useful BIGINT NOT NULL CHECK (useful BETWEEN 1 AND 5),
    pace BIGINT NOT NULL CHECK (pace BETWEEN 1 AND 5),
    words TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (session_id, seat)
);
CREATE TABLE training_agreement (
    fiscal_year BIGINT PRIMARY KEY,
    agreed_on {key} NOT NULL,
    agreed_with TEXT NOT NULL,
    method TEXT NOT NULL
);
CREATE TABLE training_delivery (
    id {id},
    session_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    version TEXT NOT NULL,
    medium TEXT NOT NULL,
    hash {key} NOT NULL,
    delivered_at BIGINT NOT NULL,
    received_by TEXT NOT NULL,
    received_at BIGINT
);
)"}};

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

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace training
