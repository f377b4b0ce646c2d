// Feeds on their way in: by HTTP from a small server on loopback, from a folder, and what becomes of them.
#include "flow/watch_advisories.h"

#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "flow/make_document.h"
#include "flow/office_hours.h"
#include "flow/report_incident.h"
#include "flow/report_vulnerability.h"
#include "flow/take_inventory.h"
#include "flow/testing/town.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"
#include "office/vulnerabilities/inspections.h"

namespace flow {

using namespace std::chrono_literals;
using vulnerabilities::Component;

namespace {

/// Answers each connection with what `answer` makes of the request's head, and closes it.
class SmallServer {
  public:
    explicit SmallServer(std::function<std::string(const std::string&)> answer) : answer_(std::move(answer)) {
        listener_ = sys::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_.get(), 8), 0);
        ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
        thread_ = std::jthread([this] { serve(); });
    }
    ~SmallServer() { ::shutdown(listener_.get(), SHUT_RDWR); }
    std::string url(const std::string& path) const { return fmt::format("http://127.0.0.1:{}{}", port_, path); }

  private:
    void serve() {
        for (;;) {
            const sys::Descriptor client(::accept(listener_.get(), nullptr, nullptr));
            if (!client) return;
            std::string head(8192, '\0');
            const ssize_t got = ::recv(client.get(), head.data(), head.size(), 0);
            head.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
            const std::string reply = answer_(head);
            ::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL);
        }
    }
    std::function<std::string(const std::string&)> answer_;
    sys::Descriptor listener_;
    int port_ = 0;
    std::jthread thread_;
};

std::string reply(std::string_view status, std::string_view body, std::string_view more = "") {
    return fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\nConnection: close\r\n{}\r\n{}", status, body.size(), more,
                       body);
}

std::string item(int number, std::string_view product = "見本CMS") {
    return fmt::format(
        R"(<item rdf:about="https://jvndb.example/{0}"><title>{1}の脆弱性{0}</title><link>https://jvndb.example/{0}</link>
<sec:identifier>JVNDB-2027-{0:06}</sec:identifier><sec:cpe vendor="見本社" product="{1}">cpe:/a:mihon:{0}</sec:cpe></item>)",
        number, product);
}
std::string feed(std::string_view items) {
    return fmt::format(
        R"(<?xml version="1.0" encoding="UTF-8"?><rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="r" xmlns:sec="s">{}</rdf:RDF>)",
        items);
}

