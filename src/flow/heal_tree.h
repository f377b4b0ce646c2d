// Putting right what deviates from the newest release: by the placer, who knows the release from the signed log alone,
// so that it works while office, press and database are down; and by this process where no placer listens. Whoever asks
// names paths only: what belongs there, the placer looks up itself.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "flow/site.h"
#include "flow/verify_site.h"
#include "ground/people/model.h"
#include "ground/release/follow.h"
#include "press/delivery/placer.h"

namespace flow {

/// What healing the whole tree came to. The first `kMostTold` are told one by one.
struct HealedTree {
    static constexpr std::size_t kMostTold = 200;
    std::int64_t put = 0, removed = 0, left = 0, without_object = 0;
    std::vector<delivery::Healed> told;
    void add(const delivery::Healed& one);
};

/// Heals in this process, by a manifest that is kept up to date from one call to the next.
class Healer {
  public:
    explicit Healer(std::filesystem::path site) : site_(std::move(site)) {}

    /// Throws Error(Damaged) when the log is not to be relied on, Error(Conflict) when it has gone back behind
    /// `number` or behind what was public.
    std::vector<delivery::Healed> heal(std::int64_t number, std::span<const delivery::Sick> sick);
    /// Compares everything, and heals what deviates.
    HealedTree heal_tree(std::int64_t number);
    /// The placer's answer to "heal <document>". Throws as `heal`.
    std::string answer(std::string_view document);

  private:
    const release::Manifest& newest(std::int64_t number);
    delivery::DocumentRoot root() const;

    std::filesystem::path site_;
    std::unique_ptr<objects::Store> objects_;
    std::unique_ptr<PublicSide> side_;
    std::unique_ptr<release::Follower> follower_;
};

/// Asks the placer if one listens, else heals here.
class HealDesk {
  public:
    explicit HealDesk(const std::filesystem::path& site) : folders_(folders_of(site)), here_(site) {}
    std::vector<delivery::Healed> heal(std::int64_t number, std::span<const delivery::Sick> sick);
    /// The same, added batch by batch: `healed` has what was done also when it throws.
    void heal(std::int64_t number, std::span<const delivery::Sick> sick, std::vector<delivery::Healed>& healed);
    HealedTree heal_tree(std::int64_t number);
    /// Lets the placer read the manifest before it is needed; false when none listens.
    bool prepare();

  private:
    Folders folders_;
    Healer here_;
};

/// `guard heal`: compares, heals, compares again.
struct Cure {
    Verified before, after;
    std::vector<delivery::Healed> healed;
    bool is_well() const { return after.is_well(); }
};
/// Into `cure`, so that it tells what was healed also when this throws (base::Interrupted and others): the ledger has
/// to have it in any case.
void heal_site(const std::filesystem::path& folder, const guard::CompareOptions& options, const base::Clock& clock,
               Cure& cure);

/// What a healing came to, and its line of the ledger, with who and why.
struct HealCounts {
    std::int64_t healed = 0, quarantined = 0, left = 0;
};
HealCounts count(const Cure& cure);
void record_heal(Site& site, const Cure& cure, std::string_view why, const people::By& by);

}  // namespace flow
