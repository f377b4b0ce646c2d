#include "watch/cutover/papers.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"
#include "ground/calendar/era.h"
#include "ground/html/escape.h"

namespace cutover {

namespace {

/// Writes one document in both forms at once, so that they cannot differ.
class Writer {
  public:
    explicit Writer(const std::string& title) {
        papers_.html = fmt::format(
            "<!DOCTYPE html>\n<html lang=\"ja\">\n<head>\n<meta charset=\"utf-8\">\n<title>{0}</title>\n<style>"
            "body{{font-family:\"BIZ UDPGothic\",\"Noto Sans CJK JP\",Meiryo,sans-serif;max-width:45em;margin:2em "
            "auto;padding:0 1em;line-height:1.7}}"
            "h1{{text-align:center;font-size:1.4em}}h2{{font-size:1.1em;margin-top:1.5em;break-after:avoid}}"
            ".right{{text-align:right}}table{{border-collapse:collapse;width:100%}}"
            "th,td{{border:1px solid #333;padding:.3em .5em;text-align:left;vertical-align:top;overflow-wrap:anywhere}}"
            "th{{background:#eee}}thead th{{word-break:keep-all}}.whole{{white-space:nowrap}}tr{{break-inside:avoid}}"
            "@page{{size:A4;margin:20mm}}@media print{{body{{margin:0 auto;padding:0;font-size:10.5pt}}}}"
            "</style>\n</head>\n<body>\n",
            html::escape_text(title));
    }
    void date_and_parties(base::Instant made_at, const Plan& plan) {
        right(calendar::format_era(base::local_day(made_at)));
        line((plan.manager.empty() ? "ドメイン管理者" : plan.manager) + " 御中");
        right("申請者　" + (plan.applicant.empty() ? "（記入してください）" : plan.applicant));
        if (!plan.contact.empty()) right("連絡先　" + plan.contact);
    }
    void title(const std::string& text) {
        papers_.html += "<h1>" + html::escape_text(text) + "</h1>\n";
        papers_.text += "\n　　　　" + text + "\n\n";
    }
    void heading(const std::string& text) {
        papers_.html += fmt::format("<h2>{}　{}</h2>\n", ++number_, html::escape_text(text));
        papers_.text += fmt::format("\n{}　{}\n", number_, text);
    }
    void line(const std::string& text) {
        papers_.html += "<p>" + html::escape_text(text) + "</p>\n";
        papers_.text += text + "\n";
    }
    void right(const std::string& text) {
        papers_.html += "<p class=\"right\">" + html::escape_text(text) + "</p>\n";
        papers_.text += text + "\n";
    }
    void items(const std::vector<std::string>& all) {
        papers_.html += "<ul>\n";
        for (const std::string& each : all) {
            papers_.html += "<li>" + html::escape_text(each) + "</li>\n";
            papers_.text += "  ・" + each + "\n";
        }
        papers_.html += "</ul>\n";
    }
    void table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
        papers_.html += "<table>\n<thead><tr>";
        for (const std::string& cell : head) papers_.html += "<th scope=\"col\">" + html::escape_text(cell) + "</th>";
        papers_.html += "</tr></thead>\n<tbody>\n";
        for (const auto& row : rows) {
            papers_.html += "<tr>";
            papers_.text += "  ";
            for (std::size_t i = 0; i < row.size(); ++i) {
                papers_.html +=
                    (i == 0 ? "<th scope=\"row\">" : "<td>") + cell_of(row[i]) + (i == 0 ? "</th>" : "</td>");
                papers_.text += fmt::format("{}{}：{}", i == 0 ? "" : " / ", head[i], row[i]);
            }
            papers_.html += "</tr>\n";
            papers_.text += "\n";
        }
        papers_.html += "</tbody>\n</table>\n";
    }
    Papers finish() {
        line("以上");
        papers_.html += "</body>\n</html>\n";
        return std::move(papers_);
    }

  private:
    /// Whoever types an address off the paper must not meet one that is broken in two; a long TXT record has to be.
    static std::string cell_of(const std::string& text) {
        constexpr std::size_t kWhole = 32;
        constexpr std::string_view kComma = "、";
        std::string cell;
        for (std::size_t begin = 0;;) {
            const std::size_t end = std::min(text.find(kComma, begin), text.size());
            const std::string value = html::escape_text(std::string_view(text).substr(begin, end - begin));
            cell += value.size() <= kWhole ? "<span class=\"whole\">" + value + "</span>" : value;
            if (end == text.size()) return cell;
            cell += kComma;
            begin = end + kComma.size();
        }
    }

    Papers papers_;
    int number_ = 0;
};

std::string values(const std::vector<std::string>& data) {
    return data.empty() ? "なし" : base::join(data, "、");
}

const RecordSet* find_set(const std::vector<RecordSet>& all, const std::string& name, dns::Type type) {
    for (const RecordSet& set : all)
        if (set.name == name && set.type == type) return &set;
    return nullptr;
}

std::string when(const std::optional<base::Instant>& at) {
    return at ? calendar::format_era_moment(*at) : "別途ご相談";
}

/// Rows of name, type, then the values and TTLs of `from` and `to`; what neither has is left out.
std::vector<std::vector<std::string>> change_rows(const std::vector<RecordSet>& from, const std::vector<RecordSet>& to,
                                                  const std::vector<std::string>& names) {
    std::vector<std::vector<std::string>> rows;
    for (const std::string& name : names)
        for (const dns::Type type : {dns::Type::A, dns::Type::Aaaa, dns::Type::Cname}) {
            const RecordSet* a = find_set(from, name, type);
            const RecordSet* b = find_set(to, name, type);
            const bool has_a = a != nullptr && !a->data.empty(), has_b = b != nullptr && !b->data.empty();
            if (!has_a && !has_b) continue;
            rows.push_back({name, std::string(dns::type_name(type)), has_a ? values(a->data) : "なし",
                            has_a ? fmt::format("{}秒", a->ttl) : "―",
                            has_b ? values(b->data) : "なし（削除してください）",
                            has_b ? fmt::format("{}秒", b->ttl) : "―"});
        }
    return rows;
}

void write_unchanged(Writer& writer, const Plan& plan) {
    writer.heading("変更しないレコード");
    std::vector<std::vector<std::string>> rows;
    for (const RecordSet& set : plan.before)
        if (!is_changed_by_switch(set.type) && !set.data.empty())
            rows.push_back({set.name, std::string(dns::type_name(set.type)), values(set.data)});
    writer.line("次のレコードを含め、上記以外のレコードは変更しないでください。");
    if (!rows.empty()) writer.table({"名前", "種類", "いまの内容"}, rows);
}

}  // namespace

