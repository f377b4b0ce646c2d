var r = document.referrer;
if (/google|yahoo|bing/.test(document.referrer)) {
  window.location.href = target;
}
