#include "door/web/testing/visitor.h"

#include <set>

#include "ground/base/error.h"
#include "ground/base/text.h"
#include "ground/html/escape.h"
#include "ground/html/select.h"
#include "ground/http/form.h"
#include "ground/sys/crypto.h"

namespace web::testing {

Visitor& Visitor::send(const std::string& method, const std::string& path, std::string type, std::string content) {
    sys::FetchOptions options;
    options.method = method;
    options.body = std::move(content);
    if (!type.empty()) options.headers.emplace_back("Content-Type", std::move(type));
    std::string sent;
    for (const auto& [name, value] : cookies) sent += (sent.empty() ? "" : "; ") + name + "=" + value;
    if (!sent.empty()) options.headers.emplace_back("Cookie", sent);
    for (const auto& field : extra_headers) options.headers.push_back(field);
    last_ = client_.fetch(office_ + path, options);
    status = last_.status;
    body = last_.body;
    location = header("location");
    for (const auto& [name, value] : last_.headers) {
        if (name != "set-cookie") continue;
        const std::size_t equals = value.find('='), end = value.find(';');
        const std::string key = value.substr(0, equals);
        if (value.find("Max-Age=0") != std::string::npos)
            cookies.erase(key);
        else
            cookies[key] = value.substr(equals + 1, end - equals - 1);
    }
    if (const std::string token = hidden("csrf"); !token.empty()) csrf_ = token;
    return *this;
}

Visitor& Visitor::get(const std::string& path) {
    return send("GET", path, "", "");
}

Visitor& Visitor::post(const std::string& path, Fields fields) {
    http::Fields form;
    bool has_token = false;
    for (auto& [name, value] : fields) {
        has_token = has_token || name == "csrf";
        form.add(name, value);
    }
    if (!has_token) form.add("csrf", csrf_);
    return send("POST", path, "application/x-www-form-urlencoded", http::format_urlencoded(form));
}

Visitor& Visitor::post_json(const std::string& path, const std::string& json) {
    const Fields kept = extra_headers;
    extra_headers.emplace_back("X-CSRF-Token", csrf_);
    extra_headers.emplace_back("Accept", "application/json");
    send("POST", path, "application/json", json);
    extra_headers = kept;
    return *this;
}

Visitor& Visitor::post_file(const std::string& path, const Fields& fields, std::string_view field,
                            std::string_view name, std::string_view bytes) {
    constexpr std::string_view kBoundary = "----yakuba";
    std::string content;
    Fields all = fields;
    all.emplace_back("csrf", csrf_);
    for (const auto& [key, value] : all)
        content +=
            fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", kBoundary, key, value);
    content += fmt::format(
        "--{}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: "
        "application/octet-stream\r\n\r\n",
        kBoundary, field, name);
    content += bytes;
    content += fmt::format("\r\n--{}--\r\n", kBoundary);
    return send("POST", path, fmt::format("multipart/form-data; boundary={}", kBoundary), std::move(content));
}

Visitor& Visitor::follow() {
    return get(location);
}

Visitor& Visitor::sign_in(const std::string& login, std::string_view password) {
    get("/login");
    return post("/login", {{"login", login}, {"password", std::string(password)}});
}

std::string Visitor::hidden(std::string_view name) const {
    const std::string mark = fmt::format("name=\"{}\" value=\"", name);
    const std::size_t at = body.find(mark);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + mark.size();
    return html::unescape(std::string_view(body).substr(begin, body.find('"', begin) - begin), html::In::Attribute);
}

std::string_view Visitor::header(std::string_view lower_case_name) const {
    return last_.find_header(lower_case_name).value_or(std::string_view{});
}

OpenOffice::OpenOffice(std::string_view engine, bool with_second_factor) : town(engine) {
    const std::string hash = sys::hash_password(kPassword);
    town.write([&](sys::Transaction& tx) {
        for (const flow::Doer& each :
             {town.author, town.other_author, town.chief, town.chief2, town.stranger, town.admin})
            people::set_password(tx, each.person, hash, false, town.by());
    });
    settings::Settings settings = town.site->settings;
    settings.office.address = "127.0.0.1:0";
    settings.office.preview_address = "127.0.0.1:0";
    if (!with_second_factor) settings.office.second_factor_roles.clear();
    server = std::make_unique<OfficeServer>(*town.site, settings, OfficeOptions{true});
    server->start();
}

std::vector<std::string> find_screen_faults(std::string_view bytes) {
    std::vector<std::string> faults;
    const auto page = html::Document::parse(bytes, html::Encoding::Utf8);
    const auto all = [&](const char* selector) { return html::Selector(selector).all(page); };
    const auto expect = [&](bool holds, std::string what) {
        if (!holds) faults.push_back(std::move(what));
    };
    expect(bytes.starts_with("<!DOCTYPE html>"), "doctype");
    expect(page.attribute(page.html(), "lang") == "ja" || page.attribute(page.html(), "lang") == "en", "lang");
    expect(all("title").size() == 1 && !page.plain_text_of(all("title")[0]).empty(), "title");
    expect(all("h1").size() == 1, "one h1");
    expect(all("main").size() == 1, "one main");
    expect(all("style, [style], script:not([src]), base").empty(), "inline script or style");
    std::set<std::string_view> ids;
    for (const html::NodeId node : all("[id]"))
        expect(ids.insert(page.attribute(node, "id")).second, fmt::format("id twice: {}", page.attribute(node, "id")));
    for (html::NodeId id = 1; id < page.size(); ++id) {
        if (page[id].type != html::NodeType::Element) continue;
        // The parser keeps no end of a <form>, so that what is inside counts as moved.
        bool is_in_form = false;
        for (html::NodeId up = page[id].parent; up != html::kNoNode; up = page[up].parent)
            is_in_form = is_in_form || page.is_element(up, "form");
        expect(!page[id].is_moved || is_in_form, fmt::format("the parser moved <{}>", page[id].tag));
        for (const html::Attribute& attribute : page.attributes(id)) {
            expect(!attribute.name.starts_with("on"), fmt::format("inline script: {}", attribute.name));
            expect(attribute.value.find("javascript:") == std::string_view::npos, "a javascript: address");
            if (attribute.name == "aria-labelledby" || attribute.name == "aria-describedby" ||
                attribute.name == "for" || attribute.name == "aria-controls")
                for (const std::string_view each : base::split(attribute.value, ' '))
                    expect(ids.contains(each), fmt::format("{}=\"{}\" leads nowhere", attribute.name, each));
        }
    }
    for (const html::NodeId node : all("a[href^='#']"))
        expect(ids.contains(page.attribute(node, "href").substr(1)),
               fmt::format("{} leads nowhere", page.attribute(node, "href")));
    for (const html::NodeId control : all("input:not([type=hidden]), select, textarea:not([hidden])")) {
        bool is_labelled = false;
        for (html::NodeId up = control; up != html::kNoNode; up = page[up].parent)
            is_labelled = is_labelled || page.is_element(up, "label");
        const std::string_view id = page.attribute(control, "id");
        is_labelled = is_labelled || (!id.empty() && !all(fmt::format("label[for=\"{}\"]", id).c_str()).empty());
        expect(is_labelled, fmt::format("{} without a label", page.attribute(control, "name")));
    }
    const html::Selector token("input[type=hidden][name=csrf]");
    for (const html::NodeId form : all("form[method=post]"))
        expect(token.first(page, form) != html::kNoNode, "a form without a token");
    for (const html::NodeId frame : all("iframe"))
        expect(page.attribute(frame, "sandbox") == "allow-scripts" && !page.attribute(frame, "title").empty(),
               "a frame that is too free");
    int level = 0;
    for (const html::NodeId heading : all("main h1, main h2, main h3, main h4")) {
        const int here = page[heading].tag[1] - '0';
        expect(here <= level + 1, fmt::format("heading order at {}", page.plain_text_of(heading)));
        level = here;
    }
    for (const html::NodeId node : all("button, a[href], h1, h2, h3, label"))
        expect(!page.plain_text_of(node).empty(), fmt::format("an empty <{}>", page[node].tag));
    for (const html::NodeId list : all("ul, ol"))
        for (html::NodeId child = page[list].first_child; child != html::kNoNode; child = page[child].next)
            expect(page[child].type != html::NodeType::Element || page.is_element(child, "li"),
                   "a list with more than li");
    return faults;
}

}  // namespace web::testing
