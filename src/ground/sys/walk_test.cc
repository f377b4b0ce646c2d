#include "ground/sys/walk.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/sys/files.h"

namespace sys {

namespace fs = std::filesystem;

TEST(Walk, FindsEveryFileAndFollowsNoLink) {
    TemporaryFolder folder;
    make_folders(folder.path() / "b/c");
    write_file(folder.path() / "b/c/two", "2");
    write_file(folder.path() / "a", "1");
    fs::create_directory_symlink("/etc", folder.path() / "link");
    ::mkfifo((folder.path() / "pipe").c_str(), 0600);
    const Walked walked = walk(folder.path());
    EXPECT_EQ(walked.files, (std::vector<fs::path>{folder.path() / "a", folder.path() / "b/c/two"}));
    EXPECT_EQ(walked.unseen_count, 0);
}

TEST(Walk, NamesWhatItCouldNotLookAtAndGoesOn) {
    TemporaryFolder folder;
    fs::permissions(folder.path(), fs::perms::all);
    for (const char* name : {"a", "closed", "z"}) {
        make_folders(folder.path() / name);
        write_file(folder.path() / name / "file", "x");
    }
    fs::permissions(folder.path() / "closed", fs::perms::none);
    const pid_t child = ::fork();  // root may look everywhere
    if (child == 0) {
        const bool is_other = ::geteuid() != 0 || ::setuid(65534) == 0;
        const Walked walked = walk(folder.path());
        const bool is_right = is_other && walked.files.size() == 2 && walked.unseen_count == 1 &&
                              walked.unseen[0].path == folder.path() / "closed" && !walked.unseen[0].problem.empty();
        ::_exit(is_right ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    fs::permissions(folder.path() / "closed", fs::perms::all);
    EXPECT_EQ(walk(folder.path() / "nowhere").unseen_count, 1);
}

}  // namespace sys
