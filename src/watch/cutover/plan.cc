#include "watch/cutover/plan.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>
#include <boost/json.hpp>

#include "ground/base/error.h"
#include "ground/base/text.h"

namespace cutover {

using base::Error;
using base::Kind;

namespace {

bool is_v6(std::string_view address) {
    return address.find(':') != std::string_view::npos;
}

bool is_address(const std::string& text) {
    unsigned char raw[16];
    return ::inet_pton(is_v6(text) ? AF_INET6 : AF_INET, text.c_str(), raw) == 1;
}

boost::json::array words(const std::vector<std::string>& all) {
    boost::json::array array;
    for (const std::string& each : all) array.emplace_back(each);
    return array;
}

std::vector<std::string> words(const boost::json::object& from, std::string_view name) {
    std::vector<std::string> all;
    for (const auto& each : from.at(name).as_array()) all.emplace_back(each.as_string());
    return all;
}

std::string word(const boost::json::object& from, std::string_view name) {
    return std::string(from.at(name).as_string());
}

}  // namespace

std::string Endpoint::text() const {
    return fmt::format("{}://{}{}", scheme, is_v6(address) ? "[" + address + "]" : address,
                       port == 0 ? "" : fmt::format(":{}", port));
}

std::string Endpoint::url(std::string_view name, std::string_view path) const {
    return fmt::format("{}://{}{}{}", scheme, name, port == 0 ? "" : fmt::format(":{}", port), path);
}

std::string Endpoint::resolve(std::string_view name) const {
    return fmt::format("{}:{}:{}", name,
                       port != 0          ? port
                       : scheme == "http" ? 80
                                          : 443,
                       is_v6(address) ? "[" + address + "]" : address);
}

Endpoint read_endpoint(std::string_view text) {
    const auto bad = [&] {
        return Error(Kind::BadInput,
                     fmt::format("「{}」はサーバのアドレスとして読めません。192.0.2.10 や http://192.0.2.10:8080 "
                                 "のように、IPアドレスで入れてください。",
                                 base::to_valid_utf8(text.substr(0, 200))));
    };
    Endpoint endpoint;
    std::string_view rest = base::trim(text);
    if (const auto slashes = rest.find("://"); slashes != std::string_view::npos) {
        endpoint.scheme = base::to_lower(rest.substr(0, slashes));
        rest.remove_prefix(slashes + 3);
    }
    while (rest.ends_with('/')) rest.remove_suffix(1);
    std::string_view port;
    if (rest.starts_with('[')) {
        const auto end = rest.find(']');
        if (end == std::string_view::npos) throw bad();
        endpoint.address = rest.substr(1, end - 1);
        port = rest.substr(end + 1);
        if (!port.empty() && !port.starts_with(':')) throw bad();
        if (!port.empty()) port.remove_prefix(1);
    } else if (const auto colon = rest.find(':'); colon != std::string_view::npos && colon == rest.rfind(':')) {
        endpoint.address = rest.substr(0, colon);
        port = rest.substr(colon + 1);
        if (port.empty()) throw bad();
    } else {
        endpoint.address = rest;
    }
    if (!port.empty()) {
        const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
        if (problem != std::errc{} || end != port.data() + port.size() || endpoint.port < 1 || endpoint.port > 65535)
            throw bad();
    }
    if ((endpoint.scheme != "http" && endpoint.scheme != "https") || !is_address(endpoint.address)) throw bad();
    return endpoint;
}

bool is_changed_by_switch(dns::Type type) {
    return type == dns::Type::A || type == dns::Type::Aaaa || type == dns::Type::Cname;
}

std::string parent_name(std::string_view name) {
    const auto dot = name.find('.');
    if (dot == std::string_view::npos || name.find('.', dot + 1) == std::string_view::npos) return std::string(name);
    return std::string(name.substr(dot + 1));
}

std::vector<RecordSet> records_after(const Plan& plan) {
    std::vector<RecordSet> after;
    for (const std::string& name : plan.names)
        for (const dns::Type type : {dns::Type::A, dns::Type::Aaaa, dns::Type::Cname}) {
            RecordSet set{name, type, {}, kShortTtl};
            for (const RecordSet& before : plan.before)  // never longer than it is
                if (!plan.are_ttls_cached && before.name == name && is_changed_by_switch(before.type) &&
                    !before.data.empty())
                    set.ttl = std::min(set.ttl, before.ttl);
            if (type != dns::Type::Cname)
                for (const std::string& address : plan.new_addresses)
                    if (is_v6(address) == (type == dns::Type::Aaaa)) set.data.push_back(address);
            std::sort(set.data.begin(), set.data.end());
            after.push_back(std::move(set));
        }
    return after;
}

std::optional<std::uint32_t> longest_ttl(const Plan& plan) {
    std::optional<std::uint32_t> longest;
    for (const RecordSet& set : plan.before)
        if (is_changed_by_switch(set.type) && !set.data.empty()) longest = std::max(set.ttl, longest.value_or(set.ttl));
    return longest;
}

void check_plan(const Plan& plan) {
    const auto fail = [](std::string message) { throw Error(Kind::BadInput, std::move(message)); };
    if (plan.names.empty()) fail("切り替えるサイトの名前（www.example.lg.jp など）を入れてください。");
    if (plan.names.size() > kMostNames) fail(fmt::format("名前は{}個までです。", kMostNames));
    for (const std::string& name : plan.names)
        if (dns::plain_name(name) != name || is_address(name) ||
            name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") != std::string::npos)
            fail(fmt::format("「{}」はホスト名として読めません。", base::to_valid_utf8(name)));
    if (plan.old_server == plan.new_server) fail("旧サーバと新サーバに同じアドレスが入っています。");
    if (plan.new_addresses.empty()) fail("切替後のIPアドレスを入れてください。");
    for (const std::string& address : plan.new_addresses)
        if (!is_address(address))
            fail(fmt::format("「{}」はIPアドレスとして読めません。", base::to_valid_utf8(address)));
    for (const auto* list : {&plan.resolvers, &plan.new_addresses})
        if (list->size() > 50) fail("アドレスは50個までです。");
}

std::string write_plan(const Plan& plan) {
    boost::json::array before;
    for (const RecordSet& set : plan.before)
        before.push_back(
            {{"name", set.name}, {"type", dns::type_name(set.type)}, {"data", words(set.data)}, {"ttl", set.ttl}});
    return boost::json::serialize(boost::json::object{
        {"names", words(plan.names)},
        {"old", plan.old_server.text()},
        {"new", plan.new_server.text()},
        {"new_addresses", words(plan.new_addresses)},
        {"name_server", plan.name_server},
        {"resolvers", words(plan.resolvers)},
        {"moment", plan.moment ? boost::json::value(base::format_utc(*plan.moment)) : boost::json::value()},
        {"ca_file", plan.ca_file},
        {"old_log", plan.old_log},
        {"counter_url", plan.counter_url},
        {"manager", plan.manager},
        {"applicant", plan.applicant},
        {"contact", plan.contact},
        {"cached_ttls", plan.are_ttls_cached},
        {"before", std::move(before)}});
}

Plan read_plan(std::string_view json) {
    try {
        const boost::json::value parsed = boost::json::parse(json);
        const boost::json::object& from = parsed.as_object();
        Plan plan;
        plan.names = words(from, "names");
        plan.old_server = read_endpoint(word(from, "old"));
        plan.new_server = read_endpoint(word(from, "new"));
        plan.new_addresses = words(from, "new_addresses");
        plan.name_server = word(from, "name_server");
        plan.resolvers = words(from, "resolvers");
        if (const auto& moment = from.at("moment"); moment.is_string())
            plan.moment = base::parse_utc(std::string(moment.as_string()));
        plan.ca_file = word(from, "ca_file");
        plan.old_log = word(from, "old_log");
        plan.counter_url = word(from, "counter_url");
        plan.manager = word(from, "manager");
        plan.applicant = word(from, "applicant");
        plan.contact = word(from, "contact");
        if (const auto* is_cached = from.if_contains("cached_ttls")) plan.are_ttls_cached = is_cached->as_bool();
        for (const auto& each : from.at("before").as_array()) {
            const boost::json::object& set = each.as_object();
            const auto type = dns::find_type(word(set, "type"));
            if (type)
                plan.before.push_back(
                    {word(set, "name"), *type, words(set, "data"), set.at("ttl").to_number<std::uint32_t>()});
        }
        return plan;
    } catch (const std::exception& problem) {
        throw Error(Kind::Damaged, fmt::format("the plan of the cutover cannot be read: {}", problem.what()));
    }
}

}  // namespace cutover
