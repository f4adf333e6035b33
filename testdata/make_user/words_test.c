#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Forgets the room for the final zero, unless it is built with -DFIXED. */
static char *copy_word(const char *word) {
  size_t length = strlen(word);
#ifdef FIXED
  char *copy = malloc(length + 1);
#else
  char *copy = malloc(length);
#endif
  memcpy(copy, word, length);
  ((volatile char *)copy)[length] = '\0';
  return copy;
}

int main(void) {
  char *word = copy_word("overflow");
  int wrong = strcmp(word, "overflow") != 0;
  free(word);
  puts(wrong ? "wrong" : "ok");
  return wrong;
}
