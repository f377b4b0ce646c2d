// A small town for tests of journeys: a site on either engine whose clock stands still, departments, people in each
// role, and pages as a takeover leaves them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "flow/edit_page.h"
#include "ground/people/accounts.h"
#include "ground/sys/files.h"
#include "ground/sys/testing/databases.h"
#include "press/content/store.h"

namespace flow::testing {

class Town {
  public:
    /// The clock stands at 2027-04-01 10:00 in Japan.
    explicit Town(std::string_view engine);

  private:
    sys::testing::TestDatabase store_;
    sys::TemporaryFolder folder_;

  public:
    base::FixedClock clock{base::from_local({{2027, 4, 1}, 10, 0, 0, 0})};
    std::unique_ptr<Site> site;
    base::DepartmentId ka, elsewhere;
    /// Of `ka`: two authors and two approvers; an author of `elsewhere`; the site administrator. Names are "名前 chief"
    /// and so on.
    Doer author, other_author, chief, chief2, stranger, admin;

    people::By by() const { return {admin.person, clock.now()}; }
    template <class Work>
    auto read(Work&& work) {
        return site->database->read(std::forward<Work>(work));
    }
    template <class Work>
    auto write(Work&& work) {
        return site->database->write(std::forward<Work>(work));
    }

    /// A live page of `ka` with the region "main" around `content`.
    content::Page taken_over(std::string path, std::string_view content = "<p>元の文</p>");
    /// A file that is in the object store.
    content::Attachment attachment(std::string path, std::string_view bytes = "%PDF-1.7 sample");

    /// What the person would send after opening the page as `opened` shows it.
    Save save_of(const Outcome& opened, std::string html);
    /// Saves by hand from how the page stands now.
    Outcome edit(base::PageId page, std::string html, const Doer& doer);
    /// Edited and submitted by the same person.
    Outcome submitted(base::PageId page, std::string html, const Doer& doer);
    content::Body asked_body(const Outcome& outcome);
    /// The acts on the page in the ledger, oldest first.
    std::vector<std::string> acts_of(base::PageId page);
};

/// The approval of what `opened` shows.
Consent consent(const Outcome& opened);
std::vector<base::PersonId> people_of(const std::vector<workflow::Candidate>& candidates);

}  // namespace flow::testing
