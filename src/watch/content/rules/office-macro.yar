// An office document with a program. Cities do hand out forms with macros; whoever takes one in should know.
rule office_macro {
    meta:
        severity = "minor"
        message = "マクロ（プログラム）の入った文書です。"
    strings:
        $part = "vbaProject.bin"
        $old = "Attribute VB_Name" nocase
        $old_part = "_VBA_PROJECT" wide
    condition:
        (uint32be(0) == 0x504b0304 and $part) or (uint32be(0) == 0xd0cf11e0 and ($old or $old_part))
}
