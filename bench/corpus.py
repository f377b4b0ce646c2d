#!/usr/bin/env python3
"""A made-up city's pages for the publishing benchmark: the same text in the forms of two generators.

  corpus.py OUT [--pages N] [--form markdown|html] [--seed N]

markdown: a Hugo content tree (front matter, Markdown). html: the same tree with HTML bodies, for bench_site and for Hugo without
Markdown. Bodies have 10 to 45 KB of Japanese text with headings, lists and tables. The same seed gives the same bytes.
"""
import argparse
import html
import pathlib
import random

SECTIONS = [
    ("kurashi", "くらし・手続き", ["juminhyo", "koseki", "zei", "nenkin", "gomi", "suido", "sumai", "pet"]),
    ("kosodate", "子育て・教育", ["ninshin", "hoiku", "gakkou", "teate", "kyufu", "soudan", "asobi", "seishonen"]),
    ("kenko", "健康・福祉", ["yobou", "kenshin", "kaigo", "shogai", "seikatsu", "kokuho", "iryo", "korei"]),
    ("bousai", "防災・安全", ["hinan", "hazard", "kyukyu", "bouhan", "koutsu", "jishin", "suigai", "renraku"]),
    ("shisei", "市政情報", ["shicho", "gikai", "yosan", "keikaku", "toukei", "jinji", "koho", "johokokai"]),
    ("jigyou", "事業者向け", ["nyusatsu", "keiyaku", "hojo", "kigyo", "nougyo", "shoko", "kaihatsu", "eisei"]),
    ("kanko", "観光・文化", ["meisho", "matsuri", "shisetsu", "rekishi", "toshokan", "sports", "bijutsu", "tokusan"]),
    ("oshirase", "お知らせ", ["r06", "r07", "saiyo", "event", "kinkyu", "kisha", "bosyu", "chosa"]),
]
THINGS = ["住民票の写し", "印鑑登録証明書", "所得課税証明書", "納税証明書", "母子健康手帳", "介護保険被保険者証", "り災証明書", "施設利用許可申請書"]
PLACES = ["本庁舎1階の総合窓口", "東部支所", "市民交流センター", "総合福祉会館", "保健センター", "中央図書館", "総合体育館"]
DEEDS = ["申請", "届出", "相談", "予約", "証明書の交付", "手数料の納付", "補助金の交付", "施設の利用", "健康診査", "予防接種"]
SENTENCES = [
    "{thing}の{deed}を希望する方は、{date}までに{place}で手続きをしてください。",
    "{deed}には、本人確認書類（マイナンバーカード、運転免許証、旅券など）と{thing}が必要です。",
    "受付時間は午前8時30分から午後5時15分までで、土曜日・日曜日・祝日および年末年始を除きます。",
    "{date}から{deed}の方法が変わります。これまで{place}で行っていた{deed}は、電子申請でも行えるようになります。",
    "手数料は1通につき{fee}円です。郵送で請求する場合は、定額小為替と返信用封筒を同封してください。",
    "代理人が{deed}をする場合は、委任状と代理人の本人確認書類をお持ちください。",
    "大雨や台風の際は、{place}を一時的に閉鎖することがあります。最新の情報は防災ページでお知らせします。",
    "予算の上限に達した場合は、{date}より前でも{deed}の受付を終了することがあります。",
    "外国語での{deed}を希望する方のために、多言語の案内と通訳タブレットを{place}に用意しています。",
]
HEADS = ["対象者", "必要なもの", "手続きの方法", "受付期間と時間", "手数料", "注意事項", "よくある質問", "関連する制度", "会場の案内"]
TAGS = ["手続き", "子育て", "防災", "税金", "福祉", "観光", "環境", "教育", "健康", "募集"]


def sentence(dice):
    date = "令和%d年%d月%d日" % (dice.randint(6, 8), dice.randint(1, 12), dice.randint(1, 28))
    return dice.choice(SENTENCES).format(thing=dice.choice(THINGS), deed=dice.choice(DEEDS), place=dice.choice(PLACES),
                                         date=date, fee=dice.choice([150, 200, 300, 450]))


def blocks_of(dice):
    for _ in range(dice.randint(8, 15)):
        head = dice.choice(HEADS)
        body = [("p", "".join(sentence(dice) for _ in range(dice.randint(3, 7)))) for _ in range(dice.randint(1, 3))]
        kind = dice.random()
        if kind < 0.35:
            body.append(("ul", [sentence(dice) for _ in range(dice.randint(3, 7))]))
        elif kind < 0.55:
            rows = [[dice.choice(DEEDS), dice.choice(THINGS), "%d円" % dice.choice([150, 300]), dice.choice(PLACES)]
                    for _ in range(dice.randint(4, 10))]
            body.append(("table", [["区分", "対象", "金額", "窓口"]] + rows))
        yield head, body


def as_markdown(blocks):
    lines = []
    for head, body in blocks:
        lines += ["## " + head, ""]
        for kind, what in body:
            if kind == "p":
                lines += [what, ""]
            elif kind == "ul":
                lines += ["- " + item for item in what] + [""]
            else:
                lines += ["| " + " | ".join(what[0]) + " |", "|" + " --- |" * len(what[0])]
                lines += ["| " + " | ".join(row) + " |" for row in what[1:]] + [""]
    return "\n".join(lines) + "\n"


def as_html(blocks):
    lines = []
    for head, body in blocks:
        lines.append("<h2>%s</h2>" % html.escape(head))
        for kind, what in body:
            if kind == "p":
                lines.append("<p>%s</p>" % html.escape(what))
            elif kind == "ul":
                lines += ["<ul>"] + ["<li>%s</li>" % html.escape(item) for item in what] + ["</ul>"]
            else:
                lines.append("<table><thead><tr>%s</tr></thead><tbody>" % "".join("<th>%s</th>" % c for c in what[0]))
                lines += ["<tr>%s</tr>" % "".join("<td>%s</td>" % c for c in row) for row in what[1:]]
                lines.append("</tbody></table>")
    return "\n".join(lines) + "\n"


def front(fields):
    return "---\n" + "".join("%s: %s\n" % field for field in fields) + "---\n"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("out", type=pathlib.Path)
    options.add_argument("--pages", type=int, default=10000)
    options.add_argument("--form", choices=["markdown", "html"], default="html")
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    ending = "md" if asked.form == "markdown" else "html"
    total = 0
    for path, name, below in SECTIONS:
        for folder, title in [(path, name)] + [("%s/%s" % (path, one), "%s（%s）" % (name, one)) for one in below]:
            (asked.out / folder).mkdir(parents=True, exist_ok=True)
            (asked.out / folder / "_index.md").write_text(front([("title", '"%s"' % title)]))
    for i in range(asked.pages):
        dice = random.Random("%d/%d" % (asked.seed, i))
        path, _, below = SECTIONS[i % len(SECTIONS)]
        folder = "%s/%s" % (path, below[i // len(SECTIONS) % len(below)])
        title = "%sの%sについて（第%d号）" % (dice.choice(THINGS), dice.choice(DEEDS), i)
        day = "2025-%02d-%02d" % (dice.randint(1, 12), dice.randint(1, 28))
        blocks = list(blocks_of(dice))
        head = front([("title", '"%s"' % title), ("date", day), ("tags", "[%s]" % ", ".join(dice.sample(TAGS, 2)))])
        text = head + (as_markdown(blocks) if asked.form == "markdown" else as_html(blocks))
        total += len(text.encode())
        (asked.out / folder / ("p%06d.%s" % (i, ending))).write_text(text)
    print("%d pages, %.1f MB" % (asked.pages, total / 1e6))


main()
