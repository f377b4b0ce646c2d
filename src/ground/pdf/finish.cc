// What the engine leaves out, by libqpdf: title, language and producer in the places where readers look, dates that are
// the document's and not the machine's, an identifier that depends on the content alone. And what came out: is it
// tagged, are the fonts in it?
#include "ground/pdf/inner/finish.h"

// clang 14 cannot compile this header of libqpdf 11.3 as C++20 (a defaulted destructor over a vector of a class that is
// not complete); its class is only named by the others, and not used here.
#define JSON_HH
class JSON;
#include <qpdf/Buffer.hh>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFPageDocumentHelper.hh>
#include <qpdf/QPDFWriter.hh>
#include <set>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/html/escape.h"

namespace pdf {

using base::Error;
using base::Kind;

namespace {

QPDFObjectHandle text_object(const std::string& text) {
    return QPDFObjectHandle::newUnicodeString(text);
}

/// "D:20270501090000+09'00'".
std::string pdf_date(base::Instant at) {
    const base::LocalTime local = base::to_local(at);
    return fmt::format("D:{:04}{:02}{:02}{:02}{:02}{:02}+09'00'", local.day.year, local.day.month, local.day.day,
                       local.hour, local.minute, local.second);
}

std::string xmp(const Words& words) {
    const base::LocalTime local = base::to_local(words.made_at);
    const std::string when =
        fmt::format("{}T{:02}:{:02}:{:02}+09:00", base::format_day(local.day), local.hour, local.minute, local.second);
    return fmt::format(R"(<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{0}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{1}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{2}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{3}</xmp:CreateDate><xmp:ModifyDate>{3}</xmp:ModifyDate><pdf:Producer>{4}</pdf:Producer>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>)",
                       html::escape_text(words.title), html::escape_text(words.author),
                       html::escape_text(words.language), when, kProducer);
}

/// qpdf's exceptions as ours; a damaged file must not end the program.
template <class Work>
auto guarded(Work&& work) {
    try {
        return work();
    } catch (const Error&) {
        throw;
    } catch (const std::exception& problem) {
        throw Error(Kind::BadInput, fmt::format("PDFとして読めません（{}）。", problem.what()));
    }
}

void open(QPDF& file, std::string_view bytes) {
    file.setSuppressWarnings(true);
    file.processMemoryFile("document.pdf", bytes.data(), bytes.size());
}

/// The fonts of a page's resources, of those of forms within them too.
void add_fonts(QPDFObjectHandle resources, std::set<std::string>& all, std::set<std::string>& bare, int depth) {
    if (depth > 8 || !resources.isDictionary()) return;
    const auto each = [&](const char* name, auto&& take) {
        QPDFObjectHandle group = resources.getKey(name);
        if (group.isDictionary())
            for (const std::string& key : group.getKeys()) take(group.getKey(key));
    };
    each("/Font", [&](QPDFObjectHandle font) {
        if (!font.isDictionary()) return;
        QPDFObjectHandle holder = font;
        if (QPDFObjectHandle below = font.getKey("/DescendantFonts"); below.isArray() && below.getArrayNItems() > 0)
            holder = below.getArrayItem(0);
        if (font.getKey("/Subtype").isName() && font.getKey("/Subtype").getName() == "/Type3") return;  // drawn here
        const std::string name = font.getKey("/BaseFont").isName() ? font.getKey("/BaseFont").getName().substr(1) : "?";
        all.insert(name);
        QPDFObjectHandle descriptor =
            holder.isDictionary() ? holder.getKey("/FontDescriptor") : QPDFObjectHandle::newNull();
        const bool is_in =
            descriptor.isDictionary() &&
            (descriptor.hasKey("/FontFile") || descriptor.hasKey("/FontFile2") || descriptor.hasKey("/FontFile3"));
        if (!is_in) bare.insert(name);
    });
    each("/XObject", [&](QPDFObjectHandle form) {
        if (form.isStream()) add_fonts(form.getDict().getKey("/Resources"), all, bare, depth + 1);
    });
}

}  // namespace

std::string finish(std::string_view bytes, const Words& words) {
    return guarded([&] {
        QPDF file;
        open(file, bytes);
        QPDFObjectHandle root = file.getRoot();
        QPDFObjectHandle info = QPDFObjectHandle::newDictionary();
        info.replaceKey("/Title", text_object(words.title));
        info.replaceKey("/Author", text_object(words.author));
        info.replaceKey("/Producer", text_object(std::string(kProducer)));
        info.replaceKey("/CreationDate", QPDFObjectHandle::newString(pdf_date(words.made_at)));
        info.replaceKey("/ModDate", QPDFObjectHandle::newString(pdf_date(words.made_at)));
        file.getTrailer().replaceKey("/Info", file.makeIndirectObject(info));
        root.replaceKey("/Lang", text_object(words.language));
        QPDFObjectHandle reading = QPDFObjectHandle::newDictionary();
        reading.replaceKey("/DisplayDocTitle", QPDFObjectHandle::newBool(true));
        root.replaceKey("/ViewerPreferences", reading);
        QPDFObjectHandle metadata = QPDFObjectHandle::newStream(&file, xmp(words));
        metadata.getDict().replaceKey("/Type", QPDFObjectHandle::newName("/Metadata"));
        metadata.getDict().replaceKey("/Subtype", QPDFObjectHandle::newName("/XML"));
        root.replaceKey("/Metadata", file.makeIndirectObject(metadata));
        QPDFWriter writer(file);
        writer.setOutputMemory();
        writer.setMinimumPDFVersion("1.7");
        writer.setDeterministicID(true);
        writer.setObjectStreamMode(qpdf_o_generate);
        writer.write();
        const std::unique_ptr<Buffer> made(writer.getBuffer());
        return std::string(reinterpret_cast<const char*>(made->getBuffer()), made->getSize());  // NOLINT
    });
}

Facts inspect(std::string_view bytes) {
    if (bytes.size() > kLargestPdf) throw Error(Kind::BadInput, "PDFが大きすぎます。");
    return guarded([&] {
        QPDF file;
        open(file, bytes);
        Facts facts;
        QPDFObjectHandle root = file.getRoot();
        QPDFObjectHandle mark = root.getKey("/MarkInfo");
        facts.is_tagged = mark.isDictionary() && mark.getKey("/Marked").isBool() &&
                          mark.getKey("/Marked").getBoolValue() && root.getKey("/StructTreeRoot").isDictionary();
        if (root.getKey("/Lang").isString()) facts.language = root.getKey("/Lang").getUTF8Value();
        QPDFObjectHandle info = file.getTrailer().getKey("/Info");
        if (info.isDictionary() && info.getKey("/Title").isString()) facts.title = info.getKey("/Title").getUTF8Value();
        std::set<std::string> all, bare;
        for (QPDFPageObjectHelper& page : QPDFPageDocumentHelper(file).getAllPages()) {
            ++facts.pages;
            add_fonts(page.getAttribute("/Resources", false), all, bare, 0);
        }
        facts.fonts.assign(all.begin(), all.end());
        facts.fonts_not_embedded.assign(bare.begin(), bare.end());
        return facts;
    });
}

}  // namespace pdf
