// One path as two servers answer it: the same, or how it differs, in words for people. Pure: what was asked and how is
// the business of ask.h.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ground/base/hash.h"
#include "watch/cutover/page.h"

namespace cutover {

/// What one server answered.
struct Answer {
    int status = 0;        ///< 0 = no whole answer came
    std::string problem;   ///< then: why
    std::string location;  ///< of a redirect
    bool is_loop = false;  ///< the redirects lead in a circle, or are too many
    std::string content_type;
    std::map<std::string, std::string> headers;  ///< those that protect visitors, lower-case names
    base::Hash hash;                             ///< of the body, of its first kLargestBody bytes
    std::int64_t size = 0;                       ///< bytes that were read
    bool is_cut = false;                         ///< it is longer than that
    std::string body;                            ///< empty when it is longer than kLargestPage
    std::vector<Answer> landed = {};  ///< of a redirect that stays on the server: what it leads to in the end
    std::string landed_path = {};
};
constexpr std::int64_t kLargestBody = 64LL << 20;
constexpr std::size_t kLargestPage = 4U << 20;

/// Kinds, in the order of their weight: what hurts visitors most comes first.
enum class Differs { Missing, Failing, Loop, Status, Redirect, Type, Content, Charset, Images, Links, Order };
std::string_view kind_id(Differs kind);       ///< "missing", "failing", "loop", ...
std::string_view kind_wording(Differs kind);  ///< 新サーバにない, ...
int kind_weight(Differs kind);                ///< larger is worse

struct Difference {
    Differs kind = Differs::Content;
    std::string text;                          ///< Japanese, one sentence
    std::vector<std::string> before, after{};  ///< side by side: lines that only the one or the other has; bounded
};

struct Compared {
    bool is_comparable = true;  ///< false: the old server gave no answer, so nothing can be said
    std::string problem;        ///< then: why
    std::vector<Difference> differences;
    bool is_equal() const { return is_comparable && differences.empty(); }
};
Compared compare(const Answer& before, const Answer& after, std::string_view path, const Surroundings& around);

/// The worst of them; 0 for none.
int weight_of(const std::vector<Difference>& differences);
/// "content links": the kinds in one form, for accepted differences.
std::string kinds_of(const std::vector<Difference>& differences);
/// Whether all that differs now had been accepted.
bool is_covered(std::string_view kinds_now, std::string_view kinds_accepted);

std::string write_differences(const std::vector<Difference>& differences);
/// Throws Error(Damaged).
std::vector<Difference> read_differences(std::string_view json);

/// Headers that protect visitors and that the one has and the other lacks, by lower-case name.
std::vector<std::string> lost_headers(const Answer& before, const Answer& after);

}  // namespace cutover
