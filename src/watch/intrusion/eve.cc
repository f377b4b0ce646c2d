#include "watch/intrusion/eve.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/rfc3339.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace intrusion {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestText = 300;

std::string text_in(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    const std::string valid = base::to_valid_utf8(std::string_view(value->get_string()));
    return std::string(base::first_code_points(valid, kLongestText));
}

std::int64_t number_in(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) return 0;
    if (value->is_int64()) return value->get_int64();
    return value->is_uint64() ? static_cast<std::int64_t>(value->get_uint64()) : 0;
}

}  // namespace

std::optional<EveAlert> read_eve_line(std::string_view line) {
    boost::system::error_code problem;
    json::parse_options limits;
    limits.max_depth = 16;
    const json::value parsed = json::parse(json::string_view(line.data(), line.size()), problem, {}, limits);
    const json::object* event = problem ? nullptr : parsed.if_object();
    if (event == nullptr || text_in(*event, "event_type") != "alert") return std::nullopt;
    const json::value* details = event->if_contains("alert");
    const auto at = base::find_rfc3339(text_in(*event, "timestamp"));
    if (details == nullptr || !details->is_object() || !at) return std::nullopt;
    const json::object& rule = details->get_object();
    EveAlert alert;
    alert.at = *at;
    alert.source = text_in(*event, "src_ip");
    alert.target = text_in(*event, "dest_ip");
    alert.source_port = static_cast<int>(number_in(*event, "src_port") & 0xFFFF);
    alert.target_port = static_cast<int>(number_in(*event, "dest_port") & 0xFFFF);
    alert.signature = text_in(rule, "signature");
    alert.category = text_in(rule, "category");
    alert.group = number_in(rule, "gid");
    alert.number = number_in(rule, "signature_id");
    const std::int64_t severity = number_in(rule, "severity");
    alert.severity = severity >= 1 && severity <= 255 ? static_cast<int>(severity) : 3;
    alert.was_blocked = text_in(rule, "action") == "blocked";
    alert.flow = static_cast<std::uint64_t>(number_in(*event, "flow_id"));
    return alert;
}

signals::Signal signal_of(const EveAlert& alert) {
    using signals::Severity;
    return {.source = "suricata",
            .kind = "alert",
            .subject = alert.source.empty() ? "不明" : alert.source,
            .rule = fmt::format("{}:{}", alert.group, alert.number),
            .severity = alert.severity == 1   ? Severity::Serious
                        : alert.severity == 2 ? Severity::Warning
                        : alert.severity == 3 ? Severity::Minor
                                              : Severity::Note,
            .observed_at = alert.at,
            .external_id =
                sys::sha256(fmt::format("{} {} {} {} {} {} {} {}", alert.at.milliseconds, alert.flow, alert.group,
                                        alert.number, alert.source, alert.source_port, alert.target, alert.target_port))
                    .hex(),
            .text = fmt::format("侵入検知（Suricata）：{} から {} への通信が「{}」に当たりました{}。", alert.source,
                                alert.target, alert.signature, alert.was_blocked ? "（遮断済み）" : ""),
            .payload = json::serialize(json::object{{"signature", alert.signature},
                                                    {"category", alert.category},
                                                    {"severity", alert.severity},
                                                    {"target", fmt::format("{}:{}", alert.target, alert.target_port)},
                                                    {"blocked", alert.was_blocked}})};
}

}  // namespace intrusion
