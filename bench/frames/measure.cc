// How often is the proposed region the right one? Reads a folder of pages, lets the program propose, and compares with
// a selector that somebody wrote by hand for this site. A proposal is right when it is that element, or differs from it
// only by wrappers without text of their own.
//
//   bench_frames FOLDER TRUTH-SELECTOR [--list] [--ending .ja.html]
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fmt/format.h>
#include <sys/resource.h>

#include "ground/base/media_type.h"
#include "ground/html/encoding.h"
#include "ground/html/select.h"
#include "press/frames/frames.h"

namespace {

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    return std::move(all).str();
}

std::string letters(std::string text) {
    text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }),
               text.end());
    return text;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("bench_frames FOLDER TRUTH-SELECTOR [--list] [--ending .ja.html]\n", stderr);
        return 2;
    }
    const std::string folder = argv[1];
    const html::Selector truth(argv[2]);
    bool is_list = false;
    std::string ending;
    for (int i = 3; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--list") is_list = true;
        if (std::string_view(argv[i]) == "--ending" && i + 1 < argc) ending = argv[++i];
    }
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             folder, std::filesystem::directory_options::follow_directory_symlink))
        if (entry.is_regular_file() && base::is_page_path(entry.path().string()) &&
            entry.path().string().ends_with(ending))
            files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    const auto load = [&](std::size_t i) {
        const std::string bytes = read(files[i]);
        return html::Document::parse(bytes, html::detect_encoding(bytes, std::nullopt).encoding);
    };
    const auto start = std::chrono::steady_clock::now();
    const frames::Found found = frames::find({files.size(), load, {}, 0});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    std::size_t right = 0, asked = 0;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (found.group_of[i] == frames::kUnread) continue;
        const html::Document page = load(i);
        const html::NodeId wanted = truth.first(page);
        if (wanted == html::kNoNode) {
            if (is_list) fmt::print("no truth   {}\n", files[i].substr(folder.size()));
            continue;
        }
        ++asked;
        const frames::Group& group = found.groups[static_cast<std::size_t>(found.group_of[i])];
        const html::NodeId there = group.selector.empty() ? html::kNoNode : html::Selector(group.selector).first(page);
        const bool is_right = there != html::kNoNode &&
                              (there == wanted || ((page.is_within(there, wanted) || page.is_within(wanted, there)) &&
                                                   letters(page.text_of(there)) == letters(page.text_of(wanted))));
        right += is_right;
        if (!is_right && is_list)
            fmt::print("wrong      {}: {}\n", files[i].substr(folder.size()),
                       there == html::kNoNode ? "nothing" : html::selector_for(page, there));
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    fmt::print("{}: {} pages, {} with a truth, right {} = {:.1f} %, {:.2f} s, {} MB\n", folder, files.size(), asked,
               right, asked == 0 ? 0.0 : 100.0 * static_cast<double>(right) / static_cast<double>(asked), seconds,
               usage.ru_maxrss / 1024);
    for (const frames::Group& group : found.groups) {
        fmt::print("  {:5} pages, {:5} covered  {}\n", group.pages, group.covered,
                   group.selector.empty() ? "(no region)" : group.selector);
        if (is_list)
            for (const frames::Part& part : group.parts)
                fmt::print("        {:10} {:3}/{:3} same of {:3}  {}\n", part.kind, part.same, part.present,
                           part.looked_at, part.selector);
    }
    return 0;
}
