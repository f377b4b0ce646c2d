// One request as a screen sees it: who asks, what they may, and how to answer. A handler has four beats: read the
// request, ask `people`, call a room or flow, show.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "door/web/language.h"
#include "door/web/office.h"
#include "door/web/screen.h"
#include "flow/edit_page.h"
#include "ground/http/message.h"
#include "ground/people/sign_in.h"
#include "ground/template/value.h"

namespace web {

/// A sentence that the next page shows once.
struct Flash {
    enum class Kind { Good, Info, Caution, Danger } kind = Kind::Good;
    std::string text;
};

struct Crumb {
    std::string title;
    std::string path;
};

/// What the layout needs beside the template's own values.
struct Sheet {
    std::string_view file;      ///< the template: "screens/home.html"
    std::string title;          ///< of the window
    std::vector<Crumb> crumbs;  ///< from the left; the page itself is not in it
    int status = 200;
};

class Context {
  public:
    Context(Office& office, const http::Request& request, const Screen& screen);

    Office& office;
    const http::Request& request;
    const Screen& screen;

    /// Chosen by cookie; Japanese until then.
    Language language() const;

    // --- who asks; set when `is_signed_in()`
    std::optional<people::Session> session;
    people::Person person;
    people::Actor actor;
    std::string token;  ///< of the session, finished or not; secret
    bool is_signed_in() const { return session.has_value(); }

    flow::Site& site() const { return office.site; }
    sys::Database& db() const { return *office.site.database; }
    base::Instant now() const { return now_; }
    flow::Doer doer() const { return {person.id, {}}; }
    people::Peer peer() const;
    /// Whose tokens forms carry: bound to the session, or to the visit before there is one.
    const std::string& csrf() const { return csrf_; }
    bool is_own_form(std::string_view given) const {
        return people::is_csrf_token(is_signed_in() ? token : visit_, given);
    }

    // --- what they may
    bool may(people::Act act, const people::Scope& scope = {}) const {
        return static_cast<bool>(people::may(actor, act, scope));
    }
    /// Throws Error(NotAllowed) that says who may.
    void require(people::Act act, const people::Scope& scope = {}) const;
    /// Whether the last proof of identity is recent enough for a sensitive act.
    bool is_fresh() const { return people::is_fresh(*session, now_, office.desk.policy.sessions); }

    // --- what they sent
    /// A field of the form or of the posted JSON ({"version": "3", "fields": {...}} counts as one flat form); "" when
    /// absent.
    std::string field(std::string_view name) const;
    bool has_field(std::string_view name) const;
    /// A whole number. Throws Error(BadInput).
    std::int64_t number_field(std::string_view name) const;
    /// "2027-04-01T08:30" of a datetime-local field; nothing when empty. Throws Error(BadInput).
    std::optional<base::Instant> time_field(std::string_view name, std::string_view label) const;
    bool wants_json() const;

    // --- how to answer
    /// The template in the office's layout.
    http::Response page(const Sheet& sheet, tmpl::Map values);
    /// 303 to a path of the office, with a sentence for the page that follows.
    http::Response go(std::string path, std::optional<Flash> flash = {}) const;
    /// Remembers the choice of language in this browser.
    void set_language_cookie(http::Response& response, Language chosen) const;
    /// The cookie of a session, finished or not; empty = signed out.
    void set_session_cookie(http::Response& response, std::string_view session_token) const;
    /// Where previews come from: another port, hence another origin.
    std::string preview_origin() const;

  private:
    void forget_flash(http::Response& response) const;
    void find_session();
    std::string_view session_name() const;
    std::optional<Flash> read_flash() const;
    tmpl::Map layout(const Sheet& sheet);
    std::string stop_banner() const;
    tmpl::List menu();
    tmpl::Map other_language() const;

    base::Instant now_;
    http::Transport transport_;
    std::string visit_;  ///< cookie before there is a session; made here when the browser sent none
    bool is_new_visit_ = false;
    std::string csrf_;
    std::vector<std::pair<std::string, std::string>> posted_;  ///< of a JSON body
};

/// {"message": "..."}: what the behaviours read. `fields` are text values.
http::Response json_reply(std::initializer_list<std::pair<std::string_view, std::string>> fields, int status = 200);

}  // namespace web
