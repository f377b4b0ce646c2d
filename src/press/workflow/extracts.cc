#include "press/workflow/extracts.h"

namespace workflow {

namespace {

using sys::ColumnForm;

constexpr sys::ExtractColumn kStanding[] = {
    {"page_id", "ページの番号"},
    {"state",
     "状態（none なし、draft 下書き、submitted 承認待ち、returned 差戻し、approved 承認済み、scheduled 公開予約）"},
    {"matter", "用件（publish 公開、withdraw 公開終了）"},
    {"owner_id", "担当の職員の番号"},
    {"is_autosaved", "自動保存か（1 はい）"},
    {"revision_id", "版の番号"},
    {"revision_hash", "版のSHA-256"},
    {"submitted_by", "承認を依頼した職員の番号"},
    {"submitted_at", "依頼日時", ColumnForm::Time},
    {"round", "依頼の回"},
    {"steps", "承認の段階（JSON）"},
    {"step", "今の段階"},
    {"publish_at", "公開の予定", ColumnForm::Time},
    {"is_by_hand", "公開を手で行うか（1 はい）"},
    {"withdraw_at", "公開終了の予定", ColumnForm::Time},
    {"end_reason", "公開終了の理由の種別"},
    {"end_target", "移転先"},
    {"end_words", "公開終了の理由"},
    {"state_before", "公開終了の依頼の前の状態"},
    {"comment", "コメント"},
    {"problem", "公開できなかった理由"},
    {"receipt_id", "公開結果の番号"},
    {"live_until", "公開中の版の終了予定", ColumnForm::Time},
    {"ended", "公開の終わり方（never なし、expired 期限切れ、withdrawn 取下げ）"},
    {"ended_reason", "終わった理由の種別"},
    {"ended_target", "終わったときの移転先"},
    {"ended_words", "終わった理由"},
    {"ended_at", "終わった日時", ColumnForm::Time},
    {"last_live", "最後に公開した版の番号"},
    {"due_at", "次に処理する日時", ColumnForm::Time},
    {"ends_at", "終了を処理する日時", ColumnForm::Time},
    {"changed_at", "変更日時", ColumnForm::Time},
    {"version", "版"},
};

constexpr sys::ExtractColumn kApproval[] = {
    {"id", "番号"},
    {"page_id", "ページの番号"},
    {"revision_id", "版の番号"},
    {"revision_hash", "版のSHA-256"},
    {"matter", "用件"},
    {"round", "依頼の回"},
    {"step", "段階"},
    {"groups_said", "応じたグループ"},
    {"person_id", "職員の番号"},
    {"on_behalf_of", "代理の元の職員の番号"},
    {"said", "答え（approve 承認、return 差戻し、approve-afterwards 事後承認）"},
    {"comment", "コメント"},
    {"said_at", "日時", ColumnForm::Time},
};

constexpr sys::ExtractColumn kEmergency[] = {
    {"id", "番号"},
    {"page_id", "ページの番号"},
    {"revision_id", "版の番号"},
    {"revision_hash", "版のSHA-256"},
    {"person_id", "公開した職員の番号"},
    {"reason", "理由"},
    {"made_at", "公開日時", ColumnForm::Time},
    {"writers", "書いた職員"},
    {"findings", "点検の結果"},
    {"approved_by", "事後承認した職員の番号"},
    {"approved_at", "事後承認の日時", ColumnForm::Time},
};

constexpr sys::ExtractColumn kAsked[] = {
    {"page_id", "ページの番号"},
    {"person_id", "職員の番号"},
    {"on_behalf_of", "代理の元の職員の番号"},
    {"name", "氏名"},
};

constexpr sys::ExtractColumn kApprovalRoute[] = {
    {"id", "番号"},
    {"name", "名称"},
    {"section", "対象のフォルダ"},
    {"department_id", "対象の部署の番号"},
    {"kind", "対象のページの種別"},
    {"steps", "段階（JSON）"},
    {"version", "版"},
};

constexpr sys::Extract kExtracts[] = {
    {"standing", "ページの状態", "Where pages stand", "page_id", kStanding},
    {"approval", "承認と差戻し", "Approvals and returns", "id", kApproval},
    {"emergency", "緊急公開", "Emergency publications", "id", kEmergency},
    {"asked", "承認を依頼されている職員", "Who is asked now", "page_id, person_id", kAsked},
    {"approval_route", "承認経路", "Approval routes", "id", kApprovalRoute},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace workflow
