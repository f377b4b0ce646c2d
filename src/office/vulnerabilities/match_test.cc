#include "office/vulnerabilities/match.h"

#include <gtest/gtest.h>

#include "ground/base/error.h"

namespace vulnerabilities {

namespace {

Component component(std::string kind, std::string name, std::string version, std::string cpe = {}) {
    Component one;
    one.kind = std::move(kind);
    one.name = std::move(name);
    one.version = std::move(version);
    one.cpe = std::move(cpe);
    if (one.kind == "debian") {
        one.source = one.name;
        one.source_version = one.version;
    }
    return one;
}

std::vector<Match> find(const std::vector<Component>& all, std::string source, std::string ecosystem, std::string name,
                        const advisories::Versions& versions, std::string cpe = {}) {
    advisories::Advisory one;
    one.source = std::move(source);
    one.id = "X";
    advisories::Product product;
    product.name = std::move(name);
    product.ecosystem = std::move(ecosystem);
    product.versions = versions;
    product.cpe = std::move(cpe);
    one.products.push_back(product);
    return Matcher(all).find(one);
}

advisories::Versions below(std::string version) {
    advisories::Versions versions;
    versions.scheme = advisories::Scheme::Debian;
    versions.ranges.push_back({"", std::move(version), true, false});
    return versions;
}

}  // namespace

TEST(Matcher, JudgesDebianByItsSourcesAndByDebianAlone) {
    const std::vector<Component> all{component("debian", "nginx", "1.22.1-9+deb12u2"),
                                     component("part", "nginx", "1.22.1")};
    EXPECT_EQ(find(all, "debian", "debian", "nginx", below("1.22.1-9+deb12u3")).size(), 1U);
    EXPECT_TRUE(find(all, "debian", "debian", "nginx", below("1.22.1-9+deb12u2")).empty());
    EXPECT_TRUE(find({all[0]}, "jvndb", "", "nginx", advisories::all_versions(), "cpe:/a:f5:nginx").empty());
}

TEST(Matcher, ComparesTheRestByCpeAndName) {
    const std::vector<Component> all{component("manual", "見本CMS", "2.0.3", "cpe:2.3:a:mihon:cms:2.0.3:*:*:*:*:*:*:*"),
                                     component("script", "jquery", "1.12.4")};
    const auto old = advisories::read_prose("2.0.3 およびそれ以前");
    const auto found = find(all, "jvndb", "", "別の呼び名", old, "cpe:/a:Mihon:CMS");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(found[0].is_sure);
    EXPECT_TRUE(find(all, "jvndb", "", "見本CMS", advisories::read_prose("1.9 以前")).empty());
    EXPECT_FALSE(find(all, "jvndb", "", "見本CMS", advisories::read_prose("2026年に出荷したもの")).at(0).is_sure);
    EXPECT_EQ(find(all, "osv", "npm", "jquery", advisories::read_prose("3.5.0 未満")).size(), 1U);
    EXPECT_EQ(find(all, "jvndb", "", "jQuery", advisories::read_prose("3.5.0 未満")).size(), 1U);
    EXPECT_TRUE(find(all, "osv", "npm", "jquery", advisories::read_prose("1.12.3 以前")).empty());
    EXPECT_TRUE(find(all, "jvndb", "", "", advisories::all_versions()).empty());
}

TEST(Matcher, FindsNamesInTitlesAsWords) {
    const std::vector<Component> all{component("debian", "openssl", "3.0"), component("debian", "tar", "1.34")};
    const auto title = [&](std::string text) {
        return find(all, "jpcert", "title", std::move(text), advisories::all_versions());
    };
    EXPECT_EQ(title("OpenSSLの脆弱性に関する注意喚起").size(), 1U);
    EXPECT_FALSE(title("OpenSSLの脆弱性に関する注意喚起").at(0).is_sure);
    EXPECT_TRUE(title("LibreOpenSSL2の脆弱性").empty());
    EXPECT_TRUE(title("tar形式の添付ファイル").empty());  // too short to mean anything
}

TEST(CpeKey, IsTheSameInBothForms) {
    EXPECT_EQ(cpe_key(" cpe:/a:Mihon:sample cms "), "mihon:sample_cms");
    EXPECT_EQ(cpe_key("cpe:/a:mihon:sample%20cms:1.0"), "mihon:sample_cms");
    EXPECT_EQ(cpe_key("cpe:2.3:a:mihon:cms:*:*:*:*:*:*:*:*"), "mihon:cms");
    for (const std::string_view none : {"", "cpe:/a:mihon", "cpe:2.3:a:mihon:*:*", "mihon:cms"})
        EXPECT_EQ(cpe_key(none), "");
}

TEST(FindScript, KnowsLibrariesByNameAndBanner) {
    const auto is = [](std::string_view path, std::string_view bytes) {
        const auto found = find_script(path, bytes);
        return found ? found->name + " " + found->version : std::string();
    };
    EXPECT_EQ(is("/js/jquery-1.12.4.min.js", ""), "jquery 1.12.4");
    EXPECT_EQ(is("/js/jquery.min.js", "/*! jQuery v3.6.0 | (c) OpenJS */"), "jquery 3.6.0");
    EXPECT_EQ(is("/js/jquery.js", "var a;"), "jquery ");
    EXPECT_EQ(is("/js/jquery-1.0.js", "/*! jQuery v3.6.0 | */"), "jquery 3.6.0");  // the file's own word
    EXPECT_EQ(is("/js/jquery.cookie.js", ""), "");
    EXPECT_EQ(is("/js/jquery-ui-1.10.3.custom.min.js", ""), "jquery-ui 1.10.3.custom");
    EXPECT_EQ(is("/js/bootstrap.bundle.min.js", "/*!\n * Bootstrap v4.3.1 (https://getbootstrap.com/)"),
              "bootstrap 4.3.1");
    EXPECT_EQ(is("/js/main.js", "/* our own */"), "");
    EXPECT_EQ(is("/js/vendor.js", "/*! jQuery v1.11.0 | (c)"), "jquery 1.11.0");
    EXPECT_EQ(is("/js/jquery-1.12.4.html", ""), "");
    const auto linked = find_linked_scripts(
        "<script src='https://ajax.example/ajax/libs/jquery/3.6.0/jquery.min.js'></script>"
        "<SCRIPT async src=https://cdn.example/npm/vue@2.6.14/dist/vue.min.js></script><script src=\"/js/jquery.js\">");
    ASSERT_EQ(linked.size(), 2U);
    EXPECT_EQ(linked[0], (Script{"jquery", "3.6.0"}));
    EXPECT_EQ(linked[1], (Script{"vue", "2.6.14"}));
}

TEST(NpmLock, IsReadInBothForms) {
    const auto now =
        read_npm_lock(R"({"lockfileVersion":3,"packages":{"":{"name":"x"},"node_modules/a":{"version":"1.0.0"},
        "node_modules/a/node_modules/@s/b":{"version":"2.0.0"},"node_modules/c":{"link":true}}})");
    ASSERT_EQ(now.size(), 2U);
    EXPECT_EQ(now[1].name, "@s/b");
    EXPECT_EQ(read_npm_lock(R"({"dependencies":{"a":{"version":"1","dependencies":{"b":{"version":"2"}}}}})").size(),
              2U);
    EXPECT_THROW(read_npm_lock("{}"), base::Error);
    EXPECT_THROW(read_npm_lock("<html>"), base::Error);
}

TEST(Sbom, ComesBackAsItWasWritten) {
    std::vector<Component> parts{component("part", "libicu-dev", "72.1-3"), component("npm", "@s/b", "2.0.0")};
    parts[0].source = "icu";
    const auto read = read_sbom(write_sbom(parts, "yakuba", "1", base::Instant{0}));
    ASSERT_EQ(read.size(), 2U);
    EXPECT_EQ(read[0].source, "icu");
    EXPECT_EQ(read[0].source_version, "72.1-3");
    EXPECT_EQ(read[1].kind, "npm");
    EXPECT_THROW(read_sbom(R"({"bomFormat":"SPDX","components":[]})"), base::Error);
}

}  // namespace vulnerabilities
