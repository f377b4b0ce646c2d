// Style sheets, scripts and icons of the office, under a name that holds their hash: a browser keeps them for ever, and
// a new version of the program has new names.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ground/http/message.h"

namespace web {

class StaticFiles {
  public:
    StaticFiles();
    /// "/static/3f2a91c04d5e/office.css" for "office.css". Throws Error(Bug) when there is none.
    const std::string& path(std::string_view name) const;
    /// The file when the request asks for one; quick enough for the I/O thread.
    std::optional<http::Response> find(const http::Request& request) const;

  private:
    std::map<std::string, std::string, std::less<>> paths_;
    std::map<std::string, std::shared_ptr<const http::Prepared>, std::less<>>
        replies_;  // shared with replies under way
};

}  // namespace web
