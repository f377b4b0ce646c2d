#include "office/vulnerabilities/store.h"

namespace vulnerabilities {

namespace {

using Form = sys::ColumnForm;

constexpr sys::ExtractColumn kComponent[] = {
    {"id", "番号"},
    {"kind", "種類（debian OSのパッケージ、part 本システムの部品、npm、script サイト内、manual 手で登録）"},
    {"name", "名前"},
    {"version", "版"},
    {"source", "ソースパッケージ"},
    {"source_version", "ソースの版"},
    {"vendor", "会社"},
    {"cpe", "CPE"},
    {"note", "備考"},
    {"places", "ある所"},
    {"first_seen_at", "最初に見た日時", Form::Time},
    {"last_seen_at", "最後に見た日時", Form::Time},
    {"gone_at", "なくなった日時", Form::Time}};
constexpr sys::ExtractColumn kVulnerability[] = {
    {"id", "番号"},
    {"number", "整理番号"},
    {"title", "件名"},
    {"summary", "概要"},
    {"severity", "重要度"},
    {"score", "CVSS（-1 なし）"},
    {"score_version", "CVSSの版"},
    {"received_at", "受けた日時", Form::Time},
    {"due_at", "報告の期限", Form::Time},
    {"verdict", "判定（not-ours 対象外、unaffected 影響なし、act 要対応、watch 監視）"},
    {"reason", "理由"},
    {"action", "対応"},
    {"judged_by", "判定した人"},
    {"judged_at", "判定した日時", Form::Time},
    {"review_on", "見直す日"},
    {"reported_at", "報告した日時", Form::Time},
    {"fixed_at", "対応が済んだ日時", Form::Time},
    {"is_withdrawn", "取り下げられた（1）"}};
constexpr sys::ExtractColumn kAdvisory[] = {{"id", "番号"},
                                            {"source", "情報源"},
                                            {"external_id", "情報源の番号"},
                                            {"title", "題名"},
                                            {"document", "内容（JSON）"},
                                            {"hash", "内容のハッシュ"},
                                            {"published_at", "公開の日時", Form::Time},
                                            {"modified_at", "更新の日時", Form::Time},
                                            {"received_at", "受けた日時", Form::Time},
                                            {"vulnerability_id", "脆弱性の記録"}};
constexpr sys::ExtractColumn kAlias[] = {{"alias", "別の番号（CVEなど）"}, {"vulnerability_id", "脆弱性の記録"}};
constexpr sys::ExtractColumn kConcern[] = {{"vulnerability_id", "脆弱性の記録"},
                                           {"component_id", "構成の番号"},
                                           {"source", "情報源"},
                                           {"basis", "照合の根拠"},
                                           {"is_sure", "版で確かめた（1）"},
                                           {"is_over", "解消した（1）"},
                                           {"seen_at", "確かめた日時", Form::Time}};
constexpr sys::ExtractColumn kJudgement[] = {{"id", "番号"},
                                             {"vulnerability_id", "脆弱性の記録"},
                                             {"verdict", "判定"},
                                             {"reason", "理由"},
                                             {"action", "対応"},
                                             {"judged_by", "判定した人"},
                                             {"judged_at", "判定した日時", Form::Time},
                                             {"review_on", "見直す日"}};
constexpr sys::ExtractColumn kPatch[] = {{"id", "番号"},
                                         {"kind", "種類（patch 修正、version 版の更新）"},
                                         {"title", "件名"},
                                         {"component", "対象"},
                                         {"version_from", "前の版"},
                                         {"version_to", "後の版"},
                                         {"published_at", "公開の日時", Form::Time},
                                         {"found_at", "見つけた日時", Form::Time},
                                         {"state", "状態"},
                                         {"window_from", "適用してよい時間帯の始まり", Form::Time},
                                         {"window_to", "同じく終わり", Form::Time},
                                         {"staging", "試験した環境"},
                                         {"is_tested", "試験に合格（1）"},
                                         {"is_emergency", "緊急（1）"},
                                         {"applied_at", "適用した日時", Form::Time}};
constexpr sys::ExtractColumn kPatchSubject[] = {{"patch_id", "修正の番号"}, {"subject", "対応する記録"}};
constexpr sys::ExtractColumn kPatchStep[] = {{"patch_id", "修正の番号"},
                                             {"step", "段階"},
                                             {"text", "内容"},
                                             {"made_by", "行った人"},
                                             {"made_at", "日時", Form::Time}};
constexpr sys::ExtractColumn kPatchTest[] = {{"patch_id", "修正の番号"}, {"run", "試験の回"},      {"position", "順"},
                                             {"name", "項目"},           {"is_good", "合格（1）"}, {"result", "結果"}};
constexpr sys::ExtractColumn kInspection[] = {{"id", "番号"},
                                              {"number", "整理番号"},
                                              {"title", "件名"},
                                              {"body", "検査した機関"},
                                              {"independence", "独立性"},
                                              {"scope", "範囲"},
                                              {"begins_on", "開始日"},
                                              {"ends_on", "終了日"},
                                              {"next_on", "次回の予定"},
                                              {"reported_at", "報告した日時", Form::Time},
                                              {"reported_to", "報告した相手"},
                                              {"made_at", "登録した日時", Form::Time},
                                              {"made_by", "登録した人"}};
constexpr sys::ExtractColumn kFinding[] = {
    {"inspection_id", "検査の番号"},
    {"tool", "道具"},
    {"title", "指摘"},
    {"severity", "重要度"},
    {"place", "場所"},
    {"detail", "詳細"},
    {"state", "状態（open 未対応、accepted 受容、mended 対応済み、cleared 再検査で解消）"},
    {"note", "対応の内容"},
    {"found_at", "見つけた日時", Form::Time},
    {"decided_by", "決めた人"},
    {"decided_at", "決めた日時", Form::Time},
    {"retested_at", "再検査の日時", Form::Time}};
constexpr sys::Extract kExtracts[] = {
    {"component", "構成の一覧", "Inventory", "id", kComponent},
    {"vulnerability", "脆弱性の記録", "Records of vulnerabilities", "id", kVulnerability},
    {"advisory", "受け取った脆弱性情報", "Advisories that were received", "id", kAdvisory},
    {"vulnerability_alias", "脆弱性の別の番号", "Other ids of vulnerabilities", "alias", kAlias},
    {"vulnerability_concern", "脆弱性が当てはまる構成", "What vulnerabilities concern", "id", kConcern},
    {"vulnerability_judgement", "脆弱性の判定", "How vulnerabilities were judged", "id", kJudgement},
    {"patch", "修正と版の更新", "Patches and upgrades", "id", kPatch},
    {"patch_subject", "修正が対応する記録", "What patches answer", "patch_id, subject", kPatchSubject},
    {"patch_step", "修正の経過", "Steps of patches", "id", kPatchStep},
    {"patch_test", "修正の試験", "Tests of patches", "id", kPatchTest},
    {"inspection", "脆弱性検査", "Inspections", "id", kInspection},
    {"inspection_finding", "脆弱性検査の指摘", "Findings of inspections", "id", kFinding},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace vulnerabilities
