// What forms and query strings say: names with values, and uploaded files. Parsing is pure and bounded; a form that
// breaks a limit or the grammar is refused whole, because half a form is worse than none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ground/sys/files.h"

namespace http {

/// Names and values in order; a name may come several times.
class Fields {
  public:
    using Field = std::pair<std::string, std::string>;
    std::optional<std::string_view> find(std::string_view name) const;
    /// The first value, or "".
    std::string_view get(std::string_view name) const { return find(name).value_or(std::string_view{}); }
    std::vector<std::string_view> get_all(std::string_view name) const;
    bool has(std::string_view name) const { return find(name).has_value(); }
    void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
    bool empty() const { return fields_.empty(); }
    std::size_t size() const { return fields_.size(); }
    void clear() { fields_.clear(); }
    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

  private:
    std::vector<Field> fields_;
};

/// One uploaded file: small ones in memory, others in a file without a name that goes with the object.
struct UploadedFile {
    std::string field;         ///< name of the form's field
    std::string name;          ///< as the browser says, UTF-8; display only, never a path
    std::string content_type;  ///< as the browser says; not to be believed
    std::uint64_t size = 0;
    std::string bytes;     ///< the content, unless
    sys::Descriptor file;  ///< it is here

    /// All of it. Throws Error(BadInput) above `limit`.
    std::string read(std::uint64_t limit = std::uint64_t{256} << 20) const;
    /// Up to `count` bytes from `offset`; fewer at the end.
    std::string read_at(std::uint64_t offset, std::size_t count) const;
};

struct Form {
    Fields fields;
    std::vector<UploadedFile> files;  ///< a file field left empty in the browser is not here

    std::optional<std::string_view> find(std::string_view name) const { return fields.find(name); }
    std::string_view get(std::string_view name) const { return fields.get(name); }
    std::vector<std::string_view> get_all(std::string_view name) const { return fields.get_all(name); }
    bool has(std::string_view name) const { return fields.has(name); }
    const UploadedFile* find_file(std::string_view field) const;
};

struct FormLimits {
    std::size_t parts = 1000;                  ///< fields and files together
    std::size_t field_size = 1U << 20;         ///< bytes of one text field
    std::uint64_t file_size = 256ULL << 20;    ///< bytes of one file
    std::size_t memory_per_file = 256U << 10;  ///< above it a file goes to disk
    std::string temporary_folder = "/tmp";
};

/// application/x-www-form-urlencoded, also query strings: "+" is a space, %XX is decoded once. Nothing on a bad escape,
/// a NUL, text that is not UTF-8, or more than `parts` pairs.
std::optional<Fields> parse_urlencoded(std::string_view text, std::size_t parts = 1000);
/// The inverse, for building links: names and values escaped.
std::string format_urlencoded(const Fields& fields);

}  // namespace http
