"""In from outside: files, the library of questions, the demonstration."""
