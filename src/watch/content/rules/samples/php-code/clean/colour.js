var opening = /<\?(php)?|\?>/;
highlight(opening, ["include", "require"]);
