// Code that is made unreadable by known packers. Some old libraries were shipped packed, so this is a warning: look.
rule packed_script {
    meta:
        severity = "warning"
        message = "読み取れないように加工されたプログラム（難読化）です。"
    strings:
        $packer = /eval\s{0,4}\(\s{0,4}function\s{0,4}\(\s{0,2}p\s{0,2},\s{0,2}a\s{0,2},\s{0,2}c\s{0,2},\s{0,2}k\s{0,2},\s{0,2}e\s{0,2},\s{0,2}[dr]\s{0,2}\)/
        $codes = /String\.fromCharCode\(\s{0,4}[0-9]{1,3}\s{0,2},(\s{0,2}[0-9]{1,3}\s{0,2},){18}/
        $write = /document\.write\s{0,4}\(\s{0,4}unescape\s{0,4}\(\s{0,4}["']%3C/ nocase
        $decode = /(eval|Function)\s{0,4}\(\s{0,4}(window\.)?(atob|unescape|decodeURIComponent)\s{0,4}\(/
        $names = /_0x[0-9a-f]{4,6}\b/
        $symbols = "[][(![]+[])[+[]]+"
        $jj = "$=~[];$={___:++$"
        $aa = "ﾟωﾟﾉ= /｀ｍ´）ﾉ"
    condition:
        $packer or $codes or $write or $decode or #names > 15 or $symbols or $jj or $aa
}
