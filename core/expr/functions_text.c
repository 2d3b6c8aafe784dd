/* Functions of texts. */
#include "core/expr/functions.h"
const ms_function_group_table ms_functions_text = {"text", NULL, 0};
const ms_function_group_table ms_functions_pattern = {"text", NULL, 0};
const ms_function_group_table ms_functions_date = {"date", NULL, 0};
const ms_function_group_table ms_functions_time = {"date", NULL, 0};