class Advisories : public ::testing::TestWithParam<std::string> {
  protected:
    Advisories() {
        town_.write([&](sys::Transaction& tx) {
            Component one;
            one.name = "見本CMS";
            one.version = "1.0";
            vulnerabilities::add_component(tx, one, by());
        });
    }
    vulnerabilities::By by() const { return {"service:watch", town_.clock.now()}; }
    FeedTaken fetch(const std::string& url, const std::string& format = "jvndb-rss") {
        return fetch_feed(*town_.site, {"feed", format, url}, client_, by());
    }
    vulnerabilities::Feed state() {
        return *town_.read([](sys::Reader& db) { return vulnerabilities::find_feed(db, "feed"); });
    }
    std::size_t records() {
        return town_.read([&](sys::Reader& db) { return vulnerabilities::list_records(db, {}, town_.clock.now()); })
            .size();
    }
    testing::Town town_{GetParam()};
    sys::HttpClient client_;
};
INSTANTIATE_TEST_SUITE_P(Engines, Advisories, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace

TEST_P(Advisories, BecomeRecordsOnceAndAreAskedForConditionally) {
    std::string asked;
    const std::string body = feed(item(1) + item(2, "別の製品"));
    const SmallServer server([&](const std::string& head) {
        asked = head;
        return head.find("If-None-Match: \"v1\"") != std::string::npos ? reply("304 Not Modified", "")
                                                                       : reply("200 OK", body, "ETag: \"v1\"\r\n");
    });
    const FeedTaken first = fetch(server.url("/new.rdf"));
    EXPECT_EQ(first.problem, "");
    EXPECT_EQ(first.items, 2);
    EXPECT_EQ(first.made, 1);
    EXPECT_FALSE(first.has_gap);  // there was nothing before it
    const FeedTaken second = fetch(server.url("/new.rdf"));
    EXPECT_TRUE(second.is_unchanged);
    EXPECT_EQ(records(), 1U);
    EXPECT_EQ(state().items, 2);
}

TEST_P(Advisories, TellWhatDidNotComeAndKeepWhatWasThere) {
    std::string now = reply("200 OK", feed(item(1)));
    const SmallServer server([&](const std::string&) { return now; });
    fetch(server.url("/"));
    const auto good = state().good_at;
    town_.clock.advance(6h);
    for (const std::string& broken :
         {reply("503 Busy", "later"), reply("200 OK", "<html><body>しばらくお待ちください</body></html>"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<rdf"), reply("200 OK", "")}) {
        now = broken;
        EXPECT_NE(fetch(server.url("/")).problem, "") << broken;
        EXPECT_EQ(state().good_at, good);
        EXPECT_NE(state().problem, "");
    }
    now = reply("200 OK", feed(item(1)));
    EXPECT_EQ(fetch(server.url("/")).problem, "");
    EXPECT_EQ(state().problem, "");
    EXPECT_EQ(records(), 1U);
}

TEST_P(Advisories, KeepWhatCameOfACutFeedAndAskForItAsAWhole) {
    std::string now = feed(item(1));
    std::string asked;
    const SmallServer server([&](const std::string& head) {
        asked = head;
        return reply("200 OK", now, "ETag: \"v1\"\r\n");
    });
    fetch(server.url("/"));
    town_.clock.advance(6h);
    now = feed(item(1) + item(2));
    now.resize(now.size() - 20);
    EXPECT_NE(fetch(server.url("/")).problem, "");
    EXPECT_EQ(records(), 2U);
    EXPECT_NE(state().problem, "");
    EXPECT_EQ(state().etag, "");
    now = feed("<item><title>番号なし</title></item>");
    EXPECT_NE(fetch(server.url("/")).problem, "");
    EXPECT_EQ(asked.find("If-None-Match"), std::string::npos);
    const sys::TemporaryFolder folder;
    sys::write_file(folder.path() / "a.rdf", feed(item(3)).substr(0, feed(item(3)).size() - 10));
    EXPECT_TRUE(import_folder(*town_.site, folder.path(), by()).at(0).is_cut);
    EXPECT_EQ(import_folder(*town_.site, folder.path(), by()).size(), 1U);  // looked at again until it is whole
    EXPECT_EQ(records(), 3U);
}

TEST_P(Advisories, SayWhenPagesAreMissing) {
    const SmallServer server([&](const std::string&) {
        return reply("200 OK",
                     feed(item(1) + R"(<status:Status retCd="0" totalRes="3" totalResRet="1" firstRes="1"/>)"));
    });
    const FeedTaken taken = fetch(server.url("/myjvn?method=getVulnOverviewList"), "myjvn-overview");
    EXPECT_NE(taken.problem.find("3件のうち"), std::string::npos) << taken.problem;
    EXPECT_EQ(taken.made, 1);
}

TEST_P(Advisories, AreAskedOfOsvToTheLastPage) {
    Component script;
    script.kind = "script";
    script.name = "jquery";
    script.version = "1.12.4";
    town_.write(
        [&](sys::Transaction& tx) { vulnerabilities::keep_inventory(tx, "script", std::span(&script, 1), by()); });
    std::vector<std::string> asked;
    const SmallServer server([&](const std::string& head) {
        asked.push_back(head);
        const auto entry = [](int number) {
            return fmt::format(R"({{"id":"GHSA-{}","affected":[{{"package":{{"name":"jquery","ecosystem":"npm"}}}}]}})",
                               number);
        };
        return asked.size() == 1 ? reply("200 OK", R"({"vulns":[)" + entry(1) + R"(],"next_page_token":"p2"})")
                                 : reply("200 OK", R"({"vulns":[)" + entry(2) + "]}");
    });
    const FeedTaken taken = fetch(server.url("/v1/query"), "osv");
    EXPECT_EQ(taken.problem, "");
    EXPECT_EQ(taken.items, 2);
    ASSERT_EQ(asked.size(), 2U);
}

TEST_P(Advisories, SayWhenSomethingInBetweenMayBeMissing) {
    int first = 1;
    const SmallServer server([&](const std::string&) { return reply("200 OK", feed(item(first) + item(first + 1))); });
    EXPECT_FALSE(fetch(server.url("/")).has_gap);
    first = 2;
    EXPECT_FALSE(fetch(server.url("/")).has_gap);
    first = 9;
    EXPECT_TRUE(fetch(server.url("/")).has_gap);
}

TEST_P(Advisories, AreAskedForInFullBeforeTheyBecomeRecords) {
    // The list names products alone. Of two that are ours by name, the details say that one has another version.
    const auto dated = [](std::string entry, int minute) {
        return entry.replace(
            entry.find("</item>"), 7,
            fmt::format("<dcterms:modified>2027-03-01T10:{:02}+09:00</dcterms:modified></item>", minute));
    };
    std::string list = feed(dated(item(1), 0) + dated(item(2), 0) + dated(item(3, "別の製品"), 0));
    int details = 0;
    bool is_down = false;
    const SmallServer server([&](const std::string& head) {
        if (head.find("getVulnDetailInfo") == std::string::npos) return reply("200 OK", list);
        ++details;
        if (is_down) return reply("503 Busy", "");
        EXPECT_EQ(head.find("000003"), std::string::npos) << "not ours";
        const bool is_first = head.find("JVNDB-2027-000001") != std::string::npos;
        return reply(
            "200 OK",
            fmt::format(R"({{"document":{{"title":"詳細","tracking":{{"id":"JVNDB-2027-{:06}"}}}},"vulnerabilities":[],
"jvn_extension":{{"affected":[{{"vendor":"見本社","product":"見本CMS","versions":[{{"version":"{}","lessThan":"9","status":"affected"}}]}}]}},
"status":{{"retCd":0,"totalRes":1,"totalResRet":1,"firstRes":1}}}})",
                        is_first ? 1 : 2, is_first ? "1.0" : "5.0"));
    });
    town_.site->settings.advisories.feeds = {{"details", "myjvn-csaf " + server.url("/myjvn")}};
    is_down = true;
    EXPECT_NE(fetch(server.url("/list")).problem.find("詳細情報を受け取れない項目が2件"), std::string::npos);
    is_down = false;
    details = 0;
    const FeedTaken taken = fetch(server.url("/list"));
    EXPECT_EQ(taken.problem, "");
    EXPECT_EQ(details, 2);
    const auto all =
        town_.read([&](sys::Reader& db) { return vulnerabilities::list_records(db, {}, town_.clock.now()); });
    ASSERT_EQ(all.size(), 2U);  // made while the details could not be asked for
    const auto told = town_.read([&](sys::Reader& db) { return vulnerabilities::list_told(db, all[0].id); });
    EXPECT_NE(told.at(0).products.at(0).find("1.0 以上 9 未満"), std::string::npos);
    // Judged, and told again without versions: nothing new, and nothing is asked.
    town_.write([&](sys::Transaction& tx) {
        vulnerabilities::judge(tx, all[0].id,
                               {vulnerabilities::Verdict::Unaffected, "使っていない", "", "person:1", town_.clock.now(),
                                base::Day{2027, 5, 1}},
                               all[0].change);
    });
    list = feed(dated(item(1), 0) + dated(item(2), 0));
    EXPECT_EQ(fetch(server.url("/list")).changed, 0);
    EXPECT_EQ(details, 2);
    const auto standing = [&] {
        return town_.read([&](sys::Reader& db) { return vulnerabilities::load_record(db, all[0].id); })
            .standing(town_.clock.now());
    };
    EXPECT_EQ(standing(), vulnerabilities::Standing::Done);
    list = feed(dated(item(1), 5) + dated(item(2), 0));  // its publisher has changed it
    EXPECT_EQ(fetch(server.url("/list")).changed, 1);
    EXPECT_EQ(standing(), vulnerabilities::Standing::Review);
}

