#include "watch/backup/recovery_key.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/files.h"

namespace backup {
namespace {

TEST(RecoveryKey, ComesBackFromItsTextHoweverItWasTyped) {
    const RecoveryKey key = make_recovery_key("site-1234");
    const std::string text = write_recovery_key(key);
    std::string typed;
    for (const char c : text)
        if (c != '-') typed += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const std::string& each : {text, typed, "前書き\r\n" + text + "\n後書き"}) {
        const RecoveryKey read = parse_recovery_key(each);
        EXPECT_EQ(read.site, key.site);
        EXPECT_EQ(read.password, key.password);
        EXPECT_EQ(read.secret, key.secret);
        EXPECT_EQ(read.public_text(), key.public_text());
    }
}

TEST(RecoveryKey, SaysWhichLineIsWrong) {
    std::string text = write_recovery_key(make_recovery_key("site-1234"));
    const auto at = text.find("03: ") + 4;
    text[at] = text[at] == 'A' ? 'B' : 'A';
    try {
        parse_recovery_key(text);
        FAIL();
    } catch (const base::Error& error) {
        EXPECT_NE(error.message().find("line 3"), std::string::npos) << error.message();
    }
    EXPECT_THROW(parse_recovery_key(text.substr(0, text.find("END"))), base::Error);
    EXPECT_THROW(parse_recovery_key("hello"), base::Error);
}

TEST(SealedKeys, OpenWithTheirOwnRecoveryKeyAlone) {
    const sys::TemporaryFolder folder;
    sys::make_folders(folder.path() / "keys/old");
    sys::write_file(folder.path() / "keys/press.seed", std::string("\0secret\xff", 8), sys::Durability::Now, 0600);
    sys::write_file(folder.path() / "keys/old/a.pub", "public", sys::Durability::Now, 0644);
    sys::write_file(folder.path() / "keys/backup.password", "never in it", sys::Durability::Now, 0600);
    const RecoveryKey key = make_recovery_key("site-1");
    const auto keys = read_keys(folder.path() / "keys", folder.path() / "keys/backup.password");
    ASSERT_EQ(keys.size(), 2U);
    const std::string sealed = seal_keys(keys, parse_public_key(key.public_text()));
    EXPECT_EQ(sealed.find("secret"), std::string::npos);
    EXPECT_EQ(open_keys(sealed, key), keys);
    EXPECT_THROW(open_keys(sealed, make_recovery_key("site-1")), base::Error);
    std::string changed = sealed;
    changed[changed.size() / 2] ^= 1;
    EXPECT_THROW(open_keys(changed, key), base::Error);
    write_keys(keys, folder.path() / "again");
    EXPECT_EQ(read_keys(folder.path() / "again", {}), keys);
    EXPECT_THROW(write_keys({{"../escape", 0600, "x"}}, folder.path() / "again"), base::Error);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "escape"));
}

}  // namespace
}  // namespace backup
