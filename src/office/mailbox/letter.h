// A mail that came, as plain values: who wrote it, what it says as text, its files, where it belongs. Whatever stands
// in it was written by strangers: sizes, depth and counts are bounded, text comes out as valid UTF-8 without control
// characters, HTML only as its text. Japanese mail is read as it is really sent: ISO-2022-JP with vendor characters,
// unencoded in headers, with words cut within a character. Nothing is fetched, nothing is run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mailbox {

struct Part {
    std::string name;   ///< as its sender called it; never a path
    std::string bytes;  ///< decoded
};

struct Letter {
    std::string from_name, from_address;  ///< the address is empty when there is none that can be written to
    std::vector<std::string> to;          ///< addresses of To and Cc, in lower case; at most kMostReferences
    std::string subject;
    std::string message_id;               ///< "<...>"; empty: none that is well formed
    std::vector<std::string> references;  ///< References and In-Reply-To, the oldest first; at most kMostReferences
    std::string text;                     ///< without what the sender only quotes of ours below
    std::vector<Part> files;
    std::string automatic;  ///< why it counts as written by a program (automatic.h); empty: a person wrote it
    bool was_cut = false;   ///< something was left out: the text was too long, or there were too many parts
};

constexpr std::size_t kMostReferences = 50;
constexpr std::size_t kLongestName = 200;  ///< characters
constexpr std::size_t kMostParts = 200;
constexpr int kDeepest = 20;
constexpr std::size_t kLongestText = 20'000;  ///< characters

/// Throws Error(BadInput): it is no mail, or is nested too deeply.
Letter read_letter(std::string_view bytes);

}  // namespace mailbox