TEST_P(Advisories, AreFilledUpFromMyJvnWhenTheListHasMovedOn) {
    int first = 1;
    std::string question;
    const SmallServer server([&](const std::string& head) {
        if (head.find("getVulnOverviewList") == std::string::npos) return reply("200 OK", feed(item(first)));
        question = head;
        return reply("200 OK", feed(item(2) + item(3) +
                                    R"(<status:Status retCd="0" totalRes="2" totalResRet="2" firstRes="1"/>)"));
    });
    fetch(server.url("/list"));
    town_.clock.advance(24h * 3);
    first = 4;
    EXPECT_TRUE(fetch(server.url("/list")).has_gap) << "there is nobody to ask";
    town_.site->settings.advisories.feeds = {{"myjvn", "myjvn-overview " + server.url("/myjvn")}};
    first = 9;
    const FeedTaken taken = fetch(server.url("/list"));
    EXPECT_FALSE(taken.has_gap);
    EXPECT_EQ(taken.filled, 2);
    EXPECT_EQ(records(), 5U);
    EXPECT_NE(question.find("rangeDatePublished=n"), std::string::npos) << question;
}

TEST_P(Advisories, SayWhenAListStandsStillOrHasLostItsEntries) {
    int count = 12;
    const SmallServer server([&](const std::string&) {
        std::string items;
        for (int i = 1; i <= count; ++i) items += item(i, "別の製品");
        return reply("200 OK", feed(items));
    });
    town_.site->settings.advisories.feeds = {{"list", "jvndb-rss " + server.url("/list")}};
    std::vector<signals::Signal> told;
    AdvisoryDesk desk(*town_.site, [&](std::span<const signals::Signal> all) { told.assign(all.begin(), all.end()); });
    const auto raised = [&](std::string_view kind) {
        town_.clock.advance(7h);
        told.clear();
        desk.turn([] { return false; });
        return std::any_of(told.begin(), told.end(),
                           [&](const auto& one) { return one.kind == kind && one.state == signals::State::Raise; });
    };
    EXPECT_FALSE(raised("advisory.stale"));
    town_.clock.advance(24h * 13);
    EXPECT_FALSE(raised("advisory.stale"));
    town_.clock.advance(24h);
    EXPECT_TRUE(raised("advisory.stale"));
    count = 13;
    EXPECT_FALSE(raised("advisory.stale"));
    count = 5;
    EXPECT_TRUE(raised("advisory.shrunk"));
    for (int i = 0; i < 10 && raised("advisory.shrunk"); ++i) count = 5 + i % 2;
    EXPECT_FALSE(raised("advisory.shrunk")) << "what it has for days is what it has";
}

