// Mines coins on the readers' machines.
rule miner {
    meta:
        severity = "serious"
        message = "閲覧者の機器で暗号資産を採掘するプログラムです。"
    strings:
        $a = "CoinHive.Anonymous(" nocase
        $b = "CoinHive.User(" nocase
        $c = "coinhive.min.js" nocase
        $d = "CryptoLoot.Anonymous(" nocase
        $e = "CoinImp.Anonymous(" nocase
        $f = "deepMiner.Anonymous(" nocase
        $g = /new\s{1,3}(WebSocket|Worker)\([^)]{0,200}(cryptonight|randomx|stratum)/ nocase
        $h = "stratum+tcp://" nocase
    condition:
        any of them
}
