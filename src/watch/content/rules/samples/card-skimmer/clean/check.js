// Is this a card number? Luhn.
field.addEventListener('input', function () {
  var card_number = field.value.replace(/\D/g, '');
  show(card_number.length === 16, 'cc-cvv');
});
