// What a successor gets of this room.
#include "office/documents/store.h"

namespace documents {

namespace {

using sys::ColumnForm;
constexpr sys::ExtractColumn kDocument[] = {
    {"id", "番号"}, {"kind", "文書の種類"}, {"subject", "何の文書か"}, {"number", "文書番号"}};
constexpr sys::ExtractColumn kVersion[] = {
    {"id", "番号"},
    {"document_id", "文書の番号"},
    {"number", "版"},
    {"title", "標題"},
    {"template_version", "様式の版（0 はプログラムのもの）"},
    {"made_by", "作った人"},
    {"made_at", "作った日時", ColumnForm::Time},
};
constexpr sys::ExtractColumn kFile[] = {
    {"version_id", "文書の版の番号"}, {"place", "順番"},     {"name", "ファイル名"},
    {"media_type", "形式"},           {"bytes", "バイト数"}, {"hash", "内容のSHA-256", ColumnForm::Object},
};
constexpr sys::ExtractColumn kEvent[] = {
    {"id", "番号"},
    {"version_id", "文書の版の番号"},
    {"what", "内容（deliver 提出、confirm 受領の確認）"},
    {"how", "方法"},
    {"who", "相手"},
    {"note", "備考"},
    {"file_id", "確認のファイルの番号"},
    {"happened_at", "日時", ColumnForm::Time},
    {"entered_by", "入力した人"},
    {"entered_at", "入力日時", ColumnForm::Time},
};
constexpr sys::ExtractColumn kTemplate[] = {
    {"file", "様式"}, {"number", "版"},        {"source", "内容（空はプログラムのもの）"},
    {"note", "備考"}, {"made_by", "直した人"}, {"made_at", "直した日時", ColumnForm::Time},
};
constexpr sys::ExtractColumn kForm[] = {
    {"kind", "文書の種類"},  {"number", "版"},
    {"name", "ファイル名"},  {"hash", "内容のSHA-256（空は取りやめ）", ColumnForm::Object},
    {"bytes", "バイト数"},   {"note", "備考"},
    {"made_by", "入れた人"}, {"made_at", "入れた日時", ColumnForm::Time},
};
constexpr sys::Extract kExtracts[] = {
    {"document", "文書", "Documents", "id", kDocument},
    {"document_version", "文書の版", "Versions of documents", "id", kVersion},
    {"document_file", "文書のファイル", "Files of documents", "version_id, place", kFile},
    {"document_event", "文書の提出と受領", "Delivery and receipt of documents", "id", kEvent},
    {"document_template", "文書の様式", "Templates of documents", "file, number", kTemplate},
    {"document_form", "市の様式", "Forms of the city", "kind, number", kForm},
};

}  // namespace

std::span<const sys::Extract> extracts() {
    return kExtracts;
}

}  // namespace documents
