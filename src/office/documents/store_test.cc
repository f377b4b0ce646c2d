#include "office/documents/store.h"

#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"
#include "ground/sys/testing/databases.h"
#include "office/documents/fields.h"
#include "office/documents/kinds.h"

namespace documents {
namespace {

class Documents : public ::testing::TestWithParam<std::string> {
  protected:
    Documents() { sys::migrate(*db_, migrations()); }
    Version add(std::string_view subject, std::string_view number, std::string title, base::Instant at) {
        Version made;
        made.title = std::move(title);
        made.made_at = at;
        made.made_by = "person:3";
        made.files = {{"a.pdf", "application/pdf", sys::sha256("a"), 1}, {"a.html", "text/html", sys::sha256("b"), 2}};
        return db_->write([&](sys::Transaction& tx) { return add_version(tx, "completion", subject, number, made); });
    }
    sys::testing::TestDatabase store_;
    std::unique_ptr<sys::Database> db_ = store_.open_empty(GetParam());
};

TEST_P(Documents, KeepEveryVersionAndShowTheNewest) {
    const Version first = add("report:2027-04", "completion-2027-0001", "一", {1000});
    const Version second = add("report:2027-04", "ignored", "二", {2000});
    add("report:2027-05", "completion-2027-0002", "100%_三", {3000});
    EXPECT_EQ(first.number, 1);
    EXPECT_EQ(second.number, 2);
    EXPECT_EQ(first.document, second.document);
    db_->write([&](sys::Transaction& tx) {
        Delivery given;
        given.version = first.id;
        given.what = kDeliver;
        given.how = "mail";
        given.who = "広報課";
        given.by = "person:3";
        given.happened_at = {1500};
        given.at = {1600};
        add_delivery(tx, given);
    });
    db_->read([&](sys::Reader& db) {
        const Document document = load_document(db, first.document);
        EXPECT_EQ(document.number, "completion-2027-0001");
        EXPECT_EQ(document.title, "二");
        EXPECT_EQ(document.versions, 2);
        EXPECT_FALSE(document.delivered_at) << "what was handed over was the version before";
        EXPECT_EQ(list_deliveries(db, first.document).size(), 1U);
        const auto versions = list_versions(db, first.document);
        ASSERT_EQ(versions.size(), 2U);
        EXPECT_EQ(versions[1].title, "一");
        ASSERT_NE(versions[1].find("application/pdf"), nullptr);
        EXPECT_EQ(versions[1].find("application/pdf")->hash, sys::sha256("a"));
        EXPECT_EQ(list_documents(db, {}).size(), 2U);
        Filter filter;
        filter.words = "0%_";
        EXPECT_EQ(list_documents(db, filter).size(), 1U);
        filter.words = "2027-0001";
        EXPECT_EQ(list_documents(db, filter).size(), 1U);
        filter = {};
        filter.turn = Turn::ToDeliver;
        EXPECT_EQ(list_documents(db, filter).size(), 2U);
        filter.turn = Turn::ToConfirm;
        EXPECT_TRUE(list_documents(db, filter).empty()) << "the version before was handed over, not the newest";
        filter = {};
        filter.until = base::Instant{2500};
        EXPECT_EQ(list_documents(db, filter).size(), 1U);
        EXPECT_FALSE(find_document(db, "completion", "report:2027-06"));
    });
}

TEST_P(Documents, AVersionIsConfirmedOnce) {
    const Version made = add("report:2027-04", "completion-2027-0001", "一", {1000});
    Delivery confirmed;
    confirmed.version = made.id;
    confirmed.what = kConfirm;
    confirmed.how = "screen";
    confirmed.by = "person:9";
    const auto enter = [&] { db_->write([&](sys::Transaction& tx) { add_delivery(tx, confirmed); }); };
    const auto waiting = [&](Turn turn) {
        Filter filter;
        filter.turn = turn;
        return db_->read([&](sys::Reader& db) { return list_documents(db, filter).size(); });
    };
    EXPECT_EQ(waiting(Turn::ToDeliver), 1U);
    Delivery given = confirmed;
    given.what = kDeliver;
    given.who = "広報課";
    db_->write([&](sys::Transaction& tx) { add_delivery(tx, given); });
    EXPECT_EQ(waiting(Turn::ToDeliver), 0U);
    EXPECT_EQ(waiting(Turn::ToConfirm), 1U);
    enter();
    EXPECT_EQ(waiting(Turn::ToConfirm), 0U);
    EXPECT_THROW(enter(), base::Error);
}

TEST_P(Documents, TemplatesGoBackToTheProgramsOwnAndAreNotOverwrittenUnseen) {
    TemplateVersion made{0, "completion.html", "<p>一</p>", "", "person:1", {1000}};
    const auto add = [&](int based_on) {
        return db_->write([&](sys::Transaction& tx) { return add_template(tx, made, based_on); });
    };
    const auto newest = [&] { return db_->read([](sys::Reader& db) { return find_template(db, "completion.html"); }); };
    EXPECT_FALSE(newest());
    EXPECT_EQ(add(0).number, 1);
    EXPECT_THROW(add(0), base::Error);
    EXPECT_EQ(newest()->source, "<p>一</p>");
    made.source.clear();
    EXPECT_EQ(add(1).number, 2);
    EXPECT_FALSE(newest());
    db_->read([](sys::Reader& db) {
        EXPECT_EQ(list_template_versions(db, "completion.html").size(), 2U);
        EXPECT_EQ(find_template_version(db, "completion.html", 1)->source, "<p>一</p>");
    });
}

TEST_P(Documents, KeepACitysFormInVersionsUntilItIsTakenAway) {
    FormVersion made{"invoice", 0, "請求書.xlsx", sys::sha256("form"), 12, "初版", "person:1", {1000}};
    const auto add = [&](int based_on) {
        return db_->write([&](sys::Transaction& tx) { return add_form(tx, made, based_on).number; });
    };
    const auto find = [&] { return db_->read([](sys::Reader& reader) { return find_form(reader, "invoice"); }); };
    EXPECT_FALSE(find());
    EXPECT_EQ(add(0), 1);
    EXPECT_THROW(add(0), base::Error) << "somebody was first";
    ASSERT_TRUE(find());
    EXPECT_EQ(find()->name, "請求書.xlsx");
    EXPECT_EQ(find()->hash, made.hash);
    made.hash.reset();
    EXPECT_EQ(add(1), 2);
    EXPECT_FALSE(find()) << "taken away";
    EXPECT_EQ(db_->read([](sys::Reader& reader) { return list_forms(reader, "invoice"); }).size(), 2U);
}

/// What a city's form may name and what the templates show are the same things.
TEST(DocumentFields, AreWhatTheTemplatesShow) {
    // Of every document: shown by the letterhead, or only there for forms.
    auto common = fields_of("notice");
    std::erase_if(common, [other = fields_of("invoice")](const Field& field) {
        return std::none_of(other.begin(), other.end(), [&](const Field& one) { return one.name == field.name; });
    });
    EXPECT_GE(common.size(), 20U);
    for (const DocumentKind& kind : all_kinds()) {
        SCOPED_TRACE(kind.id);
        std::string source;
        for (const base::Resource& file : template_resources())
            // The incident's papers are one template.
            if (file.name == std::string(kind.id) + ".html" ||
                (kind.id.starts_with("incident-") && file.name == "incident-final.html"))
                source += file.bytes;
        const auto fields = fields_of(kind.id);
        std::set<std::string> paths;
        for (const Field& field : fields) {
            if (field.in.empty()) paths.insert(std::string(field.path));
            const std::string last(field.path.substr(field.path.rfind('.') + 1));
            const auto same = [&](const Field& other) { return other.name == field.name && other.in == field.in; };
            const bool is_common = std::any_of(common.begin(), common.end(), same);
            if (is_common || field.path.empty()) continue;
            EXPECT_TRUE(std::regex_search(source, std::regex("\\b" + last + "\\b"))) << field.name;
            const bool has_list = std::any_of(fields.begin(), fields.end(), [&](const Field& list) {
                return list.name == field.in && list.form == Field::Form::List;
            });
            EXPECT_TRUE(field.in.empty() || has_list) << field.in;
        }
        // And back: everything at the top that a template puts out or goes through.
        static const std::regex kNamed(R"(\{\{ ([a-z_.]+)|in ([a-z_]+) %)"), kLocal(R"(for ([a-z_]+) in)");
        std::set<std::string> local;
        for (std::sregex_iterator at(source.begin(), source.end(), kLocal), end; at != end; ++at)
            local.insert((*at)[1]);
        int named = 0;
        for (std::sregex_iterator at(source.begin(), source.end(), kNamed), end; at != end; ++at) {
            const std::string name = (*at)[1].matched ? (*at)[1] : (*at)[2];
            if (local.contains(name.substr(0, name.find('.')))) continue;
            ++named;
            EXPECT_TRUE(paths.contains(name)) << name << " has no name for forms";
        }
        EXPECT_GT(named, 1);
    }
    EXPECT_THROW(fields_of("none"), base::Error);
}

INSTANTIATE_TEST_SUITE_P(Engines, Documents, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

TEST(Kinds, EachHasATemplate) {
    for (const DocumentKind& kind : all_kinds()) {
        bool is_there = false;
        for (const base::Resource& file : template_resources())
            is_there = is_there || file.name == std::string(kind.id) + ".html";
        EXPECT_TRUE(is_there) << kind.id;
    }
    EXPECT_THROW(load_kind("poem"), base::Error);
}

}  // namespace
}  // namespace documents
