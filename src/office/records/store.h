// What every part of the desk needs beside its own tables: numbers without gaps ("障害-2027-0012") and files that
// belong to any subject ("incident:5"). The bytes of a file are an object; flow/attach_file.h screens and keeps them
// first, and this room writes the row that names them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "ground/base/time.h"
#include "ground/sys/database.h"
#include "ground/sys/extract.h"

namespace records {

std::span<const sys::Migration> migrations();
std::span<const sys::Extract> extracts();

/// The next number of `kind` in the fiscal year of `at`: "障害-2027-0001", and so on. Without gaps: a transaction that
/// is rolled back gives its number back. `kind`: lower-case letters, digits and hyphens. Numbers that were given before
/// they were in Japanese ("incident-2027-0001") stay as they stand on paper; the count goes on.
std::string take_number(sys::Transaction& tx, std::string_view kind, base::Instant at);
/// The kind's word in its numbers: "障害"; the kind itself when it has none.
std::string_view number_word(std::string_view kind);
/// For names of files: "障害-2027-0001" and "incident-2027-0001" => "incident-2027-0001".
std::string file_stem(std::string_view number);

struct NewFile {
    std::string subject;  ///< "incident:5"
    std::string name;     ///< as its sender called it, without folders
    std::string type;     ///< "application/pdf"
    base::Hash hash;      ///< of the object
    std::int64_t bytes = 0;
    std::string by;  ///< "person:12", "system:desk"
    base::Instant at;
};
struct File : NewFile {
    std::int64_t id = 0;
};

/// Adds the row. The caller's act writes the ledger line in the same transaction (or use flow::attach_file).
/// Throws Error(BadInput) when subject or name is empty or too long.
File attach(sys::Transaction& tx, const NewFile& file);
/// Oldest first.
std::vector<File> list_files(sys::Reader& db, std::string_view subject);
std::optional<File> find_file(sys::Reader& db, std::int64_t id);

}  // namespace records
