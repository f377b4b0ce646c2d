if (!navigator.userAgent.match(/googlebot|bingbot/i)) { location.replace(next); }
