// What one backup holds, written into it: the moment, the figures of every part, and a hash of each file of the
// snapshot point, so that whoever restores can say what came back without asking the machine that was lost.
// docs/format/backup.md is the format. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/ledger/line.h"

namespace backup {

enum class Kind {
    Data,   ///< database, objects, releases, settings, keys, areas of others
    System  ///< the same, and what the machine has beside: further files, the list of installed packages
};
std::string_view kind_id(Kind kind);    ///< "data", "system"
std::string_view kind_name(Kind kind);  ///< in Japanese
std::optional<Kind> find_kind(std::string_view id);

struct TableFigures {
    std::string database;  ///< "yakuba" or "watch"
    std::string name;
    std::int64_t rows = 0;
    base::Hash hash;  ///< of the rows in primary-key order; sys::TableDigest
    bool operator==(const TableFigures&) const = default;
};

struct PointFile {
    std::string path;  ///< below the point: "yakuba.db", "releases/log/00000012.release"
    std::int64_t size = 0;
    base::Hash hash;
    bool operator==(const PointFile&) const = default;
};

/// The last change by a person that the backup includes.
struct LastEdit {
    base::Instant at;
    std::string person;  ///< their name
    std::string path;    ///< of the page
    std::string title;
    bool operator==(const LastEdit&) const = default;
};

struct Manifest {
    static constexpr int kVersion = 1;

    std::string program;     ///< version of the program
    std::string site;        ///< settings site.id
    std::string site_name;   ///< settings site.name
    std::string site_path;   ///< the site directory as it was, absolute
    base::Instant taken_at;  ///< the database's moment
    Kind kind = Kind::Data;
    std::string engine;        ///< "sqlite" or "postgresql"
    std::string database;      ///< the file of the point that holds the database: "yakuba.db" or "database.dump"
    std::int64_t release = 0;  ///< the newest in the database; 0: none
    base::Hash release_hash;
    std::vector<TableFigures> tables;
    struct Bytes {
        std::int64_t count = 0, bytes = 0;
        bool operator==(const Bytes&) const = default;
    } objects, others;
    std::vector<std::string> missing_objects;  ///< hashes that the database names and that are not there, or damaged
    std::vector<std::string> areas;            ///< absolute folders of others, beside `<site>/others`, that are held
    std::vector<std::string> also;             ///< system: absolute paths that are held too
    std::vector<std::string> packages;         ///< system: "name version" of what is installed
    std::vector<PointFile> files;              ///< every file of the point but the manifest
    std::optional<LastEdit> last_edit;
    ledger::Head office, watch;

    /// Whether it holds nothing but the point and objects: then each of its files has a hash in here, or is named by
    /// it.
    bool is_all_named() const { return others.count == 0 && areas.empty() && also.empty(); }
    /// Bytes of all that it holds but the manifest itself; 0: not known, because it holds further files of the machine.
    std::int64_t count_bytes() const;
};

/// One JSON document with a final newline.
std::string write_manifest(const Manifest& manifest);
/// Throws Error(Damaged) when it is none, or of a later version; at most 64 MB.
Manifest parse_manifest(std::string_view json);

/// Where the point is made, below the site directory; in a snapshot the folder whose path ends so.
constexpr std::string_view kPointFolder = "run/backup/point";
constexpr std::string_view kManifestFile = "manifest.json";
constexpr std::string_view kSealedKeys = "keys.sealed";

}  // namespace backup
