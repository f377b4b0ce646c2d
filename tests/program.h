// The real program as the journeys drive it: run it, read its JSON, kill it at a named step.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "ground/sys/process.h"
#include "ground/sys/testing/databases.h"

#ifndef __has_feature  // clang's word
#define __has_feature(feature) 0
#endif

namespace tests {

/// The program runs several times slower then: long tests do less.
constexpr bool kIsSanitized = __has_feature(address_sanitizer);

/// A site directory of a test, with its database on one of the engines, removed at the end.
class TestSite {
  public:
    explicit TestSite(const std::string& engine);
    ~TestSite();
    TestSite(const TestSite&) = delete;
    TestSite& operator=(const TestSite&) = delete;

    const std::filesystem::path& folder() const { return folder_; }
    std::filesystem::path public_folder() const { return folder_ / "public"; }
    /// A scratch place that lives as long as the site.
    std::filesystem::path beside(const std::string& name) const { return folder_.parent_path() / name; }

    /// Runs `yakuba --site <this> arguments...`.
    sys::Outcome run(const std::vector<std::string>& arguments,
                     const std::map<std::string, std::string>& environment = {}) const;
    /// Runs it with --json; fails the test unless it ends with `expected_exit`. The document.
    boost::json::object json(const std::vector<std::string>& arguments, int expected_exit = 0) const;
    /// Runs the twin with kill points: is killed at `kill_at` ("name" or "name:3"), or, when that is empty, notes its
    /// steps in the file `step_log`.
    sys::Outcome run_with_steps(const std::vector<std::string>& arguments, const std::string& kill_at,
                                const std::filesystem::path& step_log = {}) const;

  private:
    std::vector<std::string> with_site(const std::string& program, const std::vector<std::string>& arguments) const;
    std::filesystem::path folder_;
    sys::testing::TestDatabase store_;
};

/// Paths below `root` with the SHA-256 of each file; links and special files are told by name.
std::map<std::string, std::string> tree_of(const std::filesystem::path& root);
void write_tree(const std::filesystem::path& root, const std::map<std::string, std::string>& files);

std::string program_path(const std::string& name);

}  // namespace tests
