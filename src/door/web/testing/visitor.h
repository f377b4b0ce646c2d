// Tests' way to the office: a town whose office listens on loopback, and people at their browsers who click and send
// forms over real HTTP, each with cookies of their own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "door/web/office.h"
#include "flow/testing/town.h"
#include "ground/sys/http_client.h"

namespace web::testing {

inline constexpr std::string_view kPassword = "hashi no ue no shiroi neko";

class Visitor {
  public:
    using Fields = std::vector<std::pair<std::string, std::string>>;
    explicit Visitor(std::string office) : office_(std::move(office)) {}

    /// Fetches a page; cookies are kept. `status`, `body` and `location` are of the answer.
    Visitor& get(const std::string& path);
    /// Sends a form as the page that was fetched last would: with its CSRF token, unless `fields` has one.
    Visitor& post(const std::string& path, Fields fields);
    Visitor& post_json(const std::string& path, const std::string& json);
    /// One file and fields, as multipart/form-data.
    Visitor& post_file(const std::string& path, const Fields& fields, std::string_view field, std::string_view name,
                       std::string_view bytes);
    /// Follows the redirect that was answered.
    Visitor& follow();
    Visitor& sign_in(const std::string& login, std::string_view password = kPassword);

    /// The value of the first hidden field of that name on the page.
    std::string hidden(std::string_view name) const;
    bool shows(std::string_view words) const { return body.find(words) != std::string::npos; }
    std::string_view header(std::string_view lower_case_name) const;

    int status = 0;
    std::string body;
    std::string location;
    std::map<std::string, std::string> cookies;
    Fields extra_headers;

  private:
    Visitor& send(const std::string& method, const std::string& path, std::string type, std::string content);
    std::string office_;
    std::string csrf_;
    sys::Fetched last_;
    sys::HttpClient client_;
};

/// The town with its office. Passwords of all people are kPassword.
class OpenOffice {
  public:
    explicit OpenOffice(std::string_view engine = "sqlite", bool with_second_factor = false);
    Visitor visitor() const { return Visitor(server->url()); }

    flow::testing::Town town;
    std::unique_ptr<OfficeServer> server;
};

/// What is wrong with a page of the office: inline script or style, an id twice, a field without a label, a reference
/// that leads nowhere, headings out of order, markup that the parser had to move, anything from another host.
std::vector<std::string> find_screen_faults(std::string_view html);

}  // namespace web::testing
