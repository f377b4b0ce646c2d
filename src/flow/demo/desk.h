// What the demo city's maintainers have done since the month before: a contract, registers, a duty roster, questions,
// incidents, a planned stop, trainings, visits, a weakness on its way, and last month's report. Through the same flows
// as the screens, each at its time; nothing that a machine would have had to do meanwhile (backups, the watch) is told
// of: those obligations begin when the site does.
#pragma once

#include <map>
#include <string>

#include "flow/site.h"
#include "office/documents/store.h"

namespace flow::demo {

/// contract.toml: the CMS sample with the city's names, from `begins` for five years; what machines prove from `today`.
std::string contract_text(base::Day begins, base::Day today);

class Desk {
  public:
    /// `people` by login name; `clock` is the site's.
    Desk(Site& site, base::FixedClock& clock, const std::map<std::string, base::PersonId>& people, base::Instant now)
        : site_(site), clock_(clock), people_(people), today_(base::local_day(now)), now_(now) {}

    /// The first open day of the month before: when all of it begins.
    static base::Instant beginning(base::Day today);

    void begin();
    /// `has_papers`: also what has to be printed (reports of an incident), a second or so each; else it is entered as
    /// handed over on paper.
    void last_month(bool has_papers);
    /// The next roster; with `has_papers` last month's report, handed in and billed, which costs a second or so for
    /// each paper. Without them, or an engine that prints, the notice is entered as handed over on paper.
    void month_end(bool has_papers);
    /// A weakness that has to be dealt with.
    void add_weakness();
    void today();

    /// When month_end() belongs.
    base::Instant month_end_at() const;

  private:
    template <class By>
    By by(const std::string& login) const {
        return {fmt::format("person:{}", people_.at(login).value), clock_.now()};
    }
    void go_on_at(base::Instant at);
    void add_registers();
    void set_roster(base::Day first);
    void answer_questions();
    void end_incident(bool has_papers);
    bool hand_in(const char* stage);
    void hand_in_by_hand(std::string obligation, std::string subject, std::string_view paper,
                         std::vector<std::pair<std::string, std::string>> fields);
    void deliver(const documents::Version& version, const std::string& who);
    void plan_training();
    void open_training();
    void hold_training();
    void visit();
    void plan_ahead();
    void ask_today();

    Site& site_;
    base::FixedClock& clock_;
    const std::map<std::string, base::PersonId>& people_;
    base::Day today_;
    base::Instant now_;
    std::int64_t incident_ = 0, training_ = 0;
};

}  // namespace flow::demo
