#include "watch/signals/anomaly.h"

namespace signals {

namespace {

using Form = sys::ColumnForm;

constexpr sys::ExtractColumn kAnomaly[] = {
    {"id", "番号"},
    {"fingerprint", "同じ異常かどうかを見分ける値"},
    {"source", "検知した機能"},
    {"kind", "種類"},
    {"subject", "監視対象"},
    {"rule", "監視の条件"},
    {"group_key", "まとまり"},
    {"severity", "重大度（0 参考、1 軽微、2 注意、3 重大、4 緊急）"},
    {"standing", "状態（open 発生中、cleared 復旧、closed 終結）"},
    {"is_no_data", "監視データが届かない（1）"},
    {"is_flapping", "断続している（1）"},
    {"is_storm", "多数をまとめたもの（1）"},
    {"storm_id", "まとめた異常の番号"},
    {"suppressed_by", "呼出しを抑止した原因"},
    {"suppressed_why", "呼出しを抑止した理由"},
    {"first_at", "最初に観測した日時", Form::Time},
    {"last_at", "最後に観測した日時", Form::Time},
    {"opened_at", "異常と判断した日時", Form::Time},
    {"cleared_at", "復旧した日時", Form::Time},
    {"closed_at", "終結した日時", Form::Time},
    {"signals", "知らせの数"},
    {"members", "まとめた異常の数"},
    {"text", "内容"},
    {"acknowledged_by", "受け付けた人"},
    {"acknowledged_at", "受け付けた日時", Form::Time},
    {"decision", "対応の判断（now すぐに、later 期日までに、not 対応しない）"},
    {"answer_who", "対応する人"},
    {"answer_why", "判断の理由"},
    {"answer_due_at", "対応の期日", Form::Time},
    {"answer_by", "判断した人"},
    {"answered_at", "判断した日時", Form::Time},
    {"version", "版"},
};
constexpr sys::ExtractColumn kEvent[] = {
    {"id", "番号"},     {"anomaly_id", "異常の番号"}, {"at", "日時", Form::Time},
    {"what", "出来事"}, {"actor", "だれが"},          {"text", "内容"},
};
constexpr sys::ExtractColumn kSignal[] = {
    {"id", "番号"},
    {"source", "知らせた機能"},
    {"external_id", "知らせた機能での番号"},
    {"state", "状態（raise 発生、clear 復旧、info 情報）"},
    {"severity", "重大度"},
    {"fingerprint", "同じ異常かどうかを見分ける値"},
    {"observed_at", "観測した日時", Form::Time},
    {"received_at", "受け取った日時", Form::Time},
    {"is_late", "後から届いた（1）"},
    {"text", "内容"},
    {"evidence", "証拠の値（evidence.csvのhash）"},
    {"anomaly_id", "異常の番号"},
};
constexpr sys::ExtractColumn kEvidence[] = {
    {"hash", "内容のハッシュ（SHA-256）"},
    {"payload", "証拠（JSON）"},
    {"made_at", "受け取った日時", Form::Time},
};
constexpr sys::ExtractColumn kWindow[] = {
    {"id", "番号"},
    {"reason_kind", "区分（planned-stop 計画停止、operator 運用担当者の作業）"},
    {"why", "理由"},
    {"actor", "登録した人"},
    {"from_at", "開始", Form::Time},
    {"until_at", "終了", Form::Time},
    {"source", "対象の機能"},
    {"kind", "対象の種類"},
    {"subject", "対象"},
};
constexpr sys::Extract kExtracts[] = {
    {"anomaly", "異常", "Anomalies", "id", kAnomaly},
    {"anomaly_event", "異常の経過", "What became of anomalies", "id", kEvent},
    {"signal", "監視の知らせ", "Signals", "id", kSignal},
    {"evidence", "監視の証拠", "Evidence of signals", "hash", kEvidence},
    {"quiet_window", "呼出しを止めた期間", "Spans without calls", "id", kWindow},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace signals
