#include "ground/release/log.h"

#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/release/testing/sample.h"
#include "ground/sys/files.h"
#include "ground/sys/process.h"

namespace release {

namespace {

namespace fs = std::filesystem;
using base::Error;
using base::Kind;

const fs::path kVectors = fs::path(YAKUBA_SOURCE_DIR) / "docs/format/vectors/release";

struct Placed {
    sys::TemporaryFolder folder;
    Log log{folder.path()};
    Placed() { testing::place_sample(folder.path()); }
    Report verify(const std::optional<Seen>& seen = std::nullopt) const {
        return log.verify(testing::trusted(), VerifyFrom::FirstRecord, seen);
    }
    bool has(Fault fault, const std::optional<Seen>& seen = std::nullopt) const {
        const auto report = verify(seen);
        return std::any_of(report.problems.begin(), report.problems.end(),
                           [&](const Problem& problem) { return problem.fault == fault; });
    }
    fs::path record(int number) const { return log.record_file(number); }
};

void overwrite(const fs::path& file, std::string_view bytes) {
    sys::write_file(file, bytes, sys::Durability::Later);
}

base::Instant at(std::string_view text) {
    return base::parse_utc(text).value();
}

}  // namespace

// The stored vectors are what docs/format/release.md describes and tools/verify_release.py reads.
TEST(FormatVectors, AreWhatThisProgramWrites) {
    const auto sample = testing::make_sample();
    std::vector<std::pair<fs::path, std::string>> files;
    for (const auto& [name, bytes] : sample.releases) files.emplace_back(kVectors / "releases" / name, bytes);
    for (const auto& [name, bytes] : sample.public_files) files.emplace_back(kVectors / "public" / name, bytes);
    const auto key = testing::first_key().public_key();
    files.emplace_back(kVectors / "keys" / (key_id(key) + ".pub"), base::to_hex(key) + "\n");
    for (const auto& [file, bytes] : files) {
        if (std::getenv("UPDATE_GOLDEN") != nullptr) {
            sys::make_folders(file.parent_path());
            overwrite(file, bytes);
        }
        EXPECT_EQ(sys::read_file(file), bytes) << file;
    }
}

TEST(FormatVectors, OfALargeFolder) {
    // docs/format/release.md, "Test vectors": 1,000 empty files page-0000.html ... in one folder.
    Manifest manifest;
    std::vector<Change> changes;
    for (int i = 0; i < 1000; ++i)
        changes.push_back(Change::put(testing::page(fmt::format("news/page-{:04}.html", i), "", "")));
    manifest.apply(changes);
    const fs::path file = kVectors / "large-folder-root";
    if (std::getenv("UPDATE_GOLDEN") != nullptr) overwrite(file, manifest.summary().root.hex() + "\n");
    EXPECT_EQ(sys::read_file(file), manifest.summary().root.hex() + "\n");
}

TEST(FormatVectors, AndEveryTamperingWithThemAreJudgedAlikeByTheIndependentVerifier) {
    sys::Command command;
    command.arguments = {"python3", "-B", std::string(YAKUBA_SOURCE_DIR) + "/tools/verify_release_test.py"};
    command.patience = std::chrono::minutes(4);
    const auto outcome = sys::run(command);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
    EXPECT_NE(outcome.errors.find("Ran 11 tests"), std::string::npos) << outcome.errors;
}

TEST(ReleaseLog, VerifiesFromTheFirstRecord) {
    const Placed placed;
    const auto report = placed.verify();
    EXPECT_TRUE(report.is_whole()) << report.problems.at(0).message;
    EXPECT_EQ(report.first, 1);
    EXPECT_EQ(report.newest, 5);
    EXPECT_EQ(report.records, 4);
    EXPECT_EQ(report.gaps, std::vector<std::int64_t>{4});
    EXPECT_EQ(report.tree, placed.log.manifest_at(5, testing::trusted()).summary());
}

TEST(ReleaseLog, VerifiesFromACheckpoint) {
    const Placed placed;
    fs::remove(placed.record(1));
    EXPECT_FALSE(placed.verify().is_whole());
    const auto report = placed.log.verify(testing::trusted(), VerifyFrom::NewestCheckpoint);
    EXPECT_TRUE(report.is_whole()) << report.problems.at(0).message;
    EXPECT_EQ(report.newest, 5);
    fs::remove(placed.record(2));
    EXPECT_TRUE(placed.log.verify(testing::trusted(), VerifyFrom::NewestCheckpoint).is_whole());
    EXPECT_EQ(placed.log.manifest_at(5, testing::trusted()).summary(), report.tree);
}

TEST(ReleaseLog, AnyByteChangedAnywhereIsFound) {
    const auto sample = testing::make_sample();
    const Placed placed;
    for (const auto& [name, bytes] : sample.releases) {
        SCOPED_TRACE(name);
        const fs::path file = placed.folder.path() / name;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            std::string changed = bytes;
            changed[i] = static_cast<char>(changed[i] ^ (1 << i % 8));
            overwrite(file, changed);
            ASSERT_FALSE(placed.verify().is_whole()) << "byte " << i;
        }
        overwrite(file, bytes);
    }
    EXPECT_TRUE(placed.verify().is_whole());
}

