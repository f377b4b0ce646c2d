// The parts of a handover that hand_over_site.cc puts together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "flow/hand_over/pack.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"

namespace flow {
class Site;
}

namespace flow::hand_over {

using Counts = std::map<std::string, std::int64_t>;

/// The tables of every room that has some to hand over.
std::vector<sys::Extract> all_extracts();
/// Those of watch.db.
std::vector<sys::Extract> watch_extracts();
/// tables/<name>.csv; the objects that its rows name come along. Returns the number of rows.
std::int64_t write_table(Pack& pack, sys::Reader& db, const sys::Extract& extract);

/// pages/pages.csv, and pages/<thousands>/<id>.json with everything that each page ever said.
void write_pages(Pack& pack, sys::Reader& db, Counts& counts);
/// templates/templates.csv, and each version's source.
void write_templates(Pack& pack, sys::Reader& db, Counts& counts);

/// redirects.csv and redirects.nginx.conf, as they are public.
void write_redirects(Pack& pack, const release::Manifest& manifest, Counts& counts);
/// settings.csv: every setting except the secret ones, and what stands for them.
void write_settings(Pack& pack, const Site& site);

/// others.csv: the areas of another writer, which are noted and not copied.
void write_others(Pack& pack, const Site& site, Counts& counts);

/// README.txt and README.html: what each file is, in both languages.
void write_readme(Pack& pack, const Site& site, std::int64_t release, const Counts& counts);

}  // namespace flow::hand_over
