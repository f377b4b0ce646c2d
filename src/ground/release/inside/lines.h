// Words that records, heads and checkpoints share: reading LF-ended lines with their numbers, and the one form of each
// field.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/release/record.h"

namespace release::inside {

/// Reads a text line by line. Every fault is an Error(Damaged) that names `what` and the line.
class Lines {
  public:
    Lines(std::string_view what, std::string_view text) : what_(what), text_(text) {}
    bool at_end() const { return at_ == text_.size(); }
    std::size_t position() const { return at_; }
    bool next_starts_with(std::string_view word) const { return text_.substr(at_).starts_with(word); }
    /// The next line without its LF.
    std::string_view take();
    /// The rest of the next line, which must begin with `word` and a space.
    std::string_view take(std::string_view word);
    void need_line(std::string_view line);
    [[noreturn]] void fail(const std::string& why) const;

    std::int64_t take_number(std::string_view word);
    base::Hash take_hash(std::string_view word);
    base::Instant take_time(std::string_view word);
    Signature take_signature();
    std::int64_t number(std::string_view digits) const;
    base::Hash hash(std::string_view hex) const;

  private:
    std::string_view what_, text_;
    std::size_t at_ = 0;
    int line_ = 0;
};

/// Decimal without sign or leading zeros, at most 15 digits.
std::optional<std::int64_t> find_number(std::string_view digits);

/// Percent-encoded; "-" for nothing (and "%2D" for a value that is "-").
std::string encode_field(std::string_view value);
/// Nothing unless `text` is the one form of its value.
std::optional<std::string> decode_field(std::string_view text);

bool is_site_id(std::string_view text);
bool is_key_id(std::string_view text);
std::string signature_line(const sys::SigningKey& key, std::string_view message);

/// Why the entry, or the parts of the record above its changes, cannot stand in a release; nothing when they can.
std::optional<std::string> find_entry_fault(const Entry& entry);
std::optional<std::string> find_head_fault(const Record& record);

}  // namespace release::inside
