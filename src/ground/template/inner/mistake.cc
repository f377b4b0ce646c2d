#include "ground/template/inner/mistake.h"

#include <algorithm>

#include <fmt/format.h>

#include "ground/base/text.h"

namespace tmpl {

namespace {

struct Row {
    Mistake mistake;
    std::string_view id;
    std::string_view japanese_what;
    std::string_view japanese_remedy;
    std::string_view english_what;
    std::string_view english_remedy;
};

constexpr Row kRows[] = {
    {Mistake::TooLong, "too-long", "テンプレートが1MiBを超えています", "部品に分けて include で読み込んでください",
     "the template is longer than 1 MiB", "split it into parts and include them"},
    {Mistake::NotUtf8, "not-utf8", "文字コードがUTF-8ではありません", "UTF-8で保存し直してください",
     "the template is not UTF-8", "save it as UTF-8"},
    {Mistake::UnclosedTag, "unclosed-tag", "「{0}」が閉じられていません",
     "「{1}」で閉じるか、文字としての「{0}」なら {{% raw %}} と {{% endraw %}} で囲んでください",
     "\"{0}\" is not closed",
     "close it with \"{1}\", or put {{% raw %}} and {{% endraw %}} around it if it is meant as plain text"},
    {Mistake::UnclosedStatement, "unclosed-statement", "{{% {0} %}} に対応する {{% end{0} %}} がありません",
     "{{% end{0} %}} を書き加えてください", "{{% {0} %}} has no {{% end{0} %}}", "add {{% end{0} %}}"},
    {Mistake::UnexpectedStatement, "unexpected-statement", "{{% {0} %}} に対応する始まりがここにはありません",
     "余分なら消し、入れ子の順番を確かめてください", "{{% {0} %}} has no beginning that it could belong to here",
     "remove it, or check the order of nesting"},
    {Mistake::UnknownStatement, "unknown-statement", "「{0}」という命令はありません", "{1}",
     "there is no statement \"{0}\"", "{1}"},
    {Mistake::BadExpression, "bad-expression", "「{1}」は、ここには書けません（必要なもの: {0}）",
     "書き方を「テンプレートの書き方」で確かめてください", "{0} is needed here, not \"{1}\"",
     "see the template language in the handbook"},
    {Mistake::FullWidth, "full-width", "命令の中に全角の文字「{0}」があります", "半角で書き直してください",
     "the full-width character \"{0}\" stands inside a tag", "type it in half width"},
    {Mistake::NoArithmetic, "no-arithmetic", "「{0}」は使えません。テンプレートでは計算をしません",
     "計算済みの値を使ってください。比較は == != < > <= >= です", "\"{0}\" cannot be used: templates do not calculate",
     "use a value that is ready; comparisons are == != < > <= >="},
    {Mistake::UnclosedText, "unclosed-text", "引用符 {0} で始まる文字列が閉じられていません",
     "同じ引用符 {0} で閉じてください", "the text that begins with {0} is not closed", "close it with {0}"},
    {Mistake::UnknownFilter, "unknown-filter", "「{0}」というフィルターはありません", "{1}",
     "there is no filter \"{0}\"", "{1}"},
    {Mistake::FilterArguments, "filter-arguments", "フィルター「{0}」の引数の数が違います（必要な数: {1}）",
     "引数の数を合わせてください", "filter \"{0}\" takes {1} arguments", "give it that many"},
    {Mistake::TooDeep, "too-deep", "入れ子が64段を超えています", "部品に分けてください",
     "more than 64 levels of nesting", "move the inner part into a template of its own"},
    {Mistake::TooManyTerms, "too-many-terms", "ひとつの命令に要素が200を超えています", "条件を分けてください",
     "more than 200 terms in one tag", "split the condition"},
    {Mistake::ExtendsNotFirst, "extends-not-first", "extends は先頭に1回だけ書けます",
     "テンプレートの先頭に移してください", "extends may stand only once, at the start", "move it to the start"},
    {Mistake::TextOutsideBlock, "text-outside-block",
     "extends を使うテンプレートでは、block の外のものは表示されません", "block の中に移すか、消してください",
     "in a template with extends, what stands outside a block is never shown", "move it into a block, or remove it"},
    {Mistake::DuplicateBlock, "duplicate-block", "block「{0}」が2回あります", "別の名前を付けてください",
     "block \"{0}\" stands here twice", "give one of them another name"},
    {Mistake::ReservedName, "reserved-name", "「{0}」は決まった意味を持つ名前です", "別の名前を付けてください",
     "\"{0}\" has a meaning of its own", "choose another name"},
    {Mistake::UnquotedAttribute, "unquoted-attribute", "引用符で囲まれていない属性値の中です",
     "属性値全体を \" で囲んでください", "this stands in an attribute value without quotes",
     "put \" around the whole value"},
    {Mistake::InScript, "in-script", "スクリプトなど、値を安全に表示できない要素や属性（{0}）の中です",
     "値は data- 属性に書き、スクリプトから読み取ってください", "no value can be shown safely inside {0}",
     "write it into a data- attribute and read it from the script"},
    {Mistake::InEventAttribute, "in-event-attribute", "イベント属性（{0}）の中です",
     "値は data- 属性に書き、スクリプトから読み取ってください", "no value may stand in the event attribute {0}",
     "write it into a data- attribute and read it from the script"},
    {Mistake::InStyle, "in-style", "スタイル（style 要素・属性）の中です", "class を切り替えてください",
     "no value may stand in a style element or attribute", "choose between classes instead"},
    {Mistake::InComment, "in-comment", "HTMLコメントや宣言の中です",
     "コメントの外に移すか、{{# #}} でコメントにしてください", "no value may stand in an HTML comment or declaration",
     "move it out, or use {{# #}} to comment it out"},
    {Mistake::InTag, "in-tag", "タグ名や属性名の位置です", "属性値の引用符の中に書いてください",
     "no value may stand where a tag or attribute name is", "write it inside the quotes of an attribute value"},
    {Mistake::UnclearMarkup, "unclear-markup",
     "この手前に、ブラウザーにより解釈の異なる書き方があります（title・textarea・SVG 内のタグ、CDATA など）",
     "その「<」を &lt; と書くか、CDATA を取り除いてください",
     "before this stands markup that browsers read in different ways (a tag inside title, textarea or SVG text, CDATA)",
     "write that < as &lt;, or remove the CDATA section"},
    {Mistake::BranchesDiffer, "branches-differ", "if の各分岐の終わりで、タグや引用符の開き方がそろっていません",
     "どの分岐でも、タグや引用符を同じように開き、閉じてください",
     "the branches end at different places of the HTML (an open tag or quote in one of them)",
     "open and close tags and quotes alike in each branch"},
    {Mistake::LoopDiffers, "loop-differs", "for の始まりと終わりで、タグや引用符の開き方がそろっていません",
     "くり返しの中で開いたタグや引用符は、中で閉じてください",
     "the loop ends at another place of the HTML than it begins",
     "close inside the loop each tag and quote that it opens"},
    {Mistake::BlockDiffers, "block-differs", "block の始まりと終わりで、タグや引用符の開き方がそろっていません",
     "block の中で開いたタグや引用符は、中で閉じてください",
     "the block ends at another place of the HTML than it begins",
     "close inside the block each tag and quote that it opens"},
    {Mistake::NeedsSpace, "needs-space", "タグの中の命令に続けて「{0}」があり、属性名が定まりません",
     "命令と次の属性の間に空白を入れ、属性は名前から値まで続けて書いてください",
     "\"{0}\" follows a statement inside a tag, so that an attribute's name would depend on it",
     "put a space before the next attribute and write each attribute whole"},
    {Mistake::PartInTag, "part-in-tag", "{0} は、タグの中やリンク先の中には書けません",
     "要素の間、または引用符で囲まれた通常の属性値の中に書いてください", "{0} cannot stand inside a tag or an address",
     "put it between elements, or inside the quotes of an ordinary attribute"},
    {Mistake::NoSuchTemplate, "no-such-template", "テンプレート「{0}」がありません",
     "名前を確かめるか、その名前のテンプレートを作ってください", "there is no template \"{0}\"",
     "check the name, or make a template of that name"},
    {Mistake::TooManyLevels, "too-many-levels", "include や extends が16段を超えています（「{0}」）",
     "テンプレートが自分自身を呼び出していないか確かめてください",
     "more than 16 levels of include or extends, at \"{0}\"", "check whether a template calls itself"},
    {Mistake::StepsUsedUp, "steps-used-up", "処理の量が上限（{0}）を超えました",
     "くり返しの入れ子や、一覧の件数を減らしてください", "rendering takes more than {0} steps",
     "reduce nested loops, or the length of lists"},
    {Mistake::BytesUsedUp, "bytes-used-up", "出力が上限（{0}バイト）を超えました", "一覧の件数を減らしてください",
     "the output is longer than {0} bytes", "reduce the length of lists"},
    {Mistake::MarkupInAttribute, "markup-in-attribute",
     "「{0}」にはタグや引用符があるため、title 要素や属性値の中では使えません", "文字と値だけにしてください",
     "\"{0}\" contains tags or quotes and cannot stand in a title or an attribute", "keep it to text and values"},
    {Mistake::PartUnfinished, "part-unfinished", "部品「{0}」の終わりで、タグや引用符が閉じられていません",
     "部品の中で閉じてください", "part \"{0}\" ends inside a tag, comment or script", "close it inside the part"},
    {Mistake::MissingValue, "missing-value", "値「{0}」がありません",
     "名前を確かめるか、default フィルターで代わりを決めてください", "there is no value \"{0}\"",
     "check the name, or give a substitute with the default filter"},
    {Mistake::NotShowable, "not-showable", "「{0}」は文字として表示できません（種類: {1}）",
     "その中の値を選ぶか、for でくり返してください", "\"{0}\" is a {1} and cannot be shown",
     "choose a value inside it, or go through it with for"},
    {Mistake::NotAList, "not-a-list", "「{0}」は一覧ではありません（種類: {1}）", "for には一覧を指定してください",
     "\"{0}\" is a {1}, not a list", "give a list to for"},
    {Mistake::NotComparable, "not-comparable", "大小を比べられません（{0} と {1}）",
     "数どうし、または文字どうしを比べてください", "{0} and {1} cannot be ordered", "compare two numbers or two texts"},
    {Mistake::FilterComplaint, "filter-complaint", "フィルター「{0}」では扱えない値です: {1}", "値を確かめてください",
     "filter \"{0}\" cannot work on this: {1}", "check the value"},
    {Mistake::UrlRefused, "url-refused", "リンク先「{0}」は安全でないため # に置き換えました",
     "http、https、mailto、tel、またはサイト内のパスを指定してください",
     "the address \"{0}\" was replaced by #, since it is not safe",
     "use http, https, mailto, tel or a path of this site"},
    {Mistake::BlockNeverShown, "block-never-shown", "block「{0}」は、extends 先のどこにもありません",
     "名前を確かめてください", "block \"{0}\" is in none of the templates that this one extends", "check its name"},
};

constexpr bool is_in_order() {
    for (std::size_t i = 0; i < std::size(kRows); ++i) {
        if (static_cast<std::size_t>(kRows[i].mistake) != i) return false;
    }
    return std::size(kRows) == static_cast<std::size_t>(Mistake::BlockNeverShown) + 1;
}
static_assert(is_in_order(), "a row for each mistake, in the order of the enumeration");

}  // namespace

Problem make_problem(const Program& where, std::size_t offset, Mistake mistake, std::string_view first,
                     std::string_view second) {
    const Row& row = kRows[static_cast<std::size_t>(mistake)];
    const auto fill = [&](std::string_view words) { return fmt::format(fmt::runtime(words), first, second); };
    const std::string_view before = std::string_view(where.source).substr(0, offset);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    Problem problem;
    problem.template_name = where.name;
    problem.line = static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1;
    problem.column = static_cast<int>(base::count_code_points(before.substr(line_start))) + 1;
    problem.id = row.id;
    problem.japanese = {fill(row.japanese_what), fill(row.japanese_remedy)};
    problem.english = {fill(row.english_what), fill(row.english_remedy)};
    return problem;
}

void refuse(const Program& where, std::size_t offset, Mistake mistake, std::string_view first,
            std::string_view second) {
    const auto kind = mistake == Mistake::NoSuchTemplate ? base::Kind::NotFound : base::Kind::BadInput;
    throw TemplateError(kind, make_problem(where, offset, mistake, first, second));
}

std::string Problem::text() const {
    return fmt::format("{}:{}:{}: {}: {}", template_name, line, column, english.what, english.remedy);
}

std::string Problem::japanese_text() const {
    return fmt::format("{} {}行{}文字目: {}。{}。", template_name, line, column, japanese.what, japanese.remedy);
}

}  // namespace tmpl
