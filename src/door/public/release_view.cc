#include "door/public/release_view.h"

#include <mutex>

#include "ground/base/error.h"
#include "ground/sys/log.h"

namespace door {

namespace {

http::StaticEntry to_static(const release::Entry& entry) {
    http::StaticEntry answer;
    answer.content_type = entry.type;
    if (!entry.charset.empty()) answer.content_type += "; charset=" + entry.charset;
    for (const auto& [name, value] : entry.headers) answer.headers.add(name, value);
    if (entry.has_body()) answer.hash = entry.hash;
    answer.size = static_cast<std::uint64_t>(entry.size);
    answer.redirect = entry.location;
    answer.redirect_status = entry.status;
    return answer;
}

}  // namespace

ReleaseView::ReleaseView(release::Log log, release::PublicKeys keys) : log_(std::move(log)), keys_(std::move(keys)) {
    number_ = log_.newest();
    if (number_ > 0) manifest_ = log_.manifest_at(number_, keys_);
}

std::optional<http::StaticEntry> ReleaseView::find(const std::string& path) {
    for (const bool may_refresh : {true, false}) {
        {
            const std::shared_lock lock(mutex_);
            if (const auto entry = manifest_.find(path)) return to_static(*entry);
        }
        // A page can be in place before this view has heard of its release: the record is written first.
        if (!may_refresh || !refresh()) break;
    }
    return std::nullopt;
}

bool ReleaseView::refresh() {
    const std::unique_lock lock(mutex_);
    bool has_changed = false;
    try {
        while (std::filesystem::exists(log_.record_file(number_ + 1))) {
            const std::string bytes = log_.read(number_ + 1);
            const release::SignedRecord record = release::parse_record(bytes);
            if (const auto fault = release::find_signature_fault(bytes, record, keys_)) {
                sys::log(sys::Level::Error, "release record is not followed",
                         {{"release", std::to_string(number_ + 1)}, {"problem", *fault}});
                break;
            }
            manifest_.apply(record.record.changes);
            if (!record.record.new_key.empty()) keys_.add(record.record.new_key);
            ++number_;
            has_changed = true;
        }
    } catch (const base::Error& error) {
        sys::log(sys::Level::Error, "release log cannot be followed",
                 {{"release", std::to_string(number_ + 1)}, {"problem", error.message()}});
    }
    return has_changed;
}

std::int64_t ReleaseView::release() const {
    const std::shared_lock lock(mutex_);
    return number_;
}

std::string ReleaseView::not_found_path() const {
    const std::shared_lock lock(mutex_);
    std::string path;
    manifest_.each([&](const release::Entry& entry) {
        if (entry.status == 404 && entry.has_body()) path = entry.path;
        return path.empty();
    });
    return path;
}

}  // namespace door
