// Following a stream line by line. A chain knows nothing of where the lines are kept: the store and an export use it
// alike.
#include <algorithm>

#include <fmt/format.h>

#include "ground/base/error.h"
#include "ground/ledger/line.h"
#include "ground/sys/crypto.h"

namespace ledger {

Chain::Chain(std::string stream, std::vector<Witness> witnesses) : witnesses_(std::move(witnesses)) {
    report_.stream = std::move(stream);
    std::erase_if(witnesses_, [](const Witness& witness) { return witness.head.sequence == 0; });
    std::sort(witnesses_.begin(), witnesses_.end(),
              [](const Witness& a, const Witness& b) { return a.head.sequence < b.head.sequence; });
}

std::optional<Line> Chain::add(std::int64_t sequence, std::string_view bytes) {
    const auto report = [&](Fault fault, std::string_view why) {
        add_problem({fault, sequence, fmt::format("{} {}: {}", report_.stream, sequence, why)});
    };
    const bool is_first = report_.entries == 0;
    const std::int64_t due = is_first ? sequence : report_.last + 1;
    if (sequence > due)
        report(Fault::Missing, due + 1 == sequence
                                   ? fmt::format("line {} before it is missing", due)
                                   : fmt::format("lines {} to {} before it are missing", due, sequence - 1));
    if (sequence < due) report(Fault::Reordered, fmt::format("it comes after line {}", report_.last));

    std::optional<Line> line;
    try {
        line = parse_line(bytes);
        if (line->stream != report_.stream)
            report(Fault::Malformed, fmt::format("it is of the stream {}", line->stream));
        if (line->sequence != sequence)
            report(Fault::Reordered, fmt::format("the line there says that it is {}", line->sequence));
        const bool is_start = is_first && sequence == 1;
        const base::Hash expected = is_start ? base::Hash{} : report_.last_hash;
        if ((!is_first || is_start) && sequence == due && line->previous != expected)
            report(Fault::Changed, is_start
                                       ? "it is the first line, but names one before it"
                                       : fmt::format("it does not follow from line {} as that stands here", due - 1));
    } catch (const base::Error& error) {
        report(Fault::Malformed, error.message());
    }
    if (is_first) report_.first = sequence;
    ++report_.entries;
    report_.last = sequence;
    report_.last_hash = sys::sha256(bytes);
    for (; next_witness_ < witnesses_.size() && witnesses_[next_witness_].head.sequence <= sequence; ++next_witness_) {
        const auto& witness = witnesses_[next_witness_];
        if (witness.head.sequence == sequence && witness.head.hash != report_.last_hash)
            report(Fault::Changed, fmt::format("release {} has signed another line at this place", witness.release));
    }
    return line;
}

Report Chain::finish(const std::optional<Head>& head) {
    for (; next_witness_ < witnesses_.size(); ++next_witness_) {
        const auto& witness = witnesses_[next_witness_];
        add_problem({Fault::CutTail, witness.head.sequence,
                     fmt::format("{} ends at line {}, but release {} has signed line {}", report_.stream, report_.last,
                                 witness.release, witness.head.sequence)});
    }
    if (head && head->sequence > report_.last)
        add_problem(
            {Fault::CutTail, head->sequence,
             fmt::format("{} ends at line {}, but its head says {}", report_.stream, report_.last, head->sequence)});
    else if (head && *head != Head{report_.last, report_.last_hash})
        add_problem(
            {Fault::WrongHead, report_.last, fmt::format("the head of {} is not its last line", report_.stream)});
    return std::move(report_);
}

Report verify_export(std::string_view text, const std::optional<Head>& head, std::vector<Witness> witnesses) {
    std::optional<Chain> chain;
    std::int64_t place = 0;
    int number = 0;
    while (!text.empty()) {
        ++number;
        const auto end = text.find('\n');
        const auto bytes = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!chain) {
            std::string stream = "export";
            place = number;
            try {
                const Line first = parse_line(bytes);
                stream = first.stream;
                place = first.sequence;
            } catch (const base::Error&) {
                // The chain says so below, with the line's place.
            }
            // A range begins somewhere: what was signed before its first line is not its affair.
            std::erase_if(witnesses, [&](const Witness& witness) { return witness.head.sequence < place; });
            chain.emplace(stream, witnesses);
        }
        chain->add(place++, bytes);
        if (end == std::string_view::npos)
            chain->add_problem({Fault::Malformed, place - 1, "the last line of the export has no end"});
    }
    if (!chain) chain.emplace("export", witnesses);
    return chain->finish(head);
}

}  // namespace ledger
