#include "flow/record_packages.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "ground/base/error.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"

namespace flow {

namespace {

class RecordPackages : public ::testing::TestWithParam<std::string> {
  protected:
    RecordPackages() : town_(GetParam()) {
        put("restic_0.14.0-1+b5_amd64.deb", "a package");
        put("main.cvd", "antivirus data");
    }
    void put(const std::string& name, std::string_view bytes) { sys::write_file(folder_.path() / name, bytes); }
    ReceivedPackages record() { return record_packages(*town_.site, folder_.path(), "情報政策課", "system:test"); }
    std::vector<ledger::Line> lines() {
        ledger::Search search;
        search.act = "packages.record";
        return town_.site->database->read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
    }

    testing::Town town_;
    sys::TemporaryFolder folder_;
};

TEST_P(RecordPackages, WritesWhatCameFromWhere) {
    const std::string sum = sys::sha256("a package").hex();
    put("SHA256SUMS", sum + "  ./restic_0.14.0-1+b5_amd64.deb\n");
    const ReceivedPackages received = record();
    EXPECT_TRUE(received.problems.empty());
    ASSERT_EQ(received.files.size(), 2U);
    ASSERT_EQ(lines().size(), 2U);
    const auto detail = boost::json::parse(lines().front().entry.detail).as_object();
    EXPECT_EQ(detail.at("name"), "restic");
    EXPECT_EQ(detail.at("version"), "0.14.0-1+b5");
    EXPECT_EQ(detail.at("sha256").as_string(), sum);
    EXPECT_EQ(detail.at("from"), "情報政策課");
    EXPECT_TRUE(detail.at("is_listed").as_bool());
}

TEST_P(RecordPackages, RecordsNothingWhenAFileDiffersFromItsSum) {
    put("SHA256SUMS", sys::sha256("another package").hex() + "  restic_0.14.0-1+b5_amd64.deb\n");
    EXPECT_EQ(record().problems.size(), 1U);
    EXPECT_TRUE(lines().empty());
}

TEST_P(RecordPackages, RecordsNothingWhenAFileIsMissingOrALink) {
    put("SHA256SUMS", sys::sha256("x").hex() + "  gone.deb\n");
    EXPECT_EQ(record().problems.size(), 1U);
    std::filesystem::create_symlink("/etc/passwd", folder_.path() / "link.deb");
    EXPECT_EQ(record().problems.size(), 2U);
    EXPECT_TRUE(lines().empty());
}

TEST_P(RecordPackages, WantsToKnowFromWhom) {
    EXPECT_THROW(record_packages(*town_.site, folder_.path(), " ", "system:test"), base::Error);
    EXPECT_THROW(record_packages(*town_.site, folder_.path() / "none", "x", "system:test"), base::Error);
    EXPECT_TRUE(lines().empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, RecordPackages, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

TEST(ParsePackageFile, ReadsNameAndVersion) {
    EXPECT_EQ(parse_package_file("libmagic1_1%3a5.44-3_amd64.deb"),
              std::pair(std::string("libmagic1"), std::string("1:5.44-3")));
    for (const char* other : {"main.cvd", "x.deb", "_1_amd64.deb", "x_amd64.deb", ".deb", "x__amd64.deb"})
        EXPECT_FALSE(parse_package_file(other)) << other;
}

}  // namespace

}  // namespace flow
