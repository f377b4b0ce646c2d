// A table as it is handed to somebody who does not have this program: which of its columns leave, and what they mean.
// Each room names its own in extracts(); a column that is not named stays here, so that no secret leaves by being new.
#pragma once

#include <span>
#include <string_view>

namespace sys {

enum class ColumnForm {
    Plain,
    Time,   ///< UTC milliseconds, handed over as "2027-04-01T00:00:00.000Z"; 0 and NULL as nothing
    Object  ///< the hash of bytes in the object store, which are handed over too
};

struct ExtractColumn {
    std::string_view name;
    std::string_view wording;  ///< Japanese: "作成日時"
    ColumnForm form = ColumnForm::Plain;
};

struct Extract {
    std::string_view table;
    std::string_view wording;  ///< "部署"
    std::string_view english;  ///< "Departments"
    std::string_view order;    ///< "id"
    std::span<const ExtractColumn> columns;
};

}  // namespace sys