TEST(ReleaseLog, ACutOrLengthenedFileIsFound) {
    const auto sample = testing::make_sample();
    const Placed placed;
    for (const auto& [name, bytes] : sample.releases) {
        SCOPED_TRACE(name);
        const fs::path file = placed.folder.path() / name;
        for (const auto& changed : {std::string(), bytes.substr(0, bytes.size() / 2), bytes + "\n", bytes + bytes}) {
            overwrite(file, changed);
            EXPECT_FALSE(placed.verify().is_whole());
        }
        overwrite(file, bytes);
    }
}

TEST(ReleaseLog, RecordsInAnotherOrderAreFound) {
    for (const auto& [a, b] : {std::pair{1, 2}, {2, 3}, {3, 5}, {1, 5}}) {
        const Placed placed;
        const auto one = placed.log.read(a);
        overwrite(placed.record(a), placed.log.read(b));
        overwrite(placed.record(b), one);
        EXPECT_TRUE(placed.has(Fault::WrongNumber));
    }
}

TEST(ReleaseLog, AMissingRecordIsFound) {
    for (const int number : {1, 2, 3, 5}) {
        SCOPED_TRACE(number);
        const Placed placed;
        fs::remove(placed.record(number));
        // Where a restored record follows, the chain breaks; the last one is missed because the head names it.
        EXPECT_TRUE(placed.has(Fault::Missing) || placed.has(Fault::BrokenChain));
    }
}

TEST(ReleaseLog, ARecordThereTwiceIsFound) {
    const Placed placed;
    overwrite(placed.record(4), placed.log.read(3));
    EXPECT_TRUE(placed.has(Fault::WrongNumber));
    fs::remove(placed.record(4));
    overwrite(placed.folder.path() / "log/3.release", placed.log.read(3));
    EXPECT_TRUE(placed.has(Fault::Stray));
}

TEST(ReleaseLog, AForgedHistoryIsNotSignedByTheRightKey) {
    const Placed placed;
    // The old key has been replaced: it may not go on, although readers still trust it for the past.
    auto forged = parse_record(placed.log.read(5)).record;
    overwrite(placed.record(5), write_record(forged, testing::first_key()));
    EXPECT_TRUE(placed.has(Fault::BadSignature));
    PublicKeys other;
    other.add(testing::second_key().public_key());
    EXPECT_FALSE(placed.log.verify(other).is_whole());
}

TEST(ReleaseLog, ATreeThatDoesNotFollowFromTheChangesIsFound) {
    const Placed placed;
    auto lying = parse_record(placed.log.read(5)).record;
    lying.root = sys::sha256("something else");
    overwrite(placed.record(5), write_record(lying, testing::second_key()));
    EXPECT_TRUE(placed.has(Fault::WrongTree));
    EXPECT_THROW(placed.log.manifest_at(5, testing::trusted()), Error);
}

TEST(ReleaseLog, ACheckpointThatLiesIsFound) {
    const Placed placed;
    auto lying = parse_record(placed.log.read_checkpoint(2)).record;
    lying.changes[0].entry.source = "revision:999";
    overwrite(placed.log.checkpoint_file(2), write_record(lying, testing::first_key()));
    EXPECT_TRUE(placed.has(Fault::WrongCheckpoint));
    // It costs only itself: the release is found by the records.
    EXPECT_EQ(placed.log.manifest_at(2, testing::trusted()).find("index.html")->source, "revision:13");
}

