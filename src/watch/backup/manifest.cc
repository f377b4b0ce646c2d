#include "watch/backup/manifest.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ground/base/error.h"

namespace backup {

namespace json = boost::json;
using base::Error;

namespace {

constexpr std::size_t kLongest = 64U << 20;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(base::Kind::Damaged, fmt::format("the backup's manifest cannot be relied on: {}", why));
}

base::Hash read_hash(const json::value& value) {
    const auto hash = base::Hash::find_hex(std::string_view(value.as_string()));
    if (!hash) refuse("a hash is not 64 hexadecimal digits");
    return *hash;
}

std::int64_t read_count(const json::value& value) {
    const std::int64_t count = value.as_int64();
    if (count < 0) refuse("a count is below zero");
    return count;
}

std::string read_text(const json::value& value) {
    return std::string(std::string_view(value.as_string()));
}

base::Instant read_instant(const json::value& value) {
    const auto at = base::parse_utc(std::string_view(value.as_string()));
    if (!at) refuse("a time is not of the form 2026-11-22T00:53:13.123Z");
    return *at;
}

json::array texts(const std::vector<std::string>& all) {
    json::array made;
    for (const std::string& each : all) made.emplace_back(each);
    return made;
}

std::vector<std::string> read_texts(const json::value& value) {
    std::vector<std::string> all;
    for (const json::value& each : value.as_array()) all.push_back(read_text(each));
    return all;
}

json::object write_head(const ledger::Head& head) {
    return {{"sequence", head.sequence}, {"hash", head.hash.hex()}};
}

ledger::Head read_head(const json::value& value) {
    return {read_count(value.at("sequence")), read_hash(value.at("hash"))};
}

Manifest read(const json::value& root) {
    Manifest manifest;
    if (root.at("version").as_int64() != Manifest::kVersion)
        refuse(fmt::format("it is of version {}, which a later program has made; use that one",
                           root.at("version").as_int64()));
    manifest.program = read_text(root.at("program"));
    const json::value& site = root.at("site");
    manifest.site = read_text(site.at("id"));
    manifest.site_name = read_text(site.at("name"));
    manifest.site_path = read_text(site.at("path"));
    manifest.taken_at = read_instant(root.at("taken_at"));
    const auto kind = find_kind(std::string_view(root.at("kind").as_string()));
    if (!kind) refuse("its kind is neither data nor system");
    manifest.kind = *kind;
    manifest.engine = read_text(root.at("engine"));
    manifest.database = read_text(root.at("database"));
    manifest.release = read_count(root.at("release").at("number"));
    manifest.release_hash = read_hash(root.at("release").at("hash"));
    for (const json::value& each : root.at("tables").as_array())
        manifest.tables.push_back({read_text(each.at("database")), read_text(each.at("name")),
                                   read_count(each.at("rows")), read_hash(each.at("sha256"))});
    manifest.objects = {read_count(root.at("objects").at("count")), read_count(root.at("objects").at("bytes"))};
    manifest.missing_objects = read_texts(root.at("objects").at("missing"));
    manifest.others = {read_count(root.at("others").at("files")), read_count(root.at("others").at("bytes"))};
    manifest.areas = read_texts(root.at("others").at("areas"));
    manifest.also = read_texts(root.at("also"));
    manifest.packages = read_texts(root.at("packages"));
    for (const json::value& each : root.at("files").as_array())
        manifest.files.push_back(
            {read_text(each.at("path")), read_count(each.at("size")), read_hash(each.at("sha256"))});
    if (const json::value& edit = root.at("last_edit"); !edit.is_null())
        manifest.last_edit = LastEdit{read_instant(edit.at("at")), read_text(edit.at("person")),
                                      read_text(edit.at("path")), read_text(edit.at("title"))};
    manifest.office = read_head(root.at("ledger").at("office"));
    manifest.watch = read_head(root.at("ledger").at("watch"));
    return manifest;
}

}  // namespace

std::string_view kind_id(Kind kind) {
    return kind == Kind::Data ? "data" : "system";
}

std::string_view kind_name(Kind kind) {
    return kind == Kind::Data ? "データ" : "システム";
}

std::optional<Kind> find_kind(std::string_view id) {
    for (const Kind kind : {Kind::Data, Kind::System})
        if (id == kind_id(kind)) return kind;
    return std::nullopt;
}

std::int64_t Manifest::count_bytes() const {
    if (!also.empty()) return 0;
    std::int64_t bytes = objects.bytes + others.bytes;
    for (const PointFile& each : files) bytes += each.size;
    return bytes;
}

std::string write_manifest(const Manifest& manifest) {
    json::array tables, files;
    for (const TableFigures& each : manifest.tables)
        tables.push_back(
            {{"database", each.database}, {"name", each.name}, {"rows", each.rows}, {"sha256", each.hash.hex()}});
    for (const PointFile& each : manifest.files)
        files.push_back({{"path", each.path}, {"size", each.size}, {"sha256", each.hash.hex()}});
    json::value edit = nullptr;
    if (manifest.last_edit)
        edit = {{"at", base::format_utc(manifest.last_edit->at)},
                {"person", manifest.last_edit->person},
                {"path", manifest.last_edit->path},
                {"title", manifest.last_edit->title}};
    const json::object root{
        {"version", Manifest::kVersion},
        {"program", manifest.program},
        {"site", json::object{{"id", manifest.site}, {"name", manifest.site_name}, {"path", manifest.site_path}}},
        {"taken_at", base::format_utc(manifest.taken_at)},
        {"kind", kind_id(manifest.kind)},
        {"engine", manifest.engine},
        {"database", manifest.database},
        {"release", json::object{{"number", manifest.release}, {"hash", manifest.release_hash.hex()}}},
        {"last_edit", edit},
        {"ledger", json::object{{"office", write_head(manifest.office)}, {"watch", write_head(manifest.watch)}}},
        {"objects", json::object{{"count", manifest.objects.count},
                                 {"bytes", manifest.objects.bytes},
                                 {"missing", texts(manifest.missing_objects)}}},
        {"others",
         json::object{
             {"files", manifest.others.count}, {"bytes", manifest.others.bytes}, {"areas", texts(manifest.areas)}}},
        {"also", texts(manifest.also)},
        {"packages", texts(manifest.packages)},
        {"tables", std::move(tables)},
        {"files", std::move(files)}};
    return json::serialize(root) + "\n";
}

Manifest parse_manifest(std::string_view text) {
    if (text.size() > kLongest) refuse("it is longer than 64 MB");
    boost::system::error_code problem;
    const json::value root = json::parse({text.data(), text.size()}, problem);
    if (problem) refuse("it is no JSON");
    try {
        return read(root);
    } catch (const std::exception& error) {  // a member that is missing or of another type
        if (dynamic_cast<const Error*>(&error) != nullptr) throw;
        refuse("a part of it is missing or of the wrong form");
    }
}

}  // namespace backup
