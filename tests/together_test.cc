// Two offices on one database: two processes of eight clients each make a thousand saves, requests, approvals and
// publications a client, on a few pages so that they meet, while a third process is the press. Afterwards everything
// that was acknowledged is compared with what is stored and with what is public: design.md's invariants 1, 3, 4, 5
// and 7.
//
// The program is its own second process: `together_test --clients SITE SHIFT SEED PEOPLE PAGES` plays the clients and
// says line by line what was acknowledged to them.
#include <iostream>
#include <random>
#include <sstream>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "flow/activate_due.h"
#include "flow/edit_page.h"
#include "flow/publish_site.h"
#include "flow/testing/town.h"
#include "flow/verify_ledger.h"
#include "flow/verify_site.h"
#include "ground/base/text.h"
#include "ground/ledger/store.h"
#include "ground/release/store.h"
#include "ground/sys/process.h"
#include "program.h"

namespace tests {

namespace {

using base::PageId;
using base::RevisionId;
using flow::Doer;
using flow::Outcome;
using workflow::State;

constexpr int kClients = 8;  // of each process
// Of each client; fewer under the sanitisers, where an act takes ten times as long.
constexpr int kActs = kIsSanitized ? 100 : 1000;
constexpr int kPages = 48;

/// The system's clock, moved: all processes of the test see the same hour, and it passes.
class ShiftedClock final : public base::Clock {
  public:
    explicit ShiftedClock(std::chrono::milliseconds shift) : shift_(shift) {}
    base::Instant now() const override { return system_.now() + shift_; }
    std::chrono::nanoseconds monotonic() const override { return system_.monotonic(); }

  private:
    base::SystemClock system_;
    std::chrono::milliseconds shift_;
};

std::int64_t number(std::string_view text) {
    return std::stoll(std::string(text));
}

// --- the clients' process

/// Author, other author, two approvers, site administrator.
using Staff = std::array<Doer, 5>;

class Client {
  public:
    Client(flow::Site& site, const Staff& staff, unsigned seed)
        : site_(site),
          author_(staff[0]),
          other_(staff[1]),
          chief_(staff[2]),
          chief2_(staff[3]),
          admin_(staff[4]),
          seed_(seed),
          random_(seed) {}

    /// What was acknowledged, "ACT PAGE VERSION-BEFORE VERSION-AFTER REVISION RECEIPT TEXT" with the ledger's name of
    /// the act, and the counts.
    std::string work(const std::vector<PageId>& pages) {
        for (int i = 0; i < kActs; ++i) {
            try {
                act(pages[random_() % pages.size()], i);
            } catch (const base::Error& error) {
                // Somebody was first. Nothing else may stop a client.
                if (error.kind() == base::Kind::Conflict)
                    ++stale_;
                else
                    said_ << "failed " << error.message() << '\n';
            }
        }
        said_ << fmt::format("counts {} {} {}\n", done_, refused_, stale_);
        return said_.str();
    }

  private:
    bool chance(unsigned per_cent) { return random_() % 100 < per_cent; }
    const Doer& writer() { return chance(50) ? author_ : other_; }
    const Doer& approver() { return chance(10) ? author_ : chance(50) ? chief_ : chief2_; }

    void act(PageId page, int turn) {
        const Outcome seen = flow::look_at(site_, page);
        switch (chance(8) ? static_cast<State>(random_() % workflow::kStates) : seen.standing.state) {
            case State::Submitted:
                if (chance(75)) return approve(seen);
                if (chance(50))
                    return tell("page.return", seen,
                                flow::return_page(site_, page, seen.version(), "直してください", approver()));
                return tell("page.recall", seen, flow::take_back(site_, page, seen.version(), writer()));
            case State::Approved:
                return tell(seen.standing.matter == workflow::Matter::Publish ? "page.publish" : "page.withdraw", seen,
                            flow::publish_now(site_, page, seen.version(), writer()));
            case State::Scheduled:
                return tell("page.cancel-schedule", seen, flow::cancel_schedule(site_, page, seen.version(), writer()));
            default:
                return write(seen, turn);
        }
    }

