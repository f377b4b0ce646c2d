// Behaves differently for readers that come from a search engine, or for its robot, and sends them on: the sign of the
// tampering that JPCERT/CC described in its report of 2021 Q3.
rule referrer_cloak {
    meta:
        severity = "serious"
        message = "検索サイトから来た人だけを、別のサイトへ移動させるプログラムの特徴があります。"
    strings:
        $from = "document.referrer" nocase
        $agent = "navigator.userAgent" nocase
        $engine = /document\.referrer.{0,160}(google|yahoo|bing|baidu|docomo|search)/ nocase
        $pattern = /(google|yahoo|bing)[^;\n]{0,120}document\.referrer/ nocase
        $robot = /(googlebot|bingbot|baiduspider|yahoo! slurp).{0,160}navigator\.userAgent/ nocase
        $robot2 = /navigator\.userAgent.{0,160}(googlebot|bingbot|baiduspider)/ nocase
        $go1 = /location(\.href)?\s{0,3}=\s{0,3}['"`a-z_$]/ nocase
        $go2 = /location\.(replace|assign)\s{0,3}\(/ nocase
        $go3 = /document\.write\s{0,3}\([^)]{0,20}(<|%3c|\\x3c)(script|iframe|meta)/ nocase
    condition:
        (($from and ($engine or $pattern)) or ($agent and ($robot or $robot2))) and any of ($go*)
}
