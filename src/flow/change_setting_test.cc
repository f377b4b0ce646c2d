#include "flow/change_setting.h"

#include <gtest/gtest.h>

#include "flow/testing/town.h"
#include "flow/verify_ledger.h"
#include "ground/ledger/store.h"
#include "ground/sys/crypto.h"
#include "press/publish/queue.h"

namespace flow {
namespace {

using testing::Town;

std::vector<ledger::Line> changes_in(Town& town) {
    ledger::Search search;
    search.act = "site.settings";
    return town.read([&](sys::Reader& db) { return ledger::find_lines(db, search); });
}

TEST(ChangeSetting, RewritesOneLineAndNotesTheOldAndTheNewValue) {
    Town town("sqlite");
    const SettingsFile before = load_settings_file(*town.site);
    change_setting(*town.site, "office.idle_minutes", settings::Integer{45}, before.version, town.by());
    const SettingsFile after = load_settings_file(*town.site);
    EXPECT_EQ(settings::parse(after.text).office.idle_minutes, 45);
    EXPECT_NE(after.text.find("\nidle_minutes = 45\n"), std::string::npos);
    EXPECT_EQ(std::count(after.text.begin(), after.text.end(), '\n'),
              std::count(before.text.begin(), before.text.end(), '\n'));
    const auto lines = changes_in(town);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0].entry.subject, "setting:office.idle_minutes");
    EXPECT_EQ(lines[0].entry.detail, R"({"key":"office.idle_minutes","old":60,"new":45})");
}

TEST(ChangeSetting, RefusesAStaleFormABadValueAndWhatIsNotForTheScreen) {
    Town town("sqlite");
    const SettingsFile before = load_settings_file(*town.site);
    const auto refusal = [&](std::string_view key, const settings::Value& value, std::string_view version) {
        try {
            change_setting(*town.site, key, value, version, town.by());
        } catch (const base::Error& error) {
            return std::optional(error.kind());
        }
        return std::optional<base::Kind>{};
    };
    EXPECT_EQ(refusal("office.idle_minutes", settings::Integer{45}, "0123456789abcdef"), base::Kind::Conflict);
    EXPECT_EQ(refusal("office.idle_minutes", settings::Integer{100'000}, before.version), base::Kind::BadInput);
    EXPECT_EQ(refusal("office.address", settings::Text{"127.0.0.1:1"}, before.version), base::Kind::BadInput);
    EXPECT_EQ(refusal("mail.password", settings::Text{"x"}, before.version), base::Kind::BadInput);
    EXPECT_EQ(load_settings_file(*town.site).text, before.text);
    EXPECT_TRUE(changes_in(town).empty());
}

TEST(ChangeSetting, SaysOfEverySettingWhetherItIsForTheScreen) {
    int open = 0;
    for (const settings::Key& key : settings::all_keys()) {
        const auto reason = find_fixed_reason(key);
        if (key.secrecy == settings::Secrecy::Secret) {
            EXPECT_TRUE(reason) << key.name;
        }
        open += reason ? 0 : 1;
    }
    EXPECT_GT(open, 30);
}

TEST(VerifyLedger, ReportsAReleaseThatIsNoWitness) {
    Town town("sqlite");
    town.taken_over("a.html");
    EXPECT_TRUE(verify_ledger(*town.site, ledger::kOffice).is_whole());
    const auto folder = town.site->log.record_file(1).parent_path();
    sys::make_folders(folder);
    sys::write_file(town.site->log.record_file(1), "yakuba-release 1\nthis is not one\n");
    const ledger::Report report = verify_ledger(*town.site, ledger::kOffice);
    ASSERT_FALSE(report.is_whole());
    EXPECT_EQ(report.problems.front().fault, ledger::Fault::BadWitness);
    EXPECT_EQ(ledger::fault_name(report.problems.front().fault), "bad-witness");
}

TEST(VerifyLedger, ReportsAReleaseThatAnotherKeyHasSigned) {
    Town town("sqlite");
    sys::TemporaryFolder other;
    const sys::SigningKey stranger = release::make_press_key(other.path());
    release::Record record;
    record.site = town.site->settings.site.id;
    record.number = 1;
    record.at = town.clock.now();
    record.office = {3, town.read([](sys::Reader& db) { return ledger::load_head(db).hash; })};
    record.root = release::empty_tree().root;
    sys::make_folders(town.site->log.record_file(1).parent_path());
    sys::write_file(town.site->log.record_file(1), release::write_record(record, stranger));
    const ledger::Report report = verify_ledger(*town.site, ledger::kOffice);
    ASSERT_FALSE(report.is_whole());
    for (const ledger::Problem& problem : report.problems)
        EXPECT_EQ(problem.fault, ledger::Fault::BadWitness)
            << "what it says of the ledger is not believed: " << problem.message;
}

/// Whoever may change settings on the screen shall not thereby run programs, read files or open doors on the server.
TEST(ChangeSetting, KeepsAwayFromTheScreenWhatReachesIntoTheServer) {
    for (const settings::Key& key : settings::all_keys()) {
        const std::string name(key.name);
        const auto ends = [&](std::string_view word) { return name.ends_with(word); };
        const bool reaches = ends("command") || ends("_file") || ends(".address") || ends("_address") || ends("_log") ||
                             ends("_logs") || ends(".on_call") || ends(".block");
        if (name == "helpdesk.address") continue;  // where its letters come from: no server listens there
        EXPECT_TRUE(!reaches || find_fixed_reason(key)) << name;
    }
}

}  // namespace
}  // namespace flow
