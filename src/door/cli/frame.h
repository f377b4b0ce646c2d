// What the frame commands and the takeover say of a group.
#pragma once

#include <boost/json.hpp>
#include <fmt/format.h>

#include "door/cli/command.h"
#include "flow/find_frames.h"

namespace cli {

/// Of its pages, how many the region is found in; one digit after the point.
inline std::string percent_of(std::int64_t part, std::int64_t whole) {
    return fmt::format("{:.1f}", whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

inline boost::json::object frame_json(const frames::StoredGroup& group) {
    return {{"group", group.id.value},
            {"state", frames::group_state_id(group.state)},
            {"selector", group.selector},
            {"proposed", group.proposed},
            {"pages", group.pages},
            {"covered", group.covered},
            {"share", group.pages == 0 ? 0.0 : static_cast<double>(group.covered) / static_cast<double>(group.pages)},
            {"version", group.version}};
}

inline boost::json::array frames_json(const std::vector<frames::StoredGroup>& groups) {
    boost::json::array all;
    for (const frames::StoredGroup& group : groups) all.push_back(frame_json(group));
    return all;
}

inline std::string frame_line(const frames::StoredGroup& group) {
    return fmt::format("{:>5}  {:<8}  {:>6} pages  {:>5} %  {}\n", group.id.value, frames::group_state_id(group.state),
                       group.pages, percent_of(group.covered, group.pages),
                       group.selector.empty() ? "(no region found)" : group.selector);
}

inline std::string frame_lines(const std::vector<frames::StoredGroup>& groups) {
    std::string prose;
    for (const frames::StoredGroup& group : groups) prose += frame_line(group);
    return prose.empty() ? "no groups: there is no taken-over page, or `yakuba frame find` has not run yet\n" : prose;
}

}  // namespace cli
