// The addresses on which the site's servers listen: free, or taken by a server of ours.
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "flow/doctor.h"
#include "ground/sys/files.h"

namespace flow::doctor {

namespace {

/// "127.0.0.1:8080" (or "[::1]:8080") can be bound: 0; else errno. Nothing for what is no such address.
std::optional<int> try_address(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    std::string host = text.substr(0, colon);
    const int port = std::atoi(text.c_str() + colon + 1);  // NOLINT(cert-err34-c)
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    sockaddr_storage storage{};
    socklen_t size = 0;
    if (auto* four = reinterpret_cast<sockaddr_in*>(&storage);
        ::inet_pton(AF_INET, host.c_str(), &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons(static_cast<std::uint16_t>(port));
        size = sizeof *four;
    } else if (auto* six = reinterpret_cast<sockaddr_in6*>(&storage);
               ::inet_pton(AF_INET6, host.c_str(), &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons(static_cast<std::uint16_t>(port));
        size = sizeof *six;
    } else {
        return std::nullopt;
    }
    const sys::Descriptor socket(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&storage), size) == 0 ? 0 : errno;
}

/// One of our programs runs: then it is taken for the one that listens, because only root could ask which it is.
bool is_one_of_ours_running() {
    std::error_code none;
    for (const auto& one : std::filesystem::directory_iterator("/proc", none)) {
        const std::string name = one.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        const auto called = sys::find_file(one.path() / "comm", 64);
        if (called && called->starts_with("yakuba") && name != std::to_string(::getpid())) return true;
    }
    return false;
}

std::vector<Answer> run(const Subject& subject) {
    std::vector<Answer> all;
    const struct {
        const char* what;
        const std::string& address;
    } places[] = {{"職員用の画面", subject.settings->office.address},
                  {"プレビュー", subject.settings->office.preview_address},
                  {"公開サイト", subject.settings->public_site.address}};
    for (const auto& place : places) {
        const auto problem = try_address(place.address);
        if (!problem || *problem == 0) continue;
        if (*problem == EADDRINUSE && is_one_of_ours_running()) continue;
        all.push_back(
            {*problem == EADDRINUSE ? Verdict::Failed : Verdict::Warning,
             fmt::format("{}のアドレス {} を使えません：{}", place.what, place.address, std::strerror(*problem)),
             "ほかのプログラムが使っていないか、ss -ltnp で確かめてください。"});
    }
    if (all.empty()) all.push_back({Verdict::Ok, "待ち受けるアドレスは、空いているか、このサイトが使っています。", {}});
    return all;
}

}  // namespace

extern const Check ports{"ports", "待ち受けるアドレス", run};

}  // namespace flow::doctor