Papers make_request(const Plan& plan, base::Instant made_at) {
    Writer writer("DNS切替申請書");
    writer.date_and_parties(made_at, plan);
    writer.title("DNS切替申請書");
    writer.line("公開サイトのサーバを移すため、次のとおりDNSレコードの変更を申請します。");
    writer.heading("対象の名前");
    writer.line(base::join(plan.names, "、"));
    writer.heading("切替の日時");
    writer.line(when(plan.moment));
    const std::vector<RecordSet> after = records_after(plan);
    writer.heading("変更するレコード");
    writer.table({"名前", "種類", "変更前", "変更前のTTL", "変更後", "変更後のTTL"},
                 change_rows(plan.before, after, plan.names));
    write_unchanged(writer, plan);
    writer.heading("切替の前にお願いすること（TTLの短縮）");
    if (plan.are_ttls_cached)
        writer.line(
            fmt::format("上の「変更前のTTL」は控え（キャッシュ）の残り時間で、元の値ではありません。元のTTLをドメインの"
                        "ネームサーバで確かめ、その時間と1時間を加えた分だけ切替より前に、{}秒にしてください。"
                        "内容は変えずにTTLだけを変更してください。",
                        kShortTtl));
    else if (const auto ttl = longest_ttl(plan); ttl && *ttl > kShortTtl)
        writer.line(fmt::format(
            "変更するレコードのTTLを、切替の{}時間前までに{}秒にしてください（いまは最長{}秒です）。内容は変えずに"
            "TTLだけを変更してください。",
            *ttl / 3600 + 1, kShortTtl, *ttl));
    else
        writer.line(fmt::format(
            "変更するレコードのTTLは、すでに{}秒以下です。切替が終わるまで、このままにしてください。", kShortTtl));
    writer.heading("切戻し");
    writer.line(
        "切替後に重大な不具合があったときは、電話でご連絡のうえ、変更するレコードを「変更前」の内容に戻していただきます"
        "。切替から7日"
        "間は、TTLを短いままにしてください。");
    writer.heading("完了のご連絡");
    writer.line("変更が終わりましたら、日時を連絡先までお知らせください。");
    return writer.finish();
}

Papers make_rollback(const Plan& plan, const SinceSwitch& since, base::Instant made_at) {
    Writer writer("DNS切戻し申請書");
    writer.date_and_parties(made_at, plan);
    writer.title("DNS切戻し申請書");
    writer.line("公開サイトのサーバの切替を取りやめ、元のサーバに戻すため、次のとおりDNSレコードの変更を申請します。");
    writer.heading("対象の名前");
    writer.line(base::join(plan.names, "、"));
    writer.heading("切り戻す日時");
    writer.line("ご連絡の後、ただちにお願いします。");
    writer.heading("元に戻すレコード");
    std::vector<RecordSet> back = plan.before;
    for (RecordSet& set : back) set.ttl = plan.are_ttls_cached ? kShortTtl : std::min(set.ttl, kShortTtl);
    writer.table({"名前", "種類", "いま（切替後）", "いまのTTL", "戻す内容", "戻した後のTTL"},
                 change_rows(records_after(plan), back, plan.names));
    write_unchanged(writer, plan);
    writer.heading("切り戻してよい条件（申請者の確認）");
    writer.items({"旧サーバが動いていて、切替前の内容のまま残っている", "旧サーバの証明書の期限が切れていない",
                  "新サーバの不具合が、すぐには直せないと判断した（判断した人と日時を控える）",
                  "切替の後に公開した内容の扱いを決めた（次の項）"});
    writer.heading("切替の後に公開した内容");
    if (!since.switched_at) {
        writer.line("まだ切り替えていないので、ありません。");
    } else if (since.publications == 0) {
        writer.line(fmt::format("{}の切替から、新しく公開した内容はありません。",
                                calendar::format_era_moment(*since.switched_at)));
    } else {
        writer.line(
            fmt::format("{}の切替から、{}回の公開で{}"
                        "件の公開ファイルが変わりました。これらは旧サーバにはありません。切り戻すと見えなくなる"
                        "ので、急ぐお知らせは旧サーバにも載せてください。新サーバの内容は残っています。",
                        calendar::format_era_moment(*since.switched_at), since.publications, since.changed_count));
        std::vector<std::string> shown = since.changed;
        if (since.changed_count > static_cast<std::int64_t>(shown.size()))
            shown.push_back(fmt::format("ほか{}件", since.changed_count - static_cast<std::int64_t>(shown.size())));
        writer.items(shown);
    }
    return writer.finish();
}

}  // namespace cutover
