// What an earlier CMS knew of its pages and their files do not say: title, department in charge, take-down date,
// categories and description, from a table that it exports, for pages that a takeover brought. The operator's one act,
// like the takeover itself; no public byte changes but those of lists. Pages that somebody has begun to change here are
// left to the workflow.
//
// Columns, in any order, by these names: パス/場所/path (needed), タイトル/題名/title, 担当課/部署/department,
// 公開終了日/公開終了/take_down, カテゴリ/分類/category, 説明/description. Others are named in the answer and left
// out. UTF-8 or CP932. An empty cell leaves what is there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "flow/site.h"
#include "ground/base/ids.h"

namespace flow {

struct MetadataFault {
    int line = 0;  ///< of the text, from 1
    std::string column;
    std::string reason;
};

struct MetadataOptions {
    bool is_dry_run = false;
    bool skips_bad = false;  ///< the good lines count although others are faulty
    base::PersonId author;   ///< 0 = the operator at the shell
    std::string by = "system:cli";
};

struct MetadataMapped {
    bool is_done = false;  ///< something was written (or would have been, in a dry run); else `faults` says why not
    std::int64_t lines = 0;
    std::int64_t changed = 0;
    std::int64_t same = 0;
    std::vector<MetadataFault> faults;         ///< by line
    std::vector<std::string> unknown_columns;  ///< of the first line; what stands in them was left out
};

/// One transaction. Throws Error(BadInput) for what is no table: another encoding, no path column, too large.
MetadataMapped map_metadata(Site& site, std::string_view csv, const MetadataOptions& options);

}  // namespace flow
