#include "watch/cutover/store.h"

namespace cutover {

namespace {

using Form = sys::ColumnForm;

constexpr sys::ExtractColumn kPlan[] = {
    {"version", "版"},
    {"document", "計画（JSON）"},
    {"paths", "照合するページの数"},
    {"made_at", "作成日時", Form::Time},
    {"made_by", "作成した人"},
};
constexpr sys::ExtractColumn kState[] = {
    {"plan_version", "計画の版"},
    {"round", "照合の回"},
    {"began_at", "照合を始めた日時", Form::Time},
    {"ended_at", "照合が終わった日時", Form::Time},
    {"switched_at", "切り替えた日時", Form::Time},
    {"switched_by", "切替を記録した人"},
    {"silent_since", "旧サーバへの要求が止まった日時", Form::Time},
    {"finished_at", "完了した日時", Form::Time},
    {"rolled_back_at", "切り戻した日時", Form::Time},
};
constexpr sys::ExtractColumn kPath[] = {
    {"path", "パス"},
    {"hits", "アクセス記録での回数"},
    {"outcome", "照合の結果（equal 同じ、different 違う、accepted 差し支えない違い、failed 照合できず）"},
    {"kinds", "違いの種類"},
    {"problem", "照合できなかった理由"},
    {"differences", "違いの内容（JSON）"},
    {"proposal", "転送先の候補"},
    {"checked_at", "照合した日時", Form::Time},
};
constexpr sys::ExtractColumn kAccepted[] = {
    {"path", "パス"},
    {"kinds", "違いの種類"},
    {"reason", "差し支えない理由"},
    {"accepted_by", "認めた人"},
    {"accepted_at", "認めた日時", Form::Time},
};
constexpr sys::ExtractColumn kObserved[] = {
    {"id", "項目"}, {"is_well", "整っている（1）"}, {"text", "内容"}, {"observed_at", "調べた日時", Form::Time}};
constexpr sys::ExtractColumn kTick[] = {
    {"id", "項目"}, {"note", "備考"}, {"ticked_by", "確認した人"}, {"ticked_at", "確認した日時", Form::Time}};
constexpr sys::ExtractColumn kTtl[] = {{"name", "名前"},
                                       {"type", "種類"},
                                       {"ttl", "TTL（秒）"},
                                       {"first_at", "最初に見た日時", Form::Time},
                                       {"last_at", "最後に見た日時", Form::Time}};
constexpr sys::ExtractColumn kPaper[] = {
    {"id", "番号"},
    {"kind", "種類（request 切替申請書、rollback 切戻し申請書）"},
    {"plan_version", "計画の版"},
    {"hash", "ハッシュ（SHA-256）"},
    {"html", "HTML"},
    {"text", "本文"},
    {"made_at", "作成日時", Form::Time},
    {"made_by", "作成した人"},
};
constexpr sys::ExtractColumn kResolver[] = {
    {"address", "ネームサーバ"},
    {"state", "状態（new 新、old 旧、mixed 混在、other 別のアドレス、silent 応答なし）"},
    {"answer", "答え"},
    {"seen_at", "尋ねた日時", Form::Time},
    {"since_at", "この状態になった日時", Form::Time},
};
constexpr sys::Extract kExtracts[] = {
    {"cutover_plan", "サーバ切替の計画", "Plans of the cutover", "version", kPlan},
    {"cutover_state", "サーバ切替の進み", "How far the cutover came", "id", kState},
    {"cutover_path", "新旧サーバの照合", "Paths compared on the old and the new server", "path", kPath},
    {"cutover_accepted", "差し支えないとした違い", "Differences that were accepted", "path", kAccepted},
    {"cutover_observed", "切替の準備（調べた結果）", "Readiness as observed", "id", kObserved},
    {"cutover_tick", "切替の準備（人の確認）", "Readiness as ticked by people", "id", kTick},
    {"cutover_ttl", "見えたTTL", "TTLs that were seen", "name, type, ttl", kTtl},
    {"cutover_paper", "DNS切替の書類", "Papers of the cutover", "id", kPaper},
    {"cutover_resolver", "切替後のネームサーバの答え", "Answers of resolvers after the switch", "address", kResolver},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace cutover
