// Each rule hits its samples and is silent on the clean ones, and on real sites.
#include "watch/content/rules.h"

#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "ground/sys/files.h"
#include "watch/content/patterns.h"

namespace content {
namespace {

namespace fs = std::filesystem;

const fs::path kRules = fs::path(YAKUBA_SOURCE_DIR) / "src/watch/content/rules";

SiteHosts own_hosts() {
    const std::vector<std::string> hosts{"www.city.sakuragawa.example.jp", ".google.com", "www.googletagmanager.com",
                                         "www.youtube.com", "cdn.example.net"};
    return SiteHosts(hosts);
}

std::vector<fs::path> files_below(const fs::path& folder) {
    std::vector<fs::path> files;
    if (!fs::exists(folder)) return files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files.push_back(entry.path());
    return files;
}

std::set<std::string> all_ids() {
    std::set<std::string> ids;
    for (const Rule* const rule : all_rules()) EXPECT_TRUE(ids.insert(std::string(rule->id)).second) << rule->id;
    for (const std::string_view id : all_patterns()) EXPECT_TRUE(ids.insert(std::string(id)).second) << id;
    return ids;
}

std::string describe(const Scanned& scanned) {
    std::string all;
    for (const Threat& one : scanned.threats)
        all += fmt::format("{} line {} offset {}: {}\n", one.rule, one.line, one.offset, one.excerpt);
    return all;
}

TEST(ContentRules, HitTheirSamplesAndLeaveTheCleanOnesAlone) {
    for (const std::string& id : all_ids()) {
        SCOPED_TRACE(id);
        const fs::path folder = kRules / "samples" / id;
        const auto hits = files_below(folder / "hit"), clean = files_below(folder / "clean");
        EXPECT_FALSE(hits.empty());
        EXPECT_FALSE(clean.empty());
        for (const fs::path& file : hits) {
            const Scanned scanned = scan(sys::read_file(file), file.filename().string(), own_hosts());
            EXPECT_TRUE(std::any_of(scanned.threats.begin(), scanned.threats.end(),
                                    [&](const Threat& one) { return one.rule == id && !one.message.empty(); }))
                << file.filename() << "\n"
                << describe(scanned);
        }
        for (const fs::path& file : clean) {
            const Scanned scanned = scan(sys::read_file(file), file.filename().string(), own_hosts());
            EXPECT_TRUE(scanned.threats.empty()) << file.filename() << "\n" << describe(scanned);
            EXPECT_EQ(scanned.problem, "");
        }
    }
}

TEST(ContentRules, AreInTheTableFileForFile) {
    std::set<std::string> files;
    for (const auto& entry : fs::directory_iterator(kRules))
        if (entry.is_regular_file()) {
            std::string id = entry.path().stem().string();
            std::replace(id.begin(), id.end(), '_', '-');
            files.insert(id);
        }
    EXPECT_EQ(files, all_ids());
    std::set<std::string> compiled, listed;
    for (const auto& [id, rule] : pattern_rules()) compiled.insert(id);
    for (const std::string_view id : all_patterns()) listed.insert(std::string(id));
    EXPECT_EQ(compiled, listed);
    for (const auto& entry : fs::directory_iterator(kRules / "samples"))
        EXPECT_TRUE(files.contains(entry.path().filename().string())) << entry.path();
}

TEST(ContentRules, FindNothingInRealSites) {
    // Sites of projects that link to, and embed, the outside world; their own hosts are what a site would list.
    const std::map<std::string, std::vector<std::string>> sites{{"/usr/share/doc/libjlha-java-doc-ja", {}},
                                                                {"/usr/share/doc/debian-handbook/html/ja-JP", {}},
                                                                {"/usr/share/doc/installation-guide-amd64/ja", {}}};
    std::size_t looked = 0;
    for (const auto& [root, hosts] : sites) {
        const SiteHosts own(hosts);
        for (const fs::path& file : files_below(root)) {
            const Scanned scanned = scan(sys::read_file(file), file.lexically_relative(root).string(), own);
            EXPECT_TRUE(scanned.threats.empty()) << file << "\n" << describe(scanned);
            ++looked;
        }
    }
    EXPECT_GT(looked, 100U) << "install what tools/packages-test.txt names";
}

}  // namespace
}  // namespace content
