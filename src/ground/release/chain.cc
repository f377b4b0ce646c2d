// See chain.h.
#include "ground/release/chain.h"

#include <fmt/format.h>

#include "ground/base/error.h"

namespace release {

namespace {

constexpr std::string_view kFaults[] = {"missing",      "malformed",     "wrong-number", "wrong-site",
                                        "broken-chain", "bad-signature", "wrong-tree",   "wrong-checkpoint",
                                        "bad-head",     "rolled-back",   "forked",       "stray"};

std::optional<SignedRecord> read(std::string_view bytes, std::int64_t number, std::vector<Problem>& problems) {
    try {
        return parse_record(bytes);
    } catch (const base::Error& error) {
        problems.push_back({Fault::Malformed, number, fmt::format("release {}: {}", number, error.message())});
        return std::nullopt;
    }
}

}  // namespace

std::string_view fault_name(Fault fault) {
    return kFaults[static_cast<std::size_t>(fault)];
}

std::optional<SignedRecord> Chain::start_at(std::string_view checkpoint, std::int64_t number,
                                            std::vector<Problem>& problems) {
    auto found = read(checkpoint, number, problems);
    if (!found) return std::nullopt;
    const Record& record = found->record;
    const auto report = [&](Fault fault, std::string_view why) {
        problems.push_back({fault, number, fmt::format("checkpoint {}: {}", number, why)});
    };
    if (record.kind != RecordKind::Checkpoint) report(Fault::WrongCheckpoint, "the file is not a checkpoint");
    if (record.number != number)
        report(Fault::WrongNumber, fmt::format("it says that it is of release {}", record.number));
    if (const auto fault = find_signature_fault(checkpoint, *found, keys_)) report(Fault::BadSignature, *fault);
    number_ = number;
    hash_ = record.previous;
    key_id_ = record.key_id;
    site_ = record.site;
    return found;
}

void Chain::start_after(const SignedRecord& verified) {
    const Record& record = verified.record;
    number_ = record.number;
    hash_ = verified.file_hash;
    key_id_ = record.kind == RecordKind::Rekey ? keys_.add(record.new_key) : record.key_id;
    site_ = record.site;
}

void Chain::check_links(const SignedRecord& found, std::int64_t number, std::vector<Problem>& problems) const {
    const Record& record = found.record;
    const auto report = [&](Fault fault, std::string_view why) {
        problems.push_back({fault, number, fmt::format("release {}: {}", number, why)});
    };
    if (record.kind == RecordKind::Checkpoint) report(Fault::Malformed, "a checkpoint stands where a record should");
    if (record.number != number)
        report(Fault::WrongNumber, fmt::format("the record says that it is release {}", record.number));
    if (!site_.empty() && record.site != site_)
        report(Fault::WrongSite, fmt::format("it is of the site {}", record.site));
    const bool may_jump = record.kind == RecordKind::Restored && number_ > 0;
    if (number != number_ + 1 && !may_jump) {
        report(Fault::Missing, number == number_ + 2
                                   ? fmt::format("release {} before it is missing", number_ + 1)
                                   : fmt::format("releases {} to {} before it are missing", number_ + 1, number - 1));
    } else if (record.previous != hash_) {
        report(Fault::BrokenChain, fmt::format("it does not follow from release {} as that stands here", number_));
    }
}

std::optional<SignedRecord> Chain::add(std::string_view bytes, std::int64_t number, std::vector<Problem>& problems) {
    auto found = read(bytes, number, problems);
    if (!found) {
        number_ = number;
        hash_ = sys::sha256(bytes);
        return std::nullopt;
    }
    const Record& record = found->record;
    check_links(*found, number, problems);
    auto fault = find_signature_fault(bytes, *found, keys_);
    if (!fault && !key_id_.empty() && record.key_id != key_id_)
        fault = fmt::format("it is signed by the key {}, where only {} may sign", record.key_id, key_id_);
    if (fault) {
        problems.push_back({Fault::BadSignature, number, fmt::format("release {}: {}", number, *fault)});
    } else {
        key_id_ = record.kind == RecordKind::Rekey ? keys_.add(record.new_key) : record.key_id;
        if (site_.empty()) site_ = record.site;
    }
    number_ = number;
    hash_ = found->file_hash;
    return found;
}

}  // namespace release
