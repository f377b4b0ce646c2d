// The public server, asked from outside by the program: it answers as approved, or what it does not is named.
#include <fstream>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <signal.h>

#include "ground/sys/files.h"
#include "program.h"
#include "serving.h"

namespace tests {
namespace {

TEST(GuardVerifyUrl, ComparesWhatTheServerAnswersWithTheRelease) {
    const TestSite site("sqlite");
    std::map<std::string, std::string> files{
        {"index.html", "<!DOCTYPE html><title>山川市</title><p>本文"},
        {"css/site.css", "body { color: #222 }\n"},
        {"kosodate/%41.txt", "a name that needs care\n"},
        {"sjis.html", "<meta charset=\"Shift_JIS\"><title>\x8e\x52\x90\xec\x8e\x73</title>"}};
    for (int i = 0; i < 50; ++i)
        files["kurashi/" + std::to_string(i) + ".html"] =
            "<!DOCTYPE html><title>ページ" + std::to_string(i) + "</title>";
    write_tree(site.beside("old"), files);
    site.json({"site", "takeover", site.beside("old").string()});
    site.json({"site", "publish"});
    Serving serving(site, {"--role", "public", "--json"});
    const std::string url(boost::json::parse(serving.answer()).as_object().at("public").as_string());

    const auto well = site.json({"guard", "verify", "--url", url});
    EXPECT_TRUE(well.at("deviations").as_array().empty()) << boost::json::serialize(well);
    EXPECT_EQ(well.at("release").as_int64(), 1);
    EXPECT_GE(well.at("files").as_int64(), 54);
    EXPECT_GT(well.at("bytes").as_int64(), 1000);

    std::ofstream(site.public_folder() / "kurashi/7.html", std::ios::app)
        << "<script src=//bad.example.org/x.js></script>";
    std::filesystem::remove(site.public_folder() / "css/site.css");
    std::this_thread::sleep_for(std::chrono::milliseconds(150));  // the server trusts what it keeps for 100
    const auto bad = site.json({"guard", "verify", "--url", url}, 1);
    std::map<std::string, std::string> kinds;
    for (const auto& one : bad.at("deviations").as_array())
        kinds[std::string(one.at("path").as_string())] = std::string(one.at("kind").as_string());
    EXPECT_EQ(kinds, (std::map<std::string, std::string>{{"css/site.css", "missing"}, {"kurashi/7.html", "changed"}}));
    EXPECT_EQ(serving.stop(SIGTERM, std::chrono::seconds(30)), 0);

    const auto away = site.json({"guard", "verify", "--url", url}, 1);
    ASSERT_EQ(away.at("deviations").as_array().size(), 1U);
    EXPECT_EQ(away.at("deviations").at(0).at("kind").as_string(), "unreachable");
}

TEST(GuardScan, WritesALineForEachFileAndEndsWithOneWhenItFindsSomething) {
    const TestSite site("sqlite");
    write_tree(site.beside("files"), {{"a.html", "<!DOCTYPE html><title>山川市</title><p>本文"},
                                      {"b.html", "<!DOCTYPE html><iframe src=//bad.example.org hidden></iframe>"}});
    const auto found = site.run({"guard", "scan", site.beside("files").string(), "--json"});
    EXPECT_EQ(found.exit_code, 1) << found.errors;
    EXPECT_EQ(std::count(found.output.begin(), found.output.end(), '\n'), 2);
    EXPECT_NE(found.output.find("\"rule\":\"hidden-frame\",\"severity\":\"serious\",\"line\":1"), std::string::npos);
    EXPECT_EQ(site.run({"guard", "scan", (site.beside("files") / "a.html").string()}).exit_code, 0);
    EXPECT_EQ(site.run({"guard", "scan", "--all"}).exit_code, 0);
    EXPECT_EQ(site.run({"guard", "scan"}).exit_code, 2);
    EXPECT_EQ(site.run({"guard", "scan", "/nowhere"}).exit_code, 2);
}

}  // namespace
}  // namespace tests
