#include "ground/http/engine/workers.h"

#include <utility>

namespace http {

Workers::Workers(int threads, std::size_t queue) : limit_(queue) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

bool Workers::add(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (is_stopped_ || queue_.size() >= limit_) return false;
        queue_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

void Workers::stop() {
    std::deque<std::function<void()>> forgotten;
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        forgotten.swap(queue_);
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Workers::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return is_stopped_ || !queue_.empty(); });
        if (is_stopped_) return;
        auto task = std::move(queue_.front());
        queue_.pop_front();
        lock.unlock();
        task();
        task = nullptr;
        lock.lock();
    }
}

}  // namespace http
