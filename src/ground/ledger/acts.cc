// The table of acts. One row a line, by the thing acted on.
#include "ground/ledger/acts.h"

#include <algorithm>

namespace ledger {

namespace {

constexpr Act kActs[] = {
    {"site.create", "サイト作成"},
    {"site.takeover", "既存サイトの引継ぎ"},
    {"site.settings", "サイト設定の変更"},
    {"site.handover", "引継ぎ資料の作成"},
    {"site.region", "編集範囲の設定"},
    {"section.change", "フォルダの変更"},

    {"page.create", "ページ作成"},
    {"page.save", "保存"},
    {"page.submit", "承認依頼"},
    {"page.approve", "承認"},
    {"page.return", "差戻し"},
    {"page.recall", "承認依頼の取下げ"},
    {"page.schedule", "公開予約"},
    {"page.cancel-schedule", "公開予約の取消し"},
    {"page.publish", "公開"},
    {"page.publish-emergency", "緊急公開"},
    {"page.approve-afterwards", "緊急公開の事後承認"},
    {"page.publish-failed", "公開の失敗"},
    {"page.withdraw", "非公開"},
    {"page.expire", "公開期限による公開終了"},
    {"page.discard", "下書きの破棄"},
    {"page.move", "ページ移動"},
    {"page.delete", "削除"},
    {"page.restore", "復元"},

    {"route.save", "承認ルートの保存"},
    {"route.remove", "承認ルートの削除"},

    {"asset.add", "ファイル登録"},
    {"asset.replace", "ファイル差替え"},
    {"asset.delete", "ファイル削除"},

    {"template.save", "テンプレート保存"},
    {"template.submit", "テンプレートの承認依頼"},
    {"template.approve", "テンプレート承認"},
    {"template.return", "テンプレートの差戻し"},

    {"release.seal", "公開記録の作成"},
    {"release.place", "公開領域への反映"},
    {"release.rekey", "署名鍵の更新"},
    {"release.restore", "公開記録の復旧"},

    {"person.add", "利用者登録"},
    {"person.change", "利用者変更"},
    {"person.disable", "利用者停止"},
    {"person.password", "パスワード変更"},
    {"person.second-factor", "二要素認証の設定"},
    {"person.sign-in", "ログイン"},
    {"person.sign-in-refused", "ログイン失敗"},
    {"person.lock", "アカウントロック"},
    {"person.unlock", "アカウントロックの解除"},
    {"person.sign-out", "ログアウト"},
    {"department.add", "所属登録"},
    {"department.change", "所属変更"},
    {"role.grant", "権限付与"},
    {"role.revoke", "権限解除"},
    {"absence.add", "不在・代理の登録"},
    {"absence.remove", "不在・代理の取消し"},

    {"guard.deviation", "改ざん・差異の検知"},
    {"guard.heal", "改ざん箇所の復旧"},
    {"guard.quarantine", "不審ファイルの隔離"},
    {"monitor.down", "障害検知"},
    {"monitor.up", "障害復旧"},
    {"anomaly.open", "異常の検知"},
    {"anomaly.close", "異常の解消"},

    {"backup.make", "バックアップ取得"},
    {"backup.verify", "バックアップ検証"},
    {"backup.drill", "復旧訓練"},
    {"backup.restore", "バックアップからの復旧"},

    {"desk.receive", "問合せ受付"},
    {"desk.answer", "問合せ回答"},
    {"desk.close", "問合せ完了"},
    {"report.make", "報告書作成"},
    {"notice.send", "通知送信"},
    {"job.run", "定期処理の実行"},
    {"ledger.export", "証跡の書出し"},
};

}  // namespace

std::span<const Act> all_acts() {
    return kActs;
}

bool is_known_act(std::string_view id) {
    return std::any_of(std::begin(kActs), std::end(kActs), [&](const Act& act) { return act.id == id; });
}

std::string_view act_wording(std::string_view id) {
    const auto* act = std::find_if(std::begin(kActs), std::end(kActs), [&](const Act& one) { return one.id == id; });
    return act == std::end(kActs) ? id : act->wording;
}

}  // namespace ledger
