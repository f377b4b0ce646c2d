// Typed row numbers: a RevisionId does not fit where a PageId is asked for.
#pragma once

#include <compare>
#include <cstdint>

namespace base {

template <class Tag>
struct Id {
    std::int64_t value = 0;
    auto operator<=>(const Id&) const = default;
    explicit operator bool() const { return value != 0; }
};

using PersonId = Id<struct PersonTag>;
using DepartmentId = Id<struct DepartmentTag>;
using SectionId = Id<struct SectionTag>;
using PageId = Id<struct PageTag>;
using RevisionId = Id<struct RevisionTag>;
using AssetId = Id<struct AssetTag>;
using TemplateId = Id<struct TemplateTag>;
using JobId = Id<struct JobTag>;

}  // namespace base
