// The pages for what goes wrong: what happened and what to do, in the words of the person at the screen.
#pragma once

#include "door/web/context.h"
#include "flow/stop_service.h"
#include "ground/base/error.h"

namespace web {

/// Of a form's text fields and of what behaviours post; uploads have their own limit in the settings.
constexpr std::size_t kMostTextBytes = 16U << 20;

/// A form that does not carry the token of whoever is signed in now: it is too old, or not ours.
class StaleForm : public base::Error {
  public:
    StaleForm();
};

/// In the office's layout; JSON for a behaviour. Anything inside the program (Damaged, Bug) gets a number that the log
/// has too.
http::Response error_page(Context& context, const base::Error& error);
/// Before or outside a screen: no such path, a body that is too large, a request that is none.
http::Response plain_error_page(const Office& office, const base::Error& error, int status,
                                const http::Request* request);
/// The office is out of service: what was typed is given back.
http::Response stopped_page(Context& context, const flow::Stop& stop);
/// Nobody is signed in: the way to the sign-in screen, without losing what was typed.
http::Response sign_in_first(Context& context);

}  // namespace web
