#include "flow/keep_nginx_config.h"

#include "flow/nginx_config.h"
#include "ground/base/error.h"
#include "ground/sys/files.h"
#include "ground/sys/log.h"

namespace flow {

namespace {

constexpr std::size_t kLargest = 256U << 20;

}  // namespace

bool NginxConfigKeeper::work() {
    if (site_.settings.public_site.nginx_config.empty()) return false;
    try {
        const bool is_written = bring_up_to_date();
        complaint_.clear();
        return is_written;
    } catch (const base::Error& error) {
        if (error.message() != complaint_)
            sys::log(sys::Level::Error, "nginx's configuration is not kept up to date", {{"problem", error.message()}});
        complaint_ = error.message();
        return false;
    }
}

bool NginxConfigKeeper::bring_up_to_date() {
    if (!follower_) {
        const PublicSide side = open_public_side(site_.folders.site);
        follower_ = std::make_unique<release::Follower>(side.log, side.keys);
    }
    while (follower_->step(release::Follower::Look::Thorough)) {
    }
    if (written_ == follower_->number()) return false;
    const settings::Settings& settings = site_.settings;
    const std::filesystem::path file = settings.resolve(settings.public_site.nginx_config);
    const std::string text =
        nginx_config(settings, site_.folders, follower_->manifest(), settings.public_site.address).text;
    const bool is_same = sys::find_file(file, kLargest) == text;
    if (!is_same) sys::write_file(file, text);
    written_ = follower_->number();
    return !is_same;
}

}  // namespace flow
