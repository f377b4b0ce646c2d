// A PDF that acts when it is opened: starts a program, or runs a script that unpacks or fetches. Forms that only add up
// their fields have scripts too, and are left alone.
rule pdf_action {
    meta:
        severity = "warning"
        message = "開いたときに命令を実行するPDFです。"
    strings:
        $open = /\/(OpenAction|AA)\b/
        $launch = /\/S\s{0,3}\/Launch\b/
        $script = /\/(JavaScript|JS)\b/
        $risk1 = "eval(" nocase
        $risk2 = "unescape(" nocase
        $risk3 = "app.launchURL" nocase
        $risk4 = "exportDataObject" nocase
        $risk5 = "util.printf(" nocase
        $risk6 = "String.fromCharCode" nocase
    condition:
        uint32be(0) == 0x25504446 and ($launch or ($open and $script and any of ($risk*)))
}
