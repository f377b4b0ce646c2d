#include "ground/ledger/line.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/ledger/acts.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace ledger {

namespace {

using base::Error;

const std::filesystem::path kVector =
    std::filesystem::path(YAKUBA_SOURCE_DIR) / "docs/format/vectors/ledger/office.jsonl";

Entry entry(std::string act, std::string subject, std::string detail = "{}") {
    return {{1'795'000'000'123}, "person:12", std::move(act), std::move(subject), std::move(detail)};
}

struct Stream {
    std::vector<std::string> lines;
    Head head;
    void add(const Entry& one) {
        lines.push_back(write_line("office", head, one));
        head = {head.sequence + 1, sys::sha256(lines.back())};
    }
    std::string text() const {
        std::string all;
        for (const auto& line : lines) all += line + "\n";
        return all;
    }
};

Stream sample() {
    Stream stream;
    stream.add(entry("page.save", "page:37", R"({"revision": 101, "title": "子育て \"支援\"", "hash": "ab\u0001"})"));
    stream.add(entry("page.submit", "page:37"));
    stream.add({{1'795'000'060'000}, "person:9", "page.approve", "page:37", R"({"revision":101})"});
    stream.add({{1'795'000'061'500}, "system:press", "release.seal", "release:2", R"({"written":3,"deleted":0})"});
    return stream;
}

bool has(const Report& report, Fault fault) {
    return std::any_of(report.problems.begin(), report.problems.end(),
                       [&](const Problem& one) { return one.fault == fault; });
}

}  // namespace

TEST(LedgerVector, IsWhatThisProgramWrites) {
    const auto stream = sample();
    if (std::getenv("UPDATE_GOLDEN") != nullptr) {
        sys::make_folders(kVector.parent_path());
        sys::write_file(kVector, stream.text(), sys::Durability::Later);
    }
    EXPECT_EQ(sys::read_file(kVector), stream.text());
}

TEST(LedgerLine, HasTheDocumentedForm) {
    EXPECT_EQ(
        write_line("office", {}, entry("page.save", "page:1", " { \"b\" : 1,\n\"a\":[ ] } ")),
        R"({"stream":"office","seq":1,"at":"2026-11-18T11:06:40.123Z","by":"person:12","act":"page.save",)"
        R"("subject":"page:1","detail":{"b":1,"a":[]},"prev":"0000000000000000000000000000000000000000000000000000000000000000"})");
}

TEST(LedgerLine, ReadsBackAsItWasWritten) {
    for (const auto& text : sample().lines) {
        const auto line = parse_line(text);
        EXPECT_EQ(write_line(line.stream, {line.sequence - 1, line.previous}, line.entry), text);
    }
}

TEST(LedgerLine, RefusesWordsThatAreNotWellFormed) {
    const auto refuses = [](const Entry& one) { EXPECT_THROW(write_line("office", {}, one), Error); };
    refuses(entry("Page.Save", "page:1"));
    refuses(entry("", "page:1"));
    refuses(entry("page save", "page:1"));
    refuses(entry("page.save", "\xFF"));
    refuses(entry("page.save", std::string("a\0b", 3)));
    refuses(entry("page.save", "page:1", "[]"));
    refuses(entry("page.save", "page:1", "{"));
    refuses(entry("page.save", "page:1", "{} {}"));
    refuses(entry("page.save", "page:1", R"({"a":1e999})"));
    refuses(entry("page.save", "page:1", R"({"a":")" + std::string(70'000, 'x') + "\"}"));
    Entry nobody = entry("page.save", "page:1");
    nobody.by.clear();
    refuses(nobody);
    EXPECT_THROW(write_line("Office", {}, entry("page.save", "")), Error);
}

