#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/testing/databases.h"
#include "ground/tickets/tickets.h"

namespace tickets {
namespace {

using namespace std::chrono_literals;

class TicketsTest : public ::testing::TestWithParam<std::string> {
  protected:
    TicketsTest() { sys::migrate(*db_, migrations()); }
    template <class Work>
    auto write(Work work) {
        return db_->write([&](sys::Transaction& tx) { return work(tx); });
    }
    template <class Work>
    auto read(Work work) {
        return db_->read([&](sys::Reader& db) { return work(db); });
    }

    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
    base::Instant now_ = base::from_local({{2027, 4, 1}, 10, 0, 0, 0});
};

TEST_P(TicketsTest, AreTakenOnceByTheirToken) {
    const std::string token = write([&](auto& tx) { return issue(tx, "preview", "page:1", "a", now_ + 1min); });
    EXPECT_EQ(read([&](auto& db) { return find(db, "preview", token, now_); })->subject, "page:1");
    EXPECT_FALSE(read([&](auto& db) { return find(db, "other", token, now_); }));
    EXPECT_EQ(write([&](auto& tx) { return take(tx, "preview", token, now_); })->detail, "a");
    EXPECT_FALSE(write([&](auto& tx) { return take(tx, "preview", token, now_); }));
    EXPECT_FALSE(read([&](auto& db) { return find(db, "preview", "", now_); }));
    EXPECT_FALSE(read([&](auto& db) { return find(db, "preview", std::string(5000, 'x'), now_); }));
}

TEST_P(TicketsTest, AreNotFoundByTheirTokensHash) {
    const std::string token = write([&](auto& tx) { return issue(tx, "preview", "page:1", "a", now_ + 1min); });
    const auto ticket = read([&](auto& db) { return find(db, "preview", token, now_); });
    EXPECT_NE(ticket->name, token);
    EXPECT_FALSE(read([&](auto& db) { return find(db, "preview", ticket->name, now_); }));
}

TEST_P(TicketsTest, EndWhenTheirTimeHasCome) {
    const std::string token = write([&](auto& tx) { return issue(tx, "preview", "page:1", "a", now_ + 1min); });
    EXPECT_TRUE(read([&](auto& db) { return find(db, "preview", token, now_ + 1min - 1ms); }));
    EXPECT_FALSE(read([&](auto& db) { return find(db, "preview", token, now_ + 1min); }));
    EXPECT_EQ(write([&](auto& tx) { return remove_ended(tx, now_); }), 0);
    EXPECT_EQ(write([&](auto& tx) { return remove_ended(tx, now_ + 1min); }), 1);
    EXPECT_FALSE(read([&](auto& db) { return find(db, "preview", token, now_); }));
}

TEST_P(TicketsTest, ReplaceThoseOfTheSameName) {
    write([&](auto& tx) {
        put(tx, {"upload", "page:1", "b.png", "1", now_ + 1min});
        put(tx, {"upload", "page:1", "a.png", "2", now_ + 1min});
        put(tx, {"upload", "page:1", "b.png", "3", now_ + 2min});
        put(tx, {"upload", "page:2", "c.png", "4", now_ + 1min});
    });
    const auto found = read([&](auto& db) { return list(db, "upload", "page:1", now_); });
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].name + found[0].detail + found[1].name + found[1].detail, "a.png2b.png3");
    EXPECT_EQ(read([&](auto& db) { return list(db, "upload", "page:1", now_ + 1min); }).size(), 1U);
    EXPECT_TRUE(write([&](auto& tx) { return remove(tx, "upload", "page:1", "b.png"); }));
    EXPECT_FALSE(write([&](auto& tx) { return remove(tx, "upload", "page:1", "b.png"); }));
}

TEST_P(TicketsTest, RefuseWhatIsTooLong) {
    EXPECT_THROW(write([&](auto& tx) {
                     put(tx, {"x", "y", "z", std::string((4U << 20) + 1, 'a'), now_ + 1min});
                 }),
                 base::Error);
}

INSTANTIATE_TEST_SUITE_P(Engines, TicketsTest, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace
}  // namespace tickets