    void write(const Outcome& seen, int turn) {
        const PageId page = seen.page.id;
        const unsigned dice = random_() % 100;
        if (dice < 50) return save(seen, turn);
        if (dice < 86) {
            flow::Submission asked;
            if (chance(15)) asked.publish_at = site_.clock.now() + std::chrono::milliseconds(random_() % 2000);
            asked.is_by_hand = asked.publish_at == base::Instant{} && chance(15);
            return tell("page.submit", seen, flow::submit(site_, page, seen.version(), asked, writer()));
        }
        if (dice < 89)
            return tell("page.publish-emergency", seen,
                        flow::emergency_publish(site_, page, seen.version(), "急ぎ", admin_));
        if (dice < 93) {
            const auto open =
                site_.database->read([&](sys::Reader& db) { return workflow::find_open_emergency(db, page); });
            return tell("page.approve-afterwards", seen,
                        flow::approve_afterwards(site_, {page, seen.version(), open ? open->hash : seen.hash, "", {}},
                                                 approver()));
        }
        if (dice < 96)
            return tell("page.restore", seen, flow::restore(site_, page, seen.revision, seen.version(), writer()));
        if (dice < 98) return tell("page.discard", seen, flow::discard(site_, page, seen.version(), writer()));
        const workflow::Ending gone{workflow::EndReason::Gone, "", ""};
        if (chance(50))
            return tell("page.withdraw", seen,
                        flow::withdraw(site_, page, seen.version(), gone, flow::Asking::AtOnce, admin_));
        tell("page.submit", seen,
             flow::withdraw(site_, page, seen.version(), gone, flow::Asking::WithApproval, writer()));
    }

    void save(const Outcome& seen, int turn) {
        flow::Save save;
        save.page = seen.page.id;
        save.body =
            site_.database->read([&](sys::Reader& db) { return content::load_revision(db, seen.revision).body; });
        const std::string html = fmt::format("<p>client{}-act{}</p>", seed_, turn);
        save.body.parts["main"] = html;
        save.based_on = seen.revision;
        save.version = seen.version();
        save.saving = chance(20) ? flow::Saving::Autosave : flow::Saving::ByHand;
        tell("page.save", seen, flow::save_draft(site_, save, writer()), html);
    }

    void approve(const Outcome& seen) {
        // Now and then somebody opened something else than what is asked; that is refused.
        const base::Hash opened = chance(5) ? base::Hash{} : seen.standing.hash;
        tell("page.approve", seen, flow::approve(site_, {seen.page.id, seen.version(), opened, "", {}}, approver()));
    }

    void tell(std::string_view act, const Outcome& seen, const Outcome& outcome, std::string_view text = {}) {
        if (!outcome) {
            ++refused_;
            return;
        }
        ++done_;
        said_ << fmt::format("{} {} {} {} {} {} {}\n", act, seen.page.id.value, seen.version(), outcome.version(),
                             outcome.revision.value, outcome.receipt, text);
    }

    flow::Site& site_;
    const Doer author_, other_, chief_, chief2_, admin_;
    const unsigned seed_;
    std::mt19937 random_;
    std::ostringstream said_;
    int done_ = 0, refused_ = 0, stale_ = 0;
};

int play_clients(const std::vector<std::string>& words) {
    const ShiftedClock clock{std::chrono::milliseconds(number(words.at(1)))};
    const auto site = flow::Site::open(words.at(0), clock);
    const unsigned seed = static_cast<unsigned>(number(words.at(2)));
    Staff staff;
    const auto ids = base::split(words.at(3), ',');
    for (std::size_t i = 0; i < staff.size(); ++i) staff[i] = {{number(ids.at(i))}, {}};
    std::vector<PageId> pages;
    for (const std::string_view id : base::split(words.at(4), ',')) pages.push_back({number(id)});
    std::vector<std::string> said(kClients);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kClients; ++i)
        threads.emplace_back([&, i] { said[i] = Client(*site, staff, seed + i).work(pages); });
    for (std::thread& thread : threads) thread.join();
    for (const std::string& one : said) std::cout << one;
    return 0;
}

// --- the test

/// One acknowledged act.
struct Told {
    std::string act;
    PageId page;
    std::int64_t from = 0, to = 0;  ///< the standing's version
    RevisionId revision;
    std::int64_t receipt = 0;
    std::string text;
};

class Together : public ::testing::TestWithParam<std::string>, public flow::testing::Town {
  protected:
    Together() : Town(GetParam()) {
        for (int i = 0; i < kPages; ++i) pages_.push_back(taken_over(fmt::format("kurashi/{}.html", i)));
    }

