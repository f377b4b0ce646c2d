// The text that a Document's views point into.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "ground/html/document.h"

namespace html {

struct Document::Store {
    MappedText text;  ///< the decoded page

    std::string_view keep(std::string_view words) {
        if (words.empty()) return {};
        if (words.size() > left_) {
            const std::size_t size = std::max<std::size_t>(words.size(), 1 << 16);
            chunks_.push_back(std::make_unique<char[]>(size));
            free_ = chunks_.back().get();
            left_ = size;
        }
        char* const place = free_;
        std::memcpy(place, words.data(), words.size());
        free_ += words.size();
        left_ -= words.size();
        return {place, words.size()};
    }

  private:
    std::vector<std::unique_ptr<char[]>> chunks_;
    char* free_ = nullptr;
    std::size_t left_ = 0;
};

}  // namespace html
