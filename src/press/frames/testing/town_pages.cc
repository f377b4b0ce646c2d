#include "press/frames/testing/town_pages.h"

#include <random>

#include <fmt/format.h>

namespace frames::testing {

namespace {

constexpr const char* kThings[] = {"住民票",       "印鑑登録", "国民健康保険", "ごみの分別",   "水道料金",
                                   "保育所の入所", "介護認定", "道路工事",     "図書館の利用", "ふるさと納税"};
constexpr const char* kDeeds[] = {"申請",         "届出", "相談", "予約", "交付",
                                  "手数料の納付", "減免", "変更", "廃止", "更新"};
constexpr const char* kPlaces[] = {"市民課", "東支所", "保健センター", "総合福祉会館", "水道局", "中央図書館"};
constexpr const char* kSections[] = {"くらし", "子育て", "健康・福祉", "防災", "市政情報", "事業者向け"};
constexpr std::size_t kPagesOfASection = 12;

class Writer {
  public:
    explicit Writer(std::uint32_t seed) : dice_(seed) {}
    std::uint32_t below(std::uint32_t limit) { return dice_() % limit; }
    template <std::size_t N>
    const char* one_of(const char* const (&words)[N]) {
        return words[below(N)];
    }
    std::string sentence() {
        return fmt::format("{}の{}は、{}月{}日までに{}へ{}円を添えてお越しください。", one_of(kThings), one_of(kDeeds),
                           1 + below(12), 1 + below(28), one_of(kPlaces), 50 * (1 + below(40)));
    }
    std::string text(std::uint32_t sentences) {
        std::string all;
        for (std::uint32_t i = 0; i < sentences; ++i) all += sentence();
        return all;
    }

