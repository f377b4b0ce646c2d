#include "ground/sys/testing/without_openat2.h"

#include <cerrno>
#include <cstddef>
#include <exception>
#include <thread>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "ground/base/error.h"

namespace sys::testing {

void run_without_openat2(const std::function<void()>& work) {
    std::exception_ptr thrown;
    // A filter holds for the thread that sets it, and for no other.
    std::thread([&] {
        try {
            sock_filter steps[] = {
                {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
                {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_openat2},
                {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS},
                {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
            };
            sock_fprog filter{sizeof steps / sizeof steps[0], steps};
            if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
                ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
                throw base::Error(base::Kind::Unavailable, "this kernel takes no filter of system calls");
            work();
        } catch (...) {
            thrown = std::current_exception();
        }
    }).join();
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace sys::testing
