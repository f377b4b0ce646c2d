#include "press/frames/extracts.h"

namespace frames {

namespace {

constexpr sys::ExtractColumn kFrameGroup[] = {
    {"id", "番号"},
    {"state", "状態（proposed 提案、accepted 決定）"},
    {"selector", "編集範囲の指定"},
    {"proposed", "提案された指定"},
    {"pages", "ページ数"},
    {"covered", "範囲のあるページ数"},
    {"found_at", "調べた日時", sys::ColumnForm::Time},
    {"version", "版"},
};

constexpr sys::ExtractColumn kFramePart[] = {
    {"id", "番号"},
    {"group_id", "グループの番号"},
    {"position", "順番"},
    {"kind", "種別"},
    {"selector", "部分の指定"},
    {"present", "部分のあるページ数"},
    {"same", "同じ内容のページ数"},
    {"looked_at", "調べたページ数"},
};

constexpr sys::ExtractColumn kFramePage[] = {
    {"page_id", "ページの番号"},
    {"group_id", "グループの番号"},
    {"is_covered", "範囲があるか（1 はい）"},
};

constexpr sys::ExtractColumn kFramePlace[] = {
    {"page_id", "ページの番号"},
    {"name", "共有する部品の名前"},
    {"begin_at", "原本の中の始まり（バイト）"},
    {"end_at", "原本の中の終わり（バイト）"},
    {"context", "入っている要素"},
    {"folder", "リンクの起点のフォルダー（. そのページのフォルダー）"},
};

constexpr sys::ExtractColumn kFrameRestyle[] = {
    {"id", "番号"},
    {"group_id", "グループの番号"},
    {"page_type", "ページの型"},
    {"state", "状態（submitted 承認待ち、returned 差戻し、live 公開済み、taken-back 取消し）"},
    {"hash", "承認の対象のハッシュ値"},
    {"pages", "ページ数"},
    {"asked_by", "依頼した人の番号"},
    {"asked_at", "依頼した日時", sys::ColumnForm::Time},
    {"decided_by", "承認・差戻し・取消しをした人の番号"},
    {"decided_at", "承認・差戻し・取消しの日時", sys::ColumnForm::Time},
    {"reason", "差戻し・取消しの理由"},
    {"note", "依頼の理由"},
    {"mapping", "編集範囲と入れる場所"},
};

constexpr sys::ExtractColumn kFrameRestylePage[] = {
    {"restyle_id", "型の変更の番号"},
    {"page_id", "ページの番号"},
    {"before_revision", "前の版の番号"},
    {"after_revision", "後の版の番号"},
};

constexpr sys::Extract kExtracts[] = {
    {"frame_group", "共通枠のグループ", "Groups of pages with one frame", "id", kFrameGroup},
    {"frame_part", "共通枠の部分", "Parts of frames", "id", kFramePart},
    {"frame_page", "共通枠のページ", "Pages of the groups", "page_id", kFramePage},
    {"frame_restyle", "枠ごとのページの型の変更", "Changes of page type of whole groups", "id", kFrameRestyle},
    {"frame_restyle_page", "型を変えたページ", "Pages of those changes", "restyle_id, page_id", kFrameRestylePage},
    {"frame_place", "共有する部品の場所", "Where shared parts stand in taken-over pages", "page_id, name", kFramePlace},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace frames
