#include "office/stops/stop.h"

namespace stops {

namespace {

using Form = sys::ColumnForm;

constexpr sys::ExtractColumn kStop[] = {
    {"id", "番号"},
    {"number", "停止番号"},
    {"title", "件名"},
    {"starts_at", "開始予定", Form::Time},
    {"ends_at", "終了予定", Form::Time},
    {"stops_public", "公開サイトの停止"},
    {"freezes", "編集の停止"},
    {"what", "止まるもの"},
    {"works", "使えるもの"},
    {"reason", "理由"},
    {"contact", "問合せ先"},
    {"work", "作業の内容"},
    {"decider", "実施の判断をする人"},
    {"tree", "連絡網"},
    {"rollback_at", "切戻しの期限", Form::Time},
    {"unavoidable", "やむを得ない理由"},
    {"state", "状態"},
    {"residents_by", "利用者への周知の期限", Form::Time},
    {"staff_by", "職員への周知の期限", Form::Time},
    {"round", "周知の回"},
    {"page_id", "お知らせのページ"},
    {"cancelled_why", "中止の理由"},
    {"started_at", "開始", Form::Time},
    {"ended_at", "終了", Form::Time},
    {"cancelled_at", "中止", Form::Time},
    {"made_by", "登録した人"},
    {"made_at", "登録日時", Form::Time},
};
constexpr sys::ExtractColumn kTold[] = {
    {"stop_id", "停止"},
    {"round", "周知の回"},
    {"audience", "相手（residents 利用者、staff 職員）"},
    {"at", "周知した日時", Form::Time},
    {"proof", "証拠"},
    {"by_whom", "記録した人"},
};
constexpr sys::ExtractColumn kEmergency[] = {
    {"subject", "停止"},
    {"stopped_at", "停止日時", Form::Time},
    {"resumed_at", "再開日時", Form::Time},
    {"part", "対象"},
    {"by_whom", "停止した人"},
    {"second_whom", "同意した人"},
    {"reason", "理由"},
    {"notice", "お知らせ"},
    {"document_id", "文書"},
    {"delivery_id", "引渡し"},
    {"reported_at", "報告日時", Form::Time},
};
constexpr sys::Extract kExtracts[] = {
    {"planned_stop", "計画停止", "Planned stops", "id", kStop},
    {"planned_stop_told", "計画停止の周知", "What was told of planned stops", "stop_id, round, audience", kTold},
    {"emergency_report", "緊急停止の報告", "Reports of emergency stops", "stopped_at, subject", kEmergency},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace stops
