// A script that makes another one whose address is packed, so that no list of hosts sees it.
rule script_loader {
    meta:
        severity = "serious"
        message = "隠されたアドレスから、別のプログラムを読み込む命令です。"
    strings:
        $src_atob = /\.src\s{0,3}=\s{0,3}(window\.)?atob\s{0,2}\(/
        $src_codes = /\.src\s{0,3}=\s{0,3}String\.fromCharCode\s{0,2}\(/
        $src_escape = /\.src\s{0,3}=\s{0,3}(unescape|decodeURIComponent)\s{0,2}\(\s{0,2}["']%/
        $src_reverse = /\.src\s{0,3}=\s{0,3}["'][^"']{8,200}["']\.split\(\s{0,2}["']["']\s{0,2}\)\.reverse\(\)/
        $import = /\bimport\(\s{0,3}atob\(/
        $make = /createElement\s{0,2}\(\s{0,2}["'`]script/
        $call = /(getScript|importScripts)\s{0,2}\(\s{0,3}atob\(/
    condition:
        $import or $call or ($make and any of ($src_*))
}
