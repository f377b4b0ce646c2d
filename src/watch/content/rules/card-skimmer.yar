// A script that listens to card fields and sends what is typed. Checking a card number is no crime: it is reading it,
// packing it and sending it in one file.
rule card_skimmer {
    meta:
        severity = "serious"
        message = "カード番号の入力を盗み見て、外部へ送るプログラムの特徴があります。"
    strings:
        $field1 = /card[_\-]?(number|no|num)\b/ nocase
        $field2 = /cc[_\-](number|num|cvv|cvc|exp)/ nocase
        $field3 = /(card[_\-]?cv[vc]|securitycode|payment\[cc)/ nocase
        $listen1 = "addEventListener" nocase
        $listen2 = /\.on(change|blur|keyup|submit|input)\s{0,3}=/ nocase
        $pack1 = /\bbtoa\s{0,2}\(/
        $pack2 = /JSON\.stringify\s{0,2}\(/
        $send1 = "sendBeacon" nocase
        $send2 = /new\s{1,3}Image\b[^;]{0,20};?[^;]{0,60}\.src\s{0,3}=/
        $send3 = "new WebSocket" nocase
        $send4 = /(fetch|\.open)\s{0,2}\([^)]{0,40}["'](https?:)?\/\//
    condition:
        2 of ($field*) and any of ($listen*) and $pack1 and any of ($send*) or
        all of ($field*) and any of ($listen*) and $pack2 and any of ($send*)
}
