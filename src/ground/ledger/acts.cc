// The table of acts. One row a line, by the thing acted on.
#include "ground/ledger/acts.h"

#include <algorithm>

namespace ledger {

namespace {

constexpr Act kActs[] = {
    {"site.init", "サイト作成", "サイトを作りました"},
    {"site.demo", "見本サイトの作成", "見本のサイトを作りました"},
    {"site.create", "サイト作成", "サイトを作りました"},
    {"site.takeover", "既存サイトの引継ぎ", "既存のサイトを引き継ぎました"},
    {"takeover.finish", "サイト引継ぎの完了", "既存のサイトの取込みを終えました"},
    {"site.settings", "サイト設定の変更", "{}を変えました"},
    {"site.upgrade", "プログラムの更新", "新しい版のプログラムにしました"},
    {"packages.record", "提供されたパッケージの記録", "提供されたパッケージを記録しました"},
    {"site.upkeep", "定期保守", "定期保守を行いました"},
    {"site.handover", "引継ぎ資料の作成", "引継ぎ資料を作りました"},
    {"site.region", "編集範囲の設定", "{}の編集できる範囲を決めました"},
    {"frame.find", "枠の検出", "引き継いだページを比べて枠を調べました"},
    {"frame.accept", "枠の決定", "{}の編集範囲を決めました"},
    {"frame.join", "枠への追加", "{}に、つくりの同じページを加えました"},
    {"frame.share", "枠の部分の共通化", "{}をまとめて編集できるようにしました"},
    {"frame.part-take-back", "枠の部分の変更の取消し", "{}を前の内容に戻しました"},
    {"frame.restyle-submit", "枠の型の変更依頼", "{}のページの型を変える承認を依頼しました"},
    {"frame.restyle-approve", "枠の型の変更", "{}のページの型を変えました"},
    {"frame.restyle-return", "枠の型の変更の差戻し", "{}のページの型の変更を差戻しました"},
    {"frame.restyle-take-back", "枠の型の変更の取消し", "{}のページを元の枠に戻しました"},
    {"section.change", "フォルダの変更", "{}の設定を変えました"},

    {"page.metadata", "ページ情報の一括登録", "ページ情報を一括で登録しました"},
    {"page.create", "ページ作成", "{}を作りました"},
    {"page.save", "保存", "{}を保存しました"},
    {"page.submit", "承認依頼", "{}の承認を依頼しました"},
    {"page.approve", "承認", "{}を承認しました"},
    {"page.return", "差戻し", "{}を差し戻しました"},
    {"page.recall", "承認依頼の取下げ", "{}の承認依頼を取り下げました"},
    {"page.schedule", "公開予約", "{}の公開を予約しました"},
    {"page.cancel-schedule", "公開予約の取消し", "{}の公開予約を取り消しました"},
    {"page.publish", "公開", "{}を公開しました"},
    {"page.publish-emergency", "緊急公開", "{}を緊急公開しました"},
    {"page.approve-afterwards", "緊急公開の事後承認", "{}の緊急公開を事後承認しました"},
    {"page.publish-failed", "公開の失敗", "{}を公開できませんでした"},
    {"page.withdraw", "非公開", "{}の公開を終了しました"},
    {"page.expire", "公開期限による公開終了", "{}は公開期限で公開を終了しました"},
    {"page.discard", "下書きの破棄", "{}の下書きを破棄しました"},
    {"page.move", "ページ移動", "{}を移動しました"},
    {"page.delete", "削除", "{}を削除しました"},
    {"page.restore", "復元", "{}を前の版に戻しました"},

    {"service.stop", "緊急停止", "{}を緊急停止しました"},
    {"service.resume", "緊急停止の解除", "{}を再開しました"},

    {"route.save", "承認ルートの保存", "{}を保存しました"},
    {"route.remove", "承認ルートの削除", "{}を削除しました"},

    {"asset.add", "ファイル登録", "{}を登録しました"},
    {"asset.replace", "ファイル差替え", "{}を差し替えました"},
    {"asset.delete", "ファイル削除", "{}を削除しました"},

    {"category.add", "分類の作成"},
    {"category.change", "分類の変更"},
    {"category.end", "分類の終了"},

    {"template.save", "テンプレート保存", "{}を保存しました"},
    {"template.submit", "テンプレートの承認依頼", "{}の承認を依頼しました"},
    {"template.approve", "テンプレート承認", "{}を承認しました"},
    {"template.return", "テンプレートの差戻し", "{}を差し戻しました"},

    {"release.seal", "公開記録の作成", "{}を作りました"},
    {"release.place", "公開領域への反映", "{}を公開領域に反映しました"},
    {"release.rekey", "署名鍵の更新", "署名鍵を更新しました"},
    {"release.restore", "公開記録の復旧", "{}を復旧しました"},

    {"person.add", "利用者登録", "{}を登録しました"},
    {"person.change", "利用者変更", "{}の登録内容を変えました"},
    {"person.disable", "利用者停止", "{}を使えなくしました"},
    {"person.password", "パスワード変更", "{}のパスワードを変えました"},
    {"person.second-factor", "二要素認証の設定", "{}の二要素認証を設定しました"},
    {"person.second-factor-offer", "二要素認証の設定の開始", "{}の二要素認証の設定を始めました"},
    {"person.second-factor-remove", "二要素認証の解除", "{}の二要素認証を外しました"},
    {"person.recovery-code", "予備コードの使用", "{}の予備コードを1つ使いました"},
    {"person.sign-in", "ログイン", "ログインしました"},
    {"person.sign-in-refused", "ログイン失敗", "{}のログインに失敗しました"},
    {"person.lock", "アカウントロック", "{}をロックしました"},
    {"person.unlock", "アカウントロックの解除", "{}のログインの待ち時間を解除しました"},
    {"person.sign-out", "ログアウト", "{}のログインを終了しました"},
    {"person.notices", "お知らせメールの受け取り方の変更", "お知らせメールの受け取り方を変えました"},
    {"mail.retry", "お知らせメールの再送", "お知らせメールを送り直しました"},
    {"mail.test", "テストメールの送信", "テストメールを送りました"},
    {"department.add", "所属登録", "{}を登録しました"},
    {"department.change", "所属変更", "{}の登録内容を変えました"},
    {"department.merge", "部署の統合・改組", "{}を別の部署に引き継ぎました"},
    {"role.grant", "権限付与", "{}に役割を付けました"},
    {"role.revoke", "権限解除", "{}の役割を外しました"},
    {"absence.add", "不在・代理の登録", "{}の不在と代理を登録しました"},
    {"absence.remove", "不在・代理の取消し", "{}の不在と代理を取り消しました"},

    {"guard.deviation", "改ざん・差異の検知"},
    {"guard.heal", "改ざん箇所の復旧"},
    {"guard.pause", "改ざん復旧の一時停止"},
    {"guard.resume", "改ざん復旧の再開"},
    {"guard.quarantine", "不審ファイルの隔離"},
    {"monitor.down", "障害検知"},
    {"monitor.up", "障害復旧"},
    {"anomaly.open", "異常の検知"},
    {"anomaly.clear", "異常の復旧", "{}の復旧を記録しました"},
    {"anomaly.close", "異常の終結", "{}を終結しました"},
    {"anomaly.severity", "異常の重大度の変更", "{}の重大度を変えました"},
    {"anomaly.no-data", "監視データの途絶", "{}の監視データの途絶を記録しました"},
    {"anomaly.heard", "監視データの再開", "{}の監視データの再開を記録しました"},
    {"anomaly.flap", "断続する異常の記録", "{}を断続する異常として記録しました"},
    {"anomaly.suppress", "呼出しの抑止", "{}の呼出しを抑止しました"},
    {"anomaly.release", "呼出しの抑止の終了", "{}の呼出しの抑止を終えました"},
    {"anomaly.acknowledge", "異常の受付", "{}を受け付けました"},
    {"anomaly.answer", "異常への対応の判断", "{}への対応の判断を記録しました"},
    {"anomaly.note", "異常への記入", "{}に記入しました"},
    {"window.add", "呼出しを止める期間の登録", "呼出しを止める期間を登録しました"},
    {"window.end", "呼出しを止める期間の終了", "呼出しを止める期間を終えました"},
    {"call.open", "担当者の呼出し", "担当者を呼び出しました"},
    {"call.escalate", "次の担当者の呼出し", "次の担当者を呼び出しました"},
    {"call.acknowledge", "呼出しへの応答", "呼出しに応答しました"},
    {"call.over", "呼出しの終了", "呼出しを終えました"},
    {"message.sent", "連絡の送信", "連絡を送りました"},
    {"message.failed", "連絡の送信失敗", "連絡を送れませんでした"},
    {"message.test", "連絡の試験送信", "試験の連絡を送りました"},

    {"backup.run", "バックアップ取得"},
    {"backup.verify", "バックアップ検証"},
    {"backup.refuse", "バックアップ実行の拒否"},
    {"backup.anyway", "時間外のバックアップの指示"},
    {"backup.prune", "古いバックアップの削除"},
    {"backup.adopt", "復元したサイトでのバックアップの開始"},
    {"backup.lost", "バックアップの消失の検知"},
    {"backup.found", "失われていたバックアップの再発見"},
    {"backup.key", "バックアップ復旧キーの作成"},
    {"backup.drill", "復元訓練"},
    {"backup.restore", "バックアップからの復旧"},
    {"backup.switch", "復元したサイトへの切替え", "復元したサイトに切り替えました"},
    {"backup.mend", "バックアップからのファイルの修復"},

    {"cutover.plan", "サーバ切替の計画", "サーバ切替の計画を作りました"},
    {"cutover.check", "新旧サーバの照合", "新旧サーバの照合を行いました"},
    {"cutover.accept", "新旧の違いの承認", "{}の違いを、差し支えないものとして記録しました"},
    {"cutover.tick", "切替準備の確認", "切替の準備「{}」を確認しました"},
    {"cutover.redirect", "転送の引継ぎ", "{}の転送を引き継ぎました"},
    {"cutover.request", "DNS切替申請書の作成", "DNS切替申請書を作りました"},
    {"cutover.switch", "サーバの切替", "サーバを切り替えたことを記録しました"},
    {"cutover.rollback", "サーバ切替の切戻し", "サーバ切替の切戻しを記録しました"},
    {"cutover.finish", "サーバ切替の完了", "サーバ切替の完了を記録しました"},

    {"log.sealed", "1日分のログの封印", "1日分のログを封印しました"},
    {"log.packed", "1日分のログの圧縮", "1日分のログを圧縮しました"},
    {"log.removed", "保存期間が過ぎたログの削除", "保存期間が過ぎたログを削除しました"},
    {"log.key-made", "ログの署名鍵の作成", "ログの署名鍵を作りました"},
    {"log.export-asked", "ログの書出しの依頼", "ログの書出しを依頼しました"},
    {"log.exported", "ログの書出し", "ログを書き出しました"},
    {"log.downloaded", "ログの受取り", "書き出したログを受け取りました"},
    {"log.export-removed", "書き出したログの削除", "書き出したログの受渡し用ファイルを削除しました"},

    {"desk.receive", "問合せ受付"},
    {"desk.answer", "問合せ回答"},
    {"desk.close", "問合せ完了"},
    {"report.make", "報告書作成", "{}の報告書を作りました"},
    {"report.confirm", "業務の完了の確認", "{}の業務の完了を確認しました"},
    {"report.refuse", "検査の指摘", "{}の検査で指摘しました"},
    {"invoice.issue", "請求書の発行", "{}を発行しました"},
    {"invoice.correct", "請求書の修正", "{}を修正しました"},
    {"invoice.paid", "入金の記録", "{}の入金を記録しました"},
    {"record.attach", "ファイルの登録", "{}にファイルを付けました"},
    {"document.make", "文書の作成", "{}を作りました"},
    {"document.deliver", "文書の提出", "{}の提出を記録しました"},
    {"document.confirm", "文書の受領の確認", "{}の受領の確認を記録しました"},
    {"document.template", "文書の様式の変更", "{}を変えました"},
    {"contract.record", "契約の履行の記入", "{}の契約の履行を記入しました"},
    {"contract.warn", "契約の期限の予告", "{}の期限が近いことを記録しました"},
    {"contract.late", "契約の期限の超過", "{}の期限が過ぎたことを記録しました"},
    {"notice.send", "通知送信"},
    {"job.run", "定期処理の実行"},
    {"ledger.export", "証跡の書出し", "業務記録を書き出しました"},
    {"ledger.verify", "業務記録の検証", "業務記録を検証しました"},
};

}  // namespace

std::span<const Act> all_acts() {
    return kActs;
}

bool is_known_act(std::string_view id) {
    return std::any_of(std::begin(kActs), std::end(kActs), [&](const Act& act) { return act.id == id; });
}

std::string act_sentence(std::string_view id, std::string_view thing) {
    const auto* act = std::find_if(std::begin(kActs), std::end(kActs), [&](const Act& one) { return one.id == id; });
    const std::string_view pattern = act == std::end(kActs) ? std::string_view{} : act->sentence;
    const std::size_t hole = pattern.find("{}");
    if (pattern.empty())
        return std::string(thing) + (thing.empty() ? "" : "：") + std::string(act_wording(id)) + "を行いました";
    if (hole == std::string_view::npos) return std::string(pattern);
    return std::string(pattern.substr(0, hole)) + std::string(thing.empty() ? "対象" : thing) +
           std::string(pattern.substr(hole + 2));
}

std::string_view act_wording(std::string_view id) {
    const auto* act = std::find_if(std::begin(kActs), std::end(kActs), [&](const Act& one) { return one.id == id; });
    return act == std::end(kActs) ? id : act->wording;
}

}  // namespace ledger
