// Each format's sample against its golden reading, and against what can happen to it on its way.
#include "office/advisories/readers.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "ground/base/text.h"
#include "ground/sys/files.h"
#include "office/advisories/myjvn.h"

namespace advisories {

namespace {

const std::filesystem::path kData = std::filesystem::path(YAKUBA_SOURCE_DIR) / "src/office/advisories/testdata";

std::string show(const Versions& versions) {
    std::string text = versions.is_all ? "all" : "";
    for (const Range& range : versions.ranges)
        text += fmt::format(" {}{},{}{}", range.has_from ? '[' : '(', range.from, range.to, range.has_to ? ']' : ')');
    for (const std::string& family : versions.families) text += " " + family + ".x";
    return text + (versions.is_understood ? "" : " ?") + (versions.scheme == Scheme::Debian ? " debian" : "");
}

std::string show(const Reading& reading) {
    std::string text = fmt::format("feed {} left out {} total {} first {} returned {}\n", reading.is_feed,
                                   reading.left_out, reading.total, reading.first, reading.returned);
    for (const std::string& problem : reading.problems) text += "problem " + problem + "\n";
    for (const Advisory& one : reading.items) {
        text += fmt::format("{} {} | {} | {} | {} | {}{}\n", one.source, one.id, one.title, one.summary, one.solution,
                            one.link, one.is_withdrawn ? " withdrawn" : "");
        text +=
            fmt::format("  {} {} CVSS {} {}\n", severity_id(one.severity), one.score, one.score_version, one.vector);
        text += fmt::format("  {} {} aliases {}\n", one.published ? base::format_utc(*one.published) : "-",
                            one.modified ? base::format_utc(*one.modified) : "-", base::join(one.aliases, " "));
        for (const Product& product : one.products)
            text +=
                fmt::format("  [{}] {} / {} {} \"{}\" {}{}\n", product.ecosystem, product.vendor, product.name,
                            product.cpe, product.told, show(product.versions), product.is_deferred ? " deferred" : "");
    }
    return text;
}

void expect_golden(const Reading& reading, const std::string& name) {
    const auto file = kData / (name + ".golden");
    if (std::getenv("UPDATE_GOLDEN") != nullptr) sys::write_file(file, show(reading));
    EXPECT_EQ(show(reading), sys::read_file(file));
}

std::string sample_of(std::string_view id) {
    for (const std::string_view ending : {".rdf", ".xml", ".json"})
        if (auto bytes = sys::find_file(kData / (std::string(id) + std::string(ending)))) return *bytes;
    ADD_FAILURE() << "no sample of " << id;
    return {};
}

Reading read_tracker(std::string_view bytes, std::size_t step, const std::string& release = "bookworm") {
    std::size_t at = 0;
    return read_debian(
        [&] {
            const std::string_view piece = bytes.substr(std::min(at, bytes.size()), step);
            at += piece.size();
            return piece;
        },
        release, {"nginx", "curl"});
}

}  // namespace

TEST(Readers, ReadEachFormatAsItsGoldenReading) {
    for (const Format& format : all_formats()) {
        SCOPED_TRACE(format.id);
        const std::string bytes = sample_of(format.id);
        expect_golden(format.read(bytes), std::string(format.id));
        const Format* guessed = guess_format(bytes);
        ASSERT_NE(guessed, nullptr);
        EXPECT_EQ(guessed->id, format.id);
    }
}

TEST(Readers, LoseNothingButWhatWasCut) {
    for (const Format& format : all_formats()) {
        SCOPED_TRACE(format.id);
        const std::string bytes = sample_of(format.id);
        const std::size_t whole = format.read(bytes).items.size();
        for (std::size_t length = 0; length < bytes.size(); length += 37) {
            const Reading reading = format.read(std::string_view(bytes).substr(0, length));
            EXPECT_LE(reading.items.size(), whole);
            if (reading.items.size() < whole) {
                EXPECT_TRUE(!reading.cut.empty() || !reading.is_feed) << length;
            }
        }
        for (std::size_t at = 0; at < bytes.size(); at += 5) {
            std::string changed = bytes;
            changed[at] = static_cast<char>(changed[at] ^ 0x55);
            for (const Advisory& one : format.read(changed).items) {
                EXPECT_TRUE(base::is_utf8(one.title) && base::is_utf8(one.summary) && base::is_utf8(one.id));
                EXPECT_FALSE(one.id.empty());
            }
        }
    }
}

TEST(Readers, TakeNoErrorPageForAFeed) {
    const std::string page =
        "<!DOCTYPE html><html><head><title>503</title></head><body><p>しばらくお待ちください</body></html>";
    for (const Format& format : all_formats()) {
        SCOPED_TRACE(format.id);
        for (const std::string& bytes :
             {page, std::string(), std::string("\xEF\xBB\xBF"), std::string("{}x"), std::string("<a/>")}) {
            const Reading reading = format.read(bytes);
            EXPECT_TRUE(reading.items.empty());
            EXPECT_FALSE(reading.is_feed) << bytes;
            EXPECT_FALSE(reading.problems.empty());
        }
    }
}

TEST(Readers, ExpandNoEntities) {
    const std::string bomb =
        R"(<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/passwd">]><rdf:RDF xmlns:rdf="x"><item rdf:about="https://a.example/"><title>&b;&c;</title><identifier>at1</identifier></item></rdf:RDF>)";
    const Reading reading = read_jpcert_rss(bomb);
    ASSERT_EQ(reading.items.size(), 1U);
    EXPECT_EQ(reading.items[0].title, "&b;&c;");
}

