#include "press/content/model.h"

#include <boost/json.hpp>

#include "ground/sys/crypto.h"
#include "press/content/inner/body_text.h"

namespace content {

namespace json = boost::json;

namespace {

void add_text(std::string& to, std::string_view key, std::string_view value) {
    if (value.empty()) return;
    if (to.size() > 1) to += ',';
    to += json::serialize(key);
    to += ':';
    to += json::serialize(value);
}

}  // namespace

std::string write_body(const Body& body) {
    std::string text = "{";
    if (!body.attachments.empty()) {
        text += "\"attachments\":[";
        for (std::size_t i = 0; i < body.attachments.size(); ++i) {
            const Attachment& one = body.attachments[i];
            if (i > 0) text += ',';
            text +=
                fmt::format("{{\"hash\":\"{}\",\"path\":{},\"size\":{},\"title\":{},\"type\":{}}}", one.hash.hex(),
                            json::serialize(one.path), one.size, json::serialize(one.title), json::serialize(one.type));
        }
        text += ']';
    }
    if (!body.categories.empty()) {
        if (text.size() > 1) text += ',';
        text += "\"categories\":" + json::serialize(json::value_from(body.categories));
    }
    add_text(text, "description", body.description);
    if (!body.parts.empty()) {
        if (text.size() > 1) text += ',';
        text += "\"parts\":{";
        bool is_first = true;
        for (const auto& [name, html] : body.parts) {
            if (!is_first) text += ',';
            is_first = false;
            text += json::serialize(name) + ":" + json::serialize(html);
        }
        text += '}';
    }
    add_text(text, "template", body.template_name);
    add_text(text, "title", body.title);
    text += '}';
    return text;
}

Body parse_body(std::string_view text) {
    return read_body_text(text);
}

base::Hash revision_hash(std::string_view path, const base::Hash& document, const Body& body) {
    return sys::sha256(fmt::format("yakuba-revision 1\n{}\n{}\n{}\n", path, document.hex(), write_body(body)));
}

std::string_view section_path(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

}  // namespace content
