#include "office/incidents/incident.h"

namespace incidents {

namespace {

using Form = sys::ColumnForm;

constexpr sys::ExtractColumn kIncident[] = {
    {"id", "番号"},
    {"number", "障害番号"},
    {"title", "件名"},
    {"severity", "重大度（0 参考〜4 緊急）"},
    {"cause", "原因のまとまり"},
    {"state", "状態"},
    {"level", "担当（0 運用担当者、1 保守管理者、2 保守責任者）"},
    {"occurred_at", "発生日時", Form::Time},
    {"detected_at", "検知日時", Form::Time},
    {"found", "見つけたきっかけ"},
    {"reporter", "連絡した人"},
    {"made_by", "登録した人"},
    {"made_at", "登録日時", Form::Time},
    {"closed_at", "終結日時", Form::Time},
};
constexpr sys::ExtractColumn kStep[] = {
    {"id", "番号"},
    {"incident_id", "障害"},
    {"state", "段階"},
    {"at", "日時", Form::Time},
    {"recorded_at", "記録した日時", Form::Time},
    {"by_whom", "記録した人"},
    {"note", "記入"},
    {"is_skipped", "省いた"},
};
constexpr sys::ExtractColumn kValue[] = {
    {"incident_id", "障害"},
    {"field", "項目"},
    {"value", "内容"},
    {"changed_by", "変えた人"},
    {"changed_at", "変えた日時", Form::Time},
};
constexpr sys::ExtractColumn kAnomaly[] = {
    {"anomaly_id", "異常"},
    {"incident_id", "障害"},
    {"text", "内容"},
    {"first_at", "発生日時", Form::Time},
    {"added_at", "加えた日時", Form::Time},
    {"added_by", "加えた人"},
};
constexpr sys::ExtractColumn kEntry[] = {
    {"id", "番号"},
    {"incident_id", "障害"},
    {"at", "日時", Form::Time},
    {"kind", "種類（note 記入、contact 連絡）"},
    {"whom", "相手"},
    {"how", "方法"},
    {"text", "内容"},
    {"by_whom", "記入した人"},
    {"made_at", "記入した日時", Form::Time},
};
constexpr sys::ExtractColumn kMeasure[] = {
    {"id", "番号"},
    {"incident_id", "障害"},
    {"is_preventive", "種類（0 是正、1 予防）"},
    {"text", "措置"},
    {"owner", "担当"},
    {"due_on", "期日"},
    {"done_on", "実施日"},
    {"effect", "効果の確認"},
    {"similar_places", "同種箇所の確認"},
    {"by_whom", "記入した人"},
};
constexpr sys::ExtractColumn kTick[] = {
    {"incident_id", "障害"}, {"runbook", "手引き"},     {"step", "手順"},
    {"note", "記入"},        {"by_whom", "確かめた人"}, {"at", "日時", Form::Time},
};
constexpr sys::ExtractColumn kReport[] = {
    {"delivery_id", "引渡し"},
    {"incident_id", "障害"},
    {"stage", "段階"},
    {"document_id", "文書"},
    {"whom", "相手"},
    {"how", "方法"},
    {"happened_at", "日時", Form::Time},
};
constexpr sys::ExtractColumn kRunbook[] = {
    {"id", "番号"},   {"slug", "名前"},  {"number", "版"},        {"title", "題名"},          {"about", "対象"},
    {"body", "本文"}, {"steps", "手順"}, {"by_whom", "書いた人"}, {"at", "日時", Form::Time},
};
constexpr sys::Extract kExtracts[] = {
    {"incident", "障害", "Incidents", "id", kIncident},
    {"incident_step", "障害の段階", "Steps of incidents", "id", kStep},
    {"incident_value", "障害の内容", "What incidents say", "incident_id, field", kValue},
    {"incident_anomaly", "障害に含む異常", "Anomalies in incidents", "anomaly_id", kAnomaly},
    {"incident_entry", "障害の記入と連絡", "Notes and contacts of incidents", "id", kEntry},
    {"incident_measure", "是正と予防の措置", "Corrective and preventive measures", "id", kMeasure},
    {"incident_tick", "手引きの確認", "Ticked steps of runbooks", "incident_id, runbook, step", kTick},
    {"incident_report", "障害報告書の引渡し", "Incident reports handed over", "delivery_id", kReport},
    {"runbook", "障害時対応マニュアル", "Incident manual", "id", kRunbook},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace incidents
