#include "flow/watch_silence.h"

#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "ground/ledger/store.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"

namespace flow {

using namespace std::chrono_literals;

TEST(WatchSilence, IsToldOnceAndItsEndOnceOnBothEngines) {
    for (const std::string& engine : sys::testing::engines()) {
        SCOPED_TRACE(engine);
        testing::Town town(engine);
        Site& site = *town.site;
        const base::Instant start = town.clock.now();
        const auto acts = [&] {
            ledger::Search search;
            search.subject = "monitor:watch";
            std::vector<std::string> found;
            for (const auto& line :
                 site.database->read([&](sys::Reader& db) { return ledger::find_lines(db, search); }))
                found.push_back(line.entry.act);
            return found;
        };
        const auto beat = [&] {
            sys::write_file(site.folders.run / "watch.beat", base::format_utc(town.clock.now()) + "\n");
        };
        const auto say = [&] { record_watch_silence(site, start); };
        say();  // both have just begun
        EXPECT_TRUE(acts().empty());
        beat();
        town.clock.advance(4min);
        say();
        EXPECT_TRUE(acts().empty());
        town.clock.advance(2min);
        say();
        say();
        EXPECT_EQ(acts(), std::vector<std::string>{"monitor.down"});
        ASSERT_TRUE(find_watch_silence(site.folders, town.clock.now()));
        EXPECT_EQ(find_watch_silence(site.folders, town.clock.now())->last, start);
        beat();
        say();
        say();
        EXPECT_EQ(acts(), (std::vector<std::string>{"monitor.up", "monitor.down"}));
        EXPECT_FALSE(find_watch_silence(site.folders, town.clock.now()));
        EXPECT_FALSE(find_watch_silence(site.folders, town.clock.now() - 1min)) << "clocks differ a little";
        EXPECT_TRUE(find_watch_silence(site.folders, town.clock.now() - 2min)) << "a beat from the future is none";
        sys::remove_file(site.folders.run / "watch.beat");
        say();
        EXPECT_EQ(acts().size(), 3U);  // that there is none at all is silence too
    }
}

}  // namespace flow
