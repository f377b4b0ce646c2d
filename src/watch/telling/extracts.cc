#include "watch/telling/calls.h"

namespace telling {

namespace {

using Form = sys::ColumnForm;

// A call's ticket opens its page to whoever has it, and stands in the text of its messages: both stay here.
constexpr sys::ExtractColumn kCall[] = {
    {"id", "番号"},
    {"made_at", "呼び出した日時", Form::Time},
    {"severity", "重大度"},
    {"standing", "状態（open 呼出し中、acknowledged 応答あり、over 終了）"},
    {"since_at", "次の担当者までの時間を数え始めた日時", Form::Time},
    {"told_at", "最後に連絡した日時", Form::Time},
    {"told", "連絡した異常の数"},
    {"acknowledged_by", "応答した人"},
    {"acknowledged_at", "応答した日時", Form::Time},
    {"over_at", "終了した日時", Form::Time},
};
constexpr sys::ExtractColumn kMember[] = {
    {"call_id", "呼出しの番号"},
    {"anomaly_id", "異常の番号"},
};
constexpr sys::ExtractColumn kMessage[] = {
    {"id", "番号"},
    {"call_id", "呼出しの番号"},
    {"kind", "種類"},
    {"channel", "連絡方法"},
    {"name", "宛先の名前"},
    {"severity", "重大度"},
    {"subject", "件名"},
    {"made_at", "作成日時", Form::Time},
    {"attempt", "送信の回数"},
    {"standing", "状態（waiting 送信待ち、sent 送信済み、failed 送信できず）"},
    {"is_repeated", "重ねて届いた可能性がある（1）"},
    {"reply", "相手の応答"},
    {"done_at", "送信が終わった日時", Form::Time},
    {"about", "伝えた異常の番号"},
};
constexpr sys::ExtractColumn kTry[] = {
    {"message_id", "連絡の番号"},
    {"attempt", "何回目か"},
    {"begun_at", "始めた日時", Form::Time},
    {"ended_at", "終わった日時", Form::Time},
    {"outcome", "結果（begun 不明、sent 送信済み、later 後で再送、failed 送信できず）"},
    {"reply", "相手の応答"},
};
constexpr sys::Extract kExtracts[] = {
    {"call", "担当者の呼出し", "Calls of those on duty", "id", kCall},
    {"call_anomaly", "呼出しと異常", "Anomalies of calls", "anomaly_id", kMember},
    {"message", "監視からの連絡", "Messages of the watch", "id", kMessage},
    {"message_try", "連絡の送信", "Tries of messages", "message_id, attempt", kTry},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace telling