TEST(ReleaseLog, GoingBackIsFound) {
    const Placed placed;
    const auto hash = placed.verify().newest_hash;
    EXPECT_FALSE(placed.has(Fault::RolledBack, Seen{5, hash}));
    EXPECT_TRUE(placed.has(Fault::RolledBack, Seen{6, hash}));
    EXPECT_TRUE(placed.has(Fault::Forked, Seen{5, sys::sha256("another")}));
    EXPECT_TRUE(placed.has(Fault::Forked, Seen{4, hash}));
    EXPECT_TRUE(placed.verify(Seen{3, sys::sha256(placed.log.read(3))}).is_whole());
}

TEST(ReleaseLog, WithoutItsHeadIsNotWhole) {
    const Placed placed;
    fs::remove(placed.log.head_file());
    EXPECT_TRUE(placed.has(Fault::BadHead));
}

TEST(ReleaseLog, AppendsOnceAndRefusesASecondRecordOfOneNumber) {
    const Placed placed;
    const sys::TemporaryFolder folder;
    Log log(folder.path() / "releases");
    EXPECT_EQ(log.newest(), 0);
    EXPECT_TRUE(log.verify(testing::trusted()).is_whole());
    const auto bytes = placed.log.read(1);
    log.append(bytes);
    log.append(bytes);
    EXPECT_EQ(log.read(1), bytes);
    EXPECT_EQ(log.newest(), 1);
    auto other = parse_record(bytes).record;
    other.note = "another";
    try {
        log.append(write_record(other, testing::first_key()));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::Conflict);
    }
    EXPECT_EQ(log.read(1), bytes);
}

TEST(ReleaseLog, FindsThePast) {
    const Placed placed;
    EXPECT_EQ(placed.log.find_number_at(at("2026-11-19T00:00:00.000Z")), std::nullopt);
    EXPECT_EQ(placed.log.find_number_at(at("2026-11-20T00:00:00.000Z")), 1);
    EXPECT_EQ(placed.log.find_number_at(at("2026-11-21T09:59:59.999Z")), 2);
    EXPECT_EQ(placed.log.find_number_at(at("2030-01-01T00:00:00.000Z")), 5);
    EXPECT_TRUE(placed.log.manifest_at(3, testing::trusted()).contains("old/-"));
    EXPECT_FALSE(placed.log.manifest_at(5, testing::trusted()).contains("old/-"));
    EXPECT_FALSE(placed.log.manifest_at(1, testing::trusted()).contains("404.html"));
    try {
        placed.log.manifest_at(4, testing::trusted());
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), Kind::NotFound);
    }
}

TEST(ReleaseLog, WantsACheckpointWhenTheRecordsOutgrowTheManifest) {
    const sys::TemporaryFolder folder;
    Log log(folder.path());
    const auto key = testing::first_key();
    Manifest manifest;
    base::Hash previous;
    Record record;
    record.site = "test";
    record.at = {1'700'000'000'000};
    const auto publish = [&](int pages, std::string_view body) {
        ++record.number;
        record.kind = record.number == 1 ? RecordKind::Takeover : RecordKind::Publish;
        record.previous = previous;
        record.changes.clear();
        for (int i = 0; i < pages; ++i)
            record.changes.push_back(Change::put(testing::page(fmt::format("p{}", i), body)));
        manifest.apply(record.changes);
        const auto sum = manifest.summary();
        std::tie(record.root, record.files, record.bytes) = std::tie(sum.root, sum.files, sum.bytes);
        const auto bytes = write_record(record, key);
        previous = sys::sha256(bytes);
        log.append(bytes);
    };
    publish(8000, "one");  // about 1.1 MB
    EXPECT_FALSE(log.is_checkpoint_due());
    publish(6000, "two");
    EXPECT_FALSE(log.is_checkpoint_due());
    publish(6000, "three");
    EXPECT_TRUE(log.is_checkpoint_due());
    log.append_checkpoint(write_checkpoint(record, previous, manifest, record.at, key));
    EXPECT_FALSE(log.is_checkpoint_due());
    EXPECT_EQ(log.manifest_at(3, testing::trusted()).summary(), manifest.summary());
    Record wrong = record;
    ++wrong.files;
    EXPECT_THROW(write_checkpoint(wrong, previous, manifest, record.at, key), Error);
}

TEST(ReleaseLog, AnUnreadableRecordDoesNotStopTheVerification) {
    const Placed placed;
    fs::remove(placed.record(2));
    fs::create_directory(placed.record(2));
    const auto report = placed.verify();
    EXPECT_FALSE(report.is_whole());
    EXPECT_EQ(report.newest, 5);
}

}  // namespace release
