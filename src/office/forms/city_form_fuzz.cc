// Any bytes as a form, and any bytes as the text of one that is whole otherwise: refused, or filled into a file that is
// itself a form, the same each time, within bounds.
#include <cstdint>
#include <cstdlib>

#include "ground/base/error.h"
#include "office/forms/form.h"
#include "office/forms/inside/package.h"

namespace {

std::string form_of(bool is_word, std::string_view text) {
    using forms::Package;
    const std::string types =
        std::string("<Types><Override ContentType=\"application/vnd.openxmlformats-officedocument.") +
        (is_word ? "wordprocessingml.document" : "spreadsheetml.sheet") + ".main+xml\"/></Types>";
    if (is_word)
        return write_package(Package{{"[Content_Types].xml", types}, {"word/document.xml", std::string(text)}});
    return write_package(Package{
        {"[Content_Types].xml", types},
        {"xl/workbook.xml", "<workbook><sheets><sheet name=\"S\" r:id=\"r\"/></sheets></workbook>"},
        {"xl/_rels/workbook.xml.rels", "<R><L Id=\"r\" Target=\"worksheets/sheet1.xml\"/></R>"},
        {"xl/sharedStrings.xml", "<sst><si><t>{{#L}}{{a}}</t></si><si><t>{{n}}</t></si><si><t>{{/L}}</t></si></sst>"},
        {"xl/worksheets/sheet1.xml", std::string(text)}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0 || size > 100'000) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string form = data[0] % 3 == 0 ? std::string(text) : form_of(data[0] % 3 == 1, text);
    const tmpl::Map values{{"a", "text"},
                           {"n", std::int64_t{12345}},
                           {"L", tmpl::List{tmpl::Map{{"a", "x\ny"}}, tmpl::Map{{"a", "<z>"}}}},
                           {"E", tmpl::List{}}};
    try {
        const forms::Filled filled = forms::fill(form, values);
        if (filled.bytes != forms::fill(form, values).bytes) std::abort();
        if (filled.unknown.size() > filled.names.size()) std::abort();
        try {
            forms::fill(filled.bytes, values);
        } catch (const base::Error& error) {  // what is left may look like a placeholder
            if (error.message().find("壊れて") != std::string::npos) std::abort();
        }
    } catch (const base::Error& error) {
        if (error.kind() != base::Kind::BadInput || error.message().empty()) std::abort();
    }
    return 0;
}
