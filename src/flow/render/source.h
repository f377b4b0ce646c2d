// What renders one source, by kind. To add a kind: its function, its row in render_source.cc, its word in
// press/publish/queue.h.
#pragma once

#include "flow/render/generated.h"
#include "flow/render_source.h"

namespace flow {

/// One thread's work on one snapshot.
struct Worker {
    Site& site;
    sys::Reader& db;
    render::Sight& sight;
    const Switches& switches;
};

/// Adds the entries of the source to `to`, and what was read to `notes`. `rest` is what stands after the kind: "12" of
/// "page:12". Adding nothing means that the source is no more.
using RenderKind = void (*)(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to);

void render_page(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to);
void render_asset(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to);
void render_redirect(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to);
void render_archive(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to);
void render_feed(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to);
void render_sitemap(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to);
void render_error(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to);
void render_style(Worker& worker, std::string_view rest, render::Notes& notes, Rendered& to);

/// An entry for a file with these bytes, which are in the store (not yet synced) afterwards.
release::Entry stored_entry(Worker& worker, std::string_view path, std::string_view bytes, std::string_view type);
/// The same for bytes that are there already. `path` in percent form.
release::Entry file_entry(std::string_view path, const base::Hash& hash, std::int64_t size, std::string_view type);

}  // namespace flow