    /// Both processes of clients from beginning to end, and the press beside them in this one.
    void run_all() {
        const auto shift = clock.now() - base::SystemClock().now();
        clock_ = std::make_unique<ShiftedClock>(shift);
        open_ = flow::Site::open(site->folders.site, *clock_);
        std::string people, ids;
        for (const Doer& one : {author, other_author, chief, chief2, admin})
            people += (people.empty() ? "" : ",") + std::to_string(one.person.value);
        for (const content::Page& page : pages_) ids += (ids.empty() ? "" : ",") + std::to_string(page.id.value);
        std::atomic<int> running{2};
        std::vector<sys::Outcome> ended(2);
        std::vector<std::thread> processes;
        for (int i = 0; i < 2; ++i)
            processes.emplace_back([&, i] {
                sys::Command command;
                command.arguments = {"/proc/self/exe",
                                     "--clients",
                                     site->folders.site.string(),
                                     std::to_string(shift.count()),
                                     std::to_string(1000 * (i + 1)),
                                     people,
                                     ids};
                command.patience = std::chrono::minutes(4);
                ended[static_cast<std::size_t>(i)] = sys::run(command);
                --running;
            });
        const auto press = flow::Press::find(*open_);
        try {
            while (running > 0) {
                press->publish({});
                std::this_thread::sleep_for(std::chrono::milliseconds(500));
            }
        } catch (const base::Error& error) {
            ADD_FAILURE() << "the press stopped: " << error.message();
        }
        for (std::thread& one : processes) one.join();
        for (const sys::Outcome& one : ended) {
            ASSERT_EQ(one.exit_code, 0) << one.errors;
            ASSERT_FALSE(one.was_cut);
            hear(one.output);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2100));  // what was planned has come by now
        press->publish({});
    }

    void hear(const std::string& output) {
        for (const std::string_view line : base::split(output, '\n')) {
            if (line.empty()) continue;
            const auto words = base::split(line, ' ');
            if (words[0] == "failed") {
                ADD_FAILURE() << line;
            } else if (words[0] == "counts") {
                done_ += number(words.at(1)), refused_ += number(words.at(2)), stale_ += number(words.at(3));
            } else {
                told_.push_back({std::string(words.at(0)),
                                 {number(words.at(1))},
                                 number(words.at(2)),
                                 number(words.at(3)),
                                 {number(words.at(4))},
                                 number(words.at(5)),
                                 std::string(words.at(6))});
            }
        }
    }

    /// The page's part of the ledger, oldest first.
    static std::vector<ledger::Line> lines_of(sys::Reader& db, PageId page) {
        std::vector<ledger::Line> all;
        ledger::Search search;
        search.subject = fmt::format("page:{}", page.value);
        search.limit = 1000;
        for (;;) {
            const auto part = ledger::find_lines(db, search);
            all.insert(all.end(), part.begin(), part.end());
            if (part.size() < 1000) break;
            search.before = part.back().sequence;
        }
        std::reverse(all.begin(), all.end());
        return all;
    }

    /// Each acknowledged act was made from a version of its own, and none is missing: versions count them.
    void expect_no_lost_update(sys::Reader& db, PageId page, const std::vector<ledger::Line>& lines) {
        std::set<std::int64_t> from;
        for (const Told& one : told_) {
            if (one.page != page) continue;
            EXPECT_TRUE(from.insert(one.from).second) << one.act << " from version " << one.from << " twice";
            EXPECT_EQ(one.to, one.from + 1) << one.act;
        }
        const auto by_the_press = std::count_if(
            lines.begin(), lines.end(), [](const ledger::Line& line) { return line.entry.by == "service:press"; });
        EXPECT_EQ(workflow::find_standing(db, page).version,
                  static_cast<std::int64_t>(from.size()) + std::int64_t{by_the_press});
    }

    /// The text of each save stands in its revision (an autosave's until the same person's next save there).
    void expect_all_saves(sys::Reader& db, PageId page) {
        std::map<RevisionId, const Told*> last;
        for (const Told& one : told_) {
            if (one.page != page || one.act != "page.save") continue;
            const Told*& known = last[one.revision];
            if (known == nullptr || known->to < one.to) known = &one;
        }
        for (const auto& [id, one] : last) EXPECT_EQ(content::load_revision(db, id).body.parts.at("main"), one->text);
        EXPECT_FALSE(last.empty());
    }

    /// One line for each act, and one more for what it made public or took down.
    void expect_one_line_for_each_act(PageId page, const std::vector<ledger::Line>& lines) {
        std::map<std::string, std::int64_t> written, told;
        std::int64_t changes_written = 0, changes_told = 0;
        const auto is_change = [](std::string_view act) {
            return act == "page.publish" || act == "page.withdraw" || act == "page.schedule";
        };
        for (const ledger::Line& line : lines) {
            if (!line.entry.by.starts_with("person:")) continue;
            ++(is_change(line.entry.act) ? changes_written : written[line.entry.act]);
        }
        for (const Told& one : told_) {
            if (one.page != page) continue;
            if (one.receipt != 0) ++changes_told;
            if (!is_change(one.act)) ++told[one.act];
        }
        EXPECT_EQ(written, told);
        EXPECT_EQ(changes_written, changes_told);
    }

