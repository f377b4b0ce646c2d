#include "ground/settings/settings.h"

#include <cstdlib>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/settings/calendars.h"
#include "ground/settings/keys.h"
#include "ground/sys/files.h"

namespace settings {
namespace {

using base::Error;

std::string refusal(std::string_view toml) {
    try {
        parse(toml);
    } catch (const Error& e) {
        EXPECT_EQ(e.kind(), base::Kind::BadInput);
        return e.message();
    }
    return "accepted";
}

bool has(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

TEST(Settings, HaveTheirDefaultsWhenTheFileIsEmpty) {
    const Settings settings = parse("");
    EXPECT_EQ(settings.office.address, "127.0.0.1:8080");
    EXPECT_EQ(settings.public_site.cache_mb, 32);
    EXPECT_TRUE(settings.publish.readback);
    EXPECT_TRUE(settings.others.empty());
}

TEST(Settings, AreReadFromEveryTypeOfValue) {
    const Settings settings = parse(R"(
office.address = "[::1]:9090"
[public]
cache_mb = 0
headers = { "X-Frame-Options" = "DENY" }
trusted_proxies = ["10.0.0.1", "2001:db8::/32"]
[publish]
readback = false
[calendar]
extra_closed = [2026-11-30, "2026-12-01"]
[[others]]
path = "/gikai/"
folder = "others/gikai"
[[others]]
path = "/library/"
folder = "/srv/library"
)");
    EXPECT_EQ(settings.office.address, "[::1]:9090");
    EXPECT_EQ(settings.public_site.cache_mb, 0);
    EXPECT_EQ(settings.public_site.headers, (TextMap{{"X-Frame-Options", "DENY"}}));
    EXPECT_EQ(settings.public_site.trusted_proxies, (TextList{"10.0.0.1", "2001:db8::/32"}));
    EXPECT_FALSE(settings.publish.readback);
    EXPECT_EQ(settings.calendar.extra_closed, (TextList{"2026-11-30", "2026-12-01"}));
    ASSERT_EQ(settings.others.size(), 2U);
    EXPECT_EQ(settings.others[1].path, "/library/");
    EXPECT_EQ(settings.others[1].folder, "/srv/library");
}

TEST(Settings, ReadAFileThatNamesWhatIsGone) {
    const Settings settings = parse(
        "[storage]\nurl = \"https://s3.example/\"\nlargest_upload_mb = 5\n"
        "[workflow]\ndraft_lock_minutes = 30\n");
    EXPECT_EQ(settings.storage.largest_upload_mb, 5);
}

TEST(Settings, RefuseAnUnknownKeyWithItsPlaceAndTheNearestName) {
    EXPECT_EQ(refusal("[site]\nname = \"市\"\n  smtp_url = \"x\"\n[office]\nadress = \"127.0.0.1:1\"\n"),
              "line 3, column 3: there is no setting site.smtp_url; did you mean mail.smtp_url?\n"
              "line 5, column 1: there is no setting office.adress; did you mean office.address?");
    EXPECT_TRUE(
        has(refusal("[ofice]\naddress = \"127.0.0.1:1\"\n"), "there is no setting ofice; did you mean office?"));
    EXPECT_TRUE(
        has(refusal("[[others]]\npath = \"/a/\"\nfolder = \"a\"\nfoldr = \"a\"\n"), "did you mean others[].folder?"));
    EXPECT_TRUE(has(refusal("qqqqqqqqqqqqqqqqqqqq = 1"), "line 1, column 1: there is no setting qqqqqqqqqqqqqqqqqqqq"));
    EXPECT_TRUE(has(refusal("\"others[].path\" = \"/a/\""), "there is no setting"));
}

TEST(Settings, RefuseWrongTypesAndValuesOutsideTheirLimits) {
    struct Case {
        std::string_view toml, part;
    };
    const Case cases[] = {
        {"office.threads = \"8\"", "office.threads must be a number, not a text"},
        {"office.threads = 0", "office.threads must be 1 to 256, not 0"},
        {"office.threads = 1.5", "not a number with a point"},
        {"publish.readback = 1", "publish.readback must be true or false, not a number"},
        {"office.address = \"8080\"", "office.address must be host:port"},
        {"office.address = \"host:70000\"", "host:port"},
        {"office.address = \"\"", "office.address must not be empty"},
        {"office = 3", "office is a section"},
        {"others = 3", "write [[others]]"},
        {"others = [3]", "write [[others]]"},
        {"[[others]]\npath = \"/a/\"", "this [[others]] lacks folder"},
        {"[[others]]\npath = \"a\"\nfolder = \"b\"", "others[].path must be a path such as /gikai/"},
        {"[[others]]\npath = \"/a/../b/\"\nfolder = \"b\"", "others[].path must be"},
        {"public.trusted_proxies = \"10.0.0.1\"", "must be a list of texts, not a text"},
        {"public.trusted_proxies = [1]", "must be a list of texts, not a number"},
        {"public.trusted_proxies = [\"10.0.0.1/33\"]", "must be a network"},
        {"public.trusted_proxies = [\"10.0.0.1/24\"]", "must be a network"},
        {"public.headers = \"x\"", "must be a table of texts, not a text"},
        {"public.headers = { \"a b\" = \"x\" }", "must be letters, digits"},
        {"public.headers = { \"a\" = \"x\\r\\nSet-Cookie: y\" }", "control characters"},
        {"site.name = \"a\\nb\"", "control characters"},
        {"site.language = \"jp\"", "site.language must be ja or en, not \"jp\""},
        {"site.url = \"http://example.jp\"", "ends with /"},
        {"site.url = \"ftp://example.jp/\"", "starts with http"},
        {"calendar.closed_weekdays = [\"Sunday\"]", "sun or mon"},
        {"calendar.extra_closed = [\"2026-02-30\"]", "a date such as"},
        {"calendar.year_end_from = \"13-01\"", "month and day"},
        {"calendar.opens = \"8:45\"", "a time such as 08:45"},
        {"calendar.opens = \"24:01\"", "a time such as 08:45"},
        {"calendar.opens = \"18:00\"", "calendar.opens must be before calendar.closes"},
        {"office.tls_key = \"key.pem\"", "go together"},
        {"mail.smtp_url = \"smtp://localhost\"", "needs mail.from"},
        {"mail.from = \"nobody\"", "a mail address"},
        {"ldap.user_filter = \"(uid=x)\"", "lacks {name}"},
        {"[[others]]\npath=\"/a/\"\nfolder=\"b\"\n[[others]]\npath=\"/a/\"\nfolder=\"c\"", "two [[others]]"},
        {"site.id = \"Site\"", "small letters"},
        {"a = \n", "line 1, column 5: this is not TOML"},
        {"[site]\n[site]\n", "put the lines into the section of that name that is there already"},
        {"site.name = \"\xFF\"", "not UTF-8"},
    };
    for (const Case& wrong : cases) {
        SCOPED_TRACE(wrong.toml);
        const std::string message = refusal(wrong.toml);
        EXPECT_TRUE(has(message, wrong.part)) << message;
        EXPECT_TRUE(has(message, "line ")) << message;
        EXPECT_FALSE(find_problems(wrong.toml).empty());
    }
    EXPECT_TRUE(has(refusal(fmt::format("site.name = \"{}\"", std::string(101, 'x'))), "at most 100 characters"));
    EXPECT_TRUE(has(refusal(std::string(2 << 20, '#')), "larger than 1 MB"));
}

TEST(Settings, NameEveryFaultInOrderOfLine) {
    const auto problems = find_problems("[office]\nthreads = 0\nfoo = 1\n[site]\nlanguage = \"xx\"\n");
    ASSERT_EQ(problems.size(), 3U);
    EXPECT_EQ(problems[0].line, 2);
    EXPECT_EQ(problems[1].line, 3);
    EXPECT_EQ(problems[1].key, "office.foo");
    EXPECT_EQ(problems[2].line, 5);
}

TEST(Settings, NeverRepeatASecretInAMessage) {
    for (const std::string_view toml : {"database.url = \"hunter2 secret\"", "mail.password = \"hunter2\\u0007\"",
                                        "mail.password = hunter2", "[mail]\npassword = 99999999999999999999hunter2",
                                        "ldap.bind_password = 'hunter2", "helpdesk.imap_password = [\"hunter2\"]"}) {
        const std::string message = refusal(toml);
        EXPECT_FALSE(has(message, "hunter2")) << message;
        EXPECT_FALSE(has(message, "99999")) << message;
        EXPECT_NE(message, "accepted") << toml;
    }
}

TEST(Settings, AreLoadedFromTheSiteDirectory) {
    const sys::TemporaryFolder folder;
    sys::write_file(folder.path() / "yakuba.toml", "[office]\nthreads = 3\n");
    const Settings settings = load(folder.path() / "yakuba.toml");
    EXPECT_EQ(settings.office.threads, 3);
    EXPECT_EQ(settings.folder, folder.path());
    EXPECT_EQ(settings.resolve("others/gikai"), folder.path() / "others/gikai");
    EXPECT_EQ(settings.resolve("/srv/www"), "/srv/www");
    sys::write_file(folder.path() / "yakuba.toml", "[office]\nthreads = -3\n");
    try {
        load(folder.path() / "yakuba.toml");
        ADD_FAILURE() << "accepted";
    } catch (const Error& e) {
        EXPECT_TRUE(has(e.message(), "yakuba.toml: line 2, column 1")) << e.message();
    }
    EXPECT_THROW(load(folder.path() / "none.toml"), Error);
}

TEST(TheTableOfKeys, IsSound) {
    std::set<std::string_view> names;
    Settings fresh;
    fresh.others.resize(1);
    fresh.targets.resize(1);
    std::set<std::string_view> sections;
    for (const Section& section : all_sections()) sections.insert(section.name);
    for (const Key& key : all_keys()) {
        SCOPED_TRACE(key.name);
        EXPECT_TRUE(names.insert(key.name).second) << "twice";
        std::string_view section = key.name.substr(0, key.name.find_first_of(".["));
        EXPECT_TRUE(sections.contains(section));
        EXPECT_FALSE(key.english.empty() || key.japanese.empty() || key.english.ends_with('.'));
        EXPECT_EQ(key.english.find('\n'), std::string_view::npos);
        const Slot slot = key.slot(fresh, 0);
        const bool is_number = std::holds_alternative<Integer*>(slot) || std::holds_alternative<Rows>(slot);
        EXPECT_TRUE(!is_number || key.limits.least < key.limits.most);
        if (const auto* number = std::get_if<Integer*>(&slot)) {
            EXPECT_LE(key.limits.least, **number);
            EXPECT_LE(**number, key.limits.most);
        }
    }
    std::set<const void*> places;
    for (const Key& key : all_keys()) {
        std::visit(
            [&](auto at) {
                if constexpr (!std::is_same_v<decltype(at), Rows>) {
                    EXPECT_TRUE(places.insert(at).second) << key.name;
                }
            },
            key.slot(fresh, 0));
    }
}

TEST(TheFirstFile, HasEveryKeyAndChangesNothing) {
    const std::string file = initial_file({});
    EXPECT_TRUE(find_problems(file).empty());
    for (const Key& key : all_keys()) {
        if (key.name.find_first_of(".[") == std::string_view::npos)
            continue;  // a list of tables has its heading instead
        EXPECT_TRUE(has(file, key.english) && has(file, key.japanese)) << key.name;
    }
    EXPECT_EQ(initial_file({}), file);
}

TEST(TheFirstFile, IsValidWhenEveryDefaultIsUncommented) {
    std::string all;
    const std::string file = initial_file({});
    std::size_t count = 0;
    for (std::size_t at = 0; at < file.size();) {
        const std::size_t end = file.find('\n', at);
        std::string line = file.substr(at, end - at);
        const auto equals = line.find(" = ");
        const bool is_setting = line.starts_with("# ") && equals != std::string::npos && line.find(' ', 2) == equals;
        if (is_setting) {
            line = line.substr(2);
            ++count;
        }
        if (has(line, "[[") && line.starts_with("# ")) break;  // the lists of tables have required columns
        all += line + "\n";
        at = end + 1;
    }
    EXPECT_TRUE(find_problems(all).empty()) << all;
    EXPECT_GE(count, 80U);
}

TEST(TheFirstFile, TakesTheValuesThatAreKnown) {
    const std::pair<std::string_view, Value> values[] = {
        {"site.id", "site-ab12"}, {"site.name", "\"架空\"市\\"}, {"office.threads", Integer{2}}};
    const Settings settings = parse(initial_file(values));
    EXPECT_EQ(settings.site.id, "site-ab12");
    EXPECT_EQ(settings.site.name, "\"架空\"市\\");
    EXPECT_EQ(settings.office.threads, 2);
    const std::pair<std::string_view, Value> wrong[] = {{"site.nam", "x"}};
    EXPECT_THROW(initial_file(wrong), Error);
    const std::pair<std::string_view, Value> outside[] = {{"site.name", ""}};
    EXPECT_THROW(initial_file(outside), Error);
}

TEST(TheHandbooksPage, IsCurrent) {
    const std::filesystem::path page = std::filesystem::path(YAKUBA_SOURCE_DIR) / "docs" / "settings.md";
    if (std::getenv("UPDATE_GOLDEN")) sys::write_file(page, documentation());
    EXPECT_EQ(sys::find_file(page).value_or(""), documentation())
        << "docs/settings.md is out of date: run UPDATE_GOLDEN=1 build/bin/ground_settings_test";
}

TEST(TheCalendars, AreMadeFromTheSettings) {
    const Settings settings = parse(R"(
[calendar]
closed_weekdays = ["mon"]
yearly_closed = ["06-23"]
extra_closed = ["2026-11-30", "2026-11-28"]
extra_open = ["2026-11-09"]
opens = "09:00"
[helpdesk]
closed_at_year_end = false
closes = "18:15"
)");
    const auto office = office_calendar(settings);
    EXPECT_TRUE(is_open_day(office, {2026, 11, 22})) << "a Sunday";
    EXPECT_FALSE(is_open_day(office, {2026, 11, 16}));
    EXPECT_TRUE(is_open_day(office, {2026, 11, 9}));
    EXPECT_FALSE(is_open_day(office, {2026, 11, 28}));
    EXPECT_FALSE(is_open_day(office, {2026, 6, 23}));
    EXPECT_FALSE(is_open_day(office, {2026, 12, 30}));
    EXPECT_EQ(office.opens, 540);
    EXPECT_EQ(office.closes, 1050);
    const auto helpdesk = helpdesk_calendar(settings);
    EXPECT_TRUE(is_open_day(helpdesk, {2026, 12, 30}));
    EXPECT_FALSE(is_open_day(helpdesk, {2026, 11, 22}));
    EXPECT_EQ(helpdesk.opens, 510);
    EXPECT_EQ(helpdesk.closes, 1095);
    EXPECT_EQ(calendar::count_open_days(helpdesk_calendar(parse("")), {2026, 4, 1}, {2027, 3, 31}), 241);
}

}  // namespace
}  // namespace settings
