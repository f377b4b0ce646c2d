// Pictures that come with a draft of the theme, such as a new banner: kept when they are sent, public when the revision
// that shows them is approved (content/theme_files.h).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "flow/site.h"
#include "press/content/theme_files.h"

namespace flow {

/// Screens and keeps the bytes; `name` is the sender's. Throws Error(BadInput) for what is no picture, and as
/// screen_upload.
content::ThemeFile keep_theme_picture(Site& site, std::string_view bytes, std::string_view name, std::string_view by);

/// The bytes; nothing when they were never sent or are no picture of that type.
std::optional<std::string> load_theme_picture(const Site& site, const content::ThemeFile& file);

/// What is wrong with the pictures that `source` names, in Japanese; empty when all are there.
std::string find_theme_picture_fault(const Site& site, std::string_view source);

/// Makes the pictures of an approved `source` files of the site, to be published with it.
void publish_theme_pictures(const Site& site, sys::Transaction& tx, std::string_view source, base::Instant at,
                            std::int64_t receipt);

}  // namespace flow
