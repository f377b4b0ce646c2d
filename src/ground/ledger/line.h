// One line of the ledger: a JSON object in one fixed form, chained to the line before it by that line's hash. Pure;
// docs/format/ledger.md is the format.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"

namespace ledger {

/// What is to be recorded.
struct Entry {
    base::Instant at;
    std::string by;             ///< "person:12", "system:press", "service:clock"
    std::string act;            ///< "page.approve"; acts.h
    std::string subject;        ///< "page:37", "release:12"; may be empty
    std::string detail = "{}";  ///< a JSON object; no secrets, no more personal data than the evidence needs
};

/// A line as it was written.
struct Line {
    std::string stream;
    std::int64_t sequence = 0;  ///< from 1
    Entry entry;
    base::Hash previous;  ///< zeros for the first
};

/// The end of a stream; zero and zeros before the first line.
struct Head {
    std::int64_t sequence = 0;
    base::Hash hash;
    bool operator==(const Head&) const = default;
};

/// The line's bytes, without a newline. Throws Error(BadInput) when a word is not well formed or `detail` is no JSON
/// object.
std::string write_line(std::string_view stream, const Head& after, const Entry& entry);
/// Strict: accepts only what write_line can have written. Throws Error(Damaged).
Line parse_line(std::string_view bytes);

enum class Fault { Malformed, Missing, Reordered, Changed, CutTail, WrongHead, WrongIndex, BadWitness };
std::string_view fault_name(Fault fault);  ///< "malformed", "missing", ...

struct Problem {
    Fault fault = Fault::Malformed;
    std::int64_t sequence = 0;
    std::string message;
    bool operator==(const Problem&) const = default;
};

/// A head that somebody signed: release `release` says that the stream had reached `head`.
struct Witness {
    std::int64_t release = 0;
    Head head;
};

struct Report {
    std::string stream;
    std::int64_t entries = 0;
    std::int64_t first = 0, last = 0;  ///< sequences; 0 = no line
    base::Hash last_hash;
    std::vector<Problem> problems;
    bool is_whole() const { return problems.empty(); }
};

/// Follows the lines of one stream.
class Chain {
  public:
    /// `witnesses` in any order.
    explicit Chain(std::string stream, std::vector<Witness> witnesses = {});
    /// The next line, which stands at place `sequence`. Returns it when it could be read.
    std::optional<Line> add(std::int64_t sequence, std::string_view bytes);
    void add_problem(Problem problem) { report_.problems.push_back(std::move(problem)); }
    /// What was found; `head`, when known, is where the stream must end.
    Report finish(const std::optional<Head>& head);

  private:
    Report report_;
    std::vector<Witness> witnesses_;  // sorted by sequence
    std::size_t next_witness_ = 0;
};

/// Verifies an export (JSON Lines of one stream, a range of it or all) without the database.
Report verify_export(std::string_view text, const std::optional<Head>& head = std::nullopt,
                     std::vector<Witness> witnesses = {});

}  // namespace ledger