TEST(Readers, AreNotBroughtDownByDepth) {
    std::string deep = "<rdf:RDF>";
    for (int i = 0; i < 200'000; ++i) deep += "<item>";
    EXPECT_TRUE(read_jvndb_rss(deep).items.empty());
    EXPECT_FALSE(read_osv(std::string(200'000, '[')).is_feed);
    EXPECT_FALSE(read_tracker(std::string(200'000, '['), 1000).is_feed);
}

TEST(Readers, ReadABomAndOtherEncodings) {
    EXPECT_EQ(read_jvndb_rss("\xEF\xBB\xBF" + sample_of("jvndb-rss")).items.size(), 2U);
    EXPECT_EQ(read_myjvn_json("\xEF\xBB\xBF" + sample_of("myjvn-json")).items.size(), 1U);
    EXPECT_EQ(read_ipa_rss(sample_of("ipa-rss")).items.at(0).title, "見本製品①の脆弱性対策について");
}

TEST(MyJvn, TellsAnErrorThatCameWith200) {
    const std::string_view error =
        R"(<Result xmlns:status="http://jvndb.jvn.jp/myjvn/Status"><status:Status retCd="1" errCd="E001" errMsg="bad" totalRes="0"/></Result>)";
    const std::string_view none =
        R"(<Result xmlns:status="http://jvndb.jvn.jp/myjvn/Status"><status:Status retCd="0" totalRes="0" totalResRet="0" firstRes="0"/></Result>)";
    EXPECT_FALSE(read_myjvn_overview(error).is_feed);
    EXPECT_FALSE(read_myjvn_detail(error).is_feed);
    EXPECT_TRUE(read_myjvn_overview(none).is_feed);
    EXPECT_TRUE(read_myjvn_overview(none).items.empty());
    EXPECT_FALSE(read_myjvn_json(R"({"status":{"retCd":"1","errMsg":"bad"}})").is_feed);
    EXPECT_TRUE(read_myjvn_json(R"({"feed":{"status:Status":{"retCd":"0","totalRes":"0"}}})").is_feed);
}

TEST(MyJvnAlerts, SayTheSameInAllThreeForms) {
    const std::string atom = show(read_myjvn_alerts(sample_of("myjvn-alerts")));
    for (const char* name : {"myjvn-alerts-hnd.json", "myjvn-alerts-oka.json"}) {
        SCOPED_TRACE(name);
        const std::string bytes = sys::read_file(kData / name);
        EXPECT_EQ(show(read_myjvn_alerts(bytes)), atom);
        EXPECT_EQ(guess_format(bytes)->id, "myjvn-alerts");
    }
    const Reading none = read_myjvn_alerts(
        R"(<feed xmlns:status="s"><entry><title>該当する脆弱性対策情報はありません。</title></entry><status:Status retCd="0" totalRes="0" totalResRet="0" firstRes="0"/></feed>)");
    EXPECT_TRUE(none.is_feed && none.items.empty() && none.left_out == 0 && none.cut.empty());
    EXPECT_FALSE(read_myjvn_alerts(R"({"feed":{},"status":{"retCd":1,"errMsg":"bad"}})").is_feed);
}

TEST(Csaf, TellsWhichVersionsOfWhichProduct) {
    const Reading reading = read_myjvn_csaf(sample_of("myjvn-csaf"));
    ASSERT_EQ(reading.items.size(), 1U);
    const auto& products = reading.items[0].products;
    ASSERT_EQ(products.size(), 3U);  // without the one that is not affected
    for (const char* in : {"2.0", "2.0.3", "1.0", "1.4"}) EXPECT_TRUE(products[0].versions.contains(in)) << in;
    for (const char* out : {"0.9", "1.5", "2.0.4", "3.0"}) EXPECT_FALSE(products[0].versions.contains(out)) << out;
    EXPECT_TRUE(products[1].versions.contains("4.0.0"));
    EXPECT_FALSE(products[1].versions.contains("4.0.1"));
    EXPECT_TRUE(products[2].versions.contains("9"));  // unknown narrows nothing
    // Without the extension, the tree.
    std::string bytes = sample_of("myjvn-csaf");
    bytes.replace(bytes.find("\"jvn_extension\""), 15, "\"x\"");
    const Reading tree = read_myjvn_csaf(bytes);
    ASSERT_EQ(tree.items.at(0).products.size(), 2U);
    EXPECT_TRUE(tree.items[0].products[0].versions.is_all);
    EXPECT_FALSE(tree.items[0].products[1].versions.contains("4.0.1"));
}

TEST(MyJvn, IsAskedInEachOfItsTwoWays) {
    EXPECT_TRUE(is_entry("https://jvndb.example/myjvn"));
    EXPECT_FALSE(is_entry("https://jvndb.example/myjvn?method=getAlertList"));
    const base::Day since{2026, 9, 30}, until{2026, 10, 8};
    EXPECT_EQ(overview_question("https://jvndb.example/myjvn", true, since, until),
              "https://jvndb.example/myjvn?method=getVulnOverviewList&feed=oka&maxCountItem=50"
              "&modifiedStartDate=20260930&modifiedEndDate=20261008");
    // The dates that are not asked for are each the last week unless they are told not to be.
    EXPECT_EQ(overview_question("https://jvndb.example/myjvn?lang=ja", false, since, until),
              "https://jvndb.example/myjvn?lang=ja&method=getVulnOverviewList&feed=hnd&maxCountItem=50"
              "&rangeDatePublic=n&rangeDatePublished=n&rangeDateFirstPublished=n"
              "&datePublishedStartY=2026&datePublishedStartM=9&datePublishedStartD=30"
              "&datePublishedEndY=2026&datePublishedEndM=10&datePublishedEndD=8");
    const std::vector<std::string> ids{"JVNDB-2026-000001", "JVNDB-2026-000002"};
    EXPECT_TRUE(
        detail_question("https://j.example/", false, ids).ends_with("vulnId=JVNDB-2026-000001+JVNDB-2026-000002"));
    EXPECT_TRUE(detail_question("https://j.example/", true, ids).ends_with("feed=oka&vulnId=JVNDB-2026-000001"));
}

TEST(Kev, IsNotAllWhenItHoldsFewerThanItCounts) {
    std::string bytes = sample_of("kev");
    EXPECT_EQ(read_kev(bytes).cut, "");
    bytes.replace(bytes.find("\"count\":3"), 9, "\"count\":4");
    EXPECT_NE(read_kev(bytes).cut, "");
}

TEST(Debian, IsReadInPiecesOfAnySize) {
    const std::string bytes = sample_of("debian");
    expect_golden(read_tracker(bytes, bytes.size()), "debian");
    for (const std::size_t step : {1U, 2U, 7U, 100U})
        EXPECT_EQ(show(read_tracker(bytes, step)), show(read_tracker(bytes, bytes.size())));
}

TEST(Debian, SaysNothingOfWhatIsCut) {
    const std::string bytes = sample_of("debian");
    for (std::size_t length = 0; length + 2 < bytes.size(); length += 11) {
        const Reading reading = read_tracker(std::string_view(bytes).substr(0, length), 64);
        EXPECT_FALSE(reading.is_feed);
        EXPECT_TRUE(reading.items.empty());
    }
    EXPECT_FALSE(read_tracker("<html></html>", 10).is_feed);
    EXPECT_FALSE(read_tracker("{}", 10).is_feed);
}

TEST(Debian, IsNoFeedForAReleaseThatItDoesNotCarry) {
    const Reading reading = read_tracker(sample_of("debian"), 64, "bookwurm");
    EXPECT_FALSE(reading.is_feed);
    ASSERT_FALSE(reading.problems.empty());
    EXPECT_NE(reading.problems[0].find("bookwurm"), std::string::npos);
}

TEST(Osv, NamesItsNextPage) {
    const Reading reading = read_osv(R"({"next_page_token":"abc"})");
    EXPECT_TRUE(reading.is_feed);
    EXPECT_EQ(reading.next_page, "abc");
}

TEST(Debian, StopsAtItsLimit) {
    const std::string piece(1U << 20, ' ');
    std::size_t given = 0;
    const Reading reading = read_debian(
        [&] {
            given += piece.size();
            return std::string_view(piece);
        },
        "bookworm", {});
    EXPECT_FALSE(reading.is_feed);
    EXPECT_LE(given, kLargestTracker + piece.size());
}

}  // namespace advisories
