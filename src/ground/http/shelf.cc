#include "ground/http/shelf.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace http {

namespace {

constexpr std::uint64_t kPage = 4096;

std::uint64_t whole_pages(std::uint64_t bytes) {
    return (bytes + kPage - 1) / kPage * kPage;
}

void give_back(int memory, std::uint64_t place, std::uint64_t length) {
    ::fallocate(memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(place),
                static_cast<off_t>(whole_pages(length)));
}

}  // namespace

Shelf::Shelf() : memory_(std::make_shared<const sys::Descriptor>(::memfd_create("kept replies", MFD_CLOEXEC))) {}

FileBody Shelf::put(std::string_view bytes) {
    if (!*memory_ || bytes.size() < kSmallest) return {};
    std::uint64_t place = 0;
    {
        const std::scoped_lock lock(mutex_);
        place = end_;
        end_ += whole_pages(bytes.size());
    }
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t put = ::pwrite(memory_->get(), bytes.data() + written, bytes.size() - written,
                                     static_cast<off_t>(place + written));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            give_back(memory_->get(), place, bytes.size());
            return {};
        }
        written += static_cast<std::size_t>(put);
    }
    const auto end = [memory = memory_, place, length = bytes.size()](const sys::Descriptor* file) {
        give_back(file->get(), place, length);
    };
    return {std::shared_ptr<const sys::Descriptor>(memory_.get(), end), place, bytes.size()};
}

}  // namespace http
