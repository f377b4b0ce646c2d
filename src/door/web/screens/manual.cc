// 手引き: the manuals that came with this version of the program, the reader's own first. Each is shown as it was made,
// in a sandbox of its own: it brings its style and pictures with it.
#include <algorithm>

#include "door/web/context.h"
#include "door/web/language.h"
#include "door/web/manuals.h"
#include "ground/http/message.h"

namespace web {

namespace {

using people::Role;

/// The manual is for whoever has the role; the maintainer's people share one.
std::string_view manual_of(Role role) {
    const bool is_maintainer =
        role == Role::Operator || role == Role::MaintenanceManager || role == Role::MaintenanceLead;
    return people::role_id(is_maintainer ? Role::Operator : role);
}

http::Response list(Context& context) {
    tmpl::List own, others;
    for (const Manual& one : list_manuals(manuals_folder())) {
        const auto& standings = context.actor.standings;
        const bool is_own = std::any_of(standings.begin(), standings.end(), [&](const people::Standing& standing) {
            return !standing.on_behalf_of && manual_of(standing.role) == one.name;
        });
        (is_own ? own : others)
            .push_back(tmpl::Map{{"title", one.title}, {"version", one.version}, {"path", "/manual/" + one.name}});
    }
    return context.page({"screens/manual/list.html", say("手引き"), {}},
                        {{"own", std::move(own)}, {"others", std::move(others)}});
}

http::Response show(Context& context) {
    const std::string file = context.request.parameter("file");
    std::string bytes = read_manual(manuals_folder(), file);
    if (file.ends_with(".pdf")) return http::download(std::move(bytes), "yakuba-" + file, "application/pdf");
    http::Response response = http::html(std::move(bytes));
    response.headers.set("Content-Security-Policy",
                         "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    return response;
}

constexpr Route kRoutes[] = {{"GET", "/manual", list}, {"GET", "/manual/{file}", show}};

}  // namespace

extern const Screen manual_screen{"manual", "手引き", "/manual", "", Place::None, Access::SignedIn, {}, kRoutes};

}  // namespace web
