/* What every C unit includes: cmocka and the headers it wants before it. */
#ifndef MS_TEST_UNIT_H
#define MS_TEST_UNIT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#endif
