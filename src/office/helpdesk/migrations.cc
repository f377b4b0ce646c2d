#include "office/helpdesk/migrations.h"

namespace helpdesk {

namespace {

constexpr sys::Migration kMigrations[] = {{"helpdesk/0001_helpdesk", R"(
-- Questions of every channel with their messages and links; mails that came (also those that became no question);
-- the roster; answered questions for all to read; texts for answers; who may ask beside the site administrators.
CREATE TABLE desk_question (
    id {id},
    number {key} NOT NULL UNIQUE,
    token {key} NOT NULL UNIQUE,
    kind {key} NOT NULL CHECK (kind IN ('question', 'correction', 'consultation', 'fault', 'request')),
    is_urgent BIGINT NOT NULL CHECK (is_urgent IN (0, 1)),
    channel {key} NOT NULL CHECK (channel IN ('web', 'mail', 'phone', 'form')),
    state {key} NOT NULL CHECK (state IN ('open', 'waiting', 'closed')),
    title TEXT NOT NULL,
    asker_id BIGINT NOT NULL,
    asker_name TEXT NOT NULL,
    asker_address TEXT NOT NULL,
    asker_phone TEXT NOT NULL,
    is_referred BIGINT NOT NULL CHECK (is_referred IN (0, 1)),
    assignee_id BIGINT NOT NULL DEFAULT 0,
    received_at BIGINT NOT NULL,
    accepted_at BIGINT,
    answered_at BIGINT,
    closed_at BIGINT,
    waiting_since BIGINT,
    waited_minutes BIGINT NOT NULL DEFAULT 0,
    was_told BIGINT NOT NULL DEFAULT 0,
    fee {key} NOT NULL DEFAULT 'undecided' CHECK (fee IN ('undecided', 'inside', 'separate')),
    fee_why TEXT NOT NULL DEFAULT '',
    fee_by {key} NOT NULL DEFAULT '',
    fee_at BIGINT,
    minutes BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK ((state = 'waiting') = (waiting_since IS NOT NULL))
);
CREATE INDEX desk_question_open ON desk_question (received_at) WHERE state <> 'closed';
CREATE INDEX desk_question_received ON desk_question (received_at);
CREATE INDEX desk_question_asker ON desk_question (asker_id, id);
CREATE TABLE desk_message (
    id {id},
    question_id BIGINT NOT NULL REFERENCES desk_question (id),
    what {key} NOT NULL CHECK (what IN ('asked', 'answered', 'called', 'note')),
    channel {key} NOT NULL CHECK (channel IN ('web', 'mail', 'phone', 'form')),
    made_by {key} NOT NULL,
    name TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    body TEXT NOT NULL,
    minutes BIGINT NOT NULL DEFAULT 0,
    is_automatic BIGINT NOT NULL CHECK (is_automatic IN (0, 1)),
    mail_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX desk_message_question ON desk_message (question_id, id);
CREATE INDEX desk_message_mail ON desk_message (mail_id) WHERE mail_id <> '';
CREATE INDEX desk_message_automatic ON desk_message (made_at) WHERE is_automatic = 1;
CREATE TABLE desk_link (
    question_id BIGINT NOT NULL REFERENCES desk_question (id),
    subject {key} NOT NULL,
    PRIMARY KEY (question_id, subject)
);
CREATE TABLE desk_mail (
    mail_key {key} PRIMARY KEY,
    question_id BIGINT NOT NULL,
    came_at BIGINT NOT NULL,
    sender TEXT NOT NULL,
    subject TEXT NOT NULL,
    outcome {key} NOT NULL,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX desk_mail_came ON desk_mail (came_at);
CREATE TABLE desk_fetch (
    source {key} PRIMARY KEY,
    validity BIGINT NOT NULL DEFAULT 0,
    last_uid BIGINT NOT NULL DEFAULT 0,
    tried_at BIGINT NOT NULL DEFAULT 0,
    fetched_at BIGINT NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT ''
);
CREATE TABLE desk_roster (
    month {key} PRIMARY KEY,
    version BIGINT NOT NULL,
    set_by {key} NOT NULL,
    set_at BIGINT NOT NULL
);
CREATE TABLE desk_duty (
    day {key} NOT NULL,
    part {key} NOT NULL CHECK (part IN ('charge', 'engineer')),
    name TEXT NOT NULL,
    PRIMARY KEY (day, part)
);
CREATE TABLE desk_faq (
    id {id},
    topic TEXT NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    question_id BIGINT NOT NULL DEFAULT 0,
    is_published BIGINT NOT NULL CHECK (is_published IN (0, 1)),
    changed_by {key} NOT NULL,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE TABLE desk_text (
    id {id},
    name TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1
);
CREATE TABLE desk_asker (
    person_id BIGINT PRIMARY KEY,
    allowed_by {key} NOT NULL,
    allowed_at BIGINT NOT NULL
);
)"}};

using Form = sys::ColumnForm;

constexpr sys::ExtractColumn kQuestion[] = {
    {"id", "番号"},
    {"number", "受付番号"},
    {"kind", "種類（question 質問、correction 修正の依頼、consultation 相談、fault 障害の連絡、request その他）"},
    {"is_urgent", "急ぎ（1）"},
    {"channel", "受付方法（web 画面、mail メール、phone 電話、form 非常時フォーム）"},
    {"state", "状態（open 対応中、waiting 返事待ち、closed 完了）"},
    {"title", "件名"},
    {"asker_id", "質問者の番号"},
    {"asker_name", "質問者"},
    {"asker_address", "質問者のメール"},
    {"asker_phone", "質問者の電話"},
    {"is_referred", "サイト管理者へ案内（1）"},
    {"assignee_id", "担当者の番号"},
    {"received_at", "受付日時", Form::Time},
    {"accepted_at", "着手日時", Form::Time},
    {"answered_at", "最初の回答日時", Form::Time},
    {"closed_at", "完了日時", Form::Time},
    {"waited_minutes", "返事を待った受付時間（分）"},
    {"fee", "費用の区分（inside 契約の範囲内、separate 別途）"},
    {"fee_why", "区分の理由"},
    {"fee_by", "区分を決めた人"},
    {"fee_at", "区分を決めた日時", Form::Time},
    {"minutes", "作業時間（分）"},
};
constexpr sys::ExtractColumn kMessage[] = {
    {"id", "番号"},
    {"question_id", "問合せの番号"},
    {"what", "種類（asked 質問、answered 回答、called 電話、note 内部メモ）"},
    {"channel", "方法"},
    {"made_by", "書いた人"},
    {"name", "名前"},
    {"made_at", "日時", Form::Time},
    {"body", "本文"},
    {"minutes", "作業時間（分）"},
    {"is_automatic", "自動（1）"},
};
constexpr sys::ExtractColumn kLink[] = {{"question_id", "問合せの番号"}, {"subject", "関係するもの"}};
constexpr sys::ExtractColumn kMail[] = {
    {"mail_key", "メールの識別子"},
    {"question_id", "問合せの番号"},
    {"came_at", "受信日時", Form::Time},
    {"sender", "差出人"},
    {"subject", "件名"},
    {"outcome", "扱い"},
    {"problem", "取り込めなかった理由"},
};
constexpr sys::ExtractColumn kRoster[] = {
    {"month", "月"}, {"set_by", "決めた人"}, {"set_at", "決めた日時", Form::Time}};
constexpr sys::ExtractColumn kDuty[] = {
    {"day", "日"}, {"part", "役割（charge 担当者、engineer 技術者）"}, {"name", "名前"}};
constexpr sys::ExtractColumn kFaq[] = {
    {"id", "番号"},
    {"topic", "分野"},
    {"question", "質問"},
    {"answer", "回答"},
    {"question_id", "もとの問合せの番号"},
    {"is_published", "公開（1）"},
    {"changed_by", "更新した人"},
    {"changed_at", "更新日時", Form::Time},
};
constexpr sys::ExtractColumn kText[] = {{"id", "番号"}, {"name", "名前"}, {"body", "文面"}};
constexpr sys::ExtractColumn kAsker[] = {
    {"person_id", "利用者の番号"}, {"allowed_by", "認めた人"}, {"allowed_at", "認めた日時", Form::Time}};

constexpr sys::Extract kExtracts[] = {
    {"desk_question", "問合せ", "Questions", "id", kQuestion},
    {"desk_message", "問合せのやりとり", "Messages of questions", "id", kMessage},
    {"desk_link", "問合せに関係するもの", "Links of questions", "question_id, subject", kLink},
    {"desk_mail", "ヘルプデスクに届いたメール", "Mail to the helpdesk", "came_at, mail_key", kMail},
    {"desk_roster", "当番表", "Rosters", "month", kRoster},
    {"desk_duty", "当番", "Duties", "day, part", kDuty},
    {"desk_faq", "よくある質問", "Frequent questions", "id", kFaq},
    {"desk_text", "回答の定型文", "Texts for answers", "id", kText},
    {"desk_asker", "問合せを認めた人", "People who may ask", "person_id", kAsker},
};

}  // namespace

std::span<const sys::Migration> migrations() {
    return kMigrations;
}

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace helpdesk
