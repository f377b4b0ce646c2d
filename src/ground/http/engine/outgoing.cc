#include "ground/http/engine/outgoing.h"

#include <algorithm>
#include <cerrno>

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

namespace http {
namespace {

constexpr std::uint64_t kSmallFile = 64U << 10;  // read and sent with its head: fewer calls than sendfile needs
constexpr std::size_t kAllowance = 1U << 20;

bool has_no_body(int status) {
    return status < 200 || status == 204 || status == 304;
}

/// Reads a small file into `body`. False when it has become shorter than was promised.
bool read_small(const FileBody& file, std::string& body) {
    body.resize(static_cast<std::size_t>(file.length));
    std::size_t have = 0;
    while (have < body.size()) {
        const ssize_t got =
            ::pread(file.file->get(), body.data() + have, body.size() - have, static_cast<off_t>(file.offset + have));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        have += static_cast<std::size_t>(got);
    }
    return true;
}

}  // namespace

void Outgoing::start(Response response, bool with_body, std::string_view date, std::string_view end) {
    response_ = std::move(response);
    tail_ = date;
    tail_ += end;
    if (response_.prepared) {
        status_ = response_.prepared->status;
        parts_[0] = response_.prepared->head;
        if (with_body) parts_[2] = response_.prepared->body, file_ = response_.prepared->file;
    } else {
        if (response_.file.file && response_.file.length <= kSmallFile && !has_no_body(response_.status)) {
            if (!read_small(response_.file, response_.body)) {
                response_ = text("The file changed while it was read.\n", 500);
            }
            response_.file = {};
        }
        status_ = response_.status;
        const std::uint64_t length = response_.file.file ? response_.file.length : response_.body.size();
        const bool is_bare = has_no_body(status_);
        head_ = format_head(response_, is_bare ? std::nullopt : std::optional(length));
        parts_[0] = head_;
        if (with_body && !is_bare) {
            if (response_.file.file)
                file_ = std::move(response_.file);
            else
                parts_[2] = response_.body;
        }
    }
    parts_[1] = tail_;
}

void Outgoing::clear() {
    response_ = {};
    head_.clear();
    tail_.clear();
    for (auto& part : parts_) part = {};
    file_ = {};
    sent_ = 0;
}

Outgoing::Progress Outgoing::send_some(int socket) {
    std::size_t allowance = kAllowance;
    while (true) {
        iovec vectors[3];
        std::size_t count = 0;
        for (const std::string_view part : parts_)
            if (!part.empty()) vectors[count++] = {const_cast<char*>(part.data()), part.size()};
        if (count == 0) break;
        if (allowance == 0) return Progress::Waiting;
        msghdr message{};
        message.msg_iov = vectors;
        message.msg_iovlen = count;
        const ssize_t gone = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT | (file_.file ? MSG_MORE : 0));
        if (gone < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN || errno == EWOULDBLOCK ? Progress::Waiting : Progress::Broken;
        }
        auto left = static_cast<std::size_t>(gone);
        sent_ += left;
        allowance -= std::min(left, allowance);
        for (auto& part : parts_) {
            const std::size_t cut = std::min(left, part.size());
            part.remove_prefix(cut);
            left -= cut;
        }
    }
    return file_.file ? send_file(socket, allowance) : Progress::Done;
}

Outgoing::Progress Outgoing::send_file(int socket, std::size_t allowance) {
    while (file_.length > 0) {
        if (allowance == 0) return Progress::Waiting;
        auto offset = static_cast<off_t>(file_.offset);
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(file_.length, allowance));
        const ssize_t gone = ::sendfile(socket, file_.file->get(), &offset, wanted);
        if (gone < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN ? Progress::Waiting : Progress::Broken;
        }
        if (gone == 0) return Progress::Broken;  // the file became shorter; only closing tells the client
        file_.offset += static_cast<std::uint64_t>(gone);
        file_.length -= static_cast<std::uint64_t>(gone);
        sent_ += static_cast<std::uint64_t>(gone);
        allowance -= static_cast<std::size_t>(gone);
    }
    return Progress::Done;
}

}  // namespace http
