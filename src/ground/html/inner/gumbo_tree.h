// Gumbo behind guards. All its memory comes from one arena: nothing is freed node by node (its own destroy is
// recursive), and a page that needs too much memory or time is left in the middle. The time limit matters because
// Gumbo's work is quadratic in the depth of open elements (100,000 <div>: half a minute).
#pragma once

#include <memory>
#include <string_view>

#include <gumbo.h>

#include "ground/html/document.h"

namespace html {

class GumboTree {
  public:
    /// `context` empty: a whole page. `utf8` must be valid and outlive the tree. Throws Error(BadInput) on a limit.
    GumboTree(std::string_view utf8, std::string_view context, const Limits& limits);
    ~GumboTree();
    GumboTree(const GumboTree&) = delete;
    GumboTree& operator=(const GumboTree&) = delete;

    const GumboNode* document() const { return output_->document; }
    const GumboNode* root() const { return output_->root; }

    struct Arena;

  private:
    std::unique_ptr<Arena> arena_;
    GumboOutput* output_ = nullptr;
};

/// Counts how deep the open elements get and how many attributes a tag has, before the parser is let at the page.
/// Throws Error(BadInput) that names the line.
void check_nesting(std::string_view utf8, const Limits& limits);

}  // namespace html
