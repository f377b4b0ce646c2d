function jump(box) {
  location.href = box.value;
  window.location = "/kurashi/index.html";
  // location of the hall: "https://maps.example.org/"
  var mylocation = "https://maps.example.org/";
}
