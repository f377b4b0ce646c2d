eval(function(p,a,c,k,e,d){return p}('0 1',2,2,'harmless|sample'.split('|'),0,{}))
