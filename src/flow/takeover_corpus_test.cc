// Pages in every encoding come in, go out unchanged, and an edit changes the bytes of its region only.
#include <fstream>

#include <gtest/gtest.h>

#include "flow/edit_page.h"
#include "flow/publish_site.h"
#include "flow/set_region.h"
#include "flow/take_over_site.h"
#include "flow/testing/corpus.h"
#include "flow/testing/town.h"
#include "ground/base/text.h"

namespace flow {

namespace {

namespace fs = std::filesystem;
using Tree = std::map<std::string, std::string>;

class TakeoverCorpus : public ::testing::TestWithParam<std::string> {
  protected:
    testing::Town town_{GetParam()};
    sys::TemporaryFolder source_;
    std::vector<testing::CorpusPage> pages_ = testing::corpus_pages();

    void SetUp() override {
        Tree files = testing::corpus_files();
        for (const auto& page : pages_) files[page.path] = page.bytes;
        for (const auto& [path, bytes] : files) {
            fs::create_directories((source_.path() / path).parent_path());
            std::ofstream(source_.path() / path, std::ios::binary) << bytes;
        }
        wanted_ = std::move(files);
        take_over_site(*town_.site, source_.path().string(), {});
    }
    Tree published() {
        publish_site(*town_.site, {});
        Tree tree;
        const fs::path root = town_.site->folders.document_root;
        for (const auto& item : fs::recursive_directory_iterator(root))
            if (item.is_regular_file())
                tree[item.path().lexically_relative(root).string()] = sys::read_file(item.path());
        return tree;
    }
    content::Page page(const std::string& path) {
        return *town_.read([&](sys::Reader& db) { return content::find_page(db, base::percent_encode(path)); });
    }
    /// By its author, and approved by another person.
    void change_words(const testing::CorpusPage& one, const content::Region& region) {
        town_.write([&](sys::Transaction& tx) { content::set_department(tx, page(one.path).id, town_.ka); });
        const auto begin = static_cast<std::size_t>(region.begin), end = static_cast<std::size_t>(region.end);
        std::string html = html::decode(one.bytes.substr(begin, end - begin), one.encoding).utf8;
        const auto at = html.find(testing::kOldWords);
        ASSERT_NE(at, std::string::npos);
        html.replace(at, testing::kOldWords.size(), testing::kNewWords);
        const Outcome asked = town_.submitted(page(one.path).id, html, town_.author);
        ASSERT_TRUE(asked) << asked.refusal->en;
        const Outcome said = approve(*town_.site, testing::consent(asked), town_.chief);
        ASSERT_TRUE(said) << said.refusal->en;
    }

    Tree wanted_;
};

}  // namespace

TEST_P(TakeoverCorpus, IsPublishedByteForByteAndKnownByItsEncodings) {
    for (const auto& one : pages_) {
        if (one.path == "broken.html") continue;
        EXPECT_EQ(page(one.path).encoding, html::encoding_name(one.encoding)) << one.path;
        if (one.is_editable) {
            EXPECT_EQ(page(one.path).title, "桜川市　ごみの出し方") << one.path;
        }
    }
    EXPECT_EQ(published(), wanted_);
}

TEST_P(TakeoverCorpus, ChangesOnlyTheRegionInEveryEncoding) {
    published();
    RegionWish wish;
    wish.is_section = true;
    wish.selector = "#main";
    const RegionOutcome marked = set_region(*town_.site, wish);
    Tree expected = wanted_;
    int edited = 0;
    for (const auto& one : pages_) {
        if (!one.is_editable) continue;
        SCOPED_TRACE(one.path);
        const auto regions = town_.read([&](sys::Reader& db) { return content::list_regions(db, page(one.path).id); });
        if (regions.empty()) {
            // What cannot be edited without touching other bytes is refused with the reason.
            EXPECT_TRUE(one.encoding == html::Encoding::Utf16Le || one.encoding == html::Encoding::Utf16Be);
            EXPECT_TRUE(std::any_of(marked.refused.begin(), marked.refused.end(), [&](const auto& refused) {
                return refused.path == base::percent_encode(one.path) && !refused.reason.empty();
            }));
            continue;
        }
        change_words(one, regions.front());
        ++edited;
    }
    EXPECT_GE(edited, 13);
    const Tree now = published();
    ASSERT_EQ(now.size(), wanted_.size());
    for (const auto& one : pages_) {
        SCOPED_TRACE(one.path);
        const std::string& bytes = now.at(one.path);
        const auto regions = town_.read([&](sys::Reader& db) { return content::list_regions(db, page(one.path).id); });
        if (regions.empty()) {
            EXPECT_EQ(bytes, one.bytes);
            continue;
        }
        // The old words' bytes became the new words' bytes, and nothing else moved: other blocks of the region keep
        // theirs too.
        const std::string old_words = html::encode(testing::kOldWords, one.encoding);
        const std::string new_words = html::encode(testing::kNewWords, one.encoding);
        std::string wanted = one.bytes;
        wanted.replace(wanted.find(old_words), old_words.size(), new_words);
        EXPECT_EQ(bytes, wanted);
        expected.erase(one.path);
    }
    for (const auto& [path, bytes] : expected) EXPECT_EQ(now.at(path), bytes) << path;
}

INSTANTIATE_TEST_SUITE_P(Engines, TakeoverCorpus, ::testing::ValuesIn(sys::testing::engines()),
                         sys::testing::engine_name);

}  // namespace flow
