// The head of a request, judged byte by byte before any parser sees it, and its target taken apart. What two programs
// could read in two ways (and so smuggle a request past one of them) is refused: RFC 9110 and 9112 without their
// leniencies. Takes neither absolute-form nor authority-form nor "*": nothing here is a proxy.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/http/form.h"

namespace http {

struct Refusal {
    int status = 400;
    std::string_view why;  ///< fixed text, for the client
};

constexpr std::size_t kMostFields = 100;
constexpr std::size_t kMostTarget = 8000;  ///< RFC 9112 section 3 asks for at least 8000

/// Where the head ends: the position after its empty line. Nothing yet: more bytes are needed.
/// `looked` remembers how far earlier calls came, so that slow senders cost no second look. Sets `refusal` at a bare
/// LF.
std::optional<std::size_t> find_head_end(std::string_view bytes, std::size_t& looked, std::optional<Refusal>& refusal);

/// Judges a whole head, its empty line included. Nothing = fit for parsing.
std::optional<Refusal> check_head(std::string_view head);

struct Target {
    std::string path;
    std::vector<std::string> segments;
    Fields query;
};
/// Nothing when an escape is bad, a segment holds a NUL or is "." or ".." in any spelling, or the query is no form.
std::optional<Target> parse_target(std::string_view target);

}  // namespace http
