#include "watch/intake/alertmanager.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/base/rfc3339.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"

namespace intake {

namespace json = boost::json;
using base::Error;
using base::Instant;
using base::Kind;
using signals::Severity;
using signals::Signal;
using signals::State;

namespace {

std::string text_of(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

const json::object& object_of(const json::object& object, std::string_view key) {
    static const json::object kEmpty;
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_object() ? value->as_object() : kEmpty;
}

Severity severity_of(const json::object& labels) {
    const std::string word = base::to_lower(text_of(labels, "severity"));
    if (word == "emergency" || word == "disaster") return Severity::Emergency;
    if (word == "critical" || word == "page" || word == "serious" || word == "high" || word == "error")
        return Severity::Serious;
    if (word == "minor" || word == "low") return Severity::Minor;
    if (word == "info" || word == "note" || word == "none") return Severity::Note;
    return Severity::Warning;
}

/// Where: the first label that says it.
std::string subject_of(const json::object& labels) {
    for (const std::string_view key : {"instance", "host", "node", "device", "mountpoint", "job"})
        if (const std::string found = text_of(labels, key); !found.empty()) return found;
    return "";
}

std::optional<Signal> read_alert(const json::object& alert, Instant now) {
    const json::object& labels = object_of(alert, "labels");
    const json::object& annotations = object_of(alert, "annotations");
    const std::string status = text_of(alert, "status");
    const std::string name = text_of(labels, "alertname");
    const auto start = base::find_rfc3339(text_of(alert, "startsAt"));
    if (name.empty() || !start || (status != "firing" && status != "resolved")) return std::nullopt;
    std::string own = text_of(alert, "fingerprint");
    // Versions before 0.19 send none: the labels are what it is made of.
    if (own.empty()) own = sys::sha256(json::serialize(labels)).hex().substr(0, 16);
    Signal signal;
    signal.source = "alertmanager";
    signal.kind = name;
    signal.subject = subject_of(labels);
    signal.rule = own;
    signal.severity = severity_of(labels);
    signal.external_id = fmt::format("{}@{}", own, base::format_utc(*start));
    signal.observed_at = std::min(*start, now);
    if (status == "resolved") {
        signal.state = State::Clear;
        // A resolve is never before its start; a clock that says so is wrong.
        signal.observed_at =
            std::min(std::max(base::find_rfc3339(text_of(alert, "endsAt")).value_or(now), *start), now);
    }
    for (const std::string_view key : {"summary", "description", "message"})
        if (signal.text.empty()) signal.text = text_of(annotations, key);
    if (signal.text.empty())
        signal.text = signal.subject.empty() ? name : fmt::format("{}（{}）", name, signal.subject);
    signal.payload = json::serialize(json::object{{"labels", labels},
                                                  {"annotations", annotations},
                                                  {"startsAt", text_of(alert, "startsAt")},
                                                  {"endsAt", text_of(alert, "endsAt")},
                                                  {"generatorURL", text_of(alert, "generatorURL")}});
    return signal;
}

}  // namespace

Webhook read_alertmanager(std::string_view body, Instant now) {
    if (body.size() > kLargestWebhook)
        throw Error(Kind::BadInput, fmt::format("the message is above {} bytes", kLargestWebhook));
    boost::system::error_code error;
    const auto value = json::parse(body, error);
    if (error || !value.is_object()) throw Error(Kind::BadInput, "the message is no JSON object");
    const auto* alerts = value.as_object().if_contains("alerts");
    if (alerts == nullptr || !alerts->is_array())
        throw Error(Kind::BadInput, "the message has no \"alerts\"; Alertmanager's webhook of version 4 is expected");
    if (alerts->as_array().size() > kMostAlerts)
        throw Error(Kind::BadInput,
                    fmt::format("the message has more than {} alerts; set max_alerts in Alertmanager", kMostAlerts));
    Webhook read;
    for (const auto& each : alerts->as_array()) {
        auto signal = each.is_object() ? read_alert(each.as_object(), now) : std::nullopt;
        if (signal)
            read.signals.push_back(std::move(*signal));
        else
            ++read.skipped;
    }
    const auto* truncated = value.as_object().if_contains("truncatedAlerts");
    if (truncated != nullptr && truncated->is_int64() && truncated->as_int64() > 0)
        read.truncated = static_cast<std::size_t>(truncated->as_int64());
    return read;
}

}  // namespace intake