TEST_P(Advisories, KnowWhatIsUsedInAttacks) {
    const sys::TemporaryFolder folder;
    sys::write_file(
        folder.path() / "a-kev.json",
        R"({"catalogVersion":"1","count":1,"vulnerabilities":[{"cveID":"CVE-2027-0001","vendorProject":"Mihon",
"product":"unknown here","vulnerabilityName":"Mihon CMS","dateAdded":"2027-03-01"}]})");
    import_folder(*town_.site, folder.path(), by());
    EXPECT_EQ(records(), 0U);
    std::string entry = item(1);
    entry.insert(entry.find("<sec:cpe"), R"(<sec:references source="CVE" id="CVE-2027-0001"/>)");
    sys::write_file(folder.path() / "b-jvndb.rdf", feed(entry));
    import_folder(*town_.site, folder.path(), by());
    const auto all =
        town_.read([&](sys::Reader& db) { return vulnerabilities::list_records(db, {}, town_.clock.now()); });
    ASSERT_EQ(all.size(), 1U);
    EXPECT_TRUE(vulnerabilities::is_exploited(
        town_.read([&](sys::Reader& db) { return vulnerabilities::list_told(db, all[0].id); })));
}

TEST_P(Advisories, AreTakenPageByPageFromMyJvn) {
    const SmallServer server([&](const std::string& head) {
        const int first = head.find("startItem=2") != std::string::npos ? 2 : 1;
        return reply(
            "200 OK",
            feed(item(first) +
                 fmt::format(R"(<status:Status retCd="0" totalRes="2" totalResRet="1" firstRes="{}"/>)", first)));
    });
    EXPECT_EQ(fetch(server.url("/myjvn?method=getVulnOverviewList"), "myjvn-overview").items, 2);
}

TEST_P(Advisories, AreReadFromAFolderOnceEach) {
    const sys::TemporaryFolder folder;
    sys::write_file(folder.path() / "jvndb_new.rdf", feed(item(1)));
    sys::write_file(folder.path() / "note.txt", "no feed");
    std::filesystem::create_symlink("/etc/passwd", folder.path() / "link.rdf");
    const auto first = import_folder(*town_.site, folder.path(), by());
    ASSERT_EQ(first.size(), 2U);
    EXPECT_EQ(first[0].made, 1);
    EXPECT_NE(first[1].problem, "");
    EXPECT_TRUE(import_folder(*town_.site, folder.path(), by()).empty());
    sys::write_file(folder.path() / "jvndb_new.rdf", feed(item(1) + item(2)));
    EXPECT_EQ(import_folder(*town_.site, folder.path(), by()).size(), 1U);
    EXPECT_EQ(records(), 2U);
}

