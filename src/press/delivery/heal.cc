// Healing: first what is mounted comes off, then what nobody knows goes, then folders, assets, and pages last. So a
// path is judged by what really stands there, and a page never comes back before its assets.
#include <fcntl.h>
#include <sys/stat.h>

#include "ground/base/error.h"
#include "press/delivery/inside/public_tree.h"

namespace delivery {

namespace {

namespace fs = std::filesystem;
using inside::PublicTree;
using Outcome = Healed::Outcome;

/// What is no folder cannot be the root: it goes aside. The folder is made anew by who opens the tree.
std::string clear_root(const DocumentRoot& to) {
    struct stat status {};
    if (::lstat(to.root.c_str(), &status) != 0 || S_ISDIR(status.st_mode)) return {};
    const sys::Descriptor above(::open(to.root.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!above) return {};
    return Quarantine(to.quarantine, to.now)
        .take(above, to.root.filename().string(), {status, {}, false, {S_ISLNK(status.st_mode) ? "link" : "type"}});
}

/// One path under treatment.
struct Patient {
    const Sick* sick = nullptr;
    std::string name;  ///< the path without a slash at the end
    bool is_root = false, is_folder = false;
    std::optional<release::Entry> entry;  ///< what should be there
    int turn = 0;                         ///< 0 = goes, 1 = folder, 2 = asset, 3 = page
    Healed healed;
};

Patient admit(const Sick& sick, const release::Manifest& manifest) {
    Patient patient;
    patient.sick = &sick;
    patient.healed.path = sick.path;
    patient.is_root = sick.path == "./";
    patient.is_folder = sick.path.ends_with('/');
    patient.name = patient.is_folder ? sick.path.substr(0, sick.path.size() - 1) : sick.path;
    if (patient.is_root) return patient.turn = 1, patient;
    if (auto entry = manifest.find(patient.name); entry && entry->has_body()) {
        patient.turn = inside::is_page(*entry) ? 3 : 2;
        patient.entry = std::move(entry);
    } else if (manifest.holds_files(patient.name)) {
        patient.turn = 1;
    }
    return patient;
}

void treat(Patient& patient, PublicTree& tree) {
    Healed& healed = patient.healed;
    if (patient.is_root) {
        healed.outcome = tree.mend_root() || !healed.evidence.empty() ? Outcome::Put : healed.outcome;
    } else if (patient.entry) {
        const auto put = tree.put(*patient.entry, PublicTree::WithoutObject::TakeDown);
        using What = PublicTree::Put::What;
        healed.evidence = put.evidence;
        if (put.what == What::Written) healed.outcome = Outcome::Put;
        if (put.what != What::Missing && put.what != What::Damaged) return;
        healed.outcome = Outcome::NoObject;
        healed.problem = fmt::format("its object is {}", put.what == What::Missing ? "missing" : "damaged");
    } else if (patient.turn == 1) {
        const auto before = tree.quarantine().count();  // a link or a file may stand in the folder's place
        const bool is_mended = tree.mend_folder(patient.name);
        if (tree.quarantine().count() > before) healed.evidence = tree.quarantine().last();
        if (is_mended || !healed.evidence.empty()) healed.outcome = Outcome::Put;
    } else {
        healed.evidence = tree.take(patient.name);
        if (!healed.evidence.empty()) healed.outcome = Outcome::Removed;
    }
}

}  // namespace

std::vector<Healed> heal(std::span<const Sick> sick, const release::Manifest& manifest, const objects::Store& objects,
                         const DocumentRoot& to) {
    const std::string old_root = clear_root(to);
    // Of a few files each is brought to the disk by itself, which is faster than the whole file system.
    const bool are_few = sick.size() <= 8;
    PublicTree tree(objects, to, are_few ? sys::Durability::Now : sys::Durability::Later);
    std::vector<Patient> patients;
    for (const Sick& one : sick)
        if (one.path == "./" || !release::find_path_fault(
                                    one.path.ends_with('/') ? std::string_view(one.path).substr(0, one.path.size() - 1)
                                                            : std::string_view(one.path)))
            patients.push_back(admit(one, manifest));
    const auto each = [&](const std::function<void(Patient&)>& act) {
        for (Patient& patient : patients) {
            if (patient.healed.outcome == Outcome::Left) continue;
            try {
                act(patient);
            } catch (const base::Error& error) {
                patient.healed.outcome = Outcome::Left;
                patient.healed.problem = error.message();
            }
        }
    };
    std::sort(patients.begin(), patients.end(),
              [](const Patient& a, const Patient& b) { return a.healed.path < b.healed.path; });  // folders first
    each([&](Patient& patient) {
        if (!patient.is_root && tree.unmount(patient.name)) patient.healed.outcome = Outcome::Put;
    });
    for (int turn = 0; turn <= 3; ++turn)
        each([&](Patient& patient) {
            if (patient.turn != turn) return;
            if (patient.is_root) patient.healed.evidence = old_root;
            tree.quarantine().set_writer(patient.sick->writer);
            treat(patient, tree);
        });
    if (!are_few) sys::sync_filesystem(to.staging);
    std::vector<Healed> healed;
    for (Patient& patient : patients) healed.push_back(std::move(patient.healed));
    return healed;
}

}  // namespace delivery
