#include "program.h"

#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "flow/schema.h"
#include "ground/base/text.h"
#include "ground/sys/crypto.h"
#include "ground/sys/files.h"

namespace tests {

namespace fs = std::filesystem;

std::string program_path(const std::string& name) {
    return name == "yakuba" ? YAKUBA_BINARY_DIR "/yakuba" : YAKUBA_BINARY_DIR "/bin/" + name;
}

TestSite::TestSite(const std::string& engine) {
    const std::string tag = base::to_hex(sys::random_bytes(6));
    folder_ = fs::temp_directory_path() / ("yakuba-" + tag) / "site";
    fs::create_directories(folder_.parent_path());
    std::vector<std::string> command{program_path("yakuba"), "site", "init", folder_.string()};
    if (engine == "postgres") {
        const sys::DatabaseOptions made = store_.make_for(engine, flow::office_migrations());
        command.insert(command.end(), {"--database", made.url, "--schema", made.schema});
    }
    const sys::Outcome outcome = sys::run({command});
    if (outcome.exit_code != 0) throw std::runtime_error("site init failed: " + outcome.errors);
}

TestSite::~TestSite() {
    std::error_code ignored;
    fs::remove_all(folder_.parent_path(), ignored);
}

std::vector<std::string> TestSite::with_site(const std::string& program,
                                             const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{program_path(program), "--site", folder_.string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

sys::Outcome TestSite::run(const std::vector<std::string>& arguments,
                           const std::map<std::string, std::string>& environment) const {
    sys::Command command;
    command.arguments = with_site("yakuba", arguments);
    command.environment = environment;
    return sys::run(command);
}

boost::json::object TestSite::json(const std::vector<std::string>& arguments, int expected_exit) const {
    std::vector<std::string> with_json = arguments;
    with_json.emplace_back("--json");
    const sys::Outcome outcome = run(with_json);
    EXPECT_EQ(outcome.exit_code, expected_exit) << outcome.output << outcome.errors;
    boost::system::error_code problem;
    const boost::json::value value = boost::json::parse(outcome.output, problem);
    if (problem || !value.is_object()) {
        ADD_FAILURE() << "no JSON document: " << outcome.output << outcome.errors;
        return {};
    }
    return value.as_object();
}

sys::Outcome TestSite::run_with_steps(const std::vector<std::string>& arguments, const std::string& kill_at,
                                      const fs::path& step_log) const {
    sys::Command command;
    command.arguments = with_site("yakuba-steps", arguments);
    if (!kill_at.empty()) command.environment["YAKUBA_KILL_AT"] = kill_at;
    if (!step_log.empty()) command.environment["YAKUBA_STEP_LOG"] = step_log.string();
    return sys::run(command);
}

std::map<std::string, std::string> tree_of(const fs::path& root) {
    std::map<std::string, std::string> tree;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const std::string path = entry.path().lexically_relative(root).string();
        if (entry.is_symlink())
            tree[path] = "link";
        else if (entry.is_regular_file())
            tree[path] = sys::sha256(sys::read_file(entry.path())).hex();
        else if (!entry.is_directory())
            tree[path] = "special";
    }
    return tree;
}

void write_tree(const fs::path& root, const std::map<std::string, std::string>& files) {
    for (const auto& [path, bytes] : files) {
        fs::create_directories((root / path).parent_path());
        std::ofstream(root / path, std::ios::binary) << bytes;
    }
}

}  // namespace tests
