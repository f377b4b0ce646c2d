var s = document.createElement('script');
s.src = '/common/lazy.js';
document.head.appendChild(s);
image.src = 'data:image/png;base64,' + btoa(bytes);
