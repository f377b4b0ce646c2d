#include "press/content/model.h"

#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/sys/crypto.h"

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

std::string text_at(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    return value == nullptr ? std::string() : std::string(value->as_string());
}

Attachment parse_attachment(const json::object& object) {
    const auto hash = base::Hash::find_hex(text_at(object, "hash"));
    if (!hash) throw base::Error(base::Kind::Damaged, "an attachment in a stored revision has no valid hash");
    return {text_at(object, "path"), *hash, object.at("size").to_number<std::int64_t>(), text_at(object, "type"),
            text_at(object, "title")};
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
    try {
        const json::value parsed = json::parse(text);
        const json::object& object = parsed.as_object();
        Body body;
        body.title = text_at(object, "title");
        body.description = text_at(object, "description");
        body.template_name = text_at(object, "template");
        if (const json::value* parts = object.if_contains("parts"))
            for (const auto& [name, html] : parts->as_object()) body.parts.emplace(name, html.as_string());
        if (const json::value* categories = object.if_contains("categories"))
            for (const json::value& one : categories->as_array()) body.categories.emplace_back(one.as_string());
        if (const json::value* attachments = object.if_contains("attachments"))
            for (const json::value& one : attachments->as_array())
                body.attachments.push_back(parse_attachment(one.as_object()));
        return body;
    } catch (const std::exception& problem) {
        throw base::Error(base::Kind::Damaged, fmt::format("a stored revision cannot be read: {}", problem.what()));
    }
}

base::Hash revision_hash(std::string_view path, const base::Hash& document, const Body& body) {
    return sys::sha256(fmt::format("yakuba-revision 1\n{}\n{}\n{}\n", path, document.hex(), write_body(body)));
}

std::string_view section_path(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

}  // namespace content
