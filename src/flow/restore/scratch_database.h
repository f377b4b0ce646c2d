// A PostgreSQL database for something that is unpacked beside the site's own: on the same server, by the same role.
#pragma once

#include <string>
#include <string_view>

#include "ground/settings/settings.h"

namespace flow::restoring {

/// Empty, and gone with this object; several may be there at once. `purpose`: a word. What a process of this machine
/// that is no longer there has left for the same purpose is cleared, unless somebody is connected to it.
class ScratchDatabase {
  public:
    enum class Life { Passing, UntilKept };  ///< UntilKept: only this object may ever remove it
    /// Throws Error(Unavailable) that says which right is missing.
    ScratchDatabase(const settings::Settings& settings, std::string_view purpose, Life life = Life::Passing);
    ~ScratchDatabase();
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;

    /// The site's URL with the other name in the place of its database.
    std::string url() const;
    const std::string& name() const { return name_; }
    /// It is a restored site's from now on, and stays.
    void keep() { is_kept_ = true; }

  private:
    std::string run(const std::string& sql) const;  ///< what it prints
    void clear_left_over(const std::string& start) const;

    std::string site_url_, name_;
    bool is_kept_ = false;
};

}  // namespace flow::restoring
