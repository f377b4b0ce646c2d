#include "ground/release/record.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/head.h"
#include "ground/release/testing/sample.h"
#include "ground/sys/files.h"

namespace release {

namespace {

using base::Error;
using base::Kind;

Record publication(std::vector<Change> changes) {
    Record record;
    record.site = "test";
    record.number = 1;
    record.at = {1'700'000'000'123};
    record.changes = std::move(changes);
    return record;
}

std::string refusal(const Record& record) {
    try {
        write_record(record, testing::first_key());
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::BadInput);
        return error.message();
    }
    return {};
}

/// `bytes` with `from` replaced and signed again, so that only the form is wrong.
std::string signed_again(const std::string& bytes, std::string_view from, std::string_view to) {
    std::string text = bytes.substr(0, bytes.rfind("signature "));
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const auto key = testing::first_key();
    return text + "signature " + key_id(key.public_key()) + " " + base::to_base64(key.sign(text)) + "\n";
}

}  // namespace

TEST(ReleaseRecord, ReadsBackAsItWasWritten) {
    for (const auto& [name, bytes] : testing::make_sample().releases) {
        if (name == "head") continue;
        SCOPED_TRACE(name);
        const auto read = parse_record(bytes);
        const auto first = testing::first_key();
        const auto second = testing::second_key();
        const bool by_first = read.record.key_id == key_id(first.public_key());
        const auto* next = read.record.kind == RecordKind::Rekey ? &second : nullptr;
        EXPECT_EQ(write_record(read.record, by_first ? first : second, next), bytes);
        EXPECT_EQ(read.file_hash, sys::sha256(bytes));
    }
}

TEST(ReleaseRecord, SortsItsChanges) {
    const auto bytes = write_record(
        publication({Change::put(testing::page("b", "")), Change::put(testing::page("a", ""))}), testing::first_key());
    const auto read = parse_record(bytes);
    ASSERT_EQ(read.record.changes.size(), 2U);
    EXPECT_EQ(read.record.changes[0].path(), "a");
}

TEST(ReleaseRecord, RefusesPathsThatNoServerMayWrite) {
    for (const std::string_view path : {"", "/a", "a/", "a//b", ".", "..", "a/../b", "a/./b"}) {
        SCOPED_TRACE(path);
        EXPECT_TRUE(find_path_fault(path));
        EXPECT_NE(refusal(publication({Change::put(testing::page(std::string(path), ""))})), "");
    }
    EXPECT_TRUE(find_path_fault(std::string_view("a\0b", 3)));
    EXPECT_TRUE(find_path_fault(std::string(256, 'a')));
    EXPECT_FALSE(find_path_fault(std::string(255, 'a')));
    std::string deep = "a";
    for (int i = 0; i < 63; ++i) deep += "/a";
    EXPECT_FALSE(find_path_fault(deep));
    EXPECT_TRUE(find_path_fault(deep + "/a"));
    EXPECT_FALSE(find_path_fault("..a/.b/c.."));
    EXPECT_FALSE(find_path_fault("\x82\xA0 %00\n"));
}

TEST(ReleaseRecord, RefusesEntriesThatContradictThemselves) {
    const auto with = [](auto change) {
        Entry entry = testing::page("a", "body");
        change(entry);
        return refusal(publication({Change::put(entry)}));
    };
    EXPECT_EQ(with([](Entry&) {}), "");
    EXPECT_NE(with([](Entry& e) { e.type.clear(); }), "");
    EXPECT_NE(with([](Entry& e) { e.type = "Text/HTML"; }), "");
    EXPECT_NE(with([](Entry& e) { e.type = "text/html\nput b"; }), "");
    EXPECT_NE(with([](Entry& e) { e.charset = "-"; }), "");
    EXPECT_NE(with([](Entry& e) { e.mode = 04755; }), "");
    EXPECT_NE(with([](Entry& e) { e.status = 301; }), "");
    EXPECT_NE(with([](Entry& e) { e.location = "/b"; }), "");
    EXPECT_NE(with([](Entry& e) { e.hash = {}; }), "");
    EXPECT_NE(with([](Entry& e) { e.size = -1; }), "");
    EXPECT_NE(with([](Entry& e) { e.headers = {{"x", "a\r\nset-cookie: b"}}; }), "");
    EXPECT_NE(with([](Entry& e) { e.headers = {{"b", ""}, {"a", ""}}; }), "");
    EXPECT_NE(with([](Entry& e) { e.headers = {{"a", ""}, {"a", ""}}; }), "");
    EXPECT_EQ(with([](Entry& e) { e.headers = {{"a", ""}, {"b", "x=1&y"}}; }), "");
    EXPECT_NE(refusal(publication({Change::put(testing::page("a", "")), Change::remove("a")})), "");
}

