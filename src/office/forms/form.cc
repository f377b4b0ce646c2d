#include "office/forms/form.h"

#include <fmt/format.h>

#include "ground/base/text.h"
#include "office/forms/inside/xml.h"

namespace forms {

namespace {

constexpr std::string_view kTypes = "[Content_Types].xml";

/// By what the file says of itself; what could run when it is opened is refused here.
Format check_types(Package& package) {
    const Part* part = find_part(package, kTypes);
    if (part == nullptr) refuse_form("Wordの .docx か Excelの .xlsx の形で保存したものを選んでください。");
    pugi::xml_document types;
    load(*part, types);
    std::optional<Format> format;
    for (const pugi::xml_node& one : types.document_element().children()) {
        const std::string type = base::to_lower(one.attribute("ContentType").value());
        for (const std::string_view word : {"macroenabled", "vba", "activex", "oleobject"})
            if (type.find(word) != std::string::npos)
                refuse_form(
                    "マクロや部品（コントロール）が入っています。入っていない .docx か .xlsx で保存してください。");
        if (type.ends_with("wordprocessingml.document.main+xml")) format = Format::Word;
        if (type.ends_with("spreadsheetml.sheet.main+xml")) format = Format::Workbook;
    }
    if (!format || find_part(package, *format == Format::Word ? "word/document.xml" : "xl/workbook.xml") == nullptr)
        refuse_form("Wordの .docx か Excelの .xlsx の形で保存したものを選んでください。");
    return *format;
}

void check_parts(const Package& package) {
    for (const Part& part : package) {
        const std::string name = base::to_lower(part.name);
        for (const std::string_view word :
             {"vbaproject", "vbadata", "/activex/", "/embeddings/", "/externallinks/", "/macrosheets/"})
            if (name.find(word) != std::string::npos)
                refuse_form(
                    "マクロ、埋め込んだファイル、またはほかのファイルへのリンクが入っています。消して保存し直してくださ"
                    "い。");
        if (!name.ends_with(".rels")) continue;
        pugi::xml_document links;
        load(part, links);
        for (const pugi::xml_node& one : links.document_element().children())
            if (base::equals_ignoring_case(one.attribute("TargetMode").value(), "External") &&
                !std::string_view(one.attribute("Type").value()).ends_with("/hyperlink"))
                refuse_form(
                    "開くときにほかのファイルを読み込む設定（添付のテンプレート、リンクした画像など）があります。"
                    "外して保存し直してください。");
    }
}

}  // namespace

std::string_view ending(Format format) {
    return format == Format::Word ? ".docx" : ".xlsx";
}

std::string_view media_type(Format format) {
    return format == Format::Word ? "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
                                  : "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}

Filled fill(std::string_view form, const tmpl::Map& values) {
    if (form.size() > kLargestForm)
        refuse_form(fmt::format("大きすぎます。{}MBまでにしてください。", kLargestForm >> 20U));
    Package package = read_package(form);
    Filled filled;
    filled.format = check_types(package);
    check_parts(package);
    const tmpl::Value whole(values);
    const Scope scope(whole, nullptr);
    Notes notes;
    (filled.format == Format::Word ? fill_word : fill_workbook)(package, scope, notes);
    filled.bytes = write_package(package);
    filled.names = std::move(notes.names);
    filled.unknown = std::move(notes.unknown);
    return filled;
}

}  // namespace forms