TEST(LedgerLine, HasOneAcceptedForm) {
    const std::string line = sample().lines[2];
    EXPECT_NO_THROW(parse_line(line));
    const auto changed = [&](std::string_view from, std::string_view to) {
        std::string text = line;
        text.replace(text.find(from), from.size(), to);
        return text;
    };
    for (const auto& text :
         {changed("{\"stream\"", "{ \"stream\""), changed("\"seq\":3", "\"seq\":3.0"),
          changed("\"seq\":3", "\"seq\":03"), changed("person:9", "person:\\u0039"),
          changed("\"at\"", "\"by\":\"x\",\"at\""), changed("\"detail\":{", "\"detail\":[{"),
          changed("\"prev\":\"", "\"prev\":\"A"), line + "\n", line + " ", std::string("{}"), std::string()})
        EXPECT_THROW(parse_line(text), Error) << text;
}

TEST(LedgerExport, VerifiesWithoutADatabase) {
    const auto stream = sample();
    const auto report = verify_export(stream.text(), stream.head, {{2, {4, stream.head.hash}}});
    EXPECT_TRUE(report.is_whole()) << report.problems.at(0).message;
    EXPECT_EQ(report.stream, "office");
    EXPECT_EQ(report.entries, 4);
    EXPECT_EQ(report.last_hash, stream.head.hash);
    // A range stands on its own.
    const auto range = verify_export(stream.lines[1] + "\n" + stream.lines[2] + "\n");
    EXPECT_TRUE(range.is_whole());
    EXPECT_EQ(range.first, 2);
    EXPECT_TRUE(verify_export("").is_whole());
}

TEST(LedgerExport, AnyByteChangedIsFound) {
    const auto stream = sample();
    const std::string text = stream.text();
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string changed = text;
        changed[i] = static_cast<char>(changed[i] ^ (1 << i % 8));
        ASSERT_FALSE(verify_export(changed, stream.head).is_whole()) << "byte " << i;
    }
}

TEST(LedgerExport, MissingReorderedAndCutLinesAreFound) {
    const auto stream = sample();
    const auto of = [&](std::initializer_list<std::size_t> places) {
        std::string text;
        for (const auto place : places) text += stream.lines[place] + "\n";
        return text;
    };
    EXPECT_FALSE(verify_export(of({0, 2, 3}), stream.head).is_whole());
    EXPECT_FALSE(verify_export(of({0, 2, 1, 3}), stream.head).is_whole());
    EXPECT_FALSE(verify_export(of({0, 1, 1, 2, 3}), stream.head).is_whole());
    EXPECT_TRUE(has(verify_export(of({0, 1, 2}), stream.head), Fault::CutTail));
    EXPECT_TRUE(verify_export(of({0, 1, 2})).is_whole());  // which only a head or a witness can tell
    EXPECT_TRUE(has(verify_export(of({0, 1, 2}), std::nullopt, {{2, stream.head}}), Fault::CutTail));
    EXPECT_TRUE(has(verify_export(of({0, 1, 2, 3}), std::nullopt, {{2, {2, sys::sha256("other")}}}), Fault::Changed));
    EXPECT_TRUE(has(verify_export(of({0, 1}), Head{2, sys::sha256("other")}), Fault::WrongHead));
    std::string unended = stream.text();
    unended.pop_back();
    EXPECT_TRUE(has(verify_export(unended), Fault::Malformed));
}

TEST(Acts, AreNamedOnceInWellFormedWords) {
    std::vector<std::string_view> ids;
    for (const auto& act : all_acts()) {
        EXPECT_NO_THROW(write_line("office", {}, entry(std::string(act.id), ""))) << act.id;
        EXPECT_NE(act.id.find('.'), std::string_view::npos) << act.id;
        EXPECT_FALSE(act.wording.empty()) << act.id;
        ids.push_back(act.id);
    }
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
    EXPECT_EQ(act_wording("page.submit"), "承認依頼");
    EXPECT_EQ(act_wording("page.of-a-newer-version"), "page.of-a-newer-version");
    EXPECT_TRUE(is_known_act("page.save"));
    EXPECT_FALSE(is_known_act("page"));
}

}  // namespace ledger
