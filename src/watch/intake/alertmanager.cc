#include "watch/intake/alertmanager.h"

#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"
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

std::optional<int> number_of(std::string_view text, std::size_t from, std::size_t digits) {
    if (text.size() < from + digits) return std::nullopt;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data() + from, text.data() + from + digits, number);
    if (error != std::errc{} || end != text.data() + from + digits || number < 0) return std::nullopt;
    return number;
}

/// RFC 3339 with any fraction and any offset: "2026-11-22T09:00:00.123456789+09:00". Nothing for Go's zero time.
std::optional<Instant> find_instant(std::string_view text) {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    const auto year = number_of(text, 0, 4), month = number_of(text, 5, 2), day = number_of(text, 8, 2);
    const auto hour = number_of(text, 11, 2), minute = number_of(text, 14, 2), second = number_of(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (*year < 1970 || !base::is_day(*year, *month, *day) || *hour > 23 || *minute > 59 || *second > 60)
        return std::nullopt;
    std::size_t at = 19;
    int milliseconds = 0;
    if (text[at] == '.') {
        int scale = 100;
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
            milliseconds += (text[at] - '0') * scale;
    }
    std::int64_t offset = 0;
    const std::string_view zone = text.substr(at);
    if (zone != "Z") {
        if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
        const auto hours = number_of(zone, 1, 2), minutes = number_of(zone, 4, 2);
        if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
        offset = (*hours * 60 + *minutes) * (zone[0] == '-' ? -1 : 1);
    }
    const std::int64_t minutes = base::day_number({*year, *month, *day}) * 1440 + *hour * 60 + *minute - offset;
    return Instant{minutes * 60'000 + *second * 1000 + milliseconds};
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
    const auto start = find_instant(text_of(alert, "startsAt"));
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
        signal.observed_at = std::min(std::max(find_instant(text_of(alert, "endsAt")).value_or(now), *start), now);
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
