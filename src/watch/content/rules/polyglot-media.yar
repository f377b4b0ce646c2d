// A picture, PDF or archive that is a page or a program too. The tags must be whole and followed by what they need:
// compressed bytes spell short words by chance.
rule polyglot_media {
    meta:
        severity = "serious"
        message = "画像や文書に見せかけて、中にプログラムが埋め込まれています。"
    strings:
        $php = /<\?php[\s(]/ nocase
        $script = /<script[\s>][^<]{0,400}<\/script/ nocase
        $frame = /<iframe\s{1,4}[^>]{0,200}src\s{0,3}=/ nocase
        $page = /<!doctype html[^>]{0,80}>\s{0,40}<html/ nocase
        $asp = "<%@ page language" nocase
    condition:
        (uint16be(0) == 0xffd8 or uint32be(0) == 0x89504e47 or uint32be(0) == 0x47494638 or
         (uint32be(0) == 0x52494646 and uint32be(8) == 0x57454250) or uint32be(0) == 0x25504446) and any of them
}
