/* The program. Picks a mode; for now there is one: to say its version. */
#include <stdio.h>

int main(void) { return puts("moonsift " MOONSIFT_VERSION) < 0; }
