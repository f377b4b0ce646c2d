// A server-side include that runs a command, or fetches from elsewhere.
rule ssi_exec {
    meta:
        severity = "serious"
        message = "サーバに命令を実行させる記述（SSI）があります。"
    strings:
        $exec = /<!--#\s{0,3}exec\s{1,3}(cmd|cgi)\s{0,3}=/ nocase
        $include = /<!--#\s{0,3}include\s{1,3}virtual\s{0,3}=\s{0,3}["']?https?:/ nocase
    condition:
        any of them
}
