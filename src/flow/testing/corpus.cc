#include "flow/testing/corpus.h"

#include "ground/base/text.h"

namespace flow::testing {

namespace {

using html::Encoding;

/// A page of its time in UTF-8: `charset` as its meta says it ("" = says nothing), `newline` at each line's end.
std::string page(std::string_view charset, std::string_view newline) {
    const std::vector<std::string> lines = {
        "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">",
        "<HTML LANG=ja><HEAD>",
        charset.empty() ? std::string("<!-- 宣言なし -->")
                        : fmt::format("<META HTTP-EQUIV=\"Content-Type\" CONTENT=\"text/html; charset={}\">", charset),
        "<TITLE>桜川市　ごみの出し方</TITLE></HEAD>",
        "<BODY BGCOLOR=#ffffff><CENTER><TABLE BORDER=0><TR><TD WIDTH=160><FONT SIZE=2>表示能力　メニュー</FONT>",
        "<TD><DIV ID=\"main\">",
        "<p>前の段落　ソ噂浬欺圭</p>",
        fmt::format("<p>{}</p>", kOldWords),
        "<p>後の段落　～－∥</p>",
        "</DIV></TD></TR></TABLE></CENTER>",
        "<P>閉じない段落<TABLE><TR><TD><B><I>入れ子の誤り</B></I>",
        "<HR>問い合わせ　環境課</BODY></HTML>"};
    return base::join(lines, newline) + std::string(newline);
}

CorpusPage encoded(std::string path, Encoding encoding, std::string_view charset, std::string_view newline) {
    return {std::move(path), html::encode(page(charset, newline), encoding), encoding, true};
}

/// `bytes` with `what`, which must be there, followed by `more`.
std::string insert_after(std::string bytes, std::string_view what, std::string_view more) {
    return bytes.insert(bytes.find(what) + what.size(), more);
}

}  // namespace

std::vector<CorpusPage> corpus_pages() {
    std::vector<CorpusPage> pages = {
        encoded("utf8.html", Encoding::Utf8, "UTF-8", "\n"),
        encoded("sjis.html", Encoding::ShiftJis, "Shift_JIS", "\r\n"),
        encoded("x-sjis-mac.html", Encoding::ShiftJis, "x-sjis", "\r"),
        encoded("euc.html", Encoding::EucJp, "EUC-JP", "\n"),
        encoded("jis.html", Encoding::Iso2022Jp, "ISO-2022-JP", "\r\n"),
        encoded("silent-sjis.html", Encoding::ShiftJis, "", "\r\n"),
        encoded("silent-euc.html", Encoding::EucJp, "", "\n"),
        encoded("lying-sjis.html", Encoding::ShiftJis, "UTF-8", "\r\n"),
        encoded("lying-utf8.html", Encoding::Utf8, "Shift_JIS", "\n"),
        encoded("\x82\xb2\x82\xdd\x83\x5c/\x95\x5c.html", Encoding::ShiftJis, "Shift_JIS", "\r\n"),
        encoded("ごみ／一覧　１.html", Encoding::Utf8, "UTF-8", "\r\n"),
    };
    pages.push_back({"bom.html", "\xef\xbb\xbf" + page("", "\r\n"), Encoding::Utf8Bom, true});
    // Vendor characters, doubly coded ones among them: NEC row 13, IBM's extensions, and NEC's copies of those.
    CorpusPage vendor = encoded("cp932.html", Encoding::ShiftJis, "Shift_JIS", "\r\n");
    vendor.bytes =
        insert_after(vendor.bytes, "<DIV ID=\"main\">\r\n",
                     "<p>\x87\x40\x87\x8a\x87\x82 \xfb\xfc\xfa\xb1 \xee\xe0\xed\x95 \x81\xca\xee\xf9</p>\r\n");
    pages.push_back(vendor);
    for (const bool is_big : {false, true}) {
        std::string wide = is_big ? "\xfe\xff" : "\xff\xfe";
        wide += html::encode(page("", "\r\n"), is_big ? Encoding::Utf16Be : Encoding::Utf16Le);
        pages.push_back(
            {is_big ? "utf16be.html" : "utf16le.html", wide, is_big ? Encoding::Utf16Be : Encoding::Utf16Le, true});
    }
    pages.push_back(
        {"frames.html",
         html::encode("<html><head><meta charset=Shift_JIS><title>枠</title></head><frameset cols=\"160,*\">"
                      "<frame src=sjis.html><frame src=euc.html></frameset></html>\r\n",
                      Encoding::ShiftJis),
         Encoding::ShiftJis, false});
    pages.push_back({"broken.html", "<html><p>\xff\xfe<table><div></p></td><!-- no end", Encoding::Windows1252, false});
    return pages;
}

std::map<std::string, std::string> corpus_files() {
    std::map<std::string, std::string> files;
    std::string list = "<html><head><title>例規集</title></head><body><ul>\n";
    for (int i = 1; i <= 30; ++i) {
        const std::string name = fmt::format("reiki/第{}号.pdf", i);
        list += fmt::format("<li><a href=\"第{}号.pdf\">第{}号（PDF）</a>\n", i, i);
        files[name] = fmt::format("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n{}\n%%EOF\n", i);
    }
    files["reiki/index.html"] = list + "</ul></body></html>\n";
    files["style.css"] =
        html::encode("@charset \"Shift_JIS\"; /* 見出し */ h1 { color: #036 }\r\n", Encoding::ShiftJis);
    files["data/統計.csv"] = html::encode("年度,人口\r\n2026,45678\r\n", Encoding::ShiftJis);
    files["null.bin"] = std::string("\0\r\n\x1a\0", 5);
    return files;
}

}  // namespace flow::testing