TEST_P(Advisories, ComeUpWhenTheInventoryGrows) {
    const sys::TemporaryFolder folder;
    sys::write_file(folder.path() / "a.rdf", feed(item(1, "あとから入れた製品")));
    import_folder(*town_.site, folder.path(), by());
    EXPECT_EQ(records(), 0U);
    town_.write([&](sys::Transaction& tx) {
        Component one;
        one.name = "あとから入れた製品";
        vulnerabilities::add_component(tx, one, by());
    });
    EXPECT_EQ(match_again(*town_.site, by()), 1);
    EXPECT_EQ(match_again(*town_.site, by()), 0);
    EXPECT_EQ(records(), 1U);
}

TEST_P(Advisories, AreJudgedByDebianForItsPackages) {
    town_.site->settings.advisories.debian_release = "bookworm";
    Component nginx;
    nginx.kind = "debian";
    nginx.name = nginx.source = "nginx";
    nginx.version = nginx.source_version = "1.22.1-9";
    const auto have = [&] {
        town_.write(
            [&](sys::Transaction& tx) { vulnerabilities::keep_inventory(tx, "debian", std::span(&nginx, 1), by()); });
    };
    have();
    const sys::TemporaryFolder folder;
    const auto file = folder.path() / "tracker.json";
    sys::write_file(
        file,
        R"({"nginx":{"CVE-2027-0001":{"releases":{"bookworm":{"status":"resolved","fixed_version":"1.22.1-9+deb12u3","urgency":"high"}}},
        "CVE-2027-0002":{"releases":{"bookworm":{"status":"open","urgency":"low","nodsa":"Minor issue"}}}}})");
    EXPECT_EQ(import_feed(*town_.site, file, "debian", by()).made, 1);
    const auto all =
        town_.read([&](sys::Reader& db) { return vulnerabilities::list_records(db, {}, town_.clock.now()); });
    ASSERT_EQ(all.size(), 1U);
    town_.clock.advance(24h);
    nginx.version = nginx.source_version = "1.22.1-9+deb12u3";
    have();
    EXPECT_EQ(import_feed(*town_.site, file, "debian", by()).made, 0);
    for (const auto& one : town_.read([&](sys::Reader& db) { return vulnerabilities::list_concerns(db, all[0].id); }))
        EXPECT_TRUE(one.is_over);
}

TEST_P(Advisories, TellOfWhatIsLateAndClearItWhenItIsReported) {
    std::vector<signals::Signal> told;
    AdvisoryDesk desk(*town_.site, [&](std::span<const signals::Signal> all) { told.assign(all.begin(), all.end()); });
    const auto raised = [&](std::string_view kind) {
        return std::any_of(told.begin(), told.end(),
                           [&](const auto& one) { return one.kind == kind && one.state == signals::State::Raise; });
    };
    const calendar::OfficeCalendar office = office_hours_of(town_.site->settings);
    calendar::OfficeCalendar other = office;  // by which it was counted when it came
    other.extra_closed.insert(base::local_day(town_.clock.now()) + vulnerabilities::kReportWithin);
    const auto id = town_.write(
        [&](sys::Transaction& tx) { return vulnerabilities::add_record(tx, "見本", "電話", "", other, by()).id; });
    const auto turn = [&] {
        told.clear();
        desk.turn([] { return false; });
    };
    turn();
    EXPECT_FALSE(raised("vulnerability.due"));
    EXPECT_FALSE(raised("advisory.unset"));
    EXPECT_EQ(town_.site->database->read([&](sys::Reader& db) { return vulnerabilities::load_record(db, id); }).due_at,
              vulnerabilities::owed_by(office, by().at));
    town_.clock.advance(24h * 23);
    turn();
    EXPECT_TRUE(raised("vulnerability.due"));
    // A judgement alone, also that it is not ours, tells the client nothing.
    town_.write([&](sys::Transaction& tx) {
        vulnerabilities::judge(tx, id,
                               {vulnerabilities::Verdict::Unaffected, "使っていない", "", "person:1", town_.clock.now(),
                                base::Day{2027, 5, 1}},
                               1);
    });
    town_.clock.advance(2h);
    turn();
    EXPECT_TRUE(raised("vulnerability.due"));
    town_.write([&](sys::Transaction& tx) {
        vulnerabilities::note_report(tx, id, "", by().at, by());
        vulnerabilities::Feed gone;
        gone.name = "以前の情報源";
        gone.problem = "つながりません。";
        vulnerabilities::note_feed(tx, gone);
    });
    town_.clock.advance(2h);
    turn();
    EXPECT_FALSE(raised("vulnerability.due"));
    EXPECT_TRUE(std::any_of(told.begin(), told.end(), [](const auto& one) {
        return one.kind == "advisory.feed" && one.subject == "以前の情報源" && one.state == signals::State::Clear;
    }));
    town_.clock.advance(24h * 10);
    turn();
    EXPECT_TRUE(raised("vulnerability.review"));
}

