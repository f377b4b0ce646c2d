// The site on which people are trained: a whole site of its own in training/current below the real site's folder, with
// its own keys, database, accounts and ports, served by a process of its own (host_training.h). It is made from the
// demo city or from what is public on the real site, and thrown away after the session. Nothing goes from it to the
// real site but what the teacher takes: the marks on the board and the survey's answers, read and checked.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "flow/site.h"
#include "office/training/store.h"

namespace flow {

enum class TrainingSource {
    Demo,  ///< the invented city
    Copy   ///< the real site's live pages, files and templates; no person, mail address, draft or record
};
std::string_view training_source_id(TrainingSource source);  ///< "demo", "copy"
std::optional<TrainingSource> find_training_source(std::string_view id);

/// One account of the training site, for the card that a trainee gets.
struct TrainingCard {
    std::int64_t seat = 0;  ///< 0 = the teacher
    std::string login, password;
    std::string folder;  ///< "/kenshu/05/"; administrators: the part "kenshu-05"
};

/// Where the site of the open session is; it need not be there.
std::filesystem::path training_folder(const Folders& folders);
/// Whether this site directory is a training site.
bool is_training(const std::filesystem::path& site_folder);

/// Makes the site for a planned session. Throws Error(Conflict): another session's is there, or is being made.
void open_training(Site& site, std::int64_t session, TrainingSource source, const training::By& by);
/// A fresh one in its place, with new passwords.
void reset_training(Site& site, std::int64_t session, const training::By& by);
/// Takes the survey's answers and removes it. What cannot be read is said, and the site stays, unless `is_forced`.
void close_training(Site& site, std::int64_t session, bool is_forced, const training::By& by);

/// The accounts of the site that is there; the teacher's first.
std::vector<TrainingCard> training_cards(const Folders& folders);
/// Changes with each opening and reset.
std::string training_generation(const Folders& folders);

/// Removes a site whose session is no longer open in the books: what was closed when the power went is not served
/// again.
void drop_void_training(Site& site);

/// What the host said last: empty while the site is served, else why it is not.
std::optional<std::string> find_training_problem(const Folders& folders);
void note_training_problem(const Folders& folders, std::string_view problem);

/// What the real site's people read, and nothing of its people: used by open_training.
struct TrainingCopied {
    std::int64_t pages = 0, files = 0;
    std::vector<std::string> left_out;
};
TrainingCopied copy_public_content(Site& from, Site& to, base::PersonId writer);

/// One seat on the board.
struct SeatMarks {
    std::int64_t seat = 0;
    std::string login;
    bool has_signed_in = false;
    std::vector<bool> done;  ///< of training::exercises_of(course)
    bool has_answered = false;
};
/// Read from the training site's own database. Throws Error(NotFound) while there is none.
std::vector<SeatMarks> read_training_board(const Folders& folders, training::Course course);
/// The same for one person on the training site itself; nothing for accounts without a seat.
std::optional<SeatMarks> marks_of(sys::Reader& db, std::string_view login, training::Course course);
/// The course that this training site was made for.
training::Course training_course(const Folders& site_folders);
/// The seat behind "kenshu05"; 0 for any other account.
std::int64_t seat_of(std::string_view login);

}  // namespace flow
