// Remote control by request, in the languages that web servers run; without the opening tag too, as parts of one.
rule webshell {
    meta:
        severity = "serious"
        message = "外部からサーバを操作するプログラム（Webシェル）の特徴があります。"
    strings:
        $php_decode = /eval\s{0,8}\(\s{0,8}(base64_decode|gzinflate|str_rot13|gzuncompress|hex2bin)\s{0,8}\(/ nocase
        $php_request = /(eval|assert|system|passthru|shell_exec)\s{0,8}\(\s{0,8}@?\$_(POST|GET|REQUEST|COOKIE)\s{0,4}\[/ nocase
        $php_call = /\$_(POST|GET|REQUEST|COOKIE)\s{0,4}\[[^\]]{1,40}\]\s{0,4}\(\s{0,4}\$_(POST|GET|REQUEST|COOKIE)/ nocase
        $asp = /<%\s{0,4}(eval|execute)\s{0,4}\(?\s{0,4}request/ nocase
        $aspx = /Process\.Start\s{0,4}\([^)]{0,80}Request(\.|\[)/ nocase
        $jsp = /getRuntime\(\)\s{0,4}\.exec\s{0,4}\(\s{0,4}request\.getParameter/
    condition:
        any of them
}