TEST(ReportVulnerability, CountsFromTheHandOverOfItsSheet) {
    testing::Town town("sqlite");
    const vulnerabilities::By by{"person:1", town.clock.now()};
    const auto id = town.write(
        [&](sys::Transaction& tx) { return vulnerabilities::add_record(tx, "見本", "電話", "", {}, by).id; });
    EXPECT_THROW(report_vulnerability(*town.site, id, "person:1", 0), base::Error) << "not judged yet";
    town.write([&](sys::Transaction& tx) {
        vulnerabilities::judge(tx, id, {vulnerabilities::Verdict::Act, "使っている", "", by.who, by.at, {}}, 1);
    });
    const auto sheet = report_vulnerability(*town.site, id, "person:1", 0);
    EXPECT_THROW(report_vulnerability(*town.site, id, "person:1", 0), base::Error) << "a second press";
    const auto reported = [&] {
        return town.read([&](sys::Reader& db) { return vulnerabilities::load_record(db, id); }).reported_at;
    };
    EXPECT_EQ(settle_reports(*town.site), 0);
    EXPECT_FALSE(reported());
    town.clock.advance(24h);
    const base::Instant given = town.clock.now() - 1h;
    deliver_document(*town.site, {sheet.id, "hand", "広報課 見本様", "", given}, "person:1");
    EXPECT_EQ(settle_reports(*town.site), 1);
    EXPECT_EQ(reported(), given);
    EXPECT_EQ(settle_reports(*town.site), 0);
}

TEST(FindScripts, LooksThroughThePublicFiles) {
    const sys::TemporaryFolder folder;
    sys::make_folders(folder.path() / "js");
    sys::write_file(folder.path() / "js/jquery-1.12.4.min.js", "/*! jQuery v1.12.4 | (c) jQuery Foundation */");
    sys::write_file(folder.path() / "js/own.js", "var a = 1;");
    sys::write_file(folder.path() / "index.html",
                    "<script src=\"https://cdn.example/jquery/1.12.4/jquery.min.js\"></script>");
    const auto found = find_scripts(folder.path(), {});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].version, "1.12.4");
    EXPECT_EQ(found[0].place_count, 2);
}

TEST(OwnSbom, NamesTheProgramsParts) {
    const auto parts = vulnerabilities::read_sbom(own_sbom());
    const auto has = [&](std::string_view name) {
        return std::any_of(parts.begin(), parts.end(), [&](const Component& one) { return one.name == name; });
    };
    EXPECT_TRUE(has("libpugixml-dev"));
    EXPECT_TRUE(std::any_of(parts.begin(), parts.end(), [](const Component& one) { return one.kind == "npm"; }));
}

TEST(ListFeedSources, NamesWhatIsFaulty) {
    settings::Settings settings;
    settings.advisories.feeds = {{"jvndb", "jvndb-rss https://jvndb.example/new.rdf"},
                                 {"tracker", "debian https://debian.example/json"}};
    EXPECT_EQ(list_feed_sources(settings).size(), 2U);
    for (const char* bad :
         {"rss https://a.example/", "jvndb-rss", "jvndb-rss file:///etc/passwd", "jvndb-rss ftp://a.example/"}) {
        settings.advisories.feeds = {{"x", bad}};
        EXPECT_THROW(list_feed_sources(settings), base::Error) << bad;
    }
}

}  // namespace flow