TEST(ReleaseRecord, HasOneAcceptedForm) {
    const auto entry = testing::page("a b", "body", "revision:1");
    const std::string bytes =
        write_record(publication({Change::put(entry), Change::remove("z")}), testing::first_key());
    EXPECT_NO_THROW(parse_record(bytes));
    const std::pair<std::string_view, std::string_view> kOthers[] = {{"number 1\n", "number 01\n"},
                                                                     {"number 1\n", "number 0\n"},
                                                                     {"a%20b", "a b"},
                                                                     {"a%20b", "%61%20b"},
                                                                     {"put a%20b", "put  a%20b"},
                                                                     {"changes 2\n", "changes 1\n"},
                                                                     {"changes 2\n", "changes 3\n"},
                                                                     {"note -\n", "note %2d\n"},
                                                                     {"note -\n", "note \n"},
                                                                     {" 0644 ", " 0000644 "},
                                                                     {" 200 ", " 0200 "},
                                                                     {"del z\n", "del z\r\n"},
                                                                     {"del z\n", "del a\n"},
                                                                     {"del z\n", "del ../z\n"},
                                                                     {"kind publish", "kind checkpoint"},
                                                                     {"kind publish", "kind other"},
                                                                     {"site test\n", "site te st\n"},
                                                                     {"yakuba-release 1\n", "yakuba-release 2\n"},
                                                                     {"revision%3A1", "revision:1"},
                                                                     {"kind publish", "kind restored"}};
    for (const auto& [from, to] : kOthers) {
        SCOPED_TRACE(to);
        EXPECT_THROW(parse_record(signed_again(bytes, from, to)), Error);
    }
    EXPECT_THROW(parse_record(bytes + "\n"), Error);
    EXPECT_THROW(parse_record(bytes.substr(0, bytes.size() - 1)), Error);
    EXPECT_THROW(parse_record(""), Error);
}

TEST(ReleaseRecord, NamesTheLineThatIsWrong) {
    const std::string bytes = write_record(publication({}), testing::first_key());
    try {
        parse_record(signed_again(bytes, "files 0", "files x"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::Damaged);
        EXPECT_NE(error.message().find("line 9"), std::string::npos) << error.message();
    }
}

TEST(ReleaseRecord, ClaimingMoreThanItHoldsCostsNoMemory) {
    const std::string bytes = write_record(publication({}), testing::first_key());
    EXPECT_THROW(parse_record(signed_again(bytes, "changes 0", "changes 3999999")), Error);
    EXPECT_THROW(parse_record(signed_again(bytes, "changes 0", "changes 4000001")), Error);
    EXPECT_THROW(parse_record(bytes, {.bytes = bytes.size() - 1, .changes = 1}), Error);
}

TEST(ReleaseRecord, IsNotSignedByAnybodyElse) {
    const std::string bytes = write_record(publication({}), testing::second_key());
    EXPECT_TRUE(find_signature_fault(bytes, parse_record(bytes), testing::trusted()));
    PublicKeys keys;
    keys.add(testing::second_key().public_key());
    EXPECT_FALSE(find_signature_fault(bytes, parse_record(bytes), keys));
    std::string changed = bytes;
    changed.replace(changed.find("site test"), 9, "site tent");
    EXPECT_TRUE(find_signature_fault(changed, parse_record(changed), keys));
}

TEST(ReleaseRecord, HeadIsReadFromItsFirstBytes) {
    const std::string bytes = write_record(publication({Change::put(testing::page("a", ""))}), testing::first_key());
    EXPECT_EQ(parse_record_head(bytes.substr(0, bytes.find("put "))).at.milliseconds, 1'700'000'000'123);
}

TEST(ReleaseHead, IsStrictAndSigned) {
    const auto key = testing::first_key();
    const std::string bytes = write_head({"test", 7, sys::sha256("x"), {1'700'000'000'000}, {}}, key);
    const auto head = parse_head(bytes, testing::trusted());
    EXPECT_EQ(write_head(head, key), bytes);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string changed = bytes;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_THROW(parse_head(changed, testing::trusted()), Error) << i;
    }
    PublicKeys none;
    EXPECT_THROW(parse_head(bytes, none), Error);
}

TEST(HighestSeen, NeverGoesDown) {
    const sys::TemporaryFolder folder;
    const auto file = folder.path() / "seen";
    EXPECT_FALSE(find_seen(file));
    note_seen(file, {5, sys::sha256("five")});
    note_seen(file, {4, sys::sha256("four")});
    note_seen(file, {5, sys::sha256("another five")});
    EXPECT_EQ(find_seen(file), (Seen{5, sys::sha256("five")}));
    note_seen(file, {6, sys::sha256("six")});
    EXPECT_EQ(find_seen(file)->number, 6);
}

TEST(PressKey, IsMadeOnceAndReadOnlyByItsOwner) {
    const sys::TemporaryFolder folder;
    const auto made = make_press_key(folder.path());
    EXPECT_EQ(load_press_key(folder.path()).public_key(), made.public_key());
    const auto keys = load_public_keys(folder.path());
    ASSERT_EQ(keys.ids().size(), 1U);
    EXPECT_EQ(*keys.find(keys.ids()[0]), made.public_key());
    EXPECT_THROW(make_press_key(folder.path()), Error);
    std::filesystem::permissions(folder.path() / "press.key", std::filesystem::perms(0640));
    try {
        load_press_key(folder.path());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::NotAllowed);
    }
}

TEST(PressKey, IsReplacedByTheNextOne) {
    const sys::TemporaryFolder folder;
    make_press_key(folder.path());
    EXPECT_THROW(adopt_next_key(folder.path()), Error);
    const auto next = make_next_key(folder.path());
    adopt_next_key(folder.path());
    EXPECT_EQ(load_press_key(folder.path()).public_key(), next.public_key());
    EXPECT_EQ(load_public_keys(folder.path()).ids().size(), 2U);
}

TEST(PublicKeyFile, MustHashToItsName) {
    const sys::TemporaryFolder folder;
    sys::write_file(folder.path() / "0123456789abcdef.pub", base::to_hex(testing::first_key().public_key()) + "\n");
    EXPECT_THROW(load_public_keys(folder.path()), Error);
}

}  // namespace release
