button.onclick = function () { navigator.clipboard.writeText(location.href); };
// The manual of powershell stands elsewhere.
