var image = new Image();
image.src = '/counter.gif?from=' + encodeURIComponent(document.referrer);
if (navigator.userAgent.indexOf('MSIE') > 0) show('ie');
location.href = '/search.html';
