// What the public servers really answer, compared with the release, round by round: every page over a day, the
// important ones every few minutes and in four ways; some addresses that do not exist (they must say 404); the
// certificate and what the names resolve to. Polite: never more than so many requests a second to one server. It goes
// on where it stopped. A difference is told only when a second look, after a while and against the newest release,
// still sees it: a page may have been published between two looks, or lie in a cache for a moment.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "ground/base/time.h"
#include "ground/release/manifest.h"
#include "watch/guard/outside_answer.h"
#include "watch/signals/rounds.h"
#include "watch/signals/signal.h"

namespace guard {

struct OutsideOptions {
    std::vector<std::string> servers;    ///< base addresses, ending in '/'
    std::vector<std::string> important;  ///< "/", "/kosodate/", "/bousai/index.html"
    std::chrono::minutes important_every{5};
    std::chrono::hours all_within{24};
    int requests_per_second = 2;
    bool several_ways = true;  ///< for important pages
    int random_paths = 3;      ///< in each look at the important pages
    int certificate_days = 21;
    std::map<std::string, std::string> addresses;  ///< host name = its addresses, separated by blanks
    std::chrono::seconds second_look{60};          ///< how long a difference has to last
    AskOptions ask;
    /// What name resolution says; nothing when the name has no answer.
    std::function<std::vector<std::string>(const std::string& host)> resolve;
    /// Looks at bytes that are not as published, and tells what they carry (the content rules). May be empty.
    std::function<void(std::string_view bytes, const std::string& url)> inspect;
    /// Is told of each address that was answered, and of each round over the whole site. May be empty.
    signals::TakeRound round;
};

/// A difference, as `guard verify --url` lists it.
struct OutsideFinding {
    std::string kind;     ///< "outside.changed", ...
    std::string subject;  ///< the URL; of certificate, name and reachability the server's address or host
    std::string text;     ///< Japanese
    std::string path;     ///< in the release; may be empty
    signals::Severity severity = signals::Severity::Serious;
    std::string payload;  ///< JSON: hashes, sizes, the way
    int status = 0;       ///< that the server answered; 0 = nothing did
};

struct PageLook {
    std::vector<OutsideFinding> findings;
    std::optional<base::Instant> certificate_until;  ///< when a new TLS connection told
};
/// Asks for one page in these ways. Findings of one page are one: the plain way's, or else that others are shown
/// something else ("outside.cloaked"). Unreachable and TLS faults are findings too, with the server as their subject.
PageLook look_at_page(sys::HttpClient& client, const std::string& server, const std::string& url_path,
                      const release::Entry& entry, std::span<const Way> ways, const OutsideOptions& options);
/// What a certificate that ends then is worth; nothing while it is good for long.
std::optional<OutsideFinding> judge_certificate(base::Instant until, const std::string& server, int days,
                                                base::Instant now);
/// A path that nobody published must be "not found".
std::vector<OutsideFinding> look_at_nothing(sys::HttpClient& client, const std::string& server,
                                            const std::string& url_path, const OutsideOptions& options);
/// What findings about a whole server have as their subject: its address without the last '/', which is its first
/// page's.
std::string server_name(std::string_view url);
/// A path that no site has, in the look of the addresses that injected shops use.
std::string random_path();

/// The path of an entry for what stands in the settings: "/kosodate/" is "kosodate/index.html". Percent-encoded in,
/// bytes out.
std::string entry_path(std::string_view url_path);

class OutsideLook {
  public:
    /// `state_file` keeps where the rounds are and what was told.
    OutsideLook(OutsideOptions options, sys::HttpClient& client, const base::Clock& clock,
                std::filesystem::path state_file);
    ~OutsideLook();

    /// Asks what is due now, at most some seconds of requests, and says when to come again. `manifest` is the newest.
    std::chrono::milliseconds step(const release::Manifest& manifest, const signals::Take& tell);

  private:
    struct Server;
    void add_due(Server& server);
    void do_next(Server& server, const release::Manifest& manifest);
    void refill(Server& server, const release::Manifest& manifest);
    void take(Server& server, const std::string& url_path, std::vector<OutsideFinding> found, bool is_second);
    void take_nothing(Server& server, std::vector<OutsideFinding> found);
    bool take_server_faults(Server& server, const std::vector<OutsideFinding>& found);
    void check_names();
    void raise(const OutsideFinding& finding);
    void clear(std::string_view kind, const std::string& subject,  ///< "" = every kind
               std::string_view wording = "正しい応答に戻りました");
    void load();
    void save() const;
    void settle();
    void save_when_due();

    OutsideOptions options_;
    sys::HttpClient& client_;
    const base::Clock& clock_;
    std::filesystem::path state_file_;
    std::vector<std::unique_ptr<Server>> servers_;
    std::set<std::pair<std::string, std::string>> raised_;  ///< kind and subject
    base::Instant names_due_;
    bool is_settled_ = false, has_news_ = false;
    int saved_at_ = 0;                     ///< questions that were asked by then
    const signals::Take* tell_ = nullptr;  ///< while a step lasts
};

}  // namespace guard
