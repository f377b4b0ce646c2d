// Any template, with fixed data that tries to break out of every place. It may be refused, but: text without braces
// comes back as it is; no mark of the data's script appears unescaped; and, read as a browser reads it, the page has
// the same elements and attributes with hostile data as with harmless data. Editing by form keeps what it does not
// touch.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "ground/html/document.h"
#include "ground/template/outline.h"
#include "ground/template/template.h"

namespace {

constexpr const char* kHostile =
    "\"'>--></title></textarea></style></script><scRipt>evil()</scRipt><p onclick=evil() x=\"{{ a }}";

tmpl::Value data(const char* text, const char* url) {
    return tmpl::Map{{"a", text},
                     {"url", url},
                     {"n", 3},
                     {"list", tmpl::List{text, text}},
                     {"items", tmpl::List{tmpl::Map{{"a", text}, {"url", url}}, tmpl::Map{{"a", text}}}},
                     {"day", "2026-11-22"}};
}

std::string structure(const std::string& page) {
    const auto document = html::Document::parse(page, html::Encoding::Utf8);
    std::string names;
    for (html::NodeId id = 0; id < document.size(); ++id) {
        if (document[id].type == html::NodeType::Comment) names += "<!>";
        if (document[id].type != html::NodeType::Element) continue;
        names += "<" + std::string(document[id].tag);
        for (const auto& attribute : document.attributes(id)) names += " " + std::string(attribute.name);
    }
    return names;
}

void require(bool holds) {
    if (!holds) std::abort();
}

void check_outline(const tmpl::Template& page) {
    const auto entries = tmpl::outline(page);
    for (const auto& entry : entries) {
        require(entry.offset + entry.length <= page.source().size());
        if (!entry.is_editable()) continue;
        require(tmpl::with_text(page, entry.id, entry.text) == page.source());
    }
    for (const auto& entry : entries) {
        if (!entry.is_editable()) continue;
        const auto changed = tmpl::parse("page", tmpl::with_text(page, entry.id, "/new {{ b }} <i>"));
        require(tmpl::outline(changed).size() == entries.size());
        break;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string source(reinterpret_cast<const char*>(bytes), size);
    if (size > 4096) return 0;
    tmpl::Options options;
    options.max_steps = 10'000;
    options.max_bytes = 1U << 20U;
    tmpl::MapSet set;
    set.add("base",
            "<title>{% block title %}{{ a }}{% endblock %}</title><p class=\"{% block class %}x{% endblock %}\">"
            "{% block main %}{% endblock %}");
    set.add("part", "<a href=\"{{ url }}\">{{ a }}</a>");
    set.add("plain", "{{ a }}");
    options.set = &set;
    try {
        const auto page = tmpl::parse("page", source);
        set.add("page", source);
        tmpl::check(page, set);
        if (source.find('{') == std::string::npos) require(tmpl::render(page, {}, options).html == source);
        check_outline(page);
        const auto hostile = tmpl::render(page, data(kHostile, "javascript:evil()"), options);
        if (source.find("cRipt") == std::string::npos) require(hostile.html.find("<scRipt") == std::string::npos);
        // A condition may look at the data, line ends and telephone numbers make elements: then the two pages may
        // differ.
        if (source.find("if") != std::string::npos) return 0;
        const auto harmless = tmpl::render(page, data("harmless", "/harmless"), options);
        require(structure(hostile.html) == structure(harmless.html));
    } catch (const base::Error& error) {
        require(error.kind() != base::Kind::Bug);
    }
    return 0;
}
