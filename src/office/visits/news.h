// What a feed (RSS 1.0, RSS 2.0, Atom) or a page of another city says, as items: a page's items are its links, so that
// a new link is news. Takes any bytes; external entities are not known. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/time.h"

namespace visits {

struct Item {
    std::string key;  ///< its address, else its id: at most 500 bytes
    std::string title;
    std::string url;  ///< http(s), or empty
    std::optional<base::Day> published;
};

constexpr std::size_t kLargestNews = 8U << 20;
constexpr std::size_t kMostItems = 500;

/// `url` is where it came from: links are made absolute by it. Throws Error(BadInput): neither a feed nor a page, or
/// nothing in it.
std::vector<Item> read_news(std::string_view bytes, std::string_view url);

}  // namespace visits
