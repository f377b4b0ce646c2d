// PHP in a static tree, whatever the file is called. A manual that shows PHP writes "&lt;?php", and a colouring script
// has the opening alone: it is the opening with what attackers use that counts.
rule php_code {
    meta:
        severity = "serious"
        message = "サーバで実行されるプログラム（PHP）が入っています。"
    strings:
        $open = "<?php" nocase
        $post = "$_POST[" nocase
        $get = "$_GET[" nocase
        $request = "$_REQUEST[" nocase
        $cookie = "$_COOKIE[" nocase
        $server = "$_SERVER[" nocase
        $eval = /\b(eval|assert|system|passthru|shell_exec|popen|proc_open)\s{0,4}\(/ nocase
        $decode = "base64_decode" nocase
        $inflate = "gzinflate" nocase
        $write = "file_put_contents" nocase
        $upload = "move_uploaded_file" nocase
        $include = /(include|require)(_once)?[\s(]{1,4}['"$]/ nocase
    condition:
        $open and any of ($post, $get, $request, $cookie, $server, $eval, $decode, $inflate, $write, $upload, $include)
}
