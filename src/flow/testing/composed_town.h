// The town with a site of composed pages, made through the stores; and small checks of public files.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "flow/publish_site.h"
#include "flow/testing/town.h"
#include "ground/release/record.h"

namespace flow::testing {

class ComposedTown : public Town {
  public:
    explicit ComposedTown(std::string_view engine) : Town(engine) {}

    /// A live page.
    base::PageId put_page(const std::string& path, const std::string& made_from, const std::string& title,
                          const std::string& body = "<p>本文</p>", std::vector<content::Attachment> attachments = {});
    /// A further live revision.
    void change_page(base::PageId id, const std::function<void(content::Body&)>& change, std::int64_t receipt = 0);
    void set_section(const std::string& path, const std::function<void(content::Section&)>& change);
    /// Another live revision of a template, with two administrators.
    void change_template(const std::string& name, const std::function<void(std::string&)>& change);
    void put_list(const std::string& name, const std::string& json);
    Doer add_administrator(const std::string& login_name);

    Published publish();
    /// What the next publication would render.
    std::set<std::string> stale();
    /// The bytes of a public file; "" when it is not there.
    std::string file(const std::string& path);
    release::Entry entry(const std::string& path);
    bool is_public(const std::string& path);
    std::set<std::string> public_paths();
    std::map<std::string, std::vector<std::string>> all_reads();
    std::size_t verify_deviations();
    std::vector<std::string> acts(const std::string& subject);

  private:
    Doer second_;
};

/// "" or the first thing that keeps `xml` from being well formed.
std::string find_xml_fault(std::string_view xml);
/// Plain faults of a whole page: lang, title, one h1, headings in order, alt, labels, ids twice, links without text,
/// a skip link that leads nowhere, anything loaded from another host, script.
std::vector<std::string> find_page_faults(std::string_view html);

}  // namespace flow::testing
