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
    answer.is_gone = entry.status == 410 && !entry.has_body();
    return answer;
}

bool is_error_page(const release::Entry& entry) {
    return (entry.status == 404 || entry.status == 410) && entry.has_body();
}

}  // namespace

ReleaseView::ReleaseView(release::Log log, release::PublicKeys keys) : follower_(std::move(log), keys) {
    look_for_error_pages();
}

std::optional<http::StaticEntry> ReleaseView::find(const std::string& path) {
    for (const bool may_refresh : {true, false}) {
        {
            const std::shared_lock lock(mutex_);
            if (const auto entry = follower_.manifest().find(path)) return to_static(*entry);
        }
        // A page can be in place before this view has heard of its release: the record is written first.
        if (!may_refresh || !follow(release::Follower::Look::Next)) break;
    }
    return std::nullopt;
}

bool ReleaseView::follow(release::Follower::Look look) {
    const std::unique_lock lock(mutex_);
    bool has_changed = false, is_known = true;
    try {
        while (const auto record = follower_.step(look)) {
            has_changed = true;
            for (const release::Change& change : record->changes)
                if (change.path() == not_found_ || change.path() == gone_ || is_error_page(change.entry))
                    is_known = false;
        }
    } catch (const base::Error& error) {
        if (error.message() != complaint_)
            sys::log(sys::Level::Error, "release record is not followed",
                     {{"after", std::to_string(follower_.number())}, {"problem", error.message()}});
        complaint_ = error.message();
    }
    if (!is_known) look_for_error_pages();
    return has_changed;
}

/// A release that changes no such page leaves them as they are, so this is rare.
void ReleaseView::look_for_error_pages() {
    not_found_.clear();
    gone_.clear();
    follower_.manifest().each([&](const release::Entry& entry) {
        if (std::string& path = entry.status == 410 ? gone_ : not_found_; is_error_page(entry) && path.empty())
            path = entry.path;
        return not_found_.empty() || gone_.empty();
    });
}

std::int64_t ReleaseView::release() const {
    const std::shared_lock lock(mutex_);
    return follower_.number();
}

std::string ReleaseView::error_page(int status) const {
    const std::shared_lock lock(mutex_);
    return status == 410 && !gone_.empty() ? gone_ : not_found_;
}

}  // namespace door
