var s = String.fromCharCode(12354);
var t = String.fromCharCode(65, 66, 67);
var u = unescape(name);
var mask = 0x1a2b;
document.write('<p>' + t + '</p>');