  private:
    std::mt19937 dice_;
};

struct Made {
    std::string title, section, crumbs, menu, body, date, around;
};

std::string page_name(std::size_t i) {
    return fmt::format("p{}.html", i);
}

Made make(std::size_t i, std::size_t count, std::uint32_t seed, bool is_old) {
    Writer writer(seed * 7919U + static_cast<std::uint32_t>(i));
    Made made;
    const auto title_of = [&](std::size_t page) {
        return fmt::format("{}の{}（第{}号）", kThings[page % 10], kDeeds[page / 10 % 10], page);
    };
    made.title = title_of(i);
    const std::size_t first = i / kPagesOfASection * kPagesOfASection;
    made.section = kSections[i / kPagesOfASection % 6];
    made.crumbs = fmt::format("<a href=\"index.html\">トップ</a> &gt; <a href=\"s{}.html\">{}</a> &gt; {}", first,
                              made.section, made.title);
    made.menu = "<ul>";
    for (std::size_t page = first; page < std::min(first + kPagesOfASection, count); ++page)
        made.menu += page == i ? fmt::format("<li><strong>{}</strong></li>", title_of(page))
                               : fmt::format("<li><a href=\"{}\">{}</a></li>", page_name(page), title_of(page));
    made.menu += "</ul>";
    made.date = fmt::format("更新日：2027年{}月{}日", 1 + writer.below(12), 1 + writer.below(28));
    if (i > 0) made.around += fmt::format("<a href=\"{}\">{}</a>", page_name(i - 1), title_of(i - 1));
    if (i + 1 < count) made.around += fmt::format(" <a href=\"{}\">{}</a>", page_name(i + 1), title_of(i + 1));
    const bool is_short = writer.below(20) == 0;
    const std::uint32_t parts = is_short ? 1 : 2 + writer.below(5);
    for (std::uint32_t part = 0; part < parts; ++part) {
        const std::string heading = fmt::format("{}について", writer.one_of(kThings));
        made.body += is_old ? fmt::format("<P><FONT SIZE=4><B>{}</B></FONT><BR>\n", heading)
                            : fmt::format("<h2>{}</h2>\n", heading);
        const std::uint32_t kind = writer.below(4);
        if (kind == 0) {
            made.body += "<ul>";
            for (std::uint32_t item = 0; item < 3 + writer.below(4); ++item)
                made.body += "<li>" + writer.sentence() + "</li>\n";
            made.body += "</ul>";
        } else if (kind == 1) {
            made.body += "<table border=\"1\">";
            for (std::uint32_t row = 0; row < 3 + writer.below(3); ++row)
                made.body += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", writer.one_of(kDeeds), writer.sentence());
            made.body += "</table>";
        } else {
            made.body += is_old ? "<P>" + writer.text(3) + "\n" : "<p>" + writer.text(3) + "</p>\n";
        }
    }
    // One long chapter in a box of its own, as some pages have it.
    if (writer.below(4) == 0) made.body += "<div class=\"box\"><p>" + writer.text(12) + "</p></div>";
    return made;
}

constexpr const char* kHead =
    "<h1><a href=\"/\"><img src=\"logo.gif\" alt=\"見本市\"></a></h1><p>見本市公式ウェブサイト 電話 0123-45-6789</p>";
constexpr const char* kGlobal =
    "<ul><li><a href=\"/kurashi/\">くらし</a></li><li><a href=\"/kosodate/\">子育て</a></li><li><a "
    "href=\"/bousai/\">防災</a></li></ul>";
constexpr const char* kFoot =
    "<p>〒123-4567 見本市中央1-1 見本市役所</p><p>開庁時間 午前8時30分から午後5時15分まで</p><p>Copyright &copy; City "
    "of Mihon</p>";

std::string document(Layout layout, const Made& made, const std::string& mark) {
    const std::string head = fmt::format("<head><meta charset=\"utf-8\"><title>{} | 見本市</title></head>", made.title);
    switch (layout) {
        case Layout::Contents:
            return fmt::format(
                "<!DOCTYPE html><html lang=\"ja\">{}<body><div class=\"wrapper\"><div id=\"header\">{}</div><div "
                "class=\"gnavi\">{}</div><div class=\"topicpath\">{}</div><div class=\"cols\"><div "
                "class=\"local\">{}</div>"
                "<div class=\"contents\"{}><h1>{}</h1><p class=\"date\">{}</p>{}</div></div><p class=\"around\">{}</p>"
                "<div id=\"footer\">{}</div></div></body></html>",
                head, kHead, kGlobal, made.crumbs, made.menu, mark, made.title, made.date, made.body, made.around,
                kFoot);
        case Layout::Table:
            return fmt::format(
                "<html>{}<body bgcolor=\"#ffffff\"><table width=\"800\"><tr><td colspan=\"2\">{}{}</td></tr><tr><td "
                "colspan=\"2\">{}</td></tr><tr><td width=\"200\">{}</td><td{}><h2>{}</h2>{}<hr>{}</td></tr><tr><td "
                "colspan=\"2\">{}</td></tr></table></body></html>",
                head, kHead, kGlobal, made.crumbs, made.menu, mark, made.title, made.body, made.date, kFoot);
        case Layout::Main:
            return fmt::format(
                "<!DOCTYPE html><html lang=\"ja\">{}<body class=\"page\"><a "
                "href=\"#c\">本文へ</a><header>{}</header><nav>{}</nav>"
                "<div "
                "class=\"inner\"><nav>{}</nav><main{}><h1>{}</h1>{}<p>{}</p></main><aside>{}</aside></div><footer>{}"
                "</footer></body></html>",
                head, kHead, kGlobal, made.crumbs, mark, made.title, made.body, made.date, made.menu, kFoot);
        case Layout::Nameless:
            return fmt::format(
                "<!DOCTYPE "
                "html><html>{}<body><div><div>{}</div><div>{}</div><div>{}</div><div><div>{}</div><div{}><h1>{}</h1>{}"
                "</div></div><div>{}</div><div>{}</div></div></body></html>",
                head, kHead, kGlobal, made.crumbs, made.menu, mark, made.title, made.body, made.around, kFoot);
        case Layout::Font:
            break;
    }
    return fmt::format(
        "<HTML>{}<BODY BGCOLOR=#FFFFFF><CENTER><FONT SIZE=6>見本市</FONT><BR>{}</CENTER><HR>\n<CENTER><TABLE WIDTH=760 "
        "BORDER=0><TR><TD BGCOLOR=#99CCFF>{}</TD><TD{}><FONT "
        "SIZE=5><B>{}</B></FONT><BR>{}</TD></TR></TABLE></CENTER><HR>"
        "<CENTER>{}</CENTER></BODY></HTML>",
        head, kGlobal, made.menu, mark, made.title, made.body, kFoot);
}

}  // namespace

const char* layout_name(Layout layout) {
    static constexpr const char* kNames[] = {"contents", "table", "main", "nameless", "font"};
    return kNames[static_cast<int>(layout)];
}

std::vector<std::string> pages(Layout layout, std::size_t count, std::uint32_t seed, Marked marked) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(document(layout, make(i, count, seed, layout == Layout::Font),
                               marked == Marked::Yes ? " id=\"right\"" : ""));
    return all;
}

}  // namespace frames::testing
