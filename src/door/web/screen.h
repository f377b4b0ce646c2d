// What a screen is: a row of the one table (screens.cc) from which routes, the menu and the list of rights are made. To
// add one, write screens/NAME.cc with its templates beside it (screens/NAME/*.html), end it with `extern const Screen
// NAME{...}`, and name that in screens.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ground/http/message.h"
#include "ground/people/rights.h"

namespace web {

class Context;

struct Route {
    std::string_view method;   ///< "GET" or "POST"
    std::string_view pattern;  ///< of http::Router: "/pages/{id}/edit"
    http::Response (*answer)(Context& context);
    enum class Body {
        Small,  ///< forms: 1 MiB
        Text,   ///< whole pages of text: 16 MiB
        Files   ///< uploads: what the settings allow
    } body = Body::Small;
};

/// The groups of the menu, in their order.
enum class Place {
    None,           ///< not in the menu
    Work,           ///< what everybody does: pages and approvals
    Desk,           ///< "運用": what happens day by day: incidents, stops, vulnerabilities, questions
    Contract,       ///< "契約": what was promised, and its papers: reports, documents, registers, trainings, visits
    Watch,          ///< "監視"
    Administration  ///< "管理"
};

enum class Access {
    SignedIn,
    Anyone  ///< the way in
};

struct Screen {
    std::string_view id;     ///< "pages"; never changes
    std::string_view title;  ///< in the menu: "ページ"
    std::string_view path;   ///< where the menu leads
    std::string_view icon;   ///< of web/assets/icons.svg
    Place place = Place::None;
    Access access = Access::SignedIn;
    std::optional<people::Act>
        right;  ///< who cannot do it anywhere does not see the screen; what a thing needs, its handler asks
    std::span<const Route> routes;
    std::int64_t (*count)(Context& context) = nullptr;  ///< the number beside the menu entry
};

/// In the order of the menu.
std::span<const Screen* const> all_screens();

}  // namespace web
