// The steps of a rehearsal once the site is restored.
#pragma once

#include <memory>

#include "flow/drill_backup.h"
#include "flow/edit_page.h"
#include "ground/sys/http_client.h"

namespace flow::drill {

/// `yakuba serve --role ROLE` of the scratch site; ends with this object, and with this thread.
class Served {
  public:
    /// Returns as soon as it answers. Throws Error(Unavailable) with its last words when it ends or takes a minute.
    Served(const std::filesystem::path& program, const std::filesystem::path& site, const std::string& role);
    ~Served();
    Served(const Served&) = delete;
    Served& operator=(const Served&) = delete;
    /// "public", "office": where it listens, with a final slash.
    std::string url(std::string_view name) const;

  private:
    int child_ = 0;
    std::string answer_;
};

/// Takes from the scratch site's settings whatever would reach somebody: mail, directory, certificates, other
/// repositories, log files.
void quieten(const std::filesystem::path& site);

struct Accounts {
    Doer author, approver;
    base::DepartmentId department;
    std::string login_name, password;
};
/// Two people who are in the scratch site only.
Accounts make_accounts(Site& scratch);
/// By the login screen; the person's first screen must follow. Throws Error(Unavailable).
void sign_in(sys::HttpClient& client, const std::string& office_url, const Accounts& accounts);
/// Writes, submits and approves a page, and waits until it is public with the bytes that its release names.
void publish_a_page(Site& scratch, sys::HttpClient& client, const std::string& public_url, const Accounts& accounts,
                    const std::function<void()>& between);
/// Every path of the newest release, by the public server.
void compare_pages(const Site& scratch, sys::HttpClient& client, const std::string& public_url, Drilled& result,
                   const std::function<void()>& between);

}  // namespace flow::drill
