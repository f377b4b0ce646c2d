// A correction, or a new version, on its way into production: found, examined, agreed with the client, applied to a
// copy and tested there, then applied in a window. Production is refused without the record of the test, unless it is
// an emergency with its reason; what was declined is kept with the reason. Each step is one line of the ledger about
// every weakness and package that it answers.
#pragma once

#include "office/vulnerabilities/store.h"

namespace vulnerabilities {

enum class PatchState { Found, Examined, Agreed, Tested, Applied, Declined };
std::string_view patch_state_id(PatchState state);  ///< "found", "examined", ...
std::string_view patch_state_wording(PatchState state);  ///< 発見, 検討済み, 合意済み, 試験済み, 適用済み, 見送り

struct Patch {
    std::int64_t id = 0;
    std::string kind;  ///< "patch", or "version": an ordinary upgrade
    std::string title, component, version_from, version_to;
    base::Instant published_at, found_at;
    PatchState state = PatchState::Found;
    std::optional<base::Instant> window_from, window_to, applied_at;
    std::string staging;  ///< what it was tested on
    bool is_tested = false, is_emergency = false;
    std::vector<std::string> subjects;  ///< "vulnerability:7", "package:1a2b..."; of a version its own
    std::int64_t change = 0;

    std::string path_subject() const;  ///< "version:3" of an upgrade, "patch:3" of a correction
};
struct PatchStep {
    std::string step, text, by;
    base::Instant at;
};
std::string_view step_wording(std::string_view step);
struct TestItem {
    std::string name;
    bool is_good = false;
    std::string result;
};

struct NewPatch {
    bool is_version = false;
    std::string title, component, version_from, version_to, note;
    base::Instant published_at;
    std::vector<std::string> subjects;  ///< records that it answers; for a version none
};
/// "patch.find" / "version.find" with published_at. Throws Error(BadInput), Error(NotFound) for a record that is none.
/// The same `once` (of a form) gives the same one.
Patch find_out(sys::Transaction& tx, const NewPatch& made, const By& by, std::string_view once = {});
/// What it is was told to the client: "patch.report".
void report_patch(sys::Transaction& tx, std::int64_t patch, std::string_view text, const By& by);
/// What it changes, what can break, how to go back.
void examine_patch(sys::Transaction& tx, std::int64_t patch, std::string_view text, std::int64_t change, const By& by);
/// The client's decision, whether and when: "patch.decide" / "version.decide" / "packages.decide". Needs the
/// examination. `is_agreed` false: it is declined, with the reason.
void decide_patch(sys::Transaction& tx, std::int64_t patch, bool is_agreed, std::string_view text,
                  std::optional<base::Instant> window_from, std::optional<base::Instant> window_to, std::int64_t change,
                  const By& by);
/// The test on a copy: "patch.test". All good: it may go into production; else it may not, and the list says why. Needs
/// the agreement. Throws Error(BadInput) without `staging` or tests.
void note_test(sys::Transaction& tx, std::int64_t patch, std::string_view staging, std::span<const TestItem> tests,
               std::int64_t change, const By& by);
struct Applying {
    base::Instant at;              ///< when it was done; not in the future
    std::string text;              ///< how it went, the version after, how it was verified
    std::string emergency_reason;  ///< not empty: without a test, or outside the window
};
/// "patch.apply" with tested=true or emergency=true; the records that it answers are done. Throws Error(Conflict)
/// without a good test or outside the window that was agreed, unless it is an emergency.
void apply_patch(sys::Transaction& tx, std::int64_t patch, const Applying& how, std::int64_t change, const By& by);

std::optional<Patch> find_patch(sys::Reader& db, std::int64_t id);
Patch load_patch(sys::Reader& db, std::int64_t id);
/// Open ones first, by when they have to be decided. `subject` empty: all.
std::vector<Patch> list_patches(sys::Reader& db, std::string_view subject = {}, int limit = 200);
std::vector<PatchStep> list_steps(sys::Reader& db, std::int64_t patch);
std::vector<TestItem> list_tests(sys::Reader& db, std::int64_t patch);  ///< of the newest run

}  // namespace vulnerabilities