    /// Whatever was public at any time had been approved by its hash, by somebody who neither wrote nor submitted it,
    /// or was an emergency.
    void expect_all_approved(sys::Reader& db, const std::vector<ledger::Line>& lines) {
        std::string submitter, emergency;
        std::set<std::pair<std::string, std::string>> yeses;  // hash, person
        for (const ledger::Line& line : lines) {
            const auto& [at, by, act, subject, detail] = line.entry;
            const auto said = boost::json::parse(detail).as_object();
            const auto hash = [&] { return std::string(said.at("hash").as_string()); };
            if (act == "page.submit") {
                submitter = by;
                yeses.clear();
            } else if (act == "page.approve") {
                EXPECT_NE(by, submitter);
                yeses.emplace(hash(), by);
            } else if (act == "page.publish-emergency") {
                emergency = hash();
            } else if (act == "page.publish") {
                const content::Revision revision =
                    content::load_revision(db, {said.at("revision").to_number<std::int64_t>()});
                const content::Page page = content::load_page(db, revision.page);
                EXPECT_EQ(revision.hash.hex(), hash());
                EXPECT_EQ(content::revision_hash(page.path, page.document, revision.body).hex(), hash());
                const std::string writer = fmt::format("person:{}", revision.author.value);
                const bool is_approved = std::any_of(yeses.begin(), yeses.end(), [&](const auto& yes) {
                    return yes.first == hash() && yes.second != writer;
                });
                EXPECT_TRUE(is_approved || std::exchange(emergency, {}) == hash()) << line.sequence;
                ++publications_;
            }
        }
    }

    /// What visitors find is the live revision, or nothing.
    void expect_public(sys::Reader& db, const content::Page& before) {
        const content::Page page = content::load_page(db, before.id);
        const auto file = site->folders.document_root / page.path;
        if (page.live == before.live) return;  // never changed, or back at what was there before this test
        ASSERT_EQ(std::filesystem::exists(file), static_cast<bool>(page.live));
        if (!page.live) return;
        const std::string text = content::load_revision(db, page.live).body.parts.at("main");
        EXPECT_NE(sys::read_file(file).find(text), std::string::npos) << text;
    }

    std::vector<content::Page> pages_;
    std::unique_ptr<ShiftedClock> clock_;
    std::unique_ptr<flow::Site> open_;
    std::vector<Told> told_;
    std::int64_t done_ = 0, refused_ = 0, stale_ = 0, publications_ = 0;
};

}  // namespace

TEST_P(Together, TwoProcessesOfEightClientsKeepWhatAlwaysHolds) {
    const auto start = std::chrono::steady_clock::now();
    run_all();
    if (HasFatalFailure()) return;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    EXPECT_EQ(done_ + refused_ + stale_, 2 * kClients * kActs);
    EXPECT_EQ(done_, static_cast<std::int64_t>(told_.size()));
    EXPECT_GT(done_, kClients * kActs) << "most clients got nothing done";
    read([&](sys::Reader& db) {
        EXPECT_TRUE(flow::verify_ledger(*open_, ledger::kOffice).is_whole());
        for (const content::Page& page : pages_) {
            SCOPED_TRACE(page.path);
            const auto lines = lines_of(db, page.id);
            expect_no_lost_update(db, page.id, lines);
            expect_all_saves(db, page.id);
            expect_one_line_for_each_act(page.id, lines);
            expect_all_approved(db, lines);
            expect_public(db, page);
        }
        EXPECT_FALSE(publish::is_anything_dirty(db));
        EXPECT_TRUE(release::list_unplaced(db).empty());
        for (const Told& one : told_) {
            if (one.receipt == 0) continue;
            const auto receipt = publish::find_receipt(db, one.receipt);
            if (!receipt) continue;  // a plan that was called off
            EXPECT_EQ(receipt->state, publish::ReceiptState::Placed) << one.act << ": " << receipt->problem;
        }
    });
    const auto numbers = open_->log.list_numbers();
    for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], static_cast<std::int64_t>(i) + 1);
    const flow::Verified verified = flow::verify_site(site->folders.site, {}, *clock_);
    EXPECT_TRUE(verified.is_well());
    EXPECT_EQ(verified.release, numbers.empty() ? 0 : numbers.back());
    EXPECT_GT(publications_, kPages);
    std::cout << fmt::format("{} done, {} refused, {} too late; {} publications in {} releases; {:.0f} s\n", done_,
                             refused_, stale_, publications_, numbers.size(), seconds.count());
}

INSTANTIATE_TEST_SUITE_P(Engines, Together, ::testing::ValuesIn(sys::testing::engines()), sys::testing::engine_name);

}  // namespace tests

int main(int count, char** words) {
    if (count > 1 && std::string_view(words[1]) == "--clients")
        return tests::play_clients(std::vector<std::string>(words + 2, words + count));
    ::testing::InitGoogleTest(&count, words);
    return RUN_ALL_TESTS();
}
