#include "door/cli/page.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>

#include <boost/json.hpp>
#include <pwd.h>
#include <termios.h>
#include <unistd.h>

#include "flow/sign_in_desk.h"
#include "ground/base/error.h"
#include "ground/base/text.h"
#include "press/content/store.h"

namespace cli {

using base::Error;
using base::Kind;

namespace {

std::string system_user() {
    const passwd* entry = ::getpwuid(::getuid());
    return fmt::format("cli:{}", entry != nullptr ? std::string(entry->pw_name) : std::to_string(::getuid()));
}

/// Switches the terminal's echo off while it lives.
class Silence {
  public:
    explicit Silence(int terminal) : terminal_(terminal) {
        if (::tcgetattr(terminal_, &before_) != 0) return;
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        is_on_ = ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
    }
    ~Silence() {
        if (is_on_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

  private:
    int terminal_;
    termios before_{};
    bool is_on_ = false;
};

/// From the environment, for scripts; else typed on the terminal without echo.
std::string ask_secret(const char* variable, const std::string& question) {
    if (const char* given = std::getenv(variable); given != nullptr) return given;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> terminal(std::fopen("/dev/tty", "r+"), std::fclose);
    if (!terminal)
        throw Error(Kind::BadInput,
                    fmt::format("there is no terminal to ask on ({}); set {} for scripts", question, variable));
    std::fprintf(terminal.get(), "%s: ", question.c_str());
    std::fflush(terminal.get());
    std::string typed;
    {
        const Silence silence(::fileno(terminal.get()));
        for (int c = std::fgetc(terminal.get()); c != EOF && c != '\n' && typed.size() < 1024;
             c = std::fgetc(terminal.get()))
            typed += static_cast<char>(c);
    }
    std::fputc('\n', terminal.get());
    return typed;
}

/// The open session, or why not.
people::SignedIn need_signed_in(people::SignInResult result) {
    if (auto* done = std::get_if<people::SignedIn>(&result)) return std::move(*done);
    if (const auto* refused = std::get_if<people::Refused>(&result)) throw Error(Kind::NotAllowed, refused->message_en);
    throw Error(Kind::NotAllowed, "this account needs a second factor; sign in in the browser once to set it up");
}

}  // namespace

flow::Doer sign_in_as(const Invocation& invocation, flow::Site& site) {
    people::SignInDesk desk = flow::open_sign_in_desk(site, site.settings);
    const people::Peer peer{people::parse_address("127.0.0.1").value(), system_user()};
    const std::string login = invocation.text("--as");
    people::SignInResult result =
        people::sign_in(desk, login, ask_secret("YAKUBA_PASSWORD", "password of " + login), peer);
    if (const auto* more = std::get_if<people::NeedSecondFactor>(&result)) {
        const std::string token = more->token;
        result = people::give_second_factor(desk, token, ask_secret("YAKUBA_CODE", "code of " + login), peer);
    }
    if (const auto* first = std::get_if<people::NeedPasswordChange>(&result)) {
        const std::string token = first->token;
        result = people::give_new_password(
            desk, token, ask_secret("YAKUBA_NEW_PASSWORD", "this is a first password; a new one for " + login), peer);
    }
    const people::Session session = need_signed_in(std::move(result)).session;
    site.database->write([&](sys::Transaction& tx) {
        people::end_session(tx, session.id, {session.person, site.clock.now(), peer.agent});
    });
    return {session.person, peer.agent};
}

std::optional<content::Page> find_named_page(sys::Reader& db, std::string_view name) {
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (problem == std::errc() && end == name.data() + name.size()) return content::find_page(db, base::PageId{number});
    if (auto page = content::find_page(db, name)) return page;
    return content::find_page(db, base::percent_encode(name));
}

content::Page load_named_page(flow::Site& site, std::string_view name) {
    auto page = site.database->read([&](sys::Reader& db) { return find_named_page(db, name); });
    if (!page)
        throw Error(Kind::NotFound,
                    fmt::format("there is no page {}; `yakuba page list` shows those that there are", name));
    return std::move(*page);
}

std::int64_t version_seen(const Invocation& invocation, const flow::Outcome& now) {
    return invocation.number("--version-seen", 0, INT64_MAX).value_or(now.version());
}

std::string standing_words(workflow::Live live, workflow::State state) {
    constexpr std::string_view kLive[] = {"not public yet", "public", "expired", "taken down"};
    constexpr std::string_view kState[] = {"",         "a draft",  "waits for approval",
                                           "returned", "approved", "goes public at its time"};
    const std::string_view work = kState[static_cast<std::size_t>(state)];
    return fmt::format("{}{}{}", kLive[static_cast<std::size_t>(live)], work.empty() ? "" : "; ", work);
}

int answer_outcome(const Invocation& invocation, const flow::Outcome& outcome, std::string_view done) {
    if (outcome.refusal) throw Error(Kind::NotAllowed, outcome.refusal->en);
    const std::string_view state = workflow::state_id(outcome.standing.state);
    const workflow::Live live = workflow::live_of(outcome.page, outcome.standing);
    boost::json::object document{{"page", outcome.page.id.value},
                                 {"path", outcome.page.path},
                                 {"state", state},
                                 {"live", workflow::live_id(live)},
                                 {"version", outcome.version()},
                                 {"revision", outcome.revision.value},
                                 {"hash", outcome.hash.hex()},
                                 {"receipt", nullptr}};
    if (outcome.receipt != 0) document["receipt"] = outcome.receipt;
    if (!outcome.removed.empty()) document["removed"] = boost::json::value_from(outcome.removed);
    invocation.answer(document, fmt::format("{} ({}): {}; {}{}", outcome.page.path, outcome.page.id.value, done,
                                            standing_words(live, outcome.standing.state),
                                            outcome.receipt != 0 ? fmt::format(", receipt {}", outcome.receipt) : ""));
    return kDone;
}

}  // namespace cli
