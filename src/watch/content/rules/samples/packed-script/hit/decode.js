var a = 1;
eval(atob('YT0y'));
