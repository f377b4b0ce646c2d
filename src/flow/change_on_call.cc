#include "flow/change_on_call.h"

#include "flow/change_setting.h"
#include "ground/base/error.h"

namespace flow {

using base::Error;
using base::Kind;

namespace {

constexpr std::size_t kMostRows = 100;

}  // namespace

OnCallTable load_on_call(const Site& site) {
    const SettingsFile file = load_settings_file(site);
    return {settings::parse(file.text).watch.on_call, file.version};
}

bool may_change_on_screen(const telling::Duty& duty) {
    return duty.channel == "mail" || duty.channel == "screen";
}

void change_on_call(Site& site, std::size_t index, const std::optional<telling::Duty>& wanted, std::string_view version,
                    const people::By& by) {
    OnCallTable table = load_on_call(site);
    if (table.version != version || index > table.lines.size() || (!wanted && index == table.lines.size()))
        throw Error(Kind::Conflict,
                    "当番は、ほかの人が先に変えました。いまの当番を確かめて、もう一度保存してください。");
    if (index == kMostRows) throw Error(Kind::BadInput, "当番は100件までです。");
    if (index < table.lines.size()) {
        std::optional<telling::Duty> before;
        try {
            before = telling::parse_duty(table.lines[index]);
        } catch (const Error&) {
            // A row that nobody can read may go.
        }
        if (before && !may_change_on_screen(*before))
            throw Error(Kind::BadInput, "この当番は、運用担当者がサーバの設定ファイルで変えます。");
    }
    if (wanted) {
        if (!may_change_on_screen(*wanted)) throw Error(Kind::BadInput, "連絡方法は、メールか画面を選んでください。");
        const std::string line = telling::line_of(*wanted);
        try {
            const telling::Duty read = telling::parse_duty(line);
            if (telling::line_of(read) != line || read.target != wanted->target ||
                (!wanted->name.empty() && read.name != wanted->name))
                throw Error(Kind::BadInput, "名前とあて先に空白は使えません。");
        } catch (const Error&) {
            throw Error(Kind::BadInput, "名前とあて先を確かめてください。空白は使えません。");
        }
        if (index == table.lines.size())
            table.lines.push_back(line);
        else
            table.lines[index] = line;
    } else {
        table.lines.erase(table.lines.begin() + static_cast<std::ptrdiff_t>(index));
    }
    write_setting(site, "watch.on_call", table.lines, version, by);
}

}  // namespace flow
