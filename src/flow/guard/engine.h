// The watching guard's inside: what its threads share. Locks are taken in the order in which they stand here;
// while something is told, only that of telling is held.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "flow/guard/cases.h"
#include "flow/guard/raised.h"
#include "flow/guard/release_view.h"
#include "flow/guard/unsaid.h"
#include "flow/guard_site.h"
#include "flow/heal_tree.h"
#include "ground/sys/files.h"
#include "watch/guard/sweep.h"

namespace flow {

class GuardEngine {
  public:
    GuardEngine(std::filesystem::path site, GuardOptions options, const base::Clock& clock, signals::Take take);
    ~GuardEngine();

  private:
    using Paths = std::map<std::string, std::optional<guard::Writer>>;

    // judge.cc: what was touched, and what is wrong with it
    void collect();
    void note_watcher(const guard::Watcher& watcher);
    bool is_ours(const guard::Writer& writer) const;
    void merge(guard::Touches touched);
    void judge();
    bool open_view();
    Paths take_batch();
    void look(const Paths& batch);
    void leave_out_what_is_being_kept(std::vector<guard::Deviation>& found) const;
    void add_what_is_held(const Paths& batch, std::vector<guard::Deviation>& found);
    bool follow(release::Follower::Look look);
    bool watch_what_moves();
    void look_again(const std::vector<std::string>& paths);

    // mend.cc: having it put right
    void mend();
    void mend_some(std::vector<delivery::Sick> sick);
    void mend_tree();
    bool may_mend();
    bool is_pausing();
    std::optional<GuardPause> look_for_pause();
    void note_healed(const std::vector<delivery::Healed>& healed);
    void inspect_evidence(const std::vector<delivery::Healed>& healed);

    // fetch.cc: objects that are damaged here and whole elsewhere
    /// `is_public`: what is to stand in the document root waits for it.
    void want_object(const std::string& path, bool is_public);
    void fetch_objects();
    bool restore_object(const std::string& path);

    // look_over.cc: the slow ways, and the log
    void look_over();
    bool sweep(guard::Sweep::Depth depth);
    guard::Sweep::Result run_sweep(guard::Sweep::Depth depth);
    std::chrono::nanoseconds glance();
    bool is_anything_due() const;
    void check_log(release::VerifyFrom from);
    void check_keys();
    void check_objects(bool is_deep);
    bool rest();

    // areas.cc: what other writers do
    void watch_areas();

    // engine.cc: what is said
    /// A state of the guard or the log: raised once, cleared once. An empty `problem` clears.
    void set_condition(const std::string& kind, signals::Severity severity, const std::string& wording,
                       const std::string& problem);
    void note_fault(const std::string& problem);
    void say(std::vector<signals::Signal> said);
    /// Hands on what was said, on a thread of its own: whoever takes it may be slow, or gone for a while.
    void tell();
    /// Clears what the run before has raised and this one does not find.
    void settle();
    void settle_objects();
    void say_cases();
    void tick();
    void write_status();
    bool sleep(std::chrono::milliseconds time);  ///< false when the guard stops

    const std::filesystem::path site_;
    const GuardOptions options_;
    const base::Clock& clock_;
    const signals::Take take_;
    const Folders folders_;
    const GuardFolder own_;
    std::optional<sys::FileLock> lock_;
    std::unique_ptr<objects::Store> objects_;
    std::mutex desk_mutex_;
    HealDesk desk_;
    base::Instant started_at_;

    std::atomic<std::int64_t> faulted_at_ = 0;  ///< monotonic nanoseconds; of the last fault
    std::atomic<bool> is_stopping_ = false, wants_rewatch_ = false;
    std::mutex stop_mutex_;
    std::condition_variable stop_;

    std::mutex view_mutex_;
    std::unique_ptr<ReleaseView> view_;  ///< none while the log is not to be relied on

    std::mutex case_mutex_;
    Cases cases_;

    std::mutex queue_mutex_;
    std::condition_variable queue_, mend_wanted_, sweep_wanted_;
    Paths pending_, deferred_;  ///< to be looked at; waiting for a placement
    std::set<std::string> pending_folders_;
    std::map<std::string, guard::HeldFile> held_;  ///< open for writing by somebody
    std::optional<guard::Sweep::Depth> wants_sweep_;
    bool wants_log_check_ = false, wants_key_check_ = false;
    bool wants_mend_ = false;

    std::mutex lost_mutex_;
    std::condition_variable lost_wanted_;
    std::deque<std::string> lost_;  ///< paths whose objects are to be fetched

    std::mutex say_mutex_;
    std::condition_variable said_;
    bool is_telling_over_ = false;
    Unsaid unsaid_;
    Raised raised_;
    struct Condition {
        std::string wording, problem;  ///< for the people of the office; what the program found
    };
    std::map<std::string, Condition> conditions_;  ///< by kind

    std::mutex status_mutex_;
    std::string means_, remark_;
    std::size_t folder_count_ = 0, file_count_ = 0, lease_count_ = 0;
    struct Swept {
        base::Instant at;
        double seconds = 0;
        guard::Sweep::Result result;
    };
    std::optional<Swept> last_look_, last_full_;
    std::string last_status_;
    std::atomic<bool> is_paused_ = false;  ///< as of the last tick
    std::mutex pause_mutex_;
    std::optional<GuardPause> pause_;  ///< the last one that could be read

    guard::Sweep sweep_;                                   ///< of the thread that looks over
    std::chrono::nanoseconds next_log_{0}, next_keys_{0};  ///< its, too: when they may be checked again
    std::optional<std::chrono::nanoseconds> key_fault_since_;

    std::vector<std::jthread> threads_;
    std::jthread teller_;
};

}  // namespace flow
