# resources(target NAME dir...) puts files inside the program, so that it runs from any folder. Written with the code that needs it.
