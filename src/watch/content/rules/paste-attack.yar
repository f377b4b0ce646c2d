// Asks the reader to paste a command that the page has put into the clipboard ("prove that you are human").
rule paste_attack {
    meta:
        severity = "serious"
        message = "閲覧者に危険な命令を貼り付けて実行させる、偽の確認画面です。"
    strings:
        $copy1 = "clipboard.writeText" nocase
        $copy2 = "execCommand('copy'" nocase
        $copy3 = "execCommand(\"copy\"" nocase
        $command1 = /powershell(\.exe)?\s{1,4}[-\/](w|e|enc|nop|ep|c|command|windowstyle)/ nocase
        $command2 = /\bmshta(\.exe)?\s{1,4}https?:/ nocase
        $command3 = /cmd(\.exe)?\s{1,4}\/c\s{1,4}(start|curl|powershell|certutil)/ nocase
        $command4 = /curl\s[^|"']{0,120}\|\s{0,3}(ba|z)?sh\b/ nocase
    condition:
        any of ($copy*) and any of ($command*)
}
