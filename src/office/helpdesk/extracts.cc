#include "office/helpdesk/migrations.h"

namespace helpdesk {

namespace {

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

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace helpdesk
