// The vandal's signature, where a page has its name: title and first headings.
rule defacement {
    meta:
        severity = "serious"
        message = "見出しやタイトルが、改ざんした者の署名に書き換えられています。"
    strings:
        $a = /<(title|h[12])[^>]{0,80}>[^<]{0,80}(hacked|owned|defaced|pwned|h4cked)\s{1,3}by\b/ nocase
        $b = /<(title|h[12])[^>]{0,80}>[^<]{0,40}(was here|has been hacked|got hacked|security breached)\b/ nocase
    condition:
        any of them
}
