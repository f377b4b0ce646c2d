// A fixed number of threads and a queue with an end.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace http {

class Workers {
  public:
    Workers(int threads, std::size_t queue);
    ~Workers() { stop(); }
    /// False when the queue is full or the workers have been stopped. `task` must not throw.
    bool add(std::function<void()> task);
    /// Ends the running tasks, forgets the waiting ones, joins.
    void stop();

  private:
    void run();

    const std::size_t limit_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> queue_;
    bool is_stopped_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace http
